"""What takes up a filesystem: where it is, quotas and deleted files that are still open, then a walk. Reads only.

order = {"do": "place", "path": "/projects"}
row: {"path", "mount", "source", "filesystem", "device": st_dev, "used_bytes", "available_bytes", "total_bytes",
    "inodes_used_percent", "error": null | text}
order = {"do": "instant", "path", "owners": [uids] | null}; under sudo too: nothing in the path is opened or listed
rows: {"quota": {"uid", "user", "used_bytes", "limit_bytes", "used_files", "limit_files"}}, fullest first,
    {"quota_error": text}, {"deleted": {"pid", "user", "name": of the process, "bytes", "path"}}, largest first,
    {"unread": processes whose files this account may not see}
order = {"do": "walk", "path", "depth": 2, "new_seconds": 86400, "big_bytes": n, "instant_seconds": 2.0}
rows: {"new": [bytes, mtime, path]}, first of what changed last, then as they are met; {"at": text, "files", "bytes"}
    twice a second; {"part": "alice/churn", "bytes", "linked_bytes", "files", "closed": n folders}; {"big": [...]};
    last {"files", "bytes": each inode once, "linked_bytes": of these, of inodes with several names,
    "outside_bytes": of those, where some names are elsewhere, "closed", "closed_names", "uids", "error": null | text}

`bytes` is what is allocated. A part's `bytes` are its inodes of one name; its `linked_bytes` are of those with more,
which other parts may count too. Other filesystems below are not entered. Root gives itself up before a walk.
"""

import ctypes

BLOCK, MOST_LINKED, NAMED = 512, 2000000, 20


def run(order, say):
    if order["do"] == "instant":
        if not ROOT[0]:  # a made-up root is no filesystem of its own
            quotas(order, say)
        deleted(order["path"], say)
        return
    if os.geteuid() == 0 and not ROOT[0]:
        become(*(account(order.get("service_account") or "wakari") or account("nobody") or (65534, 65534)))
    if order["do"] == "place":
        say(place(order["path"]))
    else:
        Walk(order, say).run()


def place(path):
    point, source, kind = mount_of(leads_to(path))
    row = {"path": path, "mount": point, "source": source, "filesystem": kind, "error": None, "device": None}
    try:
        figures = measure(at(path))
        row.update({"device": os.stat(at(path)).st_dev, "used_bytes": figures[0], "available_bytes": figures[1]})
        row.update({"total_bytes": figures[2], "inodes_used_percent": figures[3]})
    except OSError as problem:
        row["error"] = "absent" if problem.errno == errno.ENOENT else why(problem)
    return row


def quotas(order, say):
    """The kernel's own figures; of others than oneself for root alone."""
    source, rows, problem = mount_of(leads_to(order["path"]))[1], [], None
    for uid in (order.get("owners") or people())[:5000]:
        figures, number = quota_of(source, uid)
        if figures:
            row = {"uid": uid, "used_bytes": figures[0], "limit_bytes": figures[1]}
            row.update({"used_files": figures[2], "limit_files": figures[3]})
            rows.append(row)
        elif number in (errno.EPERM, errno.EACCES):
            problem = "only root may ask for the quotas of others"
        elif number == errno.ESRCH:
            problem = "quotas are not switched on"
        else:
            problem = os.strerror(number).lower()
        if number == errno.ENOTBLK:
            problem = "no quota is told of %s" % (source or "this filesystem")
            break
    rows.sort(
        key=lambda row: (row["limit_bytes"] and float(row["used_bytes"]) / row["limit_bytes"] or 0, row["used_bytes"])
    )
    for row in rows[::-1][:50]:
        row["user"] = user_at(row["uid"])  # of these alone: each reads the list of all
        say({"quota": row})
    if problem:
        say({"quota_error": problem})


def people():
    """uids of the node's own list that are no system accounts, and one's own."""
    found = set([os.getuid()])
    for line in peek(at("/etc/passwd"), 1048576).splitlines():
        word = line.split(":")
        if len(word) > 4 and 500 <= (whole(word[2]) or 0) < 65000:
            found.add(int(word[2]))
    return sorted(found)


def user_at(uid):
    for line in peek(at("/etc/passwd"), 1048576).splitlines():
        word = line.split(":")
        if len(word) > 4 and word[2] == str(uid):
            return word[0]
    return str(uid)


def deleted(path, say):
    """Files without a name that somebody holds open: their space comes back when he lets go."""
    folder = at("/proc") if ROOT[0] and os.path.isdir(at("/proc")) else b"/proc"
    inside = tuple([raw(name) + b"/" for name in spellings(path)])
    rows, unread, seen = [], 0, set()
    for pid in [name for name in os.listdir(folder) if name.isdigit()]:
        here = folder + b"/" + pid + b"/fd"
        try:
            numbers = os.listdir(here)
        except OSError as problem:
            unread += problem.errno in (errno.EACCES, errno.EPERM)
            continue
        for number in numbers[:4096]:
            try:
                name = os.readlink(here + b"/" + number)
                if ROOT[0]:
                    name = name.replace(raw(ROOT[0]) + b"/", b"/", 1)
                if not name.endswith(b" (deleted)") or not name.startswith(inside):
                    continue
                about = os.stat(here + b"/" + number)
            except OSError:
                continue
            if (about.st_dev, about.st_ino) in seen or not stat.S_ISREG(about.st_mode):
                continue
            seen.add((about.st_dev, about.st_ino))
            row = {"pid": int(pid), "user": about.st_uid, "bytes": about.st_blocks * BLOCK}
            row.update(
                {"name": text(peek(folder + b"/" + pid + b"/comm", 64).strip(), 64), "path": text(name[:-10], 1000)}
            )
            rows.append(row)
    for row in sorted(rows, key=lambda row: -row["bytes"])[:100]:
        row["user"] = user_at(row["user"])
        say({"deleted": row})
    say({"unread": unread})


class Walk(object):
    """Everything below a path on its filesystem; each inode once."""

    def __init__(self, order, say):
        self.order, self.say, self.path = order, say, order["path"].rstrip("/") or "/"
        self.since, self.big_bytes = time.time() - order.get("new_seconds", 86400), order.get("big_bytes", 104857600)
        self.linked, self.told, self.big, self.uids = {}, set(), [], set()
        self.files = self.bytes = self.shared = self.closed = 0
        self.closed_names, self.last, self.here = [], 0.0, ""
        self.device = os.stat(at(self.path)).st_dev

    def run(self):
        problem = None
        try:
            self.at_once()
            for name, path in self.parts(raw(self.path), self.order.get("depth", 2)):
                self.part(name, path)
        except OSError as error:
            problem = why(error)
        for row in sorted(self.big, reverse=True)[:30]:
            self.say({"big": row})
        row = {
            "files": self.files,
            "bytes": self.bytes + self.shared,
            "linked_bytes": self.shared,
            "closed": self.closed,
        }
        row["outside_bytes"] = sum([one[0] for one in self.linked.values() if one[1] > one[2]])
        row.update({"closed_names": self.closed_names, "uids": sorted(self.uids)[:5000], "error": problem})
        self.say(row)

    def parts(self, path, depth):
        """(name, path) of what is counted apart: `depth` levels down; what lies above under the name it has."""
        below = []
        for name, about in self.entries(path):
            here = path.rstrip(b"/") + b"/" + name
            if stat.S_ISDIR(about.st_mode) and depth > 1:
                below.append(here)
            else:
                yield here, here
        for here in below:
            for one in self.parts(here, depth - 1):
                yield one

    def entries(self, path):
        """[(name, lstat)] of a folder, sorted; a folder that may not be read is counted as closed."""
        try:
            names = sorted(os.listdir(at(path)))
        except OSError as problem:
            if problem.errno != errno.ENOENT:
                self.closed += 1
                if len(self.closed_names) < NAMED:
                    self.closed_names.append(text(path, 1000))
            return []
        found = []
        for name in names:
            try:
                about = os.lstat(at(path.rstrip(b"/") + b"/" + name))
            except OSError:
                continue
            # only folders lead elsewhere; on an overlay files have a device of their own
            if about.st_dev == self.device or not stat.S_ISDIR(about.st_mode):
                found.append((name, about))
        return found

    def part(self, name, path):
        mine = {
            "part": text(name[len(raw(self.path.rstrip("/"))) + 1 :], 600),
            "bytes": 0,
            "linked_bytes": 0,
            "files": 0,
        }
        closed, self.here = self.closed, mine["part"]
        try:
            own = os.lstat(at(path))
        except OSError as problem:
            if problem.errno == errno.ENOENT:
                return  # removed while others were counted
            raise
        self.uids.add(own.st_uid)
        self.count(path, own, mine)
        left = [path] if stat.S_ISDIR(own.st_mode) else []
        while left:
            folder = left.pop()
            for entry, about in self.entries(folder):
                here = folder + b"/" + entry
                self.count(here, about, mine)
                if stat.S_ISDIR(about.st_mode):
                    left.append(here)
            self.tell()
        mine["closed"] = self.closed - closed
        self.say(mine)

    def count(self, path, about, mine):
        size, self.files = about.st_blocks * BLOCK, self.files + 1
        mine["files"] += 1
        if about.st_nlink > 1 and not stat.S_ISDIR(about.st_mode):
            mine["linked_bytes"] += size
            key = about.st_dev, about.st_ino
            known = self.linked.get(key)
            if known:
                known[2] += 1
                return
            self.shared += size
            if len(self.linked) < MOST_LINKED:  # from here on one may be counted twice
                self.linked[key] = [size, about.st_nlink, 1]
        else:
            mine["bytes"] += size
            self.bytes += size
        if size >= self.big_bytes and stat.S_ISREG(about.st_mode):
            row = [size, int(about.st_mtime), text(path, 1000)]
            self.big.append(row)
            if len(self.big) > 1000:
                self.big = sorted(self.big, reverse=True)[:30]
            if about.st_mtime > self.since:
                self.new(row)

    def new(self, row):
        if row[2] not in self.told and len(self.told) < 200:
            self.told.add(row[2])
            self.say({"new": row})

    def tell(self):
        if monotonic() - self.last > 0.5:
            self.last = monotonic()
            self.say({"at": self.here, "files": self.files, "bytes": self.bytes + self.shared})

    def at_once(self):
        """Big new files where something changed last, for some seconds: an answer before the walk."""
        end, folders = monotonic() + self.order.get("instant_seconds", 2.0), []
        for owner, about in self.entries(raw(self.path)):
            here = raw(self.path.rstrip("/")) + b"/" + owner
            if not stat.S_ISDIR(about.st_mode) or monotonic() > end:
                continue
            for name, inner in self.entries(here):
                if stat.S_ISDIR(inner.st_mode):
                    folders.append((-inner.st_mtime, 0, here + b"/" + name))
            folders.append((-about.st_mtime, 4, here))
        heapq.heapify(folders)
        while folders and monotonic() < end:
            _, depth, folder = heapq.heappop(folders)
            for name, about in self.entries(folder):
                here = folder + b"/" + name
                size = about.st_blocks * BLOCK
                if stat.S_ISDIR(about.st_mode):
                    if about.st_mtime > self.since and depth < 4:
                        heapq.heappush(folders, (-about.st_mtime, depth + 1, here))
                elif stat.S_ISREG(about.st_mode) and size >= self.big_bytes and about.st_mtime > self.since:
                    self.new([size, int(about.st_mtime), text(here, 1000)])
        self.say()
        self.closed, self.closed_names = 0, []
