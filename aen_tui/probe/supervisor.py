"""supervisord of one prefix: its configuration, its programs over its socket, or by supervisorctl's text."""

RPC_SECONDS = 3.0
TEXT_SECONDS = 10.0
CONFIG_EVERY = 60.0
STATE_LINE = r"^(\S+)\s+(STOPPED|STARTING|RUNNING|BACKOFF|STOPPING|EXITED|FATAL|UNKNOWN)\b\s*(.*)$"


def read_ini(path):
    """[(section, {key: value})] of a supervisord configuration file; empty where it cannot be read."""
    sections = []
    for line in peek(path).splitlines():
        found = re.match(r"\[([^\]]+)\]", line)
        if found:
            sections.append((found.group(1).strip(), {}))
        elif sections and re.match(r"[^\s;#=:][^=:]*[=:]", line):
            key, value = re.split("[=:]", line, maxsplit=1) if PY3 else re.split("[=:]", line, 1)
            sections[-1][1][key.strip().lower()] = re.sub(r"(^|\s);.*", "", value).strip()
    return sections


class Config(object):
    """What PREFIX/etc/supervisord.conf and the files it includes say."""

    def __init__(self, prefix):
        self.path = prefix + "/etc/supervisord.conf"
        self.error = None
        try:
            read_file(at(self.path), 1)
        except (IOError, OSError) as error:
            self.error = "%s: %s" % (self.path, why(error))
        self.here = os.path.dirname(self.path)
        sections = read_ini(at(self.path))
        for pattern in " ".join([body.get("files", "") for name, body in sections if name == "include"]).split():
            for path in self.match(self.fill(pattern)):
                sections += read_ini(path)
        self.sections = sections
        server = self.get("unix_http_server")
        self.socket = self.fill(server.get("file", ""))
        self.login = [server.get("username", ""), server.get("password", "")]
        control = self.get("supervisorctl")
        if not self.login[0] or self.login[1].startswith("{SHA}"):
            self.login = [control.get("username", ""), control.get("password", "")]
        self.url = control.get("serverurl", "")
        self.pidfile = self.fill(self.get("supervisord").get("pidfile", ""))
        self.seconds = dict([(text(name, 200), [up, down]) for name, up, down in self.programs()])

    def get(self, name):
        for section, body in self.sections:
            if section == name:
                return body
        return {}

    def fill(self, value):
        """A path with %(here)s put in, and made absolute."""
        value = value.replace("%(here)s", self.here)
        return os.path.normpath(value if value.startswith("/") else self.here + "/" + value) if value else ""

    def match(self, pattern):
        folder, name = os.path.split(raw(pattern))
        folder = placed(folder)
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            return []
        return [folder + b"/" + entry for entry in names if fnmatch.fnmatchcase(entry, name)]

    def programs(self):
        """[(name as `status` would print it, startsecs | None, stopwaitsecs | None)], as far as the files tell."""
        grouped = {}
        for name, body in self.sections:
            if name.startswith("group:"):
                for word in body.get("programs", "").split(","):
                    grouped[word.strip()] = name[6:]
        found = []
        for name, body in self.sections:
            kind, colon, word = name.partition(":")
            if kind not in ("program", "eventlistener", "fcgi-program") or not colon:
                continue
            count, form = whole(body.get("numprocs", "1")) or 1, body.get("process_name", "%(program_name)s")
            group = grouped.get(word, word)
            form = form.replace("%(program_name)s", word).replace("%(group_name)s", group)
            for number in range(min(count, 100)):
                entry = re.sub(
                    r"%\(process_num\)(0\d)?d", lambda spec, n=number: ("%%%sd" % (spec.group(1) or "")) % n, form
                )
                label = entry if entry == group else group + ":" + entry
                found.append((label, whole(body.get("startsecs")), whole(body.get("stopwaitsecs"))))
        return found

    def unread(self):
        """Rows of the programs whose state may not be seen."""
        return [[name, "unknown", None, None, "", None, None, up, down] for name, up, down in self.programs()]

    def waits(self, label):
        """[startsecs | None, stopwaitsecs | None] of a program."""
        return self.seconds.get(label) or [None, None]


class Supervisor(object):
    """One supervisord, asked at every interval; `row` is what the frame says of it."""

    def __init__(self, loop, disks, spec, account_name, text_every):
        self.loop, self.disks, self.name, self.prefix = loop, disks, spec["name"], spec["prefix"].rstrip("/")
        self.account_name, self.text_every, self.text_asked = account_name, text_every, None
        self.config = self.read = None
        self.busy, self.started = False, {}
        self.row = {"name": self.name, "error": "no answer yet", "via": "rpc", "now": int(time.time()), "programs": []}

    def ask(self, done, fresh=False):
        if self.busy:
            return
        self.busy, self.done = True, done
        stuck = self.disks.hung(at(self.prefix))
        if stuck:
            self.answer([], "%s: %s" % (self.prefix, stuck))
            return
        if fresh or self.config is None or self.config.error or monotonic() - self.read > CONFIG_EVERY:
            self.config, self.read = Config(self.prefix), monotonic()
        config, address = self.config, None
        found = re.match(r"http://(127\.[\d.]+|localhost):(\d+)", config.url)
        if config.socket:
            address = placed(config.socket)
        elif found:
            address = (found.group(1).replace("localhost", "127.0.0.1"), int(found.group(2)))
        if address is None:
            self.fall_back(config.error or "%s names no socket" % config.path, fresh)
            return
        request = rpc_request("supervisor.getAllProcessInfo", *config.login)
        owner = self.owner(address) if os.geteuid() == 0 else None
        Exchange(self.loop, address, request, lambda reply: self.got(reply, fresh), RPC_SECONDS, 1 << 20, owner)

    def owner(self, address):
        """As root: whom to be in front of the socket."""
        known = account(self.account_name)
        try:
            found = None if isinstance(address, tuple) else os.stat(address)
        except OSError:
            found = None
        return known or (found and (found.st_uid, found.st_gid))

    def got(self, reply, fresh):
        where = "unix://" + shown(self.config.socket) if self.config.socket else self.config.url
        if reply.error or reply.code == 401:
            error = "%s: %s" % (where, reply.error or "asks for a user name and password")
            self.config.error = error  # read again next time: it may have been moved
            rows = self.config.unread()
            if reply.code is None:
                self.answer(rows, error)
            else:
                self.fall_back(error, fresh)
            return
        value, error = rpc_answer(reply.body)
        if error or not isinstance(value, list):
            self.fall_back("%s: %s" % (where, error or "an odd answer"), fresh)
            return
        self.answer([self.program(info) for info in value if isinstance(info, dict)], None)

    def program(self, info):
        name, group = info.get("name"), info.get("group")
        pid, state = whole(info.get("pid")) or None, text(info.get("statename") or "UNKNOWN", 20)
        label = "%s:%s" % (group, name) if group and group != name else "%s" % name
        about = re.sub(r",? uptime .*", "", text(info.get("description") or "", 500))
        logs = [info.get("stdout_logfile") or info.get("logfile"), info.get("stderr_logfile")]
        logs = [shown(os.path.normpath(text(path))) if path else None for path in logs]
        label, started = text(label, 200), whole(info.get("start")) or None
        return [label, state, pid, started if pid else None, about] + logs + self.config.waits(label)

    def fall_back(self, error, fresh):
        """The text of supervisorctl, seldom: it costs an interpreter's start. Never as root."""
        path, now = at(self.prefix + "/bin/supervisorctl"), monotonic()
        owner = account(self.account_name) if os.geteuid() == 0 else None
        due = fresh or self.text_asked is None or now - self.text_asked >= self.text_every
        if not due:
            self.busy = False
            self.done(False)
        elif not os.access(path, os.X_OK) or (os.geteuid() == 0 and not owner):
            self.answer(self.config.unread(), error)
        else:
            self.text_asked = now
            work = command([path, "status"], owner)
            Child(self.loop, work, lambda output, status: self.said(output, status, error), TEXT_SECONDS)

    def said(self, output, status, error):
        rows = [self.line(found) for found in re.findall(STATE_LINE, text(output, 65536), re.M)]
        if not rows:
            said = text(output, 200).strip().splitlines() or ["supervisorctl did not answer"]
            self.answer(self.config.unread(), "%s; supervisorctl: %s" % (error, said[0]), "text")
        else:
            self.answer(rows, None, "text")

    def line(self, found):
        """One line of `status`, e.g. `worker  RUNNING  pid 12, uptime 3 days, 0:01:02`."""
        name, state, about = found
        pid = started = None
        running = re.match(r"pid (\d+), uptime (?:(\d+) days?, )?(\d+):(\d\d):(\d\d)", about)
        if running:
            pid, days, hours, minutes, seconds = [int(word or 0) for word in running.groups()]
            started = int(time.time()) - ((days * 24 + hours) * 60 + minutes) * 60 - seconds
            known = self.started.get(name)
            if known and known[0] == pid and abs(known[1] - started) <= 2:
                started = known[1]  # the text is cut to seconds; a start does not wander
            self.started[name] = (pid, started)
            about = "pid %d" % pid
        name = text(name, 200)
        return [name, state, pid, started, text(about, 500), None, None] + self.config.waits(name)

    def answer(self, programs, error, via="rpc"):
        self.row = {"name": self.name, "error": error and text(error, 500), "via": via, "now": int(time.time())}
        self.row["programs"] = programs
        self.busy = False
        self.done(True)
