"""Logs and what was rotated away from them: search back to a time, how far back a time is, what stands around a line.

    order = {"do": "search", "logs": [path],
             "pattern": text for `re`, over one line's bytes, "ignore_case": bool,
             "literal": text that every hit holds | null,     # a line without it is not matched against the pattern
             "since": epoch | null, "since_local": the same as the node's wall clock shows it, as if that were UTC,
             "before": {"dev", "ino", "off"} | null,          # only what stands before this place
             "hits": most of one log, "bytes": most that are read of all of them, "text": most bytes of a line shown}
    row   = {"log": index, "file": name, "ino": its inode, "at": offset of the line, "text": the line's begin,
             "head": the line before it that has a time, where it has none itself | null}
    and   = {"log": index, "read": bytes so far} now and then, and as the last of a log
            {"log": index, "read": bytes, "files": opened, "capped": null | "hits" | "bytes", "error": null | text}

Newest first. A plain file is read backwards in blocks, up to the one that begins before `since`; a packed one from its
start. Of a line longer than 1 MiB that much is searched.

    order = {"do": "since", "logs": [path], "since", "since_local", "before"}
    row   = {"log": 0, "file": name, "at": offset of the first line not older than `since`,
             "older": bytes from there to the place `before`}; none where all there is is older
A plain file is halved again and again by the times of its lines.

    order = {"do": "around", "logs": [path], "file": name, "ino": inode, "at": offset, "lines": n}
    rows  = {"log": 0, "at": offset, "text": line}, at most n before the place and n after it
"""

import calendar

SEARCH_BLOCK = 524288
LONGEST_LINE = 1048576
SHOWN_TEXT = 4096
NEAR = 65536  # how near to the wanted time a place is found
AROUND = 65536
HEAD_LINES = 200  # looked back for a line with a time
SURE_STAMPS = 8  # so many lines with a time must be too old: a single one may lie
MONTH_NAMES = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
CLOCK_TIME = r"(?P<H>\d\d):(?P<M>\d\d):(?P<S>\d\d)"
DATE_TIME = r"(?P<y>\d{4})[-/](?P<m>\d\d)[-/](?P<d>\d\d)[T ]" + CLOCK_TIME
ZONE = r"(?:[.,]\d+)?(?: ?(?P<z>Z|[+-]\d\d:?\d\d))?"
TIME_KEY = r'\s*\{.*?"(?:time|timestamp|@timestamp|ts|asctime|date)"\s*:\s*'
STAMPS = [
    re.compile(raw(pattern))
    for pattern in (
        r"\[?" + DATE_TIME + ZONE,
        TIME_KEY + '"' + DATE_TIME + ZONE,
        TIME_KEY + r"(?P<epoch>\d{9,19})",
        r"[^\[]{0,250}\[(?P<d>\d\d)/(?P<m>[A-Z][a-z]{2})/(?P<y>\d{4}):" + CLOCK_TIME + " (?P<z>[+-]\\d{4})",
        r"(?:<\d{1,3}>)?(?P<m>[A-Z][a-z]{2}) {1,2}(?P<d>\d{1,2}) " + CLOCK_TIME,
        r"(?P<d>\d{1,2}) (?P<m>[A-Z][a-z]{2}) " + CLOCK_TIME,
        r"\[[CEWID] (?P<y>\d\d)(?P<m>\d\d)(?P<d>\d\d) " + CLOCK_TIME,
        r"\[[CEWID] " + DATE_TIME,
    )
]
STAMP_WITHIN = 1024


class Enough(Exception):
    """A cap was reached; its argument says which."""

    pass


class Files(object):
    """A log and what was rotated away from it, newest first, as far as a place and a time."""

    def __init__(self, path, order):
        self.name, self.error = at(path), None
        self.since, self.before = order.get("since"), order.get("before")

    def each(self):
        """(name, inode, reader, offset up to which it counts | None) of every file."""
        files, heads, waits = self.listed(), [], self.before
        for path, dev, ino, when in files:
            if waits and (dev, ino) != (waits["dev"], waits["ino"]):
                continue
            end, waits = waits and waits["off"], None
            if self.since and when < self.since and heads:
                break
            source = open_rotated(path, 0)
            if source is None:
                continue
            try:
                head = digest(peek_head(path))
                if head not in heads:  # else the same file, packed or not yet
                    heads.append(head)
                    yield text(os.path.basename(path)), ino, source, end
            except Rewritten:  # not a whole gzip file
                self.error = OSError("%s is damaged" % text(os.path.basename(path)))
            finally:
                source.close()
        if waits:
            self.error = OSError("the file that it was in is gone")

    def listed(self):
        files = family(self.name)
        try:
            fd, about = open_regular(self.name)
            os.close(fd)
            files.append((self.name, about.st_dev, about.st_ino, about.st_mtime))
        except OSError as caught:
            self.error = caught
        return files[::-1]


class Search(object):
    """One log."""

    def __init__(self, order, index, say, left):
        self.order, self.index, self.say, self.left = order, index, say, left
        self.since, self.since_local = order.get("since"), order.get("since_local")
        self.pattern = re.compile(raw(order["pattern"]), re.I if order.get("ignore_case") else 0)
        self.literal = raw(order["literal"]) if order.get("literal") and not order.get("ignore_case") else None
        self.hits, self.read, self.files, self.told = 0, 0, 0, monotonic()
        self.file = {}

    def run(self, path):
        error = capped = None
        files = Files(path, self.order)
        try:
            for name, ino, source, end in files.each():
                self.files += 1
                self.file = {"log": self.index, "file": name, "ino": ino}
                if isinstance(source, Plain):
                    if not self.backwards(source.fd, source.size() if end is None else end):
                        break
                else:
                    self.forwards(source, end)
        except Enough as enough:
            capped = enough.args[0]
        except (IOError, OSError) as caught:
            error = caught
        error = error or files.error
        self.say(
            {
                "log": self.index,
                "read": self.read,
                "files": self.files,
                "capped": capped,
                "error": error and said(error),
            }
        )

    def backwards(self, fd, end):
        """Whether older files may be of interest."""
        rest = b""
        while end > 0:
            begin = max(0, end - SEARCH_BLOCK)
            os.lseek(fd, begin, 0)
            data = os.read(fd, end - begin)
            self.took(len(data))
            data += rest
            cut = data.find(b"\n") + 1 if begin else 0
            if begin and not cut:
                rest, end = data[:LONGEST_LINE], begin
                continue
            rest, end = data[:cut], begin
            lines, place = data[cut:].split(b"\n"), begin + cut
            first, go_on = self.first_wanted(lines)
            for hit in reversed(self.hits_in(lines, place, first)):
                self.tell(*hit)
            if not go_on:
                return False
        return True

    def forwards(self, source, end):
        found, rest, place, wanted = collections.deque(), b"", 0, not self.since
        most = self.order["hits"] - self.hits + 1
        while True:
            data = source.read(SEARCH_BLOCK) if end is None or source.off < end else b""
            if end is not None:
                data = data[: len(data) - max(0, source.off - end)]
            self.took(len(data))
            lines = (rest + data).split(b"\n")
            rest = lines.pop()[:LONGEST_LINE] if data else b""
            first = 0
            if not wanted:
                first = self.first_wanted(lines)[0]
                wanted = first < len(lines)
            found.extend(self.hits_in(lines, place, first))
            while len(found) > most:
                found.popleft()
            if not data:
                break
            place = source.off - len(rest)
        for hit in reversed(found):
            self.tell(*hit)

    def took(self, size):
        self.read += size
        self.left -= size
        now = monotonic()
        if now - self.told > 0.5:
            self.told = now
            self.say({"log": self.index, "read": self.read})
        self.say()
        if self.left < 0:
            raise Enough("bytes")

    def first_wanted(self, lines):
        """(the first line not older than `since`, whether what stands before these lines may be wanted too)."""
        if not self.since:
            return 0, True
        seen = 0
        for number, line in enumerate(lines):
            is_new = newer(line, self.since, self.since_local)
            if is_new:
                return (0 if seen < SURE_STAMPS else number), seen < SURE_STAMPS
            seen += is_new is not None
        return (len(lines) if seen else 0), not seen

    def hits_in(self, lines, place, first):
        """[(offset, line, head)] of the lines that match, ascending."""
        found, search, literal = [], self.pattern.search, self.literal
        for number, line in enumerate(lines):
            if number >= first and (literal is None or literal in line) and search(line):
                head = None
                if number and not written(line):
                    for before in lines[number - 1 : max(0, number - HEAD_LINES) or None : -1]:
                        if written(before):
                            head = before
                            break
                found.append((place, line, head))
            place += len(line) + 1
        return found

    def tell(self, place, line, head):
        if self.hits >= self.order["hits"]:
            raise Enough("hits")
        self.hits += 1
        most = self.order["text"]
        head = text(head[:most], most) if head else None
        self.say(dict(self.file, at=place, text=text(line[:most], most), head=head))


def said(error):
    return text((error.strerror or str(error)).lower(), 200)


def newer(line, since, since_local):
    """Whether a line was written not before a time; None where it does not say."""
    found = written(line)
    return found and found[0] >= (since if found[1] else since_local)


def reach(order, say):
    """How many bytes back a time is."""
    since, local, total, best = order["since"], order["since_local"], 0, None
    files = Files(order["logs"][0], order)
    for name, _, source, end in files.each():
        if isinstance(source, Plain):
            size = source.size() if end is None else end
            place = halve(source.fd, size, since, local)
        else:
            place, size = walk(source, end, since, local)
        if place < size:
            best = {"log": 0, "file": name, "at": place, "older": total + size - place}
        total += size
        if place:
            break
    if best:
        say(best)
    if files.error:
        raise files.error


def halve(fd, size, since, local):
    """The offset of a line at most one block before the first one that is not older than a time; `size`: all are."""
    low, high = 0, size  # at low all is older, or it is the start; from high on all is newer
    while high - low > NEAR:
        middle = (low + high) // 2
        is_new = newer_at(fd, middle, high, since, local)
        if is_new is None or is_new:
            high = middle
        else:
            low = middle
    os.lseek(fd, low, 0)
    data = os.read(fd, NEAR * 2)
    if high == size and newer_at(fd, low, size, since, local) is False and not any_new(data, since, local):
        return size
    return low and low + data.find(b"\n") + 1


def newer_at(fd, begin, end, since, local):
    """What the first line with a time between two offsets says; None where the next megabyte has none."""
    rest = b"" if begin else b"\n"
    for place in range(begin, min(end, begin + 16 * NEAR), NEAR):
        os.lseek(fd, place, 0)
        lines = (rest + os.read(fd, min(NEAR, end - place))).split(b"\n")
        for line in lines[1:-1]:
            is_new = newer(line, since, local)
            if is_new is not None:
                return is_new
        rest = lines[-1][-LONGEST_LINE:]
    return None


def any_new(data, since, local):
    return bool([line for line in data.split(b"\n") if newer(line, since, local)])


def walk(source, end, since, local):
    """(offset of the block with the first line that is not older than a time, all bytes) of a packed file."""
    first, rest = None, b""
    while end is None or source.off < end:
        begin = source.off - len(rest)
        data = source.read(NEAR)
        if not data:
            break
        if first is None:
            if any_new(rest + data, since, local):
                first = begin
            rest = data[data.rfind(b"\n") + 1 :][:LONGEST_LINE]
    size = source.off if end is None else min(end, source.off)
    return (size if first is None else first), size


def around(order, say):
    """The lines about a place."""
    files = Files(order["logs"][0], {})
    found = [one for one in files.listed() if one[2] == order["ino"]]
    found = found or [one for one in files.listed() if text(os.path.basename(one[0])) == order["file"]]
    source = open_rotated(found[0][0], 0) if found else None
    if source is None:
        raise OSError("the file that it was in is gone")
    begin, end = max(0, order["at"] - AROUND), order["at"] + AROUND
    if isinstance(source, Plain):
        os.lseek(source.fd, begin, 0)
        data = os.read(source.fd, end - begin)
    else:
        data, place = b"", 0
        while place < end:
            more = source.read(AROUND)
            if not more:
                break
            data, place = (data + more)[-4 * AROUND :], source.off
        begin, data = max(begin, place - len(data)), data[max(0, begin - place + len(data)) :]
    source.close()
    rows, place = [], begin
    for line in data.split(b"\n"):
        rows.append({"log": 0, "at": place, "text": text(line[:SHOWN_TEXT], SHOWN_TEXT)})
        place += len(line) + 1
    if begin:
        del rows[0]  # half a line
    before = [row for row in rows if row["at"] < order["at"]][-order["lines"] :]
    for row in before + [row for row in rows if row["at"] >= order["at"]][: order["lines"] + 1]:
        say(row)


def written(line):
    """(when a line says it was written, whether it names its zone), or None. The model's log_formats know the same."""
    for place, pattern in enumerate(STAMPS):
        found = pattern.match(line, 0, STAMP_WITHIN)
        if found:
            if place:
                STAMPS.insert(0, STAMPS.pop(place))
            return moment(dict([(name, text(word)) for name, word in found.groupdict().items() if word]))
    return None


def moment(word):
    """The same from the parts of a time."""
    if "epoch" in word:
        seconds = float(word["epoch"])
        while seconds > 1e11:
            seconds /= 1000
        return seconds, True
    now = time.time()
    this_year = time.gmtime(now)[0]
    year = int(word.get("y") or this_year)
    year += 2000 if year < 100 else 0
    try:
        month = int(word["m"]) if word["m"].isdigit() else MONTH_NAMES.index(word["m"]) + 1
        rest = [month] + [int(word[name]) for name in "dHMS"]
        seconds = calendar.timegm([year] + rest)
        if "y" not in word and seconds > now + 172800:
            seconds = calendar.timegm([this_year - 1] + rest)
    except ValueError:
        return None
    zone = word.get("z")
    if zone and zone != "Z":
        east = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
        seconds += east if zone[0] == "-" else -east
    return seconds, bool(zone)


def run(order, say):
    if order["do"] == "since":
        reach(order, say)
    elif order["do"] == "around":
        around(order, say)
    else:
        left = order["bytes"]
        for index, path in enumerate(order["logs"]):
            search = Search(order, index, say, left)
            search.run(path)
            left = search.left
