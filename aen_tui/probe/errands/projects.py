"""Processes in projects: by project, kind and user; those of one project; one of them in full, its secrets masked here.

order = {"do": "groups", "projects_root": "/projects", "window": 2.0, "rows": 300, "service_account": "wakari"}
rows: {"project": "alice/churn", "groups": [{"kind": "notebook", "user", "apps": 1, "processes": 3,
    "cpu_percent": f | null, "rss_bytes": n, "started": epoch, "starting": how many are a start's own work,
    "pids": the five with most memory, these last}]}, heaviest first; beyond the wanted rows those alone in which the
    service account runs something, no more than 100; then
    {"processes": all that were looked at, "projects": n, "apps": n, "in_projects": processes, "unread": processes
    whose folder this account may not see, "blind": null | why others' processes are not seen, "cost_ms": n of cpu}
order = {"do": "list", "project": "alice/churn", ...}
rows: {"pid", "parent", "kind", "user", "cpu_percent", "rss_bytes", "started"}, heaviest first, then the same end
order = {"do": "text", "pid": 303, "started": epoch}: {"pid", "user", "folder", "words": [...]} or {"error": text}

Arguments leave as kind and project, but for `text`. CPU is of one core, over the window.
"""

MOST_PROCESSES, MOST_ARGS = 50000, 8192
APPS = ("notebook", "lab", "terminal", "editor", "workbench", "viewer")
SHELLS = "bash sh dash zsh csh tcsh ksh fish tmux screen su login sshd".split()
TOOLS = (
    "chgrp chmod chown cp find getfacl install ionice ln mkdir mv nice rm rsync setfacl setsid sudo tar touch".split()
)
WORDS = [
    (re.compile(r"ipykernel|irkernel|kernel-[0-9a-f-]{8,}\.json", re.I), "kernel"),
    (re.compile(r"(^|[/\0 .-])jupyter[-_ \0]?lab(hub)?([\0 /]|$)", re.I), "lab"),
    (
        re.compile(r"(^|[/\0 ])(jupyter|ipython)[0-9.]*[-_ \0]notebook([\0 /]|$)|-m\0notebook([\0.]|$)", re.I),
        "notebook",
    ),
    (re.compile(r"/(tty\.js|ttyjs|gateone)([/\0]|$)", re.I), "terminal"),
    (re.compile(r"/cloud9([/\0]|$)", re.I), "editor"),
    (re.compile(r"workbench", re.I), "workbench"),
]


def run(order, say):
    begun, folder, own = spent(), b"/proc", bool(ROOT[0])
    try:
        if own and [name for name in os.listdir(at("/proc")) if name.isdigit()]:
            folder, own = at("/proc"), False  # all in there is this node's
    except OSError:
        pass
    if order["do"] == "text":
        say(in_full(folder, int(order["pid"]), order.get("started")))
        return
    look = Look(folder, own, order.get("projects_root") or "/projects")
    look.only = order.get("project") if order["do"] == "list" else None
    look.look()
    look.measure(order.get("window") or 2.0)
    names = user_names(set([one["uid"] for one in look.found.values()]))
    for one in look.found.values():
        one["user"] = names[one["uid"]]
    rows = look.processes() if order["do"] == "list" else look.projects()
    most, account = order.get("rows") or 300, order.get("service_account")
    more = [row for row in rows[most:] if [1 for one in row.get("groups", ()) if one["user"] == account]]
    for row in rows[:most] + more[:100]:
        say(row)
    end = {"processes": look.count, "in_projects": len(look.found), "unread": look.unread, "blind": blindness()}
    end["projects"] = len(set([one["project"] for one in look.found.values()]))
    end["apps"] = len([one for one in look.found.values() if look.is_first(one)])
    end["cost_ms"] = int((spent() - begun) * 1000)
    say(end)


def spent():
    """Seconds of cpu of this process; finer than times(2)."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def blindness():
    """Why processes of other users are not seen at all; None where they are."""
    if ROOT[0] or not os.geteuid():
        return None
    try:
        read_file(b"/proc/1/cmdline", 1)
    except (IOError, OSError):
        return "/proc shows this account its own processes only (hidepid)"
    return None


class Look(object):
    """All processes, once; those in projects with what they cost."""

    def __init__(self, folder, own, root):
        self.folder, self.own, self.only = folder, own, None
        names = spellings(root)
        self.names, self.inside = below(names), [raw(name) + b"/" for name in names]
        inside = b"(?:" + b"|".join([re.escape(name) for name in self.inside]) + b")"
        pattern = b"(?:^|[\0= :,\"'])" + inside + b"([^/\0 ]{1,255}/[^/\0 ]{1,255})"
        self.pattern, self.root = re.compile(pattern), raw(ROOT[0])
        self.found, self.count, self.unread, self.booted = {}, 0, 0, boot_time()
        self.starts = Starts(folder, lambda args: is_app(self.kind(args)))

    def look(self):
        try:
            pids = [int(name) for name in os.listdir(self.folder) if name.isdigit()][:MOST_PROCESSES]
        except OSError:
            pids = []
        for pid in pids:
            try:
                self.one(pid)
            except (IOError, OSError):
                pass  # it ended

    def one(self, pid):
        here = self.folder + raw("/%d" % pid)
        args = read_file(here + b"/cmdline", MOST_ARGS)
        if not args:
            return  # a thread of the kernel
        self.count += 1
        if self.own and self.root + b"/" not in args:
            return  # several nodes on one machine: a process belongs to the one whose root it names
        project, seen = None, True
        try:
            cwd = os.readlink(here + b"/cwd")
        except OSError:
            cwd, seen = b"", False
        if self.root:
            args, cwd = args.replace(self.root + b"/", b"/"), cwd.replace(self.root + b"/", b"/", 1)
        for inside in [name for name in self.inside if cwd.startswith(name)]:
            part = cwd[len(inside) :].split(b" (deleted)")[0].split(b"/")
            project = len(part) > 1 and b"/".join(part[:2]) or None
        if not project and [1 for name in self.inside if name in args]:
            match = self.pattern.search(args)
            project = match and match.group(1)
        if not project:
            self.unread += not seen
            return
        name = text(project, 300)
        if self.only in (None, name):
            self.keep(pid, here, name, text(args, MOST_ARGS))

    def keep(self, pid, here, project, args):
        status = peek(here + b"/status", 4096)
        uid = re.search(r"^Uid:\s*(\d+)", status, re.M)
        ticks = self.ticks(here)
        if not uid or not ticks or re.search(r"^NSpid:\s*\d+\s+\d", status, re.M):
            return  # gone, or of another machine in a box of its own, seen from outside
        rss = re.search(r"^VmRSS:\s*(\d+)", status, re.M)
        one = {"pid": pid, "parent": ticks[2], "uid": int(uid.group(1)), "project": project, "kind": self.kind(args)}
        one.update({"rss": int(rss.group(1)) * 1024 if rss else 0, "here": here, "ticks": ticks[0], "cpu": None})
        one["started"] = self.booted + ticks[1] // TICKS
        self.found[pid] = one

    def kind(self, args):
        return kind_of(nameless(args, self.names))

    def ticks(self, here):
        """(cpu so far, start, parent) in ticks, or None where it ended."""
        word = peek(here + b"/stat", 4096).rpartition(")")[2].split()
        if len(word) < 20 or word[0] in ("Z", "X"):
            return None
        return int(word[11]) + int(word[12]), int(word[19]), int(word[1])

    def measure(self, window):
        """CPU between now and then; of the processes that were kept alone."""
        begin = monotonic()
        before = dict([(pid, (self.ticks(one["here"]), monotonic())) for pid, one in self.found.items()])
        while self.found and monotonic() - begin < window:
            time.sleep(max(0.05, window - (monotonic() - begin)))
        for pid, one in self.found.items():
            old, new = before[pid], self.ticks(one["here"])
            if old[0] and new and new[1] == old[0][1] and monotonic() > old[1]:
                one["cpu"] = round(100.0 * (new[0] - old[0][0]) / TICKS / (monotonic() - old[1]), 1)

    def is_first(self, one):
        """Whether it is an app, and not a fork of one."""
        parent = self.found.get(one["parent"])
        if not is_app(one["kind"]):
            return False
        return not (parent and (parent["kind"], parent["project"]) == (one["kind"], one["project"]))

    def projects(self):
        groups = {}
        for one in self.found.values():
            groups.setdefault(one["project"], {}).setdefault((one["kind"], one["user"]), []).append(one)
        rows = []
        for project, mine in groups.items():
            made = [self.group(kind, user, ones) for (kind, user), ones in mine.items()]
            rows.append({"project": project, "groups": sorted(made, key=weight, reverse=True)[:50]})
        return sorted(rows, key=lambda row: whole_weight(row["groups"]), reverse=True)

    def group(self, kind, user, ones):
        for one in ones:
            one["is_start"] = self.starts.is_one(one["pid"], one["started"])
        ones.sort(key=lambda one: (one["is_start"], -one["rss"]))
        cpu = [one["cpu"] for one in ones if one["cpu"] is not None]
        row = {
            "kind": kind,
            "user": user,
            "processes": len(ones),
            "apps": len([1 for one in ones if self.is_first(one)]),
            "starting": len([1 for one in ones if one["is_start"]]),
        }
        row.update({"cpu_percent": round(sum(cpu), 1) if cpu else None, "rss_bytes": sum([one["rss"] for one in ones])})
        row.update({"started": min([one["started"] for one in ones]), "pids": [one["pid"] for one in ones[:5]]})
        return row

    def processes(self):
        rows = []
        for one in self.found.values():
            row = dict([(key, one[key]) for key in ("pid", "parent", "kind", "user", "started")])
            row.update({"cpu_percent": one["cpu"], "rss_bytes": one["rss"]})
            rows.append(row)
        return sorted(rows, key=weight, reverse=True)


def whole_weight(rows):
    weights = [weight(row) for row in rows]
    return sum([one[0] for one in weights]), sum([one[1] for one in weights])


def weight(row):
    """Heavier first: CPU in steps of a tenth of a core, then memory."""
    return int((row["cpu_percent"] or 0.0) / 10), row["rss_bytes"]


def is_app(kind):
    return kind in APPS or kind[:4] == "app "


def kind_of(args):
    """What a command line is, in words of ours; `app NAME` for a wakari app of another name."""
    head = "\0".join(args.split("\0")[:12])
    found = re.search(r"(^|[/\0 ])wk-app-([a-z0-9_-]{1,24})([\0 ]|$)", head)
    if found:
        return found.group(2) if found.group(2) in APPS else "app " + found.group(2)
    for pattern, kind in WORDS:
        if pattern.search(head):
            return kind
    words = [os.path.basename(word).lstrip("-").lower() for word in head.split("\0")[:3]]
    for word in words:
        if word in ("conda", "git"):
            return word
    first = words[0].split(" ")[0].rstrip(":")
    if first in SHELLS or first in TOOLS:
        return "shell" if first in SHELLS else "files"
    found = re.match(r"(python|rscript|node|java|julia|r)[0-9.]*$", first)
    return {"r": "R", "rscript": "R"}.get(found.group(1), found.group(1)) if found else "other"


def user_names(uids):
    """{uid: name} by the node's own list, then once by getent, which may ask a directory and hang: 3 s at most."""
    known = {}
    for line in peek(at("/etc/passwd"), 1048576).splitlines():
        word = line.split(":")
        if len(word) > 4 and word[2].isdigit():
            known.setdefault(int(word[2]), word[0])
    left = sorted([uid for uid in uids if uid not in known])[:200]
    tool = [path for path in ("/usr/bin/getent", "/bin/getent") if os.path.exists(path)]
    if left and tool and not ROOT[0]:
        loop, got = Loop(), []
        work = command([tool[0], "passwd"] + [str(uid) for uid in left])
        Child(loop, work, lambda output, ended: got.append(output), 3.0)
        while not got:
            loop.once()
        signal.setitimer(signal.ITIMER_REAL, 1.0, 1.0)  # the loop has used the timer that ends an errand
        for line in text(got[0], 65536).splitlines():
            word = line.split(":")
            if len(word) > 4 and word[2].isdigit():
                known.setdefault(int(word[2]), word[0])
    return dict([(uid, text(known.get(uid, str(uid)), 256)) for uid in uids])


def in_full(folder, pid, started):
    """One process as it was started, masked."""
    here = folder + raw("/%d" % pid)
    about = process(pid)
    if not about or started and abs(about[1] - started) > 2:
        return {"error": "process %d has ended" % pid}
    uid = re.search(r"^Uid:\s*(\d+)", peek(here + b"/status", 4096), re.M)
    args = peek(here + b"/cmdline", 65536).replace(ROOT[0] + "/", "/") if ROOT[0] else peek(here + b"/cmdline", 65536)
    try:
        cwd = shown(os.readlink(here + b"/cwd"))
    except OSError:
        cwd = None
    row = {"pid": pid, "user": user_names([int(uid.group(1))])[int(uid.group(1))] if uid else "", "folder": cwd}
    row["words"] = [word[:4096] for word in masked(args.rstrip("\0").split("\0")[:500])]
    return row
