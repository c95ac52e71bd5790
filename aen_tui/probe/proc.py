"""The machine's load from /proc: cpu, load, memory, network; processes by pid; listening ports."""

PAGE = resource.getpagesize()
TICKS = os.sysconf("SC_CLK_TCK") or 100


class Metrics(object):
    """Rates between two looks; the first look has none."""

    def __init__(self):
        self.cpu = self.net = self.when = None

    def look(self):
        now = monotonic()
        cpu, cores = read_cpu()
        net = read_net()
        percent = rates = None
        if self.cpu and cpu:
            busy, total = cpu[0] - self.cpu[0], cpu[1] - self.cpu[1]
            percent = round(min(100.0, max(0.0, 100.0 * busy / total)), 1) if total > 0 else 0.0
        if self.net and net and now > self.when:
            rates = [max(0, int((net[i] - self.net[i]) / (now - self.when))) for i in (0, 1)]
        self.cpu, self.net, self.when = cpu, net, now
        return {"cpu": percent, "load": read_load(), "mem": read_memory(), "net": rates, "cores": cores}


def read_cpu():
    """((busy, total) ticks since boot or None, number of cores)."""
    cores, ticks = 0, None
    for line in peek(proc_at("/proc/stat")).splitlines():
        word = line.split()
        if word and word[0] == "cpu":
            ticks = [int(n) for n in word[1:9]]  # guest time stands in user time already
        elif line.startswith("cpu"):
            cores += 1
    if not ticks:
        return None, cores
    return (sum(ticks) - sum(ticks[3:5]), sum(ticks)), cores


def read_load():
    try:
        return [float(word) for word in peek(proc_at("/proc/loadavg")).split()[:3]] or None
    except ValueError:
        return None


def read_memory():
    """[total, available, swap used] in bytes; kernels before 3.14 have no MemAvailable."""
    field = {}
    for line in peek(proc_at("/proc/meminfo")).splitlines():
        word = line.replace(":", " ").split()
        if len(word) > 1 and word[1].isdigit():
            field[word[0]] = int(word[1]) * 1024
    if "MemTotal" not in field:
        return None
    free = sum([field.get(name, 0) for name in ("MemFree", "Buffers", "Cached")])
    swap = field.get("SwapTotal", 0) - field.get("SwapFree", 0)
    return [field["MemTotal"], field.get("MemAvailable", free), swap]


def read_net():
    """Bytes received and sent by all interfaces but lo, or None."""
    total, seen = [0, 0], False
    for line in peek(proc_at("/proc/net/dev")).splitlines():
        name, colon, rest = line.partition(":")
        word = rest.split()
        if colon and len(word) > 8:
            seen = True
            if name.strip() != "lo":
                total[0] += int(word[0])
                total[1] += int(word[8])
    return total if seen else None


def boot_time():
    found = re.search(r"^btime (\d+)", peek(proc_at("/proc/stat")), re.M)
    return int(found.group(1)) if found else 0


def process(pid):
    """(parent, started epoch, command name) of a live process, or None; zombies do not count."""
    line = peek(proc_at("/proc/%d/stat" % pid), 4096)
    name, _, rest = line.partition("(")[2].rpartition(")")
    word = rest.split()
    if len(word) < 20 or word[0] in ("Z", "X"):
        return None
    return int(word[1]), boot_time() + int(word[19]) // TICKS, name


ANYWHERE = ("0" * 8, "0" * 32, "0100007F", "0" * 24 + "01000000", "0" * 16 + "FFFF00000100007F")


def listening(wanted):
    """Those of the wanted ports of 127.0.0.1 that something listens on.

    Listeners stand first in these files; what comes after them is slow to read (the kernel walks its
    whole table of connections), so reading stops as soon as nothing more is wanted.
    """
    found = set()
    for name in ("/proc/net/tcp", "/proc/net/tcp6"):
        if found >= wanted:
            break
        try:
            fd = os.open(proc_at(name), os.O_RDONLY | O_CLOEXEC)
        except OSError:
            continue
        try:
            listeners_in(fd, wanted, found)
        finally:
            os.close(fd)
    return found & wanted


def listeners_in(fd, wanted, found):
    rest = b""
    while not found >= wanted:
        data = os.read(fd, 4096)
        lines = (rest + data).split(b"\n")
        rest = lines.pop()
        for line in lines:
            word = text(line).split()
            if len(word) > 3 and word[0] != "sl":
                if word[3] != "0A":
                    return
                address, _, port = word[1].partition(":")
                if address in ANYWHERE:
                    found.add(int(port, 16))
        if not data:
            return


class Cost(object):
    """What the probe itself uses; always from the real /proc."""

    def __init__(self):
        self.last = 0.0

    def look(self):
        total = sum(os.times()[:4])
        spent, self.last = total - self.last, total
        pages = peek(b"/proc/self/statm").split()
        return {"cpu_ms": int(round(spent * 1000)), "rss": int(pages[1]) * PAGE if len(pages) > 1 else 0}
