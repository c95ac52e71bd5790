"""Filesystems: statvfs of the mounts asked for; all that is not local only in a child with a deadline."""

LOCAL = set(
    "ext2 ext3 ext4 xfs btrfs tmpfs overlay aufs zfs rootfs reiserfs jfs f2fs vfat iso9660 squashfs devtmpfs"
    " ramfs bcachefs proc sysfs udf".split()
)
HANG = 2.0
REMOTE_EVERY = 10.0


def mount_table():
    """{mount point: (type, read-only)} as bytes; the last mount on a point wins."""
    table = {}
    for line in peek(b"/proc/self/mounts", 1048576).splitlines():
        word = line.split(" ")
        if len(word) > 3:
            point = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found.group(1), 8)), word[1])
            table[raw(point)] = (word[2], "ro" in word[3].split(","))
    return table


def find_mount(path, table):
    """The mount point a path is on, links followed, without touching anything on a mount that is not local."""
    parts, here, links = path.split(b"/"), b"", 0
    while parts:
        part = parts.pop(0)
        if part in (b"", b"."):
            continue
        if part == b"..":
            here = os.path.dirname(here).rstrip(b"/")
            continue
        step = here + b"/" + part
        if step in table and table[step][0] not in LOCAL:
            return step
        try:
            mode = os.lstat(step).st_mode
            if stat.S_ISLNK(mode) and links < 40:
                links += 1
                target = os.readlink(step)
                if target.startswith(b"/"):
                    here = b""
                parts = target.split(b"/") + parts
                continue
        except OSError:
            pass
        here = step
    while here and here not in table:
        here = os.path.dirname(here).rstrip(b"/")
    return here or b"/"


def measure(path):
    """[used, available, total, inodes used percent or None] in bytes; raises OSError."""
    fs = os.statvfs(path)
    inodes = round(100.0 * (fs.f_files - fs.f_ffree) / fs.f_files, 1) if fs.f_files else None
    used = (fs.f_blocks - fs.f_bfree) * fs.f_frsize
    return [used, fs.f_bavail * fs.f_frsize, fs.f_blocks * fs.f_frsize, inodes]


def measured(path):
    """(figures, None), or (None, error)."""
    try:
        return measure(path), None
    except OSError as problem:
        return None, "absent" if problem.errno == errno.ENOENT else why(problem)


class Disks(object):
    """One row for each mount asked for. A remote mount has at most one child that looks at it."""

    def __init__(self, loop, mounts):
        self.loop, self.mounts = loop, mounts
        self.children, self.remote, self.asked = {}, {}, {}
        self.table = {}

    def look(self):
        self.table = mount_table()
        return [self.row(mount) for mount in self.mounts]

    def row(self, mount):
        path = at(mount)
        point = find_mount(path, self.table)
        kind, read_only = self.table.get(point, ("", False))
        if kind in LOCAL or not kind:
            figures, error = measured(path)
        else:
            figures, error = self.ask(path)
        return [mount, text(kind)] + (figures or [0, 0, 0, None]) + [read_only, error]

    def ask(self, path):
        """What the last child said of a path on a remote mount, and a new child now and then."""
        now, child = monotonic(), self.children.get(path)
        if not (child and child.alive) and now - self.asked.get(path, -1e9) >= REMOTE_EVERY:
            self.asked[path] = now

            def work(writer):
                os.write(writer, dump(measured(path)))

            def done(output, status):
                if status is None:
                    figures = self.remote.get(path, (None, None))[0]
                    self.remote[path] = (figures, "hung")
                else:
                    self.remote[path] = tuple(json.loads(text(output))) if output else (None, "no answer")

            self.children[path] = Child(self.loop, work, done, HANG)
        return self.remote.get(path, (None, "not looked at yet"))

    def pending(self):
        """Whether a remote mount has not been heard of yet."""
        return any([path not in self.remote for path in self.children])

    def hung(self, name):
        """For other parts: None when a file may be touched, else why not (yet)."""
        if not self.table:
            self.table = mount_table()
        point = find_mount(name, self.table)
        if self.table.get(point, ("ext4",))[0] in LOCAL:
            return None
        return self.ask(point)[1]
