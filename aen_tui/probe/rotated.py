"""Where the rest of a file is after it was rotated: beside it, under a number or a date."""


def family(name):
    """[(mtime, path)] of the rotated files of a path, oldest first."""
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
                found.append((about.st_mtime, folder + b"/" + entry))
    return sorted(found)[-100:]


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


def find_rest(name, cursor, skip):
    """Readers for all that was written after the cursor and then rotated away, in order; None when it is not found.

    `skip` is the (device, inode) of the file that has the name now.
    """
    if not cursor["head_n"]:
        return None
    files = family(name)
    for place, (_, path) in enumerate(files):
        source = open_rotated(path, cursor["off"], cursor)
        if source is None or (source.dev, source.ino) == skip:
            if source:
                source.close()
            continue
        sources, heads = [source], [cursor["head"]]
        for _, newer in files[place + 1 :]:
            more = open_rotated(newer, 0)
            if more is None:
                continue
            head = digest(peek_head(newer))
            if head in heads or (more.dev, more.ino) in (skip, (source.dev, source.ino)):
                more.close()  # the same file, packed or not yet
            else:
                heads.append(head)
                sources.append(more)
        return sources
    return None


def peek_head(path):
    """The first bytes of a file, unpacked."""
    source = open_rotated(path, 0)
    if source is None:
        return b""
    try:
        return source.read(MARK)
    except Rewritten:
        return b""
    finally:
        source.close()
