"""One thread: descriptors and timers, and children that do what could block."""

READABLE = select.POLLIN | select.POLLHUP | select.POLLERR
STUCK = 20  # seconds after which SIGALRM ends a probe that does not come round
KILL_AFTER = 2


class Loop(object):
    """poll(2) and a heap of timers."""

    def __init__(self):
        self.poll = select.poll()
        self.handlers = {}
        self.timers = []
        self.count = 0

    def watch(self, fd, mask, handler):
        self.handlers[fd] = handler
        self.poll.register(fd, mask)

    def unwatch(self, fd):
        if self.handlers.pop(fd, None):
            self.poll.unregister(fd)

    def after(self, seconds, call):
        """Call once; `timer[2] = None` cancels."""
        self.count += 1
        timer = [monotonic() + seconds, self.count, call]
        heapq.heappush(self.timers, timer)
        return timer

    def every(self, seconds, call):
        def again():
            self.after(seconds, again)
            call()

        self.after(seconds, again)

    def once(self, deadline=None):
        """Wait for what comes first, until `deadline`, and handle it."""
        signal.alarm(STUCK)
        while self.timers and self.timers[0][2] is None:
            heapq.heappop(self.timers)
        due = [moment for moment in (deadline, self.timers and self.timers[0][0]) if moment]
        pause = min(max(0.0, min(due) - monotonic()), 5.0) if due else 5.0
        try:
            ready = self.poll.poll(int(pause * 1000 + 0.999))
        except (select.error, OSError) as error:
            if error.args[0] != errno.EINTR:
                raise
            ready = []
        for fd, _ in ready:
            handler = self.handlers.get(fd)
            if handler:
                handler()
        now = monotonic()
        while self.timers and self.timers[0][0] <= now:
            call = heapq.heappop(self.timers)[2]
            if call:
                call()


class Child(object):
    """A forked process that runs `work(fd)`; `done(output, ended)` is called with what it wrote.

    `ended` is its wait status, or None when it took longer than `seconds`: it is killed then, and
    `alive` stays true until it is really gone (a process in uninterruptible sleep may never be).
    """

    def __init__(self, loop, work, done, seconds, limit=65536):
        self.loop, self.done, self.limit = loop, done, limit
        self.alive, self.output = True, b""
        reader, writer = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            try:
                signal.alarm(int(seconds) + KILL_AFTER)  # also when the probe is gone; exec keeps it
                os.setpgid(0, 0)
                os.close(reader)
                work(writer)
                os._exit(0)  # noqa: SLF001
            finally:
                os._exit(126)  # noqa: SLF001
        os.close(writer)
        fcntl.fcntl(reader, fcntl.F_SETFL, os.O_NONBLOCK)
        fcntl.fcntl(reader, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
        self.fd = reader
        loop.watch(reader, READABLE, self.read)
        self.timer = loop.after(seconds, self.late)

    def read(self):
        try:
            data = os.read(self.fd, 65536)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EINTR):
                return
            data = b""
        self.output = (self.output + data)[: self.limit]
        if not data:
            self.loop.unwatch(self.fd)
            self.reap()

    def wait(self):
        """Its wait status, or None while it lives."""
        try:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
        except OSError:
            pid, status = self.pid, 0
        if pid:
            self.alive = False
            return status
        return None

    def reap(self):
        if self.done is None:
            if self.wait() is None:
                self.loop.after(1.0, self.reap)
            return
        status = self.wait()
        if status is None:
            self.loop.after(0.01, self.reap)
        else:
            self.finish(status)

    def late(self):
        if self.done is not None:
            self.kill()
            self.loop.unwatch(self.fd)
            self.finish(None)
            self.reap()

    def finish(self, status):
        self.timer[2] = None
        os.close(self.fd)
        done, self.done = self.done, None
        done(self.output, status)

    def kill(self):
        for target in (-self.pid, self.pid):
            try:
                os.kill(target, signal.SIGKILL)
            except OSError:
                pass


def become(uid, gid):
    """In a child: give up root for good."""
    os.setgroups([gid])
    os.setgid(gid)
    os.setuid(uid)


def command(argv, owner=None):
    """Work for a Child: run argv with a clean environment, as `owner` (uid, gid) where we are root."""

    def work(writer):
        null = os.open("/dev/null", os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(writer, 1)
        os.dup2(writer, 2)
        os.closerange(3, 1024)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        if os.geteuid() == 0 and owner:
            become(*owner)
        for limit, (soft, hard) in LIMITS.items():
            resource.setrlimit(limit, (soft, hard))
        os.chdir("/")
        path = "/usr/sbin:/usr/bin:/sbin:/bin"
        os.execve(argv[0], argv, {"PATH": path, "LC_ALL": "C", "LANG": "C", "HOME": "/", "SYSTEMD_PAGER": ""})

    return work


LIMITS = {}


def set_limits():
    """No core file, no more descriptors and memory than the work can need; children get the old ones back."""
    for limit, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, 256), (resource.RLIMIT_AS, 1 << 30)):
        soft, hard = LIMITS[limit] = resource.getrlimit(limit)
        if soft == resource.RLIM_INFINITY or soft > most:
            resource.setrlimit(limit, (most, hard))
