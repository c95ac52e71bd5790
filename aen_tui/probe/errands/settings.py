"""What is configured: AEN's JSON files with their owners and syntax, condarc, certificates. Secrets are masked here.

order = {"files": [["compute", "/etc/wakari/config.json"], ...], "prefixes": ["/opt/wakari/wakari-compute"],
"service_account": "wakari", "condarc": "/path", "own_condarc": whether the account's is read, "client": "/path",
"logs": ["/tmp/wakari_server.log"], "certificates": ["/etc/nginx/server.crt"], "nginx": "/etc/nginx/nginx.conf",
"copies": [["/opt/wakari/wakari-server/etc/conf.d/x.conf", "/etc/nginx/conf.d/x.conf"]]}. Answered by one row, and one
more for each file with certificates, {"certificates": [{"place", "pem", "error"}, ...]}.
"""

CONFIG_BYTES, VALUE = 1048576, 2000
HOME_SECONDS = 2.0
# of one file's settings as they leave, and of all: with those of three small files they are one row (ROW_CAP)
FILE_VALUES, ALL_VALUES, SMALL_VALUES, MOST_KEYS, MOST_ITEMS = 65536, 98304, 40000, 300, 100
SITE_BYTES, MOST_SITES = 262144, 100
MOST_CERTIFICATES, MOST_FILES, CERTIFICATE_BYTES = 20, 100, 1048576
# as they leave, of one file's certificates, which are one row (ROW_CAP), and of all
PEM_BYTES, ALL_PEM_BYTES = 131072, 524288
PEM = "(?s)-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----"
COMPONENTS = {"wakari-server": "server", "wakari-gateway": "gateway", "wakari-compute": "compute"}


def run(order, say):
    owner = order.get("service_account") or "wakari"
    files = [(component, path) for component, path in order.get("files") or []]
    for prefix in order.get("prefixes") or []:
        component = COMPONENTS.get(os.path.basename(prefix))
        files += [(component, path) for path in named_files(prefix) if component and (component, path) not in files]
    files, facts, room = files[:MOST_FILES], {"files": []}, ALL_VALUES
    for number, (component, path) in enumerate(files):
        row = config_file(component, path, owner, min(FILE_VALUES, room // (len(files) - number)))
        room -= len(dump(row.get("keys") or {}))
        facts["files"].append(row)
    facts["condarc"] = small_file(order.get("condarc"))
    account = order.get("own_condarc") and account_at(owner)
    facts["own_condarc"] = small_file(account and account[5].rstrip("/") + "/.condarc", account)
    facts["client"] = small_file(order.get("client"))
    facts["logs"] = [row for row in [left_log(path) for path in order.get("logs") or []] if row]
    facts["copies"] = [row for row in [copies(*pair) for pair in order.get("copies") or []] if row]
    facts["nginx"], named, facts["server_names"] = sites_of(order.get("nginx"))
    say(facts)
    for rows in certificates(order.get("certificates") or [], named):
        say({"certificates": rows})


def named_files(prefix):
    """Files that a program of a supervisord is given by -c or --config."""
    found = []
    for section, body in Config(prefix).sections:
        if section.startswith("program:"):
            for path in re.findall(r"\s(?:-c|--config)[ =](\S+)", body.get("command", "")):
                found.append(shown(Config.fill(Folder(body.get("directory") or prefix + "/etc"), path)))
    return found


class Folder(object):
    def __init__(self, here):
        self.here = here


def of_home(path, account, most):
    """`contents` of an account's own file, in a child, since homes may lie on a mount that hangs.

    Where root may not (NFS, root_squash), the child looks as the account.
    """

    def work(fd):
        data, problem = contents(path, most, True)
        if problem and problem != "absent" and not os.geteuid():
            os.setgroups([])
            os.setgid(int(account[3]))
            os.setuid(int(account[2]))
            data, problem = contents(path, most, True)
        told = data is None and b"-" + raw(problem) or b"+" + (data or b"")
        while told:
            told = told[os.write(fd, told) :]

    answer = apart(work, HOME_SECONDS, most + 2)
    if not answer:
        return None, "hung"
    return (answer[1:], None) if answer[:1] == b"+" else (None, text(answer[1:]))


def is_member(name, gid):
    """Whether a group lists an account; None where the group is not of this machine."""
    lines = [line.split(":") for line in peek(at("/etc/group"), 1048576).splitlines()]
    lists = [word[3].split(",") for word in lines if len(word) > 3 and word[2] == str(gid)]
    return bool([1 for one in lists if name in one]) if lists else None


def account_at(name):
    """The words of an account's line."""
    for line in peek(at("/etc/passwd"), 1048576).splitlines():
        word = line.split(":")
        if len(word) > 5 and word[0] == name and word[2].isdigit():
            return word
    return None


def name_at(uid):
    for line in peek(at("/etc/passwd"), 1048576).splitlines():
        word = line.split(":")
        if len(word) > 4 and word[2] == str(uid):
            return word[0]
    return str(uid)


def config_file(component, path, account_name, room):
    row = {"component": component, "path": path, "state": "read"}
    try:
        about = os.stat(at(path))
        row.update({"uid": about.st_uid, "owner": name_at(about.st_uid), "size_bytes": about.st_size})
        row["mode"] = stat.S_IMODE(about.st_mode)
        row["readable"] = may_read(about, account_name)
    except (IOError, OSError) as problem:
        row["state"] = "absent" if problem.errno in (errno.ENOENT, errno.ENOTDIR) else "unreadable"
        row["problem"] = None if row["state"] == "absent" else why(problem)
        return row
    data, problem = contents(path, CONFIG_BYTES)
    if problem:
        row.update({"state": "unreadable", "problem": problem})
    elif len(data) > CONFIG_BYTES:
        row.update({"state": "too-big", "problem": "%d bytes: not looked at" % about.st_size})
    else:
        row["sha256"] = text(binascii.hexlify(SHA(data).digest()))
        read_json(data, row, room)
    return row


def may_read(about, account_name):
    """Whether an account may read a file, by owner, group and bits; None where it or the group is from elsewhere."""
    word = account_at(account_name)
    if word is None:
        return None
    if int(word[2]) in (0, about.st_uid):
        return word[2] == "0" or bool(about.st_mode & 0o400)
    by_group, by_all = bool(about.st_mode & 0o040), bool(about.st_mode & 0o004)
    is_one = word[3] == str(about.st_gid) or is_member(account_name, about.st_gid)
    return by_group if is_one else by_all if is_one is not None or by_group == by_all else None


def read_json(data, row, room=FILE_VALUES):
    try:
        words = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        row.update({"state": "syntax", "line": line, "problem": "not UTF-8 text"})
        return
    try:
        value = json.loads(words)
    except ValueError as problem:
        place = fault(words, problem)
        row.update({"state": "syntax", "line": place[0], "problem": place[1]})
        return
    except RuntimeError:  # RecursionError is one
        row.update({"state": "syntax", "problem": "nested too deep"})
        return
    if not isinstance(value, dict):
        row.update({"state": "syntax", "line": 1, "problem": "not an object of keys and values"})
        return
    row["keys"] = kept(value, lambda key: text(json.dumps(masked(value[key], key)), VALUE), row, room)


def kept(value, told, row, room):
    """The settings of a file, as far as there is room for them in bytes: where not for all, the short ones.

    `told`: what leaves of a key's value.
    """
    found = []
    for _, key in sorted([(len(json.dumps(value[key])), key) for key in value])[:MOST_KEYS]:
        one = (key_name(key), told(key))
        room -= len(dump(one))
        if room < 0:
            break
        found.append(one)
    if len(found) < len(value):
        problem = "%d of %d settings were not looked at: there are too many, or they are too long"
        row.update({"state": "too-big", "problem": problem % (len(value) - len(found), len(value))})
    return dict(sorted(found))


def without_string(found):
    """Blanks for a string; what is not closed on its line is left as it is."""
    return "_" * len(found.group(0)) if found.group(1) else found.group(0)


def fault(words, problem):
    """(line, what is wrong) of text that is not JSON; a trailing comma, the usual fault, by its name."""
    blank = re.sub(r'"(?:\\.|[^"\\\n])*("?)', without_string, words)
    comma = re.search(r",\s*[}\]]", blank)
    if comma:
        return words.count("\n", 0, comma.start()) + 1, "a comma before the closing bracket"
    if not words.strip():
        return 1, "empty"
    told = text(str(problem), 300)
    found = re.search(r"char (\d+)", told)  # Python 2 says no place for some faults
    line = words.count("\n", 0, int(found.group(1))) + 1 if found else None
    return line, re.sub(r":? \(?(line \d+|char \d+).*", "", told)[:100]


def small_file(path, account=None):
    """Top-level scalars, and lists of scalars, of YAML as people write it there. What is nested deeper is left out."""
    if not path:
        return None
    is_far = account and is_away(path)
    data, problem = of_home(path, account, CONFIG_BYTES) if is_far else contents(path, CONFIG_BYTES)
    row = {"path": path, "state": "read", "values": {}, "problem": None}
    if data is None:
        row["state"] = problem if problem in ("absent", "hung") else "unreadable"
        row["problem"] = None if problem == "absent" else problem
        return row
    if len(data) > CONFIG_BYTES or b"\0" in data:
        row["state"] = "unreadable" if b"\0" in data else "too-big"
        row["problem"] = "not text" if b"\0" in data else "longer than %d bytes" % CONFIG_BYTES
        return row
    values, key = {}, None
    for line in text(data, CONFIG_BYTES).splitlines():
        line = re.sub(r"(^|\s)#.*", "", line).rstrip()
        entry = re.match(r"([\w.-]+)\s*:\s*(.*)$", line)
        item = re.match(r"\s*-\s+(.+)$", line)
        if entry:
            key, word = entry.groups()
            inside = re.match(r"\[(.*)\]$", word)
            words = inside.group(1).split(",") if inside else [word] if word else []
            values[key] = [one for one in words if one.strip()][:MOST_ITEMS]
        elif item and key and len(values[key]) < MOST_ITEMS:
            values[key].append(item.group(1))
    row["values"] = kept(values, lambda key: [plain(key, one) for one in values[key]], row, SMALL_VALUES)
    return row


def plain(key, word):
    word = word.strip()
    if len(word) > 1 and word[0] == word[-1] and word[0] in "'\"":
        word = word[1:-1]
    return text(masked(word, key), VALUE)


def left_log(path):
    """An installer's log that is still there. Its words stay here."""
    try:
        about = os.lstat(at(path))
    except (IOError, OSError):
        return None
    row = {"path": path, "mode": stat.S_IMODE(about.st_mode), "owner": name_at(about.st_uid), "holds_password": None}
    if stat.S_ISREG(about.st_mode):
        data = contents(path, CONFIG_BYTES)[0]
        row["holds_password"] = None if data is None else b"Created password" in data
    return row


def listing(pattern):
    """Paths of a pattern, which may have its signs in any folder's name; nothing on a mount that may hang."""
    found = [""]
    for part in [part for part in pattern.split("/") if part]:
        if not re.search(r"[*?\[]", part):
            found = [folder + "/" + part for folder in found]
            continue
        inside = []
        for folder in found[:MOST_FILES]:
            try:
                names = [] if is_away(folder) else sorted([text(one) for one in os.listdir(at(folder))])
            except (IOError, OSError):
                names = []
            names = [name for name in names if name[:1] != "." or part[:1] == "."]  # glob(3)
            inside += [folder + "/" + name for name in names if fnmatch.fnmatchcase(name, part)]
        found = inside
    return found


def sites_of(path):
    """(files that nginx reads, from its own on, certificates named there, words of server_name)."""
    if not path:
        return None, [], []
    row, names, named, todo = {"path": path, "problem": None, "files": []}, [], [], [path]
    included = set()
    while todo and len(row["files"]) < MOST_SITES:
        one = todo.pop(0)
        if one in row["files"]:
            continue
        data, problem = contents(one, SITE_BYTES)
        if one == path and problem:  # what is usual there is looked at all the same
            row["problem"] = problem
            todo = listing(os.path.dirname(path) + "/conf.d/*.conf")
        if problem == "absent":
            continue
        row["files"].append(one)
        if len(data or b"") > SITE_BYTES:
            row["problem"] = row["problem"] or "%s is longer than %d bytes" % (one, SITE_BYTES)
        for key, word in directives(text(data or b"", SITE_BYTES)):
            if key == "server_name":
                names += [text(name, 300) for name in word]
            elif len(word) == 1 and key == "ssl_certificate":
                name = word[0].strip("'\"")
                named += [name] if name.startswith("/") and "$" not in name else []
            elif len(word) == 1 and key == "include" and word[0] not in included:
                included.add(word[0])
                if len(included) <= MOST_SITES:
                    todo += listing(os.path.normpath(os.path.join(os.path.dirname(path), word[0].strip("'\""))))
    if (todo or len(included) > MOST_SITES) and not row["problem"]:
        row["problem"] = "more than %d files are included" % MOST_SITES
    return row, named, sorted(set(names))[:50]


def directives(words):
    """(name, words behind it) of nginx's directives that end with a semicolon, in one pass."""
    words = re.sub(r"#.*", "", words)
    found = [part.split() for part, end in re.findall(r"([^;{}]+)([;{}]|\Z)", words) if end == ";"]
    return [(word[0], word[1:]) for word in found if word]


def copies(ours, theirs):
    """Whether two files are the same; None where there is neither."""
    one, other = contents(ours, 262144), contents(theirs, 262144)
    if one[1] == other[1] == "absent":
        return None
    row = {"ours": ours, "theirs": theirs, "same": None, "problem": one[1] and "%s: %s" % (ours, one[1])}
    row["problem"] = row["problem"] or (other[1] and "%s: %s" % (theirs, other[1]))
    if not row["problem"]:
        row["same"] = one[0] == other[0]
    return row


def certificates(patterns, named):
    """By file, rows of PEM files' certificates, which are public; what is left out says so. `named` are to be such."""
    found = [path for pattern in patterns for path in listing(pattern) if os.path.exists(at(path))]
    found = sorted(set(named)) + sorted(set(found) - set(named))
    files, room = [], ALL_PEM_BYTES
    for path in found[:MOST_FILES]:
        files.append(fitting(bundle(path, path in named or path in patterns), PEM_BYTES))
    order = sorted(range(len(files)), key=lambda number: size_of(files[number]))  # small ones leave room for big ones
    for done, number in enumerate(order):
        files[number] = fitting(files[number], room // (len(files) - done))
        room -= size_of(files[number])
    if len(found) > MOST_FILES:
        told = "this and %d more files were not looked at" % (len(found) - MOST_FILES - 1)
        files.append([{"place": found[MOST_FILES], "pem": None, "error": told}])
    return [rows for rows in files if rows]


def size_of(rows):
    return sum([len(dump(row["pem"])) for row in rows if row["pem"]])


def fitting(rows, room):
    """The first of a file's rows, as many as there is room for, and that there are more."""
    for number, row in enumerate(rows):
        room -= size_of([row])
        if room < 0:
            left = len([1 for one in rows[number:] if one["pem"]]) - 1
            told = "this and %d more certificates were not looked at" % left
            return rows[:number] + [{"place": row["place"], "pem": None, "error": told}]
    return rows


def bundle(path, is_named):
    """Of many certificates the first, which is a server's own, and those that end before the others."""
    data, problem = contents(path, CERTIFICATE_BYTES)
    words = text(data or b"", CERTIFICATE_BYTES)
    found, rows = re.findall(PEM, words), []
    blocks = re.findall(r"-----BEGIN ([^-\n]+)-----", words)
    if not found:
        # keys and parameters lie there too, and a key is rightly not to be read
        is_other = "key" in os.path.basename(path) if problem else blocks and not "".join(blocks).count("CERTIFICATE")
        if is_other and not is_named:
            return []
        return [{"place": path, "pem": None, "error": problem or "holds no certificate"}]
    last = sorted(range(1, len(found)), key=lambda number: end_of(found[number]))[MOST_CERTIFICATES - 1 :]
    for number, pem in enumerate(found):
        place = path if len(found) == 1 else "%s, certificate %d" % (path, number + 1)
        rows += number not in last and [{"place": place, "pem": pem, "error": None}] or []
    if len(data) > CERTIFICATE_BYTES:
        told = "longer than %d bytes: what follows was not looked at" % CERTIFICATE_BYTES
        rows.append({"place": path, "pem": None, "error": told})
    return rows


def end_of(pem):
    """The last second of a certificate (RFC 5280, 4.1.2.5), to sort by; what is none comes first."""
    try:
        data = binascii.a2b_base64(raw(pem.split("-----")[2]))
    except ValueError:  # binascii.Error is one
        return ""
    dates = [one for one in re.findall(b"\x17\r(\\d{12})Z|\x18\x0f(\\d{14})Z", data)]
    short, full = [text(word) for word in dates[1]] if len(dates) > 1 else ("", "")
    return full or (short and ("20" if short < "5" else "19") + short)
