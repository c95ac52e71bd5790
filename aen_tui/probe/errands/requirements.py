"""Facts of the machine that AEN's documented requirements are about. Reads only; one row, one object.

order = {"paths": ["/", ...], "accounts": ["wakari", ...],
"programs": {"nginx": {"paths": ["/usr/sbin/nginx"], "argv": ["-v"]}, ...}, "libraries": {"libXt": ["/usr/lib64/..."]},
"ports": [80], "address": "127.0.0.1", "prefixes": ["/opt/wakari/wakari-server"]}
"""

import ctypes
import ctypes.util

PATH_SECONDS, PROGRAM_SECONDS, NAME_SECONDS = 2.0, 8.0, 3.0
SELINUX_FILES = ("/etc/selinux/config", "/etc/sysconfig/selinux")


def run(order, say):
    prefixes = order.get("prefixes") or []
    facts = {"user": user_name(os.geteuid()), "uid": os.geteuid(), "kernel": text(os.uname()[2], 100)}
    facts["hostname"] = peek(at("/etc/hostname"), 300).strip() or text(os.uname()[1], 300)
    facts["release"] = release()
    memory = read_memory()
    facts.update({"memory_bytes": memory and memory[0], "cores": read_cpu()[1] or None, "selinux": selinux()})
    table = options_table()
    facts["paths"] = dict([(path, place(path, table)) for path in order.get("paths") or []])
    facts["accounts"] = dict([(name, find_account(name)) for name in order.get("accounts") or []])
    facts["accounts_error"] = FAILED[0]
    programs = order.get("programs") or {}
    facts["programs"] = dict([(name, find_program(programs[name])) for name in programs])
    libraries = order.get("libraries") or {}
    facts["libraries"] = dict([(name, bool(first_of(libraries[name]))) for name in libraries])
    facts["packages_of"], facts["packages"] = dict([(prefix, packages(prefix)) for prefix in prefixes]), {}
    for prefix in prefixes:
        facts["packages"].update(facts["packages_of"][prefix])
    found = order.get("ports") and listened(order.get("address") or "127.0.0.1")
    facts["ports"] = dict([(str(port), port in found) for port in order.get("ports") or []])
    facts["suspended"] = suspended(prefixes)
    tool = first_of(["/usr/bin/sudo", "/bin/sudo", "/usr/local/bin/sudo"])
    facts["sudo_mode"] = stat.S_IMODE(os.stat(tool).st_mode) if tool else None
    say(facts)


def release():
    """What /etc/redhat-release says, else the pretty name of os-release."""
    word = peek(at("/etc/redhat-release"), 300).strip()
    for name in ("/etc/os-release", "/usr/lib/os-release"):
        found = re.search('^PRETTY_NAME="?([^"\n]*)', peek(at(name), 8192), re.M)
        word = word or (found.group(1) if found else "")
    return word.splitlines()[0] if word else None


def selinux():
    files = {}
    for path in SELINUX_FILES:
        found = re.findall(r"^\s*SELINUX\s*=\s*[\"']?([A-Za-z]+)", peek(at(path), 65536), re.M)
        if found:
            files[path] = found[-1].lower()
    running = "disabled"
    for folder in ("/sys/fs/selinux", "/selinux"):
        if os.path.exists(at(folder + "/enforce")):
            running = {"1": "enforcing", "0": "permissive"}.get(peek(at(folder + "/enforce"), 8).strip())
            break
    return {"running": running, "files": files}


def options_table():
    """{mount point: options} as the kernel, or the root's own /proc, lists them."""
    table = {}
    for line in peek(proc_at("/proc/self/mounts"), 1048576).splitlines():
        word = line.split(" ")
        if len(word) > 3:
            table[raw(re.sub(r"\\([0-7]{3})", lambda found: chr(int(found.group(1), 8)), word[1]))] = word[2:4]
    return table


def place(path, table):
    """A folder and its filesystem; looked at in a child, because the mount may hang."""
    name, own = at(path), raw(path)
    row = {"path": path, "error": None}
    point = find_mount(name, mount_table())
    kind = mount_table().get(point, ("", False))[0]
    options = table.get(point, ["", ""])[1]
    while ROOT[0] and own:  # the root's own list of mounts is about the root's own paths
        if own in table and at("/proc/self/mounts") == proc_at("/proc/self/mounts"):
            kind, options = table[own]
            point = own
            break
        own = own != b"/" and (os.path.dirname(own) or b"/")
    row.update({"mount": shown(point), "filesystem": text(kind, 40), "options": text(options, 500)})

    def work(fd):
        try:
            about, fs = os.stat(name), os.statvfs(name)
            found = {"device": about.st_dev, "total_bytes": fs.f_blocks * fs.f_frsize}
            found["available_bytes"] = fs.f_bavail * fs.f_frsize
            found["acl"] = knows_acl(name)
        except OSError as problem:
            found = {"error": "absent" if problem.errno == errno.ENOENT else why(problem)}
        os.write(fd, dump(found))

    answer = apart(work, PATH_SECONDS)
    row.update(json.loads(text(answer)) if answer else {"error": "hung"})
    return row


def knows_acl(name):
    """yes where the kernel knows POSIX ACLs there: asking for one says so without writing (acl(5), getxattr(2))."""
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "getxattr"):
        return None
    size = libc.getxattr(name, b"system.posix_acl_access", None, 0)
    number = ctypes.get_errno()
    if size >= 0 or number == errno.ENODATA:
        return "yes"
    return "no" if number == errno.EOPNOTSUPP else None


FAILED = [None]


def find_account(name):
    """An account by /etc/passwd, else by getent, which may ask a directory: in a child with a deadline."""
    line = None
    for one in peek(at("/etc/passwd"), 1048576).splitlines():
        if one.split(":")[0] == name:
            line = one
            break
    tool = first_of(["/usr/bin/getent", "/bin/getent"])
    if line is None and not ROOT[0] and tool and not FAILED[0]:  # a directory that hangs is waited for once
        answer = apart(command([tool, b"passwd", raw(name)]), NAME_SECONDS)
        if answer:
            line = text(answer, 2000).splitlines()[0]
        elif answer is None and slow(tool):
            FAILED[0] = "getent passwd %s gave no answer" % name
    word = (line or "").split(":")
    if len(word) < 7 or whole(word[2]) is None or whole(word[3]) is None:
        return None
    home = at(word[5])
    there = apart(lambda fd: os.write(fd, os.path.isdir(home) and b"1" or b"0"), PATH_SECONDS)
    there = there == b"1" if there else None
    return {"uid": int(word[2]), "gid": int(word[3]), "home": word[5], "shell": word[6].strip(), "has_home": there}


def slow(tool):
    """Whether getent hangs for any name: then nothing is known of accounts outside /etc/passwd."""
    return apart(command([tool, b"passwd", b"root"]), NAME_SECONDS) is None


def first_of(patterns):
    """The first path that is there, of names or patterns; None."""
    for pattern in patterns:
        folder, name = os.path.split(pattern)
        if not set("*?[") & set(name):
            if os.path.exists(at(pattern)):
                return at(pattern)
            continue
        try:
            names = sorted(os.listdir(at(folder)))
        except OSError:
            continue
        for one in fnmatch.filter([text(one) for one in names], name):
            return at(folder + "/" + one)
    return None


def find_program(about):
    """{"path", "text"}: where it is and the first lines it says; only what is root's or ours is run."""
    argv, found = about.get("argv"), [first_of([pattern]) for pattern in about["paths"]]
    found = [path for path in found if path]
    runs = [path for path in found if argv and os.path.isfile(path) and os.access(path, os.X_OK)]
    if not found:
        return None
    said, path = b"", (runs or found)[0]
    if runs:
        said = apart(command([path] + [raw(word) for word in argv]), PROGRAM_SECONDS) or b""
    return {"path": shown(path), "text": " / ".join(text(said, 1000).splitlines()[:4])}


def listened(own):
    """Ports that something listens on, at whatever address; under a root at the node's own, or at all."""
    found, here = set(), "".join(["%02X" % int(word) for word in reversed(own.split("."))]) if "." in own else own
    for name in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in peek(proc_at(name), 4194304).splitlines()[1:]:
            word = line.split()
            if len(word) > 3 and word[3] not in ("0A", "03"):
                break  # listeners stand first, before kernel 4.4 with their half-open connections in between
            address, _, port = word[1].partition(":") if len(word) > 3 else ("", "", "")
            if port and word[3] == "0A" and (not ROOT[0] or address in ANYWHERE[:2] or address == here):
                found.add(int(port, 16))
    return found


def packages(prefix):
    """AEN's own packages by conda's folder of metadata: {name: version}."""
    found = {}
    try:
        names = os.listdir(at(prefix + "/conda-meta"))
    except OSError:
        names = []
    for name in sorted(names):
        part = re.match(r"(wakari[a-z-]*|supervisor[a-z-]*|nodejs)-([^-]+)-[^-]+\.json$", text(name))
        if part:
            found[part.group(1)] = part.group(2)
    return found


def suspended(prefixes):
    found = []
    for prefix in prefixes:
        try:
            names = os.listdir(at(prefix + "/etc/supervisord/conf.d"))
        except OSError:
            continue
        names = [text(name) for name in names if name.endswith(b".SUSPEND")]
        found += [prefix + "/etc/supervisord/conf.d/" + name for name in names]
    return sorted(found)
