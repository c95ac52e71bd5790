"""Errands: source that comes with its order, known by its hash, run in a niced child; rows go home as they come."""

ERRANDS_AT_A_TIME = 2
ERRAND_BYTES = 4194304  # of an answer, where the order does not say
ROW_CAP = 262144
SAY_BYTES, SAY_SECONDS = 16384, 0.2


class Errands(object):
    """Answers `errand` with A frames; ERRANDS, name -> SHA-256, is part of what the bootstrap has checked."""

    def __init__(self, loop, wire):
        self.loop, self.wire, self.running = loop, wire, {}

    def begin(self, order):
        number, source = order["rid"], raw(order["source"])
        if ERRANDS.get(order["name"]) != SHA(source).hexdigest():
            self.tell(number, b"", True, "not an errand that this probe knows")
        elif len(self.running) >= ERRANDS_AT_A_TIME:
            self.tell(number, b"", True, "%d errands are under way on this node, no more at a time" % len(self.running))
        else:
            self.running[number] = Errand(self, number, source, order)

    def tell(self, number, rows, end=False, error=None):
        self.wire.send(b"A", dump({"rid": number, "end": end, "error": error}) + b"\n" + rows)

    def go_on(self):
        """Children are read on once the wire has room again."""
        for errand in self.running.values():
            if errand.held and not self.wire.full():
                errand.held = False
                self.loop.watch(errand.fd, READABLE, errand.read)

    def cancel(self, number):
        if number in self.running:
            self.running[number].late()


class Errand(Child):
    """A child whose rows are passed on, as long as the wire has room and the cap is not reached."""

    def __init__(self, home, number, source, order):
        self.home, self.number, self.left = home, number, order.get("bytes") or ERRAND_BYTES
        self.most, self.held, self.error = self.left, False, None
        seconds = order.get("seconds") or 60.0
        work = errand_work(source, order.get("order") or {}, seconds)
        Child.__init__(self, home.loop, work, self.ended, seconds, 1 << 20)

    def read(self):
        if self.home.wire.full():
            self.held = True
            self.loop.unwatch(self.fd)
            return
        Child.read(self)
        cut = self.output.rfind(b"\n", 0, self.left) + 1
        if self.done is None or not self.output:
            return
        if cut:
            self.home.tell(self.number, self.output[:cut])
            self.left, self.output = self.left - cut, self.output[cut:]
        if b"\n" in self.output or len(self.output) > ROW_CAP:
            self.error = "cut off: the answer has more than %d bytes" % self.most
            self.late()

    def ended(self, output, status):
        del self.home.running[self.number]
        if not self.error and status is None:
            self.error = "took too long or was cancelled"
        elif not self.error and status:
            self.error = text(output[1:], 300) if output[:1] == b"!" else "ended with wait status %d" % status
        self.home.tell(self.number, b"", True, self.error)


def errand_work(source, order, seconds):
    """Work for a Child: `run(order, say)` of the source, in this namespace; what it raises is the last, unended line.

    It ends with the probe: a timer looks once a second whether that is still there. What takes longer than a
    second goes on with nice 19; what is short would wait for a minute so on a node with much to do.
    """
    probe, end, low = os.getpid(), monotonic() + seconds + KILL_AFTER, []

    def watch(*_):
        if os.getppid() != probe or monotonic() > end:
            os.killpg(0, signal.SIGKILL)
        if not low:
            low.append(os.nice(19))
            os.spawnv(os.P_WAIT, "/usr/bin/ionice", ["ionice", "-c3", "-p", str(os.getpid())])

    def work(writer):
        signal.signal(signal.SIGALRM, watch)
        signal.siginterrupt(signal.SIGALRM, False)
        signal.setitimer(signal.ITIMER_REAL, 1.0, 1.0)
        null = os.open("/dev/null", os.O_RDONLY)
        for number in (0, 1, 2):  # 1 is the wire: nobody else may write there, nor keep it open
            os.dup2(null, number)
        os.dup2(writer, 3)
        os.closerange(4, 1024)
        fcntl.fcntl(3, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
        most = int(seconds) + KILL_AFTER
        resource.setrlimit(resource.RLIMIT_CPU, (most, most))
        say = Say(3)
        try:
            eval(compile(source, "errand", "exec"), globals())
            globals()["run"](order, say)
            say.flush()
        except Exception as error:
            say.rows.append(b"!" + raw(why(error)))
            say.flush()
            os._exit(1)  # noqa: SLF001

    return work


class Say(object):
    """Rows of an answer, written in blocks; `say()` without a row writes what has waited long enough."""

    def __init__(self, fd):
        self.fd, self.rows, self.size, self.last = fd, [], 0, 0.0

    def __call__(self, row=None):
        if row is not None:
            self.rows.append(dump(row) + b"\n")
            self.size += len(self.rows[-1])
        if self.rows and (self.size > SAY_BYTES or monotonic() - self.last > SAY_SECONDS):
            self.flush()

    def flush(self):
        data = b"".join(self.rows)
        self.rows, self.size, self.last = [], 0, monotonic()
        while data:
            data = data[os.write(self.fd, data) :]
