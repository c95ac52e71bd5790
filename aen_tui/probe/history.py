"""Older bytes of a log that is followed: backwards through the file and its rotated ones, in a niced child."""

READ_SECONDS = 30.0
READ_MOST = 917504  # with its header within a frame
READS = 4


class History(object):
    """Answers `read` with one R frame each."""

    def __init__(self, loop, wire):
        self.loop, self.wire, self.children = loop, wire, {}

    def read(self, follow, order):
        number = order["rid"]
        if not follow or len(self.children) >= READS:
            self.refuse(number, "too many reads at a time" if follow else "not followed")
            return

        def work(writer):
            os.nice(5)
            most = min(READ_MOST, order.get("bytes") or BLOCK)
            head, data = older(follow.name, order.get("before"), most, order.get("since"))
            head["rid"] = number
            data = dump(head) + b"\n" + data
            while data:
                data = data[os.write(writer, data) :]

        self.children[number] = Child(
            self.loop, work, lambda output, ended: self.done(number, output, ended), READ_SECONDS, 1 << 20
        )

    def done(self, number, output, ended):
        del self.children[number]
        if ended == 0:
            self.wire.send(b"R", output)
        else:
            self.refuse(number, "could not be read" if ended is not None else "took too long or was cancelled")

    def refuse(self, number, message):
        self.wire.send(b"R", dump({"rid": number, "error": message}) + b"\n")

    def cancel(self, number):
        if number in self.children:
            self.children[number].late()


def older(name, before, most, since):
    """(head of the R frame, bytes): what ends at a place, from the start of a line on."""
    files, off = family(name), None
    try:
        about = os.stat(name)
        files.append((name, about.st_dev, about.st_ino, about.st_mtime))
    except OSError:
        pass
    place = len(files) - 1
    if before:
        off = before["off"]
        before.update({"tail": digest(b""), "tail_n": 0, "off": max(off, before["head_n"])})
        place = place_of(files, before, None)
        if place is None:
            return {"error": "the file that it was in is gone", "end": True}, b""
    heads = []
    while place >= 0:
        path, _, _, when = files[place]
        head = peek_head(path)
        if not heads or head not in heads:  # else the same file, packed or not yet
            if since and when < since and heads:
                return {"end": True, "earlier": True}, b""
            heads.append(head)
            found = piece(path, off, most)
            if found:
                at, mark, data = found
                return {"at": at, "file": mark, "name": shown(os.path.basename(path))}, data
        place, off = place - 1, None
    return {"end": True}, b""


def piece(path, off, most):
    """(offset, cursor, bytes) of at most so many bytes before an offset of a file; None where there are none."""
    source = open_rotated(path, 0)
    if source is None:
        return None
    try:
        if isinstance(source, Plain):
            off = min(off or 0, source.size()) if off is not None else source.size()
            source.off = max(0, off - most - 1)
            os.lseek(source.fd, source.off, 0)
            data = b""
            while len(data) < off - source.off:
                more = os.read(source.fd, off - source.off - len(data))
                if not more:
                    break
                data += more
        else:
            data = b""
            while not source.done and (off is None or source.off < off):
                data = (data + source.read(BLOCK))[-most - 1 - BLOCK :]
            if off is not None:
                data = data[: len(data) - max(0, source.off - off)]
                source.off = min(source.off, off)
            data = data[-most - 1 :]
            source.off -= len(data)
        if not data:
            return None
        start = data.find(b"\n") + 1 if source.off else 0
        if source.off and start in (0, len(data)):
            start = 1  # a line longer than all of it
        cursor = {"dev": source.dev, "ino": source.ino, "off": source.off + start}
        head = peek_head(path) or b""
        cursor.update({"head": digest(head), "head_n": len(head)})
        return source.off + start, cursor, data[start:]
    except Rewritten:
        return None
    finally:
        source.close()
