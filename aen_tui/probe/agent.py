"""The probe: what it is asked, when it looks, and what it tells. Changes nothing on the node."""

SILENCE = 15.0  # seconds without a byte after which nobody is there any more
LINE_CAP = 1048576
FIRST_FRAME = (0.12, 1.0, 2.0)  # not before (rates need two looks), without HTTP after, at the latest after
FRAME_LATE = 0.3
PORTS_MISSING = 5.0
OTHERS_SECONDS, CROWD = 5.0, 2


class Agent(object):
    """Reads operations, keeps the parts at work, and writes one frame an interval."""

    def __init__(self, loop, wire):
        self.loop, self.wire, self.input = loop, wire, b""
        self.heard, self.leaving = monotonic(), False
        self.start = None
        self.follows, self.number, self.reported, self.sent = {}, 0, {}, {}
        self.waiting, self.tick_timer, self.frame_timer = set(), None, None
        self.news = self.looking = False
        self.ports_due = self.others_due = 0.0
        self.others = 0
        loop.watch(0, READABLE, self.read)

    def run(self):
        while not self.leaving:
            self.loop.once(self.deadline())
            if self.start:
                self.read_logs()
                self.errands.go_on()
            self.wire.flush()
            self.want_write()
            if monotonic() - self.heard > SILENCE:
                break

    def leave(self):
        self.leaving = True

    def deadline(self):
        moments = [self.heard + SILENCE]
        if not self.wire.full():
            moments += [follow.due for follow in self.follows.values()]
        return min(moments)

    def want_write(self):
        if self.wire.idle():
            self.loop.unwatch(self.wire.fd)
        elif self.wire.fd not in self.loop.handlers:
            self.loop.watch(self.wire.fd, select.POLLOUT, self.wire.flush)

    def read_logs(self):
        """One block of each log that is due, as long as there is room on the wire."""
        now = monotonic()
        for follow in list(self.follows.values()):
            if follow.due <= now and not self.wire.full() and follow.step():
                follow.due = now

    # Operations

    def read(self):
        try:
            data = os.read(0, 65536)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EINTR):
                return
            data = b""  # a pty that hangs up says EIO
        if not data:
            self.leaving = True
            return
        self.heard = monotonic()
        lines = (self.input + data).split(b"\n")
        self.input = lines.pop()
        if len(self.input) > LINE_CAP:
            raise ValueError("a line of input is longer than %d bytes" % LINE_CAP)
        for line in lines:
            if line.strip() and not self.leaving:
                self.obey(json.loads(text(line, LINE_CAP)))

    def obey(self, order):
        kind = order.get("op")
        if kind == "stop":
            self.leaving = True
        elif not self.start:
            if kind == "start":
                self.begin(order)
        elif kind == "follow":
            self.unfollow(order["id"])
            self.follows[order["id"]] = Follow(self, order)
        elif kind == "unfollow":
            self.unfollow(order["id"])
        elif kind == "read":
            self.history.read(self.follows.get(order["id"]), order)
        elif kind == "cancel":
            self.history.cancel(order["rid"])
            self.errands.cancel(order["rid"])
        elif kind == "errand":
            self.errands.begin(order)
        elif kind == "poke":
            self.poke()

    def unfollow(self, number):
        follow = self.follows.pop(number, None)
        if follow:
            follow.close()

    def begin(self, start):
        ROOT[0] = text(start.get("root") or "").rstrip("/")
        self.start, loop = start, self.loop
        self.interval = max(0.2, float(start.get("interval") or 2.0))
        status_every = float(start.get("status_interval") or 60.0)
        self.inotify, self.metrics, self.cost = Inotify(loop), Metrics(), Cost()
        self.history, self.errands = History(loop, self.wire), Errands(loop, self.wire)
        self.disks = Disks(loop, start.get("mounts") or [])
        user = start.get("service_account") or "wakari"
        supervisors = start.get("supervisors") or []
        self.supervisors = [Supervisor(loop, self.disks, one, user, status_every) for one in supervisors]
        self.services = [Service(loop, name, status_every) for name in start.get("services") or []]
        names, agent_name = Names(loop), start.get("user_agent") or "aen-tui"
        self.targets = [Target(loop, names, one, agent_name) for one in start.get("http") or []]
        for spec in start.get("follow") or []:
            self.follows[spec["id"]] = Follow(self, spec)
        key = "%s\n%s\n%d" % (start.get("owner") or start.get("session"), ROOT[0], os.geteuid())
        self.claim = Claim(loop, key, self.leave)
        self.wire.send(b"H", dump(hello(self.inotify.fd is not None)))
        self.metrics.look()
        self.began = monotonic()
        self.ask_http()
        loop.every(max(1.0, float(start.get("http_interval") or 10.0)), self.ask_http)
        self.tick()

    # Looking

    def tick(self):
        """Look at everything once; what takes its time reports later."""
        self.look_for_others()
        interval = self.interval * (2 if self.others >= CROWD else 1)
        self.tick_timer = self.loop.after(interval if self.number > 1 else min(1.0, interval), self.tick)
        if self.looking and not self.number:
            return  # the first frame is still being waited for
        self.waiting, self.looking = set(), True
        self.report("disks", self.disks.look())
        if not self.number and self.disks.pending():
            self.expect("disks")
            self.loop.after(0.05, self.await_disks)
        for one in self.supervisors:
            self.expect(one.name)
            one.ask(lambda changed=True, one=one: self.got(one.name))
        self.look_at_services()
        self.look_at_ports()
        if not self.number:
            self.first_frame()
        else:
            self.frame_timer = self.loop.after(FRAME_LATE, self.frame)
            self.got(None)

    def await_disks(self):
        if self.disks.pending():
            self.loop.after(0.05, self.await_disks)
        else:
            self.report("disks", self.disks.look())
            self.got("disks")

    def look_at_services(self):
        self.report("services", [service.look() for service in self.services])

    def look_at_ports(self):
        """At every look while all listen; where one does not, to know that costs milliseconds: less often."""
        now, wanted = monotonic(), set(self.start.get("ports") or [])
        if now >= self.ports_due:
            found = listening(wanted)
            self.report("ports", dict([(str(port), port in found) for port in wanted]))
            self.ports_due = now if found == wanted else now + PORTS_MISSING

    def look_for_others(self):
        """Other sessions' probes: from the third on each looks half as often."""
        now = monotonic()
        if now >= self.others_due:
            self.others, self.others_due = others(self.claim), now + OTHERS_SECONDS
            self.report("others", self.others)

    def expect(self, name):
        self.waiting.add(name)

    def got(self, name):
        """One of those waited for is there; the frame goes out with the last."""
        self.news = self.news or name is not None
        self.waiting.discard(name)
        if self.frame_timer and not self.waiting and self.number:
            self.frame()

    def first_frame(self):
        """The first frame has every section: as soon as all are there, at most 2 s late."""
        spent = monotonic() - self.began
        busy = self.waiting or [one for one in self.services if one.busy]
        asking = [target for target in self.targets if target.busy]
        early, soft, hard = FIRST_FRAME
        if spent < early or (spent < soft and (busy or asking)) or (spent < hard and self.waiting):
            self.loop.after(0.01 if spent < 0.3 else 0.05, self.first_frame)
        else:
            self.look_at_services()
            self.report_http(True)
            self.frame()

    def ask_http(self):
        for target in self.targets:
            target.ask(self.report_http)

    def report_http(self, late=False):
        if late or self.number or not [target for target in self.targets if target.busy]:
            self.report("http", [target.row for target in self.targets])

    def poke(self):
        """After an action: everything now, the `status` commands too, and a frame as soon as they have spoken."""
        for service in self.services:
            if service.installed():
                service.ask(self.poked)
        for one in self.supervisors:
            one.read = float("-inf")  # its files anew; an answer that is under way is read with what they were
        self.ask_http()
        self.ports_due = 0.0
        if self.number:
            self.tick_timer[2] = None
            self.tick()

    def poked(self):
        self.look_at_services()
        if self.number and not self.frame_timer:
            self.frame_timer = self.loop.after(0.05, self.frame)

    # Telling

    def report(self, name, value, likeness=None):
        """What was seen of a section; `likeness` is what counts for whether it changed."""
        self.reported[name] = (value, value if likeness is None else likeness)

    def frame(self):
        """One sample: the sections that changed, the names of those that were looked at and did not."""
        if self.frame_timer:
            self.frame_timer[2] = None
            self.frame_timer = None
        self.number += 1
        self.report("metrics", self.metrics.look())
        self.report("logs", [follow.row() for _, follow in sorted(self.follows.items())])
        rows = [one.row for one in self.supervisors]
        if self.news or self.number == 1:
            self.news = False
            self.report("supervisors", rows, [(row["name"], row["error"], row["via"], row["programs"]) for row in rows])
        sample = {"n": self.number, "time": round(time.time(), 3), "same": []}
        for name, (value, likeness) in self.reported.items():
            likeness = dump(likeness)
            if self.sent.get(name) == likeness:
                sample["same"].append(name)
            else:
                sample[name], self.sent[name] = value, likeness
        self.reported = {}
        sample["same"].sort()
        sample["cost"] = self.cost.look()
        self.wire.put_sample(sample)


def main():
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)  # nothing needs an orderly end: the default one always works
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    os.umask(0o77)
    os.chdir("/")
    set_limits()
    if "sudo" in sys.argv[4:]:
        NO_FOLLOW[0] = os.O_NOFOLLOW
    flags = fcntl.fcntl(0, fcntl.F_GETFL)
    fcntl.fcntl(0, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    wire = Wire(1)
    status = 0
    try:
        Agent(Loop(), wire).run()
    except OSError as error:
        status = 0 if error.errno in (errno.EPIPE, errno.EIO, errno.ECONNRESET) else 1
        if status:
            tell(wire)
    except Exception:
        status = 1
        tell(wire)
    os._exit(status)  # noqa: SLF001


def tell(wire):
    """A traceback comes home before the probe leaves, if anybody takes it within a second."""
    import traceback

    message = traceback.format_exception_only(*sys.exc_info()[:2])[-1].strip()
    wire.send(b"E", dump({"message": text(message, 500), "traceback": text(traceback.format_exc(), 20000)}))
    end = time.time() + 1.0
    while not wire.idle() and 0 <= end - time.time() <= 1.0:
        wire.flush()
        select.select([], [wire.fd], [], 0.1)


main()
