"""One log followed by name: through rename, copytruncate, deletion and re-creation, from a cursor on."""

POLL = 0.25
SAFETY = 2.0  # how often a watched file is looked at all the same
LINGER = 0.25  # after a rotation the old file is read this long: not all writers change over at once
COPIED = "the file was truncated; its copy was read to the end"
LET_GO = 5.0  # a deleted file is held open no longer than this: it uses up disk


class Follow(object):
    """`due` says when `step` wants to run next; `step` reads one block at most."""

    def __init__(self, agent, spec):
        self.agent, self.id, self.path = agent, spec["id"], spec["path"]
        self.name, self.tail_bytes = at(spec["path"]), spec.get("tail_bytes") or 0
        self.resume, self.fresh = spec.get("cursor"), not spec.get("cursor")
        self.read_out = False  # whether `resume` is the end of a file that was held until then
        self.source, self.drain, self.seam = None, [], None
        self.state, self.error, self.size = "waiting", None, None
        self.due, self.sent, self.gap, self.switch, self.unlinked = monotonic(), 0.0, QUIET, None, None
        self.watches, self.told_empty, self.stalled = {}, False, 0

    # When to look

    def told(self, wd, name):
        """inotify: something happened to the file, or to a name in its folder."""
        if name and name != os.path.basename(self.name):
            return
        now = monotonic()
        self.due = min(self.due, now if now - self.sent > 0.1 else self.sent + self.gap)

    def watch(self):
        """Watch the folder, the file held open, and the file that has the name."""
        held = raw("/proc/self/fd/%d" % self.source.fd) if isinstance(self.source, Plain) else None
        fresh = {"folder": self.agent.inotify.add(os.path.dirname(self.name), IN_FOLDER, self)}
        if held:
            fresh["held"] = self.agent.inotify.add(held, IN_FILE, self)
        if self.state == "following":
            fresh["named"] = self.agent.inotify.add(self.name, IN_FILE, self)
        for wd in set(self.watches.values()) - set(fresh.values()):
            if wd is not None:
                self.agent.inotify.remove(wd, self)
        self.watches = fresh

    def rest(self):
        """At the end of what there is: until an event, or for as long as polling allows."""
        watched = [self.watches.get(kind) for kind in ("folder", "held")]
        self.due = monotonic() + (SAFETY if None not in watched else POLL)
        return False

    # What to do

    def step(self):
        """Returns True when there is more to read at once."""
        try:
            return self.step_drain() if self.drain else self.look()
        except OSError as error:
            self.failed(error)
            return self.rest()

    def look(self):
        stuck = self.agent.disks.hung(self.name)
        if stuck:
            self.put("unknown", stuck)
            return self.rest()
        if self.source is None:
            return self.open()
        held = self.source  # where nothing was there, it may have been written, copied and cut again since
        if held.since and not held.off and self.copied(held.cursor(), COPIED):
            return True
        try:
            data = held.read(BLOCK)
        except Rewritten:
            return self.truncated()
        if data:
            self.switch, self.told_empty = self.switch and monotonic(), True
            self.emit(held, data, len(data) < BLOCK)
            if len(data) == BLOCK:
                return True
        return self.check_name()

    def step_drain(self):
        source = self.drain[0]
        try:
            data = source.read(BLOCK)
        except (OSError, Rewritten) as error:
            data, source.done = b"", True
            reason = "was changed" if isinstance(error, Rewritten) else why(error)
            self.seam = seam("rotated-unread", "a rotated file was not read to its end: " + reason, None)
        if data:
            self.emit(source, data, False)
        elif source.done:
            if len(self.drain) == 1 and not self.source:
                self.resume, self.read_out = source.cursor(), True
            source.close()
            self.drain.pop(0)
        return True

    def check_name(self):
        """At the end of the file held: does the name still mean that file?"""
        now = monotonic()
        try:
            about = os.stat(self.name)
        except OSError as error:
            self.missing(error, now)
            return self.rest()
        if (about.st_dev, about.st_ino) == (self.source.dev, self.source.ino):
            self.switch = self.unlinked = None
            self.put("following", None, about.st_size)
            if about.st_size < self.source.off:
                return self.truncated()
            self.stalled = self.stalled + 1 if about.st_size > self.source.off else 0
            if self.stalled > 3:  # the name's file has more than the file held gives: an overlay copied it up
                self.replace()
                return True
            if not self.told_empty:
                self.emit(self.source, b"", True)
            if "named" not in self.watches:
                self.watch()
            return self.rest()
        self.size = about.st_size
        if not about.st_size and stat.S_ISREG(about.st_mode):  # the new file is there, but who writes is not
            self.watch()
            return self.rest()
        if self.switch is None:
            self.switch = now
        if now - self.switch < LINGER:
            self.due = self.switch + LINGER
            return False
        self.leave()
        return self.open()

    def leave(self):
        """More than one rotation may have passed: what lies between is looked for as after a reconnect."""
        self.resume, self.read_out = self.source.cursor(), True
        self.source.close()
        self.source = self.switch = self.unlinked = None

    def replace(self):
        offset, self.stalled = self.source.off, 0
        self.source.close()
        self.source = None
        fd, about = open_regular(self.name)
        self.source = Plain(fd, about, offset)
        self.watch()

    def missing(self, error, now):
        """The name is gone: read on what is held, but do not keep a deleted file from its disk."""
        self.failed(error)
        if not os.fstat(self.source.fd).st_nlink:
            self.unlinked = self.unlinked or now
            if now - self.unlinked > LET_GO:
                self.leave()

    def truncated(self):
        """The file was cut, or cut and written over: read the copy that logrotate made, then start again."""
        cursor = self.source.cursor()
        # nothing was read of it: the copy is known by its age
        cursor["time"] = cursor["time"] or self.source.opened
        if not self.copied(cursor, COPIED + ", what came between copy and cut is lost"):
            message = "the file was truncated after byte %d; what was written since it was last read is lost"
            self.restart(message % cursor["off"], max(0, (self.size or 0) - cursor["off"]) or None)
        return True

    def copied(self, cursor, message):
        """Whether the file held was copied and cut since; the copies come first."""
        held = self.source
        self.drain = find_rest(self.name, cursor, (held.dev, held.ino), held.first()) or []
        return self.drain and self.restart(message, None)

    def restart(self, message, lost):
        self.source.restart()
        self.seam = seam("truncated", message, lost)
        self.told_empty = False
        return True

    def open(self):
        """Open the file that has the name, at the place that is due."""
        fd = about = None
        try:
            fd, about = open_regular(self.name)
        except OSError as error:
            gone = self.failed(error)
            self.fresh = self.fresh and not gone  # a file that comes later is read from its start
            if gone and self.resume and not self.read_out:
                self.resume_beside(None)
                if self.drain:
                    return True
            if self.watches.get("folder") is None:
                self.watch()
            return self.rest()
        since = time.time()
        try:
            if self.resume:
                resume, offset = self.resume, self.resume_at(fd, about)
                if not self.drain:  # else what was written since is read already
                    since = not resume["off"] and resume.get("time")
            else:
                offset = tail_start(fd, about.st_size, self.tail_bytes) if self.fresh else 0
            self.source = Plain(fd, about, offset)
        except OSError:
            os.close(fd)
            raise
        self.fresh, self.told_empty = False, False
        self.source.since = since
        self.put("following", None, about.st_size)
        self.watch()
        return True

    def resume_at(self, fd, about):
        """Where to go on in the file that has the name, which may not be the one the cursor was made from."""
        cursor = self.resume
        if about.st_size >= cursor["off"]:
            held = Plain(fd, about, cursor["off"])
            # few bytes prove little: then the inode must be the same too
            if held.fits(cursor) and (held.ino == cursor["ino"] or cursor["head_n"] >= 64):
                self.resume, self.read_out = None, False
                return cursor["off"]
        self.resume_beside((about.st_dev, about.st_ino))
        return 0

    def resume_beside(self, skip):
        cursor = self.resume
        rest = find_rest(self.name, cursor, skip)
        if not rest and skip and cursor["off"] and cursor.get("time"):
            # it is gone, but what came after it may not be
            self.drain = written_since(self.name, cursor["time"], skip) or []
        if rest:
            self.drain, self.resume, self.read_out = rest, None, False
        elif skip:
            known, self.resume, self.read_out = self.read_out, None, False
            if known and cursor["off"]:
                self.seam = self.seam or seam(
                    "replaced", "another file has the name; the one before was read to its end", 0
                )
            elif cursor["off"]:
                same = (cursor["dev"], cursor["ino"]) == skip
                words = "truncated" if same else "rotated away"
                message = "the file was %s while nobody read it; what it held after byte %d was not found"
                self.seam = seam("truncated" if same else "lost", message % (words, cursor["off"]), None)

    # What to tell

    def put(self, state, error, size=None):
        self.state, self.error, self.size = state, error, size

    def failed(self, error):
        """Returns whether there is no such file."""
        gone = error.errno in (errno.ENOENT, errno.ENOTDIR)
        self.put("waiting" if gone else "unknown", None if gone else error.strerror.lower())
        return gone

    def row(self):
        return {"id": self.id, "path": self.path, "state": self.state, "size": self.size, "error": self.error}

    def emit(self, source, data, eof):
        source.since = time.time()
        head = {"id": self.id, "cursor": source.cursor(), "at": source.off - len(data), "seam": self.seam, "eof": eof}
        head["mtime"] = os.fstat(source.fd).st_mtime
        self.seam, self.told_empty = None, True
        self.agent.wire.send(b"L", dump(head) + b"\n" + data)
        now = monotonic()
        self.gap = min(0.1, self.gap * 1.5) if now - self.sent < 0.15 else QUIET
        self.sent = now

    def close(self):
        for wd in set(self.watches.values()):
            if wd is not None:
                self.agent.inotify.remove(wd, self)
        for source in self.drain + ([self.source] if self.source else []):
            source.close()


def seam(reason, message, lost):
    return {"reason": reason, "message": message, "lost": lost}


def tail_start(fd, size, most):
    """The offset of the first line that begins within the last `most` bytes."""
    start = max(0, size - most)
    if not start:
        return 0
    os.lseek(fd, start - 1, 0)
    place = os.read(fd, 65536).find(b"\n")
    return start + place if 0 <= place < size - start else start
