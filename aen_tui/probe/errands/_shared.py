"""What several errands need; goes before each of them."""

MASK = "***"
# what makes a name a secret's: wherever it stands in it, or at its end
WIDE = "pass(?!ed|ing|ive|enger)|pwd|secret|token|credential|cookie|authoriz(?!ed)|private|salt|bind_auth"
# a code of an error is none; no backslash in these, which are wanted in capitals too
CODE = "codes?(?![\"']? ?[=:] ?[\"']?(?:[0-9]{1,3}|e[a-z]{3,14})(?![a-z0-9_-]))"
ENDING = "auth|keys?|pw|client_id|" + CODE
# up to the next of such words, so that a long name is gone through once
SECRET_NAME = r"(?:(?:%s)(?:(?!%s)[\w-])*|(?:%s))" % (WIDE, WIDE, ENDING)
GIVES = r"[\\\"']*(?!://)\s*[=:]+>?\s*"
# what is in quotes ends with them, or with the text
GIVEN = r"(?:\"(?:[^\"\\]+|\\[\s\S]?)*(?:\"|\Z)|'(?:[^'\\]+|\\[\s\S]?)*(?:'|\Z)|[^\s\"']+)+"
# -u USER:WORD; what curl has so may follow other letters, -sSu
USER_FLAG, CURL_FLAG = "-(?:u|U|-user|-proxy-user)", "-(?:[A-Za-z0-9#]{0,8}?[uU]|-user|-proxy-user)"
OF_USER = r"(?<![^\s\"'])((?:%s)[=\s]*)(?!-)(" + GIVEN + ")"
# the programs that stand before such a flag: of others than curl 1000:1000 is whose a container is
IDS = "[\"']?[0-9]+:[0-9]+[\"']?$"
WITH_USER = r"(?:^|[\s/\"'])(docker|podman|nerdctl|curl)(?=\s)"
# mysql -pWORD: neither a port or a path nor up to three letters in one (cp -pr), nor a word that other tools have
ATTACHED_FLAG = (
    r"(?<![^\s\"'])(-p)(?!\d+(?![^\s,:/])|[/.]|[a-z]{1,3}(?!\S)|ass|wd|rivate|(?:rint[0f]?|rune|erm|ath|arents?|roject"
    r"|rofile|ort|refix|reserve|ython|lugin|rotocol|arallel|rogress|ublic|ackages?|olicy|roxy|age)(?![^\s=]))"
)
# whose flag has its word behind it; of other tools -p is a port, a folder, a switch, as that of ldapsearch is
TYPED = (
    ("-p", r"(?:mongo|mysql|mariadb|sshpass)[\w-]*|user(?:add|mod)|(?:docker|podman)\s+login"),
    ("-[A-Za-z]{0,8}?w", r"ldap\w*"),
    ("-a", "redis-cli"),
)
TOOL = r"(?<![\w.-])(?:%s)[\s\"']"
# mysql -p -h x: it asks for the word
NOT_ASKED = r"(?!-[A-Za-z](?![^\s\"'])|--[A-Za-z])"
SECRET_FLAG = r"(?i)--?[\w.-]*(?:%s)[\w.-]*$" % WIDE
ENDING_FLAG = r"(?i)--?[\w.-]*(?:%s)$" % ENDING
# user:word@ of a URL up to the last @, because words may hold anything; host:8080/x@y may be one too, and is masked
USERINFO = r"(\w[+.-]*://)([^\s/?#:]*:\S*|[^\s/?#]*@)"


def without_user(found):
    """A URL without what stands before its last @; as it is where it has none: then nothing behind it has one."""
    user, sign, rest = found.group(2).rpartition("@")
    return found.group(1) + (MASK + sign if sign else "") + rest


def without_token(found):
    """A URL without conda's token."""
    return re.sub(r"/t/[^/]+", "/t/" + MASK, found.group())


def unless_folder(found):
    """What is given to a secret's name; sudo's and a shell's PWD=/a/b is a folder, MONGO_PWD=/a is none."""
    before = found.string[max(0, found.start() - 4) : found.start()]
    if re.match(r"PWD=/[\w./+-]*$", found.group()) and re.search(r"(?:^|[\s\"'])(?:OLD)?$", before):
        return found.group()
    return found.group(1) + MASK


def of_user(given, before):
    """USER:WORD without the word; as it is where that is none, but a path or a container's uid:gid. before: line."""
    user, _, word = given.partition(":")
    if not word.strip("\"'\\") or word[:2] == "//" or re.match("[\"']?[./~]", user):
        return given
    if re.match(IDS, given) and re.findall(WITH_USER, before[-300:])[-1:] not in ([], ["curl"]):
        return given
    return user + ":" + MASK + (word[-1:] if user[:1] in ("'", '"') and user[:1] == word[-1:] else "")


def unless_ids(found):
    """What a flag like curl's -u is given."""
    begin = found.start()
    return found.group(1) + of_user(found.group(2), found.string[max(0, begin - 300) : begin])


MASKING = (
    (r"(?s)-----BEGIN .*?(?:-----END [^-]*-----|\Z)", MASK),
    (USERINFO, without_user),
    (r"://[^\s\"']+", without_token),
    (r"/t/(?:tk-|(?=[^/\s\"']{20}))[^/\s\"']+", "/t/" + MASK),  # of a path, which may be somebody's called t
    (r"(?i)\b(bearer|basic)\s+[\w.+/=~-]{6,}", r"\1 " + MASK),
    # of a header all, X-Auth-Token as well as Cookie; of what else is said its first word
    (r"(?i)((?:authorization|cookies?|-\w*(?:%s|%s))[\\\"']*\s*:\s*).+" % (WIDE, ENDING), r"\1" + MASK),
    (r"(?i)((?:authorization|cookies?)[\\\"']*\s*=\s*).+", r"\1" + MASK),
    (r"(?i)(%s%s)%s" % (SECRET_NAME, GIVES, GIVEN), unless_folder),
    # --auth --port 5: one that is only switched on
    (
        r"(?i)(?<![\w.-])(-[\w.-]*(?:(?:%s)(?:(?!%s)[\w.-])*[\\\"']*[,\s]\s*|(?:%s)[\\\"']*[,\s]\s*(?!--[a-z])))%s"
        % (WIDE, WIDE, ENDING, GIVEN),
        r"\1" + MASK,
    ),
    (r"(_(?:%s|%s)[\"']?\s+)(?![=:])%s" % (WIDE.upper(), ENDING.upper(), GIVEN), r"\1" + MASK),
    (OF_USER % USER_FLAG, unless_ids),
    (ATTACHED_FLAG + GIVEN, r"\1" + MASK),
)


def masked(value, key=""):
    """JSON, or the words of a command, without secrets: by what they are given to, and by how they look."""
    if is_secret(key) and not isinstance(value, bool) and value is not None:
        return MASK
    if isinstance(value, dict):
        labels = [value[name] for name in value if text(name).lower() in ("name", "key", "option", "header", "id")]
        of_secret = [1 for word in labels if isinstance(word, TEXT) and is_secret(word)]
        found = {}
        for name in value:
            is_hidden = of_secret and text(name).lower() in ("value", "values", "val", "default", "content", "text")
            found[key_name(name)] = MASK if is_hidden else masked(value[name], name)
        return found
    if isinstance(value, list):
        return masked_list(value)
    return masked_text(value) if isinstance(value, TEXT) else value


def key_name(key):
    """A key as it is told; it may be a URL."""
    return text(masked_text(text(key)), 100)


def is_secret(name):
    """Whether what has such a name is one."""
    return re.search("(?i)%s|(?:%s)$" % (WIDE, ENDING), text(name)) is not None


def masked_list(values):
    """What follows a flag of a secret's name is one, whatever it looks like."""
    found, before, line, typed, user_flag = [], "", "", [], USER_FLAG
    for one in values:
        word = one if isinstance(one, TEXT) else ""
        if re.match(SECRET_FLAG, before) or re.match(ENDING_FLAG, before) and not re.match("--[A-Za-z]", word):
            found.append(MASK)
        elif [1 for flag in typed if re.match(flag + "$", before)] and re.match(NOT_ASKED, word):
            found.append(MASK)
        elif re.match(user_flag + "$", before) and of_user(word, line) != word:
            found.append(of_user(word, line))
        else:
            found.append(masked_word(word, line, typed, user_flag) if word else masked(one))
        before, line = word[:200], (line + word)[-300:] + " "
        typed += [flag for flag, tool in TYPED if flag not in typed and re.search(TOOL % tool + "$", line[-80:])]
        user_flag = CURL_FLAG if line[-5:] == "curl " else user_flag
    return found


def masked_word(word, line, typed, user_flag):
    """One of several: blanks in it are its own, so what is given in it ends with it. line: what stands before."""
    match = re.match(user_flag + "=?", word)
    given = word[match.end() :] if match else ""
    if re.match(IDS, given) or of_user(given, line) != given:
        return match.group() + of_user(given, line)
    for head in [r"(?i)-{0,2}[\w.-]*%s%s" % (SECRET_NAME, GIVES), ATTACHED_FLAG] + typed:
        match = re.match(head, word)
        if match and match.end() < len(word):
            return word if re.match(r"(OLD)?PWD=/[\w./+-]*$", word) else word[: match.end()] + MASK
    return masked_text(word)


def masked_text(words):
    """A line or a text without what looks like a secret; a long word is gone through once."""
    for pattern, instead in MASKING:
        words = re.sub(pattern, instead, words)
    for flag, tool in TYPED:
        given = r"((?<![^\s\"'])%s\s*)%s%s" % (flag, NOT_ASKED, GIVEN)
        words = behind(tool, words, given, r"\1" + MASK)
    return behind("curl", words, OF_USER % CURL_FLAG, unless_ids)


def behind(tool, words, pattern, instead):
    """Words with what matches behind a program's name replaced."""
    found = re.search(TOOL % tool, words)
    begin = found.end() - 1 if found else len(words)
    return words[:begin] + re.sub(pattern, instead, words[begin:])


# seed 002: the launcher and its start-project copy the skeleton, clone an environment, set rights; its log does not
LAUNCHER = re.compile(
    r"(^|[/\0])(start-project|wk-compute|(wakari-|wk-)?compute-launcher)([/\0 ]|\.(?!(application\.)?log)|$)"
)
START_SECONDS = 1800


class Starts(object):
    """Which processes are work of a project's start: young, of the launcher's or start-project's, and no app's."""

    def __init__(self, folder, is_app):
        self.folder, self.is_app, self.known = folder, is_app, {}

    def is_one(self, pid, started):
        if not -START_SECONDS < time.time() - started < START_SECONDS:
            return False
        for _ in range(32):
            parent, is_app, is_launcher = self.known.get(pid) or self.about(pid)
            if is_app or is_launcher or parent < 2:
                return is_launcher and not is_app
            pid = parent
        return False

    def about(self, pid):
        here = self.folder + raw("/%d" % pid)
        words = peek(here + b"/stat", 4096).rpartition(")")[2].split()
        args = peek(here + b"/cmdline", 8192)
        head = "\0".join(args.split("\0")[:4])
        self.known[pid] = whole((words + ["", ""])[1]) or 0, self.is_app(args), bool(LAUNCHER.search(head))
        return self.known[pid]


def nameless(args, projects):
    """A command line without the owners and names of projects, which may be any; projects: as `below` has it."""
    return re.sub("(^|[\0= :,\"'])" + projects + "[^/\0 ]*(?:/[^/\0 ]*)?", r"\1", args)


def apart(work, seconds, most=65536):
    """What work(fd) wrote, in a child of its own, at most so many bytes; None where it did not end in time."""
    loop, got = Loop(), []
    Child(loop, work, lambda output, ended: got.append(None if ended is None else output), seconds, most)
    while not got:
        loop.once()
    signal.setitimer(signal.ITIMER_REAL, 1.0, 1.0)  # the loop has used the timer that ends an errand
    return got[0]


def is_away(path):
    table = mount_table()
    return table.get(find_mount(at(path), table), ("ext4",))[0] not in LOCAL


def refused(path, anywhere=False):
    """Why a file may not be read here; None where it may. Never a pipe; on a mount that may hang only in a child."""
    if not anywhere and is_away(path):
        return "not on a local filesystem: not read"
    try:
        mode = os.stat(at(path)).st_mode
    except (IOError, OSError) as problem:
        return problem.errno == errno.ENOENT and "absent" or why(problem)
    return None if stat.S_ISREG(mode) else "not a regular file"


def contents(path, most, anywhere=False):
    """(bytes or None, why not). One byte more than `most` is read, so that what is longer can be told."""
    problem = refused(path, anywhere)
    if problem:
        return None, problem
    try:
        fd = os.open(at(path), os.O_RDONLY | os.O_NONBLOCK | O_CLOEXEC | NO_FOLLOW[0])
    except (IOError, OSError) as problem:
        return None, why(problem)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return None, "not a regular file"
        data = b""
        while len(data) <= most:
            part = os.read(fd, min(65536, most + 1 - len(data)))
            if not part:
                break
            data += part
        return data, None
    except (IOError, OSError) as problem:
        return None, why(problem)
    finally:
        os.close(fd)


def leads_to(path):
    """A folder's path with its links followed; as it is where that leaves the root, or takes more than two seconds."""
    own = raw(ROOT[0])
    real = apart(lambda fd: os.write(fd, os.path.realpath(at(path))), 2.0) or b""
    return text(real[len(own) :]) if real.startswith(own + b"/") else path


def spellings(path):
    """A folder's path as it is written, then, where that has links, as /proc tells it; without a slash behind."""
    written, real = path.rstrip("/"), leads_to(path).rstrip("/")
    return [written, real] if real != written else [written]


def below(names):
    """A pattern of how paths in a folder begin; names: its `spellings`."""
    return "(?:%s)/" % "|".join([re.escape(name) for name in names])


def mount_of(path):
    """(mount point, source, type) of a path without links, by its name alone; of the root's list where it has one."""
    table, here = {}, path.rstrip("/") or "/"
    for line in peek(proc_at("/proc/mounts"), 1048576).splitlines():
        word = line.split(" ")
        if len(word) > 3:
            point = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found.group(1), 8)), word[1])
            table[point] = (text(word[0], 300), text(word[2], 40))
    while here not in table and here not in ("/", ""):
        here = os.path.dirname(here)
    return (here,) + table.get(here, ("", ""))


def quota_of(source, uid):
    """([used bytes, limit | None, files, limit | None], None), or (None, errno), by quotactl(2): the kernel's figures.

    Others than root may ask for themselves. ESRCH: quotas are not switched on. ENOTBLK: no quota is told of such.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if not source.startswith("/dev/") or not hasattr(libc, "quotactl"):
        return None, errno.ENOTBLK
    space = ctypes.create_string_buffer(128)
    if libc.quotactl(ctypes.c_int(-0x7FFFF900), raw(source), int(uid), space):  # Q_GETQUOTA of users
        return None, ctypes.get_errno()
    hard, soft, used, file_hard, file_soft, files = struct.unpack("=6Q", space.raw[:48])
    return [used, (hard or soft) * 1024 or None, files, file_hard or file_soft or None], None
