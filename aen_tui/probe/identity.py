"""Who this probe is: its hello, and the name by which a newer one of the same owner ends it."""

SO_PEERCRED = 17
CLAIM_AGAIN = 0.05
CLAIM_TRIES = 100


class Claim(object):
    """A name in the abstract socket namespace, which is no file.

    While an older probe has the name it is told to leave by the connection alone; where a younger
    one has it, `leave()` is called here.
    """

    def __init__(self, loop, key, leave):
        self.loop, self.leave, self.listener = loop, leave, None
        # the demo has many nodes on one machine: each has claims of its own
        self.kin = b"aen-tui-probe" + raw(ROOT[0] and "-" + digest(raw(ROOT[0])))
        self.address = b"\0" + self.kin + b"-" + raw(digest(raw(key)))
        if "sudo" in sys.argv[4:]:
            self.address += b"-sudo"
        self.take(CLAIM_TRIES)

    def take(self, tries):
        sock = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        fcntl.fcntl(sock.fileno(), fcntl.F_SETFD, fcntl.FD_CLOEXEC)
        sock.setblocking(False)
        try:
            sock.bind(self.address)
            sock.listen(8)
            self.listener = sock
            self.loop.watch(sock.fileno(), READABLE, self.called)
            return
        except (OSError, IOError):
            pass
        try:
            sock.connect(self.address)
            if younger(sock):
                self.leave()
        except (OSError, IOError):
            pass
        sock.close()
        if tries:
            self.loop.after(CLAIM_AGAIN, lambda: self.take(tries - 1))

    def called(self):
        try:
            if PY3:
                number = self.listener._accept()[0]  # noqa: SLF001
                peer = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, number)
            else:
                peer = self.listener.accept()[0]
            if younger(peer):
                self.leave()
            peer.close()
        except (OSError, IOError):
            pass


def others(claim):
    """How many other sessions have a probe here, by their claims; what a session has under sudo does not count."""
    found = set()
    try:
        with open("/proc/net/unix", "rb") as opened:
            for line in opened:
                name = line.rpartition(b" @")[2].strip()
                if name.rpartition(b"-")[0] == claim.kin:
                    found.add(name)
    except (OSError, IOError):
        pass
    return len(found - set([claim.address[1:]]))


def younger(sock):
    """Whether the process at the other end is ours and began after this one."""
    pid, uid, _ = struct.unpack("3i", sock.getsockopt(_socket.SOL_SOCKET, SO_PEERCRED, 12))
    ages = []
    for one in (pid, os.getpid()):
        word = peek(raw("/proc/%d/stat" % one)).rpartition(")")[2].split()
        ages.append((int(word[19]) if len(word) > 19 else 0, one))
    return uid == os.geteuid() and ages[0] > ages[1]


def zone():
    """The node's offset from UTC, as +0100. Python 2's strftime does not know it."""
    offset = -(time.altzone if time.daylight and time.localtime().tm_isdst > 0 else time.timezone)
    return "%s%02d%02d" % ("-" if offset < 0 else "+", abs(offset) // 3600, abs(offset) % 3600 // 60)


def hello(inotify):
    """What the H frame says."""
    about = {"version": sys.argv[2], "sha256": sys.argv[3], "python": "%d.%d.%d" % sys.version_info[:3]}
    about.update({"executable": text(sys.executable or ""), "pid": os.getpid(), "uid": os.geteuid()})
    about.update({"user": user_name(os.geteuid()), "host": text(os.uname()[1]), "kernel": text(os.uname()[2])})
    about.update({"time": time.time(), "zone": zone(), "cores": read_cpu()[1], "inotify": inotify})
    about["boot_id"] = peek(proc_at("/proc/sys/kernel/random/boot_id")).strip()
    return about
