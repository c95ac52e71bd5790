"""inotify by ctypes, where there is ctypes and the kernel has watches left."""

IN_FILE = 0x2 | 0x4 | 0x400 | 0x800  # modify, attrib (a name less), delete self, move self
IN_FOLDER = 0x100 | 0x80 | 0x40 | 0x200  # create, moved to, moved from, delete
QUIET = 0.02


class Inotify(object):
    """Watches on files and folders; `owners[wd]` are told with the name that an event carries."""

    def __init__(self, loop):
        self.loop, self.owners, self.fd, self.last = loop, {}, None, 0.0
        try:
            import ctypes

            libc = ctypes.CDLL(None)
            fd = libc.inotify_init1(os.O_NONBLOCK | O_CLOEXEC)
            if fd >= 0:
                self.fd, self.add_watch, self.remove_watch = fd, libc.inotify_add_watch, libc.inotify_rm_watch
                loop.watch(fd, READABLE, self.read)
        except (ImportError, OSError, AttributeError):
            pass

    def add(self, path, mask, owner):
        """Watch a path for an owner; the watch's number, or None where that cannot be."""
        wd = self.add_watch(self.fd, path, mask) if self.fd is not None else -1
        if wd < 0:
            return None
        self.owners.setdefault(wd, set()).add(owner)
        return wd

    def remove(self, wd, owner):
        owners = self.owners.get(wd)
        if owners:
            owners.discard(owner)
            if not owners:
                del self.owners[wd]
                self.remove_watch(self.fd, wd)

    def read(self):
        """Tell the owners. When events come thick they are left to pile up: equal ones merge in the kernel."""
        now = monotonic()
        if now - self.last < QUIET:
            self.loop.unwatch(self.fd)
            self.loop.after(QUIET, lambda: self.loop.watch(self.fd, READABLE, self.read))
        self.last = now
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return
        place = 0
        while place + 16 <= len(data):
            wd, mask, _, length = struct.unpack("iIII", data[place : place + 16])
            name = data[place + 16 : place + 16 + length].rstrip(b"\0")
            place += 16 + length
            if mask & 0x4000:  # queue overflow: everybody looks
                for owners in self.owners.values():
                    for owner in owners:
                        owner.told(wd, b"")
            for owner in list(self.owners.get(wd, ())):
                owner.told(wd, name)
            if mask & 0x8000:  # ignored: the watch is gone with its file
                self.owners.pop(wd, None)
