"""The machine's load from /proc: cpu, load, memory, network; processes by pid; listening ports."""

PAGE = resource.getpagesize()
TICKS = os.sysconf("SC_CLK_TCK") or 100


class Metrics(object):
    """Rates between two looks; the first look has none."""

    def __init__(self):
        self.cpu, self.net, self.swap, self.when = {}, {}, None, 0

    def look(self):
        """Fields that a kernel or a container does not have are null or empty."""
        now, net, swap = monotonic(), read_net(), read_swap()
        cpu, cores = read_cpu()
        old, passed = self.net, max(0.01, now - self.when)
        busy, wait, steal = shares(cpu.get("cpu"), self.cpu.get("cpu"))
        names = sorted([name for name in cpu if name != "cpu"], key=lambda name: whole(name[3:]) or 0)
        nets = [[text(one, 32)] + rates(net[one], old[one], passed) for one in net if one in old and one != "lo"]
        nets.sort(key=lambda row: (-row[1] - row[2], row[0]))
        counted = once(nets)
        found = {
            "cpu": busy,
            "wait": wait,
            "steal": steal,
            "per": [int(shares(cpu[name], self.cpu.get(name))[0] or 0) for name in names[:128]],
            "cores": cores,
            "load": read_load(),
            "mem": read_memory(),
            "swap": rates(swap, self.swap, passed) if swap and self.swap else None,
            "net": [sum([row[n] for row in counted]) for n in (1, 2)] if old else None,
            "nets": nets[:8],
        }
        self.cpu, self.net, self.swap, self.when = cpu, net, swap, now
        return found


def rates(new, old, seconds):
    return [max(0, int((after - before) / seconds)) for after, before in zip(new, old)]  # noqa: B905


def read_cpu():
    """({"cpu": ticks since boot, "cpu0": ..}, number of cores).

    Ticks are user, nice, system, idle, iowait, irq, softirq, steal.
    """
    found = {}
    for line in peek(proc_at("/proc/stat")).splitlines():
        word = line.split()
        if line.startswith("cpu"):
            ticks = [whole(n) or 0 for n in word[1:9]]  # guest time stands in user time already
            found[word[0]] = ticks + [0] * (8 - len(ticks))
    return found, len([name for name in found if name != "cpu"])


def shares(new, old):
    """[busy, waiting for disks, stolen by the hypervisor] in per cent; a counter that fell counts as still."""
    if not new or not old:
        return [None] * 3
    ticks = [max(0, after - before) for after, before in zip(new, old)]  # noqa: B905
    total = sum(ticks) or 1
    return [round(100.0 * part / total, 1) for part in (sum(ticks) - ticks[3] - ticks[4], ticks[4], ticks[7])]


def read_swap():
    """Bytes swapped in and out since boot, or None."""
    found = re.findall(r"^pswp(?:in|out) (\d+)", peek(proc_at("/proc/vmstat")), re.M)
    return [int(pages) * PAGE for pages in found] if len(found) == 2 else None


def read_load():
    try:
        one, five, fifteen = [float(word) for word in peek(proc_at("/proc/loadavg")).split()[:3]]
        return [one, five, fifteen]
    except ValueError:
        return None


def read_memory():
    """[total, available, swap used, swap, whether the kernel said what is available] in bytes.

    Kernels before 3.14 have no MemAvailable: pages that are free or hold what stands on a disk too, which shared
    memory, although counted as cached, does not; and what the kernel's own caches of names and inodes would give back.
    """
    lines = re.findall(r"(?m)^(\w+): *(\d+)", peek(proc_at("/proc/meminfo")))
    field = dict([(name, int(size) * 1024) for name, size in lines])
    if "MemTotal" not in field:
        return None
    free = sum([field.get(name, 0) for name in ("MemFree", "Buffers", "Cached", "SReclaimable")])
    free, said = free - field.get("Shmem", 0), "MemAvailable"
    swap = field.get("SwapTotal", 0)
    return [field["MemTotal"], field.get(said, free), max(0, swap - field.get("SwapFree", 0)), swap, said in field]


def read_net():
    """{interface: [bytes received, bytes sent] since it came up}."""
    found = {}
    for line in peek(proc_at("/proc/net/dev")).splitlines():
        name, colon, rest = line.partition(":")
        word = rest.split()
        if colon and len(word) > 8:
            found[name.strip()] = [whole(word[n]) or 0 for n in (0, 8)]
    return found


def once(nets):
    """The rows of interfaces that count packets which no other counts: of devices; where there are none, as in a
    container, all but bridges, bonds, VLANs and what leads into a container.
    """

    def has(name, part):
        return os.path.exists(proc_at("/sys/class/net") + raw("/%s/%s" % (name, part)))

    return [row for row in nets if has(row[0], "device")] or [
        row
        for row in nets
        if not (re.match(r"v(eth|lan)|.*\.", row[0]) or has(row[0], "bridge") or has(row[0], "bonding"))
    ]


def boot_time():
    return int((re.findall(r"(?m)^btime (\d+)", peek(proc_at("/proc/stat"))) + [0])[0])


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

    Listeners stand first in these files, before kernel 4.4 with their half-open connections (03) in between;
    what comes after them is slow to read (the kernel walks its whole table of connections), so reading stops
    as soon as nothing more is wanted.
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
            if word[3:4] == ["0A"]:
                address, _, port = word[1].partition(":")
                if address in ANYWHERE:
                    found.add(int(port, 16))
            elif word[3:] and word[3] not in ("03", "st"):
                return
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
