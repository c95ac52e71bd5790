"""What a reboot leaves behind: what begins by itself, pid files, mounts, the clock. Reads only; one row, one object.

order = {"services": ["mongod", ...], "projects_root": "/projects" or null, "only_services": true or absent}
"""

import ctypes
import ctypes.util

LINKS = ("/etc/rc.d/rc3.d", "/etc/rc3.d", "/etc/rc.d/rc5.d", "/etc/rc5.d")
CLOCKS = ("ntpd", "chronyd", "systemd-timesyn", "openntpd")
TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
LOOK_SECONDS = 2.0
NO_DISK = ("swap", "proc", "sysfs", "devpts", "tmpfs", "devtmpfs", "ignore")


def run(order, say):
    names, root = order.get("services") or [], order.get("projects_root")
    row = {"services": dict([(name, about_service(name)) for name in names])}
    if not order.get("only_services"):
        row.update({"unmounted": unmounted(), "projects": look_at_projects(root) if root else None})
        row.update({"clock": clock_program(), "synchronized": synchronized()})
    say(row)


def about_service(name):
    """{"enabled": true, false or null, "pid_files": [{"path", "pid", "state": live | stale}]}; None: not installed."""
    service = Service(None, name, 60.0)
    if not service.installed():
        return None
    found, seen = [], set()
    for path in service.pid_files():
        try:
            word, file = peek(placed(path), 64).split(), os.stat(placed(path))
        except OSError:
            continue
        if (file.st_dev, file.st_ino) in seen:
            continue  # /var/run is /run
        seen.add((file.st_dev, file.st_ino))
        pid, written = whole(word[0]) if word else None, file.st_mtime
        about = process(pid) if pid else None
        # a clock that was set since moves what is called a start, and no file's time
        is_live = about and (about[1] <= written + 60 or is_program_of(name, pid, about[2]))
        state = "live" if is_live else "stale"
        found.append({"path": path, "pid": pid, "state": state})
    return {"enabled": enabled(service), "pid_files": found}


def is_program_of(name, pid, command_name):
    """Whether a process is a service's: by its name, or a part of its command, as Java's and Python's are."""
    return command_name == name[:15] or name in peek(proc_at("/proc/%d/cmdline" % pid), 65536)


def enabled(service):
    """Whether it begins by itself: a unit that something wants, a link of runlevel 3 or 5, an upstart job."""
    wanted = service.name + ".service"
    for folder in ("/etc/systemd/system/", "/usr/lib/systemd/system/", "/lib/systemd/system/"):
        for target in names_in(folder):
            if target.endswith((".wants", ".requires")) and os.path.lexists(at(folder + target + "/" + wanted)):
                return True
    for folder in LINKS:
        if [name for name in names_in(folder) if re.match(r"S\d\d" + re.escape(service.name) + r"\Z", name)]:
            return True
    job = peek(at("/etc/init/%s.conf" % service.name), 65536)
    if re.search(r"^\s*start\s+on\s", job, re.M):
        return True
    units = [peek(path, 65536) for path in service.units]
    if units and not service.script and not [unit for unit in units if "[Install]" in unit]:
        return None  # others ask for it; it cannot be enabled
    return False


def names_in(folder):
    try:
        return [text(name, 300) for name in os.listdir(at(folder))]
    except OSError:
        return []


def plain(word):
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found.group(1), 8)), word)


def unmounted():
    """Mount points of /etc/fstab where nothing is mounted."""
    mounted = set()
    for line in peek(proc_at("/proc/self/mounts"), 1048576).splitlines():
        word = line.split(" ")
        if len(word) > 1:
            mounted.add(plain(word[1]))
    found = []
    for line in peek(at("/etc/fstab"), 262144).splitlines():
        word = line.split()
        if len(word) < 4 or word[0].startswith("#") or not word[1].startswith("/") or word[2] in NO_DISK:
            continue
        point = plain(word[1]).rstrip("/") or "/"
        if "noauto" not in word[3].split(",") and point != "/" and point not in mounted and len(found) < 50:
            found.append(text(raw(point), 300))
    return found


def look_at_projects(root):
    """{"state": full | empty | absent | hung, "on_root": whether it is a folder of /}; looked at in a child."""
    name = at(root)

    def work(fd):
        try:
            os.write(fd, os.listdir(name) and b"full" or b"empty")
        except OSError as problem:
            os.write(fd, problem.errno == errno.ENOENT and b"absent" or b"hidden")

    return {"state": text(apart(work, LOOK_SECONDS) or b"hung"), "on_root": find_mount(name, mount_table()) == b"/"}


def clock_program():
    """The program that keeps the clock; None where none runs."""
    folder = proc_at("/proc") if os.path.exists(at("/proc/1")) else b"/proc"
    try:
        pids = [int(name) for name in os.listdir(folder) if name.isdigit()][:20000]
    except OSError:
        return None
    for pid in pids:
        about = process(pid)
        if about and about[2] in CLOCKS:
            return about[2]
    return None


def synchronized():
    """What the kernel says of its clock, asked without setting anything; None where it does not say."""
    if ROOT[0]:
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "adjtimex"):
        return None
    state = libc.adjtimex(ctypes.create_string_buffer(512))
    return None if state < 0 else state != TIME_ERROR
