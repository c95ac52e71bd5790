"""Search in logs and what was rotated away from them, newest first, back to a time.

    order = {"logs": [path], "pattern": text for `re`, over one line's bytes, "ignore_case": bool,
             "literal": text that every hit holds | null,     # a line without it is not matched against the pattern
             "since": epoch | null, "since_local": the same as the node's wall clock shows it, as if that were UTC,
             "hits": most of one log, "bytes": most that are read of all of them}
    row   = {"log": index, "file": name, "at": offset of the line, "text": its first 2,048 characters,
             "head": the line before it that has a time, where it has none itself | null}
    and   = {"log": index, "read": bytes so far} now and then, and as the last of a log
            {"log": index, "read": bytes, "files": opened, "capped": null | "hits" | "bytes", "error": null | text}

A plain file is read backwards in blocks, up to the one that begins before `since`; a packed one from its start.
Of a line longer than 1 MiB that much is searched.
"""

import calendar

SEARCH_BLOCK = 524288
LONGEST_LINE = 1048576
SHOWN_TEXT, SHOWN_HEAD = 2048, 160
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


class Search(object):
    """One log."""

    def __init__(self, order, index, say, left):
        self.order, self.index, self.say, self.left = order, index, say, left
        self.since, self.since_local = order.get("since"), order.get("since_local")
        self.pattern = re.compile(raw(order["pattern"]), re.I if order.get("ignore_case") else 0)
        self.literal = raw(order["literal"]) if order.get("literal") and not order.get("ignore_case") else None
        self.hits, self.read, self.files, self.told = 0, 0, 0, monotonic()

    def run(self, path):
        error = capped = None
        try:
            self.all_of(at(path))
        except Enough as enough:
            capped = enough.args[0]
        except (IOError, OSError) as caught:
            error = why(caught)
        self.say({"log": self.index, "read": self.read, "files": self.files, "capped": capped, "error": error})

    def all_of(self, name):
        error = None
        try:
            fd, about = open_regular(name)
        except OSError as caught:
            error = caught
        else:
            os.close(fd)
        heads, files = [], family(name)
        if error is None:
            files.append((name, about.st_dev, about.st_ino, about.st_mtime))
        for path, _, _, when in reversed(files):
            if self.since and when < self.since:
                break
            source = open_rotated(path, 0)
            if source is None:
                continue
            try:
                head = digest(peek_head(path))
                if head not in heads:  # else the same file, packed or not yet
                    heads.append(head)
                    self.files += 1
                    if not self.one(source, text(os.path.basename(path))):
                        break
            except Rewritten:  # not a whole gzip file
                error = OSError(errno.EIO, "")
            finally:
                source.close()
        if error is not None:
            raise error

    def one(self, source, name):
        """Whether older files may be of interest."""
        if isinstance(source, Plain):
            return self.backwards(source.fd, source.size(), name)
        self.forwards(source, name)
        return True

    def backwards(self, fd, end, name):
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
                self.tell(name, *hit)
            if not go_on:
                return False
        return True

    def forwards(self, source, name):
        found, rest, place, wanted = collections.deque(), b"", 0, not self.since
        most = self.order["hits"] - self.hits + 1
        while True:
            data = source.read(SEARCH_BLOCK)
            self.took(len(data))
            lines = (rest + data).split(b"\n")
            rest = lines.pop()[:LONGEST_LINE] if data else b""
            first = 0
            if not wanted:
                first, older = self.first_wanted(lines)
                wanted = first < len(lines)
            found.extend(self.hits_in(lines, place, first))
            while len(found) > most:
                found.popleft()
            if not data:
                break
            place = source.off - len(rest)
        for hit in reversed(found):
            self.tell(name, *hit)

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
            found = written(line)
            if found:
                if found[0] >= (self.since if found[1] else self.since_local):
                    return (0 if seen < SURE_STAMPS else number), seen < SURE_STAMPS
                seen += 1
        return (len(lines) if seen else 0), not seen

    def hits_in(self, lines, place, first):
        """[(offset, line, head)] of the lines that match, ascending."""
        found, search, literal = [], self.pattern.search, self.literal
        for number, line in enumerate(lines):
            if number >= first and (literal is None or literal in line) and search(line):
                head = None
                if not written(line):
                    for before in lines[number - 1 : max(0, number - HEAD_LINES) : -1] if number else []:
                        if written(before):
                            head = before
                            break
                found.append((place, line, head))
            place += len(line) + 1
        return found

    def tell(self, name, place, line, head):
        if self.hits >= self.order["hits"]:
            raise Enough("hits")
        self.hits += 1
        row = {"log": self.index, "file": name, "at": place, "text": text(line[: 4 * SHOWN_TEXT], SHOWN_TEXT)}
        row["head"] = text(head[: 4 * SHOWN_HEAD], SHOWN_HEAD) if head else None
        self.say(row)


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
    left = order["bytes"]
    for index, path in enumerate(order["logs"]):
        search = Search(order, index, say, left)
        search.run(path)
        left = search.left
