"""Where the rest of a file is after it was rotated: beside it, under a number or a date."""

SURE = 64  # bytes at a file's start that prove it to be the same under another inode


def family(name):
    """[(path, device, inode, mtime)] of the rotated files of a path, oldest first."""
    folder, base = os.path.split(name)
    stem, ext = os.path.splitext(base)
    quoted = tuple([re.escape(text(word)) for word in (base, stem, ext)])
    pattern = raw(r"(%s[.-](\d[\d._T-]*|old)|%s-\d{6,}[\d-]*%s)(\.gz)?$" % quoted)
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    found = []
    for entry in names:
        if re.match(pattern, entry):
            try:
                about = os.lstat(folder + b"/" + entry)
            except OSError:
                continue
            if stat.S_ISREG(about.st_mode):
                # of one moment: .2 is older than .1, but a date sorts as it is
                number = re.search(raw(r"\.(\d{1,3})(\.gz)?$"), entry)
                order = -int(number.group(1)) if number else 0
                found.append((about.st_mtime, order, entry, about.st_dev, about.st_ino))
    return [(folder + b"/" + entry, dev, ino, when) for when, _, entry, dev, ino in sorted(found)[-100:]]


def open_rotated(path, offset, cursor=None):
    """A rotated file from an offset; None where it does not hold what the cursor was made from."""
    try:
        fd, about = open_regular(path)
    except OSError:
        return None
    source = None
    try:
        if path.endswith(b".gz"):
            source = Packed(fd, about, offset, cursor)
            first = Packed(fd, about, 0).piece(MARK) if cursor else b""
            os.lseek(fd, 0, 0)
            if cursor and digest(first[: cursor["head_n"]]) != cursor["head"]:
                source = None
        elif about.st_size >= offset:
            source = Plain(fd, about, offset)
            if cursor and not source.fits(cursor):
                source = None
    except (ImportError, OSError, Rewritten):
        source = None
    if source is None:
        os.close(fd)
    return source


def find_rest(name, cursor, skip, held=None):
    """Readers for all that was written after the cursor and then rotated away, in order; None when it is not found.

    `skip` is the (device, inode) of the file that is read next, `held` its first bytes where it may have been rotated
    and packed itself: what was rotated after it comes after it.
    """
    for _ in range(5):
        files = family(name)
        sources = rest_of(files, cursor, skip, held)
        if [one[:3] for one in family(name)] == [one[:3] for one in files]:
            break  # else a rotation went on meanwhile, and a name may have meant two files
        for source in sources or []:
            source.close()
    return sources


def written_since(name, moment, skip):
    """Readers for all rotated files that were written after a moment, from their start; None where there are none."""
    none = digest(b"")
    cursor = {"dev": 0, "ino": 0, "off": 0, "head": none, "head_n": 0, "tail": none, "tail_n": 0, "time": moment}
    return find_rest(name, cursor, skip)


def rest_of(files, cursor, skip, held):
    place = place_of(files, cursor, skip, held)
    source = place is not None and open_rotated(files[place][0], cursor["off"], cursor)
    if not source:
        return None
    sources, heads = [source], [peek_head(files[place][0])]
    for path, dev, ino, _ in files[place + 1 :]:
        head = peek_head(path)
        if (dev, ino) == skip or held and head == held:
            break
        known = head is not None and head in heads  # the same file, packed or not yet
        more = None if known else open_rotated(path, 0)
        if more:
            heads.append(head)
            sources.append(more)
    return sources


def place_of(files, cursor, skip, held=None):
    """Which file the cursor was made from: the one with its inode, else the first with its bytes.

    Where these are few, several may begin with them, and the newest of those is taken: nothing comes twice.
    Of an empty file the time counts: what was copied later is a copy of what was written since.
    """
    best, found = 0, None
    for place, (path, dev, ino, when) in enumerate(files):
        same = (
            (dev, ino) == (cursor["dev"], cursor["ino"]) or not cursor["head_n"] and when > (cursor.get("time") or when)
        )
        if (dev, ino) == skip or held and not cursor["head_n"] and peek_head(path) == held:
            break
        if not (same or cursor["head_n"]):
            continue
        source = open_rotated(path, cursor["off"], cursor)
        if source:
            source.close()
            rank = 3 if same else cursor["head_n"] >= SURE and 2 or 1
            if rank > best or rank == best == 1:
                best, found = rank, place
    return found


def peek_head(path):
    """The first bytes of a file, unpacked; None where they cannot be read."""
    source = open_rotated(path, 0)
    if source is None:
        return None
    try:
        source.read(MARK)
        return source.head
    except (OSError, Rewritten):
        return None
    finally:
        source.close()
