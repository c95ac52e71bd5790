"""What a node is asked once a minute: limits that are used, processes that are stuck, what its kernel said. Reads only.

order = {"pids": {"wk-server": 303}, "kernel_seconds": 3600}. Rows, any number of the first, one of the second:
{"kernel": [seconds ago, text]}           only what may be a sign of trouble, the last 100
{"used": [[what, service, pid | null, used, limit]], "waiting": [[pid, name, cpu ticks, context switches]],
 "count": n, "errors": ["wk-server: permission denied"]}
waiting: processes in uninterruptible sleep (D), no threads of the kernel, at most 50 of them
"""

MOST_PROCESSES, MOST_WAITING, MOST_KERNEL = 20000, 50, 100
KERNEL_WORDS = re.compile(
    r"Killed process \d|I/O error|emounting filesystem read-only|ilesystem has been shut down"
    r"|rejecting I/O to offline device|nfs: server|conntrack: table full"
)
OF_KERNEL = 0x200000  # PF_KTHREAD: its threads wait so when they have nothing to do
RECORD = re.compile(r"^(\d+),\d+,(\d+)[^;]*;([^\n]*)")
DMESG = re.compile(r"^(?:<\d+>)?\[ *(\d+\.\d+)\] ([^\n]*)")


def run(order, say):
    for row in kernel_rows(float(order.get("kernel_seconds") or 3600)):
        say({"kernel": row})
    used, errors = [], []
    tasks, waiting = look_at_all()
    for name, pid in sorted((order.get("pids") or {}).items()):
        look_at_limits(text(name, 80), int(pid), tasks, used, errors)
    for what, count, most in (
        ("tracked connections", "net/netfilter/nf_conntrack_count", "net/netfilter/nf_conntrack_max"),
        ("open files of the whole machine", "fs/file-nr", "fs/file-max"),
    ):
        number = [whole((peek(proc_at("/proc/sys/" + word)).split() or [""])[0]) for word in (count, most)]
        if number[0] is not None and number[1]:
            used.append([what, "", None, number[0], number[1]])
    say({"used": used, "waiting": waiting[:MOST_WAITING], "count": len(waiting), "errors": errors})


def stat_words(folder):
    """(name, the words after it) of a process, or None."""
    line = peek(folder + b"/stat", 4096)
    name, _, rest = line.partition("(")[2].rpartition(")")
    words = rest.split()
    return (name, words) if len(words) > 17 else None


def look_at_all():
    """({uid: tasks of that user}, rows of the processes in uninterruptible sleep)."""
    folder, tasks, waiting = proc_at("/proc"), {}, []
    try:
        pids = [name for name in os.listdir(folder) if name.isdigit()][:MOST_PROCESSES]
    except OSError:
        pids = []
    for pid in pids:
        here = folder + b"/" + pid
        found = stat_words(here)
        if not found:
            continue
        name, words = found
        try:
            uid = os.stat(here).st_uid
        except OSError:
            continue
        tasks[uid] = tasks.get(uid, 0) + (whole(words[17]) or 1)
        if words[0] == "D" and not (whole(words[6]) or 0) & OF_KERNEL:
            # one that reads a little uses no whole tick in a minute; each time it has waited it is switched to
            switched = re.findall(r"(?m)^\w+_ctxt_switches:\s*(\d+)", peek(here + b"/status", 8192))
            ticks = (whole(words[11]) or 0) + (whole(words[12]) or 0)
            waiting.append([int(pid), text(name, 60), ticks, sum([whole(word) or 0 for word in switched])])
    return tasks, waiting


def look_at_limits(name, pid, tasks, used, errors):
    """Open files of a process and tasks of its user against its own limits."""
    folder = proc_at("/proc/%d" % pid)
    limits = {}
    try:
        for line in text(read_file(folder + b"/limits", 16384), 16384).splitlines()[1:]:
            word = line[26:].split()
            if word:
                limits[line[:26].strip()] = whole(word[0])
        files = limits.get("Max open files")
        if files:
            used.append(["open files", name, pid, len(os.listdir(folder + b"/fd")), files])
        most, uid = limits.get("Max processes"), os.stat(folder).st_uid
        if most and uid:
            used.append(["processes of uid %d" % uid, name, pid, tasks.get(uid, 0), most])
    except (OSError, IOError):
        errors.append(name + ": " + why(sys.exc_info()[1]))


def kernel_rows(seconds):
    """[seconds ago, text] of what the kernel said and may be a sign, oldest first."""
    try:
        up = float(peek(proc_at("/proc/uptime")).split()[0])
    except (IndexError, ValueError):
        return []
    rows = []
    for at_seconds, line in kernel_lines():
        if up - at_seconds <= seconds and KERNEL_WORDS.search(line):
            rows.append([round(max(0.0, up - at_seconds), 1), text(line, 400)])
    return rows[-MOST_KERNEL:]


def kernel_lines():
    """(seconds since boot, text) of the kernel's ring; of the kernel itself only, not of who writes into it."""
    try:
        fd = os.open(at("/dev/kmsg"), os.O_RDONLY | os.O_NONBLOCK | O_CLOEXEC)
        found = []
    except OSError:
        number = sys.exc_info()[1].errno
        return [] if ROOT[0] or number in (errno.EACCES, errno.EPERM) else dmesg_lines()
    try:
        while len(found) < 20000:
            try:
                data = os.read(fd, 8192)
            except OSError:
                number = sys.exc_info()[1].errno
                if number == errno.EPIPE:  # overwritten while we read: goes on with the next
                    continue
                return found if found or number == errno.EAGAIN or ROOT[0] else dmesg_lines()
            if not data:
                return found
            for record in text(data, 8192).splitlines():  # one a read; several in a file that stands for it
                match = RECORD.match(record)
                if match and int(match.group(1)) < 8:  # facility 0
                    found.append((int(match.group(2)) / 1e6, match.group(3)))
        return found
    finally:
        os.close(fd)


def dmesg_lines():
    """The same by dmesg, for kernels before 3.5."""
    subprocess = __import__("subprocess")
    try:
        child = subprocess.Popen(["/bin/dmesg"], stdout=subprocess.PIPE, close_fds=True)
        matches = [DMESG.match(line) for line in text(child.communicate()[0], 1048576).splitlines()]
    except (OSError, IOError):
        return []
    return [(float(match.group(1)), match.group(2)) for match in matches if match]
