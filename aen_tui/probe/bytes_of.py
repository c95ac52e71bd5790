"""A file's bytes with a cursor: plain files, and rotated ones that were compressed."""

MARK = 256  # bytes at the start and before the offset that a cursor's hashes cover
BLOCK = 262144


OTHER_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFLNK: "a link, not followed under sudo",
}


class Rewritten(Exception):
    """What stands before the offset is not what was read there."""

    pass


def digest(data):
    return SHA(data).hexdigest()[:16]


def open_regular(path):
    """(fd, stat) of a regular file; raises OSError, errno None where it is something else.

    Nothing else is even opened: that can have effects. Under sudo no link is followed but root's own.
    """
    try:
        about = os.lstat(path) if NO_FOLLOW[0] else os.stat(path)
        if not stat.S_ISREG(about.st_mode):
            raise OSError(0, "")
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | O_CLOEXEC | NO_FOLLOW[0])
    except OSError as error:
        if error.errno:
            raise
        raise OSError(errno.EINVAL, "is " + OTHER_KINDS.get(stat.S_IFMT(about.st_mode), "a device or socket"))
    about = os.fstat(fd)
    if not stat.S_ISREG(about.st_mode) or (NO_FOLLOW[0] and not reached_safely(path, fd)):
        os.close(fd)
        raise OSError(errno.EINVAL, "is reached by a link that is not root's")
    return fd, about


def reached_safely(path, fd):
    """Whether the file opened is what `path` names when only links owned by root are followed."""
    parts, here = path.split(b"/"), b""
    while parts:
        part = parts.pop(0)
        step = here + b"/" + part if part not in (b"", b".") else here
        about = os.lstat(step or b"/")
        if stat.S_ISLNK(about.st_mode):
            if about.st_uid:
                return False
            target = os.readlink(step)
            parts, here = target.split(b"/") + parts, b"" if target.startswith(b"/") else here
        else:
            here = os.path.dirname(here) if part == b".." else step
    return os.readlink("/proc/self/fd/%d" % fd) in (here, text(here))


class Source(object):
    """A file held open at `fd`, read up to `off`."""

    def advance(self, data):
        if len(self.head) < MARK and len(self.head) == self.off:
            self.head = (self.head + data[:MARK])[:MARK]
        self.off += len(data)
        self.tail = (self.tail + data[-MARK:])[-MARK:]

    def cursor(self):
        cursor = dict(dev=self.dev, ino=self.ino, off=self.off, time=self.since)
        for name, data in (("head", self.head), ("tail", self.tail)):
            cursor.update({name: digest(data), name + "_n": len(data)})
        return cursor

    def close(self):
        os.close(self.fd)


class Plain(Source):
    """A regular file read from an offset on; it checks that what it has read still stands there."""

    def __init__(self, fd, about, offset):
        self.fd, self.dev, self.ino, self.off = fd, about.st_dev, about.st_ino, offset
        self.head, self.tail, self.since, self.opened = b"", b"", None, time.time()
        self.load()

    def first(self):
        """What the file begins with; where nothing was read of it, what is read next must begin so too."""
        os.lseek(self.fd, 0, 0)
        first = os.read(self.fd, MARK)
        # NULs alone may be a hole, and what is written into it is no other file
        self.unread = not self.off and first.strip(b"\0") and first
        return first

    def load(self):
        self.head = self.first()[: self.off]
        os.lseek(self.fd, max(0, self.off - MARK), 0)
        self.tail = os.read(self.fd, min(MARK, self.off)) if self.off else b""

    def fits(self, cursor):
        """Whether the bytes before the offset are those that the cursor was made from."""
        head, tail = self.head[: cursor["head_n"]], self.tail[-cursor["tail_n"] :] if cursor["tail_n"] else b""
        return digest(head) == cursor["head"] and digest(tail) == cursor["tail"] and len(tail) == cursor["tail_n"]

    def read(self, most):
        if not self.off:  # behind the hole that a writer without O_APPEND leaves when its file is cut
            try:
                self.off = os.lseek(self.fd, 0, 3)  # SEEK_DATA
            except OSError as error:
                if error.errno == errno.ENXIO:  # nothing but a hole; old kernels say EINVAL
                    most = 0
            if self.off:
                self.load()
        keep = len(self.tail)
        os.lseek(self.fd, self.off - keep, 0)
        data = os.read(self.fd, most + keep)
        if data[:keep] != self.tail or self.unread and not self.off and not data.startswith(self.unread):
            raise Rewritten
        data = data[keep:]
        self.advance(data)
        return data

    done = True  # at its end whenever read() gives nothing

    def size(self):
        return os.fstat(self.fd).st_size

    def restart(self):
        """To the first byte of a truncated file."""
        self.off, self.since = 0, time.time()
        self.load()


class Packed(Source):
    """A gzip file, all its members, from an offset in what it holds; unpacked piece by piece."""

    def __init__(self, fd, about, offset, cursor=None):
        import zlib  # not every interpreter has it

        self.fd, self.dev, self.ino, self.off = fd, about.st_dev, about.st_ino, 0
        self.skip, self.expect, self.done = offset, cursor, False
        self.member, self.error = lambda: zlib.decompressobj(31), zlib.error
        self.unpack = self.member()
        self.head, self.tail, self.rest, self.since = b"", b"", b"", None

    def read(self, most):
        data = self.piece(most)
        before = min(len(data), max(0, self.skip - self.off))
        self.advance(data[:before])
        if self.off == self.skip and self.expect:
            if self.expect["tail_n"] and digest(self.tail[-self.expect["tail_n"] :]) != self.expect["tail"]:
                raise Rewritten
            self.expect = None
        data = data[before:]
        self.advance(data)
        return data

    def piece(self, most):
        while not self.done:
            packed = self.rest or os.read(self.fd, 65536)
            try:
                data = self.unpack.decompress(packed, most) if packed else b""
            except self.error:
                raise Rewritten
            self.rest, after = self.unpack.unconsumed_tail, self.unpack.unused_data
            if after:
                self.rest, self.unpack = (after + os.read(self.fd, 2)).lstrip(b"\0"), self.member()
            # zeros pad, and what is no member is none of the file's, as gzip has it
            self.done = not packed or bool(after) and not self.rest.startswith(b"\x1f\x8b")
            if data:
                return data
        return b""
