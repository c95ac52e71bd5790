"""Who runs what: supervisord and nginx, and what the service account runs in projects. No argument leaves the node.

order = {"projects_root": "/projects", "service_account": "wakari", "service_uid": 498}; without the uid, as where
nothing is known of the machine, only /etc/passwd is asked. Answered by one row; "blind" says why
others' processes are not seen, null where they are.
"""

MOST_PROCESSES, MOST_ROWS = 20000, 200
APP = re.compile(r"wk-app-|tty\.?js|gateone|cloud9|workbench|jupyter|ipython|notebook|kernel", re.I)
# AEN's programs may stand wherever they were started
OWN = re.compile("/wakari-(?:server|gateway|compute)/(?:bin|lib)/(?!python)")
RUNS_APPS = re.compile(r"(node|python|jupyter|ipython)|$", re.I)


def run(order, say):
    name, uid = order.get("service_account") or "wakari", order.get("service_uid")
    uid = uid_of(name) if uid is None else uid
    processes, projects = look_at_processes(order.get("projects_root") or "/projects", name, uid)
    say({"processes": processes, "projects": projects, "account_uid": uid, "blind": blindness()})


def blindness():
    if ROOT[0] or not os.geteuid() or peek(b"/proc/1/stat", 1):
        return None
    return "/proc shows this account its own processes only (hidepid)"


def uid_of(name):
    for line in peek(at("/etc/passwd"), 1048576).splitlines():
        word = line.split(":")
        if len(word) > 4 and word[0] == name:
            return whole(word[2])
    return None


def look_at_processes(root, account, uid_wanted):
    """(rows of supervisord and nginx, rows of the service account's processes in projects)."""
    rows, apps = [], []
    folder = proc_at("/proc") if os.path.exists(at("/proc/1")) else b"/proc"
    try:
        pids = [int(name) for name in os.listdir(folder) if name.isdigit()][:MOST_PROCESSES]
    except OSError:
        pids = []
    projects = below(spellings(root))
    starts = Starts(folder, lambda args: is_app(args, projects))
    booted = boot_time()  # once: the kernel counts all interrupts for an answer
    globals()["boot_time"] = lambda: booted
    for pid in sorted(pids):
        here = folder + raw("/%d" % pid)
        about = process(pid)
        if about is None:
            continue
        try:
            uid = os.stat(here).st_uid
        except OSError:
            continue
        status = peek(here + b"/status", 4096)
        if re.search(r"^NSpid:\s*\d+\s+\d", status, re.M):
            continue  # another machine in a box of its own, seen from outside
        found = re.search(r"^Uid:\s*(\d+)", status, re.M)
        uid = int(found.group(1)) if found else uid
        args = peek(here + b"/cmdline", 8192)
        if ROOT[0]:  # several nodes on one machine: a process belongs to the one whose root it names
            if ROOT[0] + "/" not in args:
                continue
            args = args.replace(ROOT[0] + "/", "/")
        if about[2] in ("supervisord", "nginx") or "/bin/supervisord" in args[:500]:
            part = re.search(r"/(wakari-(?:server|gateway|compute))/", args)
            name = "nginx" if about[2] == "nginx" else "supervisord"
            if len(rows) < MOST_ROWS:
                row = {"name": name, "pid": pid, "parent": about[0], "user": None}
                row["user"] = account if uid == uid_wanted else user_name_at(uid)
                row["supervisor"] = part.group(1) if part and name == "supervisord" else None
                rows.append(row)
        if uid == uid_wanted and len(apps) < MOST_ROWS:
            project = project_of(here, args, projects)
            is_own = "/" not in (project or "") and OWN.search("\0".join(args.split("\0")[:4]))
            if project is not None and not is_own:
                is_start = starts.is_one(pid, about[1])
                apps.append({"pid": pid, "project": project, "name": text(about[2], 60), "is_start": is_start})
    return rows, apps


def is_app(args, projects):
    """Whether a command line is an app's, by its program and what that is given first."""
    words = nameless(args, projects).split("\0")[:3]
    return RUNS_APPS.match(os.path.basename(words[0])) is not None and APP.search("\0".join(words)) is not None


def user_name_at(uid):
    for line in peek(at("/etc/passwd"), 1048576).splitlines():
        word = line.split(":")
        if len(word) > 4 and word[2] == str(uid):
            return word[0]
    return str(uid)


def project_of(here, args, projects):
    """owner/project by the folder a process is in, else by its arguments; an owner's folder, or "" for all; None."""
    try:
        places = [shown(os.readlink(here + b"/cwd")) + "/"]
    except OSError:
        places = []
    pattern = "(?:^|[\0= ])" + projects + "([^/\0 ]{1,64}/[^/\0 ]{1,128})"
    for word in places + [args]:
        found = re.search(pattern, word)
        if found:
            return found.group(1)
    found = places and re.match(projects + "(?:([^/\0]{1,64})/)?$", places[0])
    return (found.group(1) or "") if found else None
