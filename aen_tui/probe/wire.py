"""Frames to standard output, without ever waiting for the other side."""

HEADER = b"\0\0AEN-TUI-PROBE 1\n"
FULL = 262144  # while more than this waits, no log is read: the file is the buffer
SLICE = 65536


class Wire(object):
    """A queue of frames in front of a descriptor that is written only as far as it takes."""

    def __init__(self, fd):
        self.fd = fd
        self.frames = collections.deque([HEADER])
        self.waiting = len(HEADER)
        self.done = 0  # bytes of the first frame that are written
        self.sample = None
        flags = fcntl.fcntl(fd, fcntl.F_GETFL)
        fcntl.fcntl(fd, fcntl.F_SETFL, flags | os.O_NONBLOCK)

    def send(self, kind, payload):
        frame = kind + struct.pack(">I", len(payload)) + payload
        self.frames.append(frame)
        self.waiting += len(frame)

    def put_sample(self, sample):
        """At most one sample waits: a newer one takes over what the older one said had changed."""
        if self.sample is not None:
            same = set(self.sample["same"]) | set(sample["same"])
            self.sample.update(sample)
            self.sample["same"] = sorted(same - set(self.sample))
        else:
            self.sample = sample

    def full(self):
        return self.waiting > FULL

    def idle(self):
        return not self.frames and self.sample is None

    def flush(self):
        """Write what is taken. Raises OSError when the other side is gone."""
        while True:
            if self.sample is not None and not self.done and not (self.frames and self.frames[0] is HEADER):
                payload = dump(self.sample)
                self.sample = None
                frame = b"S" + struct.pack(">I", len(payload)) + payload
                self.frames.appendleft(frame)
                self.waiting += len(frame)
            if not self.frames:
                return
            frame = self.frames[0]
            try:
                written = os.write(self.fd, frame[self.done : self.done + SLICE])
            except OSError as error:
                if error.errno in (errno.EAGAIN, errno.EINTR):
                    return
                raise
            self.done += written
            if self.done >= len(frame):
                self.frames.popleft()
                self.waiting -= len(frame)
                self.done = 0
