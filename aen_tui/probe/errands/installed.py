"""Where AEN is installed, to whom it belongs, who runs its programs where, and at which addresses. Reads only; one row.

order = {"service_account": "wakari", "service_uid": 498, "paths": ["/opt/wakari", ...], "ports": [5000],
"find": {"start-project": ["/opt/wakari/wakari-compute/bin"]}, "cache": "/opt/wakari/anaconda/pkgs" or null,
"address": "127.0.0.1"};
without the uid /etc/passwd is asked.
{"account_uid": n | null, "paths": {path: {"kind": file | folder | other | absent | unknown, "uid", "owner", "mode",
"writes", "runs": whether the service account may}}, "found": {name: path | null}, "listeners": {"5000": [addresses]},
"processes": [{"pid", "parent", "name", "user", "supervisor", "folder"}], "cache": null | {"path", "count", "foreign",
"foreign_count", "closed", "closed_count"}, "error": null | why paths are not known}
"""

MOST_ENTRIES, NAMED, LOOK_SECONDS, ROWS = 20000, 10, 20.0, 200
ROLE_PATH = r"/(wakari-(?:server|gateway|compute))/"


def run(order, say):
    name, uid = order.get("service_account") or "wakari", order.get("service_uid")
    lines = [line.split(":") for line in peek(at("/etc/passwd"), 1048576).splitlines()]
    lines = [word for word in lines if len(word) > 4 and word[2].isdigit() and word[3].isdigit()]
    people = dict([(int(word[2]), word[0]) for word in reversed(lines)])
    known = [word for word in lines if word[0] == name]
    uid = int(known[0][2]) if uid is None and known else uid
    groups = set([int(word[3]) for word in known] + listed_in(name) + [None] * (not known))  # None: and others, maybe

    def about_files(fd):
        found = {"paths": {}, "found": {}, "cache": None}
        for path in order.get("paths") or []:
            found["paths"][path] = about_path(path, people, uid, groups)
        for word, folders in (order.get("find") or {}).items():
            path = found["found"][word] = find_file(word, folders)
            found["paths"].update(path and [(path, about_path(path, people, uid, groups))] or [])
        if order.get("cache"):
            found["cache"] = package_cache(order["cache"], uid)
        os.write(fd, dump(found))

    answer = apart(about_files, LOOK_SECONDS)
    row = json.loads(text(answer, 65536)) if answer else {"error": "the folders did not answer in time"}
    row.update({"account_uid": uid, "listeners": listeners(order.get("ports") or [], order.get("address"))})
    row["processes"] = programs(name, uid, people)
    say(row)


def listed_in(name):
    """gids of the groups that list an account."""
    lines = [line.split(":") for line in peek(at("/etc/group"), 1048576).splitlines()]
    return [int(word[2]) for word in lines if len(word) > 3 and name in word[3].split(",") and word[2].isdigit()]


def about_path(path, people, uid, groups):
    try:
        about = os.stat(at(path))
    except (IOError, OSError) as problem:
        return {"kind": "absent" if problem.errno in (errno.ENOENT, errno.ENOTDIR) else "unknown"}
    kind = stat.S_ISDIR(about.st_mode) and "folder" or stat.S_ISREG(about.st_mode) and "file" or "other"
    row = {
        "kind": kind,
        "uid": about.st_uid,
        "owner": people.get(about.st_uid, str(about.st_uid)),
        "mode": stat.S_IMODE(about.st_mode),
    }
    row["writes"] = row["runs"] = None
    if uid is not None:
        shift = 6 if about.st_uid == uid else 3 if about.st_gid in groups else 0
        bits = about.st_mode >> shift
        row["writes"], row["runs"] = uid == 0 or bool(bits & 2), bool(about.st_mode & 0o111 if uid == 0 else bits & 1)
        for word, bit in (("writes", 0o20), ("runs", 0o10)):
            if not shift and None in groups and not row[word] and about.st_mode & bit:
                row[word] = None
    return row


def find_file(name, folders):
    """Where a file of that name lies, in or below some folders; what projects are copied from is passed by."""
    left = MOST_ENTRIES
    for top in folders:
        for folder, inside, files in os.walk(at(top)):
            left -= len(files) + len(inside)
            if raw(name) in files:
                return shown(folder + b"/" + raw(name))
            inside[:] = [one for one in inside if one not in (b"skeleton", b"node_modules")] if left > 0 else []
    return None


def package_cache(path, uid):
    """Entries that belong to neither root nor the service account, and folders that others may not read."""
    try:
        names = sorted(os.listdir(at(path)))[:MOST_ENTRIES]
    except (IOError, OSError):
        return None
    row = {"path": path, "count": len(names), "foreign": [], "foreign_count": 0, "closed": [], "closed_count": 0}
    for name in names:
        try:
            about = os.lstat(at(path) + b"/" + name)
        except OSError:
            continue
        is_closed = stat.S_ISDIR(about.st_mode) and about.st_mode & 5 != 5 and not name.startswith(b".")
        for word, is_so in (("foreign", uid is not None and about.st_uid not in (0, uid)), ("closed", is_closed)):
            row[word + "_count"] += bool(is_so)
            if is_so and len(row[word]) < NAMED:
                row[word].append(text(name, 200))
    return row


def listeners(ports, own):
    """{port: addresses that something listens at}; under a root, where several nodes share a machine, its own alone."""
    found = dict([(str(port), []) for port in ports])
    for file in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in peek(proc_at(file), 4194304).splitlines()[1:]:
            word = line.split()
            place = word[1].split(":") if len(word) > 3 and word[3] == "0A" else []
            rows = found.get(str(int(place[1], 16))) if len(place) == 2 else None
            if rows is not None and len(rows) < NAMED and (not ROOT[0] or address(place[0]) == own):
                rows.append(address(place[0]))
    return found


def address(word):
    """An address of /proc/net/tcp: the words of the machine's byte order, four bytes each."""
    data = b"".join([struct.pack("=I", int(word[at_ : at_ + 8], 16)) for at_ in range(0, len(word), 8)])
    if len(data) == 16 and data[:12] == b"\0" * 10 + b"\xff\xff":
        data = data[12:]
    return _socket.inet_ntop(_socket.AF_INET if len(data) == 4 else _socket.AF_INET6, data)


def programs(account_name, uid, people):
    """AEN's supervisords, what they have started, and wk-server wherever it runs. No argument leaves the node."""
    rows, above = [], {}
    folder = proc_at("/proc") if os.path.exists(at("/proc/1")) else b"/proc"
    try:
        pids = sorted([int(name) for name in os.listdir(folder) if name.isdigit()])[:MOST_ENTRIES]
    except OSError:
        pids = []
    known, booted = {}, boot_time()  # once: the kernel counts all interrupts for an answer
    globals()["boot_time"] = lambda: booted
    for pid in pids:
        about, args = process(pid), peek(folder + raw("/%d/cmdline" % pid), 4096)
        if about is None or (ROOT[0] and ROOT[0] + "/" not in args):
            continue
        known[pid] = (about, "/bin/wk-server" in args[:500])
        found = re.search(ROLE_PATH, args)
        if found and (about[2] == "supervisord" or "/bin/supervisord" in args[:500]):
            above[pid] = found.group(1)
    for pid, (about, is_server) in sorted(known.items()):
        part = above.get(pid) or above.get(about[0])
        name = "supervisord" if pid in above else text(about[2], 60)
        if part is None and not is_server:
            continue
        name = name if part else "wk-server"
        status = peek(folder + raw("/%d/status" % pid), 4096)
        owner = re.search(r"^Uid:\s*(\d+)", status, re.M)
        if owner and len(rows) < ROWS and not re.search(r"^NSpid:\s*\d+\s+\d", status, re.M):
            who = int(owner.group(1))
            row = {"pid": pid, "parent": about[0], "name": name, "supervisor": part, "folder": None}
            row["user"] = account_name if who == uid else people.get(who, str(who))
            try:
                row["folder"] = shown(os.readlink(folder + raw("/%d/cwd" % pid)))
            except OSError:
                pass
            rows.append(row)
    return rows
