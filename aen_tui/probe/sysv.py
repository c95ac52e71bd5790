"""SysV services and what systemd wraps: from pid file and /proc at every look, by `status` once a minute."""

STATUS_SECONDS = 10.0
UNIT_DIRS = ("/etc/systemd/system/", "/usr/lib/systemd/system/", "/lib/systemd/system/", "/run/systemd/system/")
NOT_THERE = r"unrecognized service|could not be found|Loaded: not-found|not-found \(Reason|No such file or directory"
DEAD = r"dead but|Active: failed|status: crashed|is dead"
STOPPED = r"Active: inactive|is stopped|not running|stop/waiting|is down|status: stopped|: stopped|unused"
RUNNING = r"Active: active \(running\)|Active: (re|de)?activating|is running|running\.\.\.|start/running|: started"
EXITED = r"Active: active \(exited\)"  # a wrapped script said 0 once: whether anything runs is not known
CGROUP_PID = r"(?m)^[|`]-(\d+) "  # a wrapped script's unit has no Main PID
PID_LINE = r"(?im)^(?:#\s*pidfile:\s*|PIDFile\s*=\s*|pidfile=[\"']?)(/[^\s\"'$]+)"


def read_status(output):
    """(state or None, pids, first telling line) of what `service X status` wrote."""
    text_lines = [line.strip() for line in text(output, 16384).splitlines() if line.strip()]
    lines = [line for line in text_lines if not line.startswith("Redirecting to")]
    told = [line for line in lines if line.startswith("Active:")] or lines
    everything, state = "\n".join(lines), None
    for word, pattern in (
        ("absent", NOT_THERE),
        ("dead", DEAD),
        ("stopped", STOPPED),
        ("running", RUNNING),
        ("unknown", EXITED),
    ):
        if re.search(pattern, everything):
            state = word
            break
    found = re.search(r"Main PID:\s*(\d+)", everything) or re.search(r"\(?\bpids?:?\s+([\d ,]+)", everything)
    if not found:
        found = re.search(r"process (\d+)", everything)
    words = re.findall(r"\d+", found.group(1)) if found else re.findall(CGROUP_PID, everything)
    pids = [int(word) for word in words][:64]
    if state in ("stopped", "dead", "absent"):
        pids = []
    return state, pids, text(told[0] if told else "", 300)


class Service(object):
    """One service. `status` says what it is; its pids are looked at in between."""

    def __init__(self, loop, name, every):
        self.loop, self.name, self.every = loop, name, every
        self.asked = self.error = self.state = None
        self.busy, self.pids, self.said, self.script = False, [], "", None

    def installed(self):
        script = at("/etc/init.d/" + self.name)
        self.script = script if os.path.exists(script) else None
        units = [at(folder + self.name + ".service") for folder in UNIT_DIRS]
        self.units = [path for path in units if os.path.exists(path)]
        return bool(self.script or self.units)

    def pid_files(self):
        """Where its pid may stand: what unit and init script say, then where such files are by custom."""
        name, found = self.name, []
        for path in self.units + ([self.script] if self.script else []):
            found += re.findall(PID_LINE, peek(path, 65536))
        prefix = "/opt/wakari/" + name
        if name.startswith("wakari-") and os.path.isdir(at(prefix)):
            configured = Config(prefix).pidfile
            found += [configured] if configured else []
            found += [prefix + "/var/run/supervisord.pid"]
        for folder in ("/var/run/", "/run/"):
            found += [folder + name + ".pid", folder + name + "/" + name + ".pid", folder + "mongodb/" + name + ".pid"]
        return found

    def from_pid_file(self):
        """(pid or None, whether a pid file was there). A pid taken by a younger process is not the service's."""
        there = False
        for path in self.pid_files():
            try:
                word = peek(placed(path), 64).split()
                pid, written = whole(word[0]) if word else None, os.stat(placed(path)).st_mtime
            except OSError:
                continue
            if not pid or pid < 2:
                continue
            there, about = True, process(pid)
            if about and (about[1] <= written + 60 or about[2] == self.name):  # or the clock was set since
                return pid, True
        return None, there

    def look(self):
        """The row as of now; asks `status` when it is due, or when the process known is gone."""
        if not self.installed():
            self.pids, self.state = [], None
            return self.row("absent", None, None)
        pid, there = self.from_pid_file()
        known = [one for one in self.pids if process(one)]
        if not pid and known:
            known.sort(key=lambda one: process(one)[1])
            pid = known[0]
        gone = bool(self.pids) and not known
        if self.asked is None or monotonic() - self.asked > (5.0 if gone else self.every):
            self.ask()
        if pid:
            return self.row("running", pid, process(pid))
        if self.state in (None, "unknown"):
            return self.row("dead" if there else "unknown", None, None)
        if self.state == "running" and self.pids:
            self.said = ""
            return self.row("dead", None, None)
        return self.row(self.state, None, None)

    def row(self, state, pid, about):
        started = about[1] if about else None
        row = {"name": self.name, "state": state, "pid": pid, "started": started, "text": self.said}
        row["error"] = self.error
        return row

    def ask(self, done=None):
        """Run its `status` in a child, by an absolute path."""
        if self.busy:
            return
        self.asked = monotonic()
        tools = [at(path) for path in ("/sbin/service", "/usr/sbin/service") if os.access(at(path), os.X_OK)]
        if tools:
            argv = [tools[0], raw(self.name), b"status"]
        elif self.script and os.access(self.script, os.X_OK):
            argv = [self.script, b"status"]
        else:
            self.error = None if self.from_pid_file()[1] else "there is no `service` command here"
            return

        def said(output, ended):
            self.busy = False
            self.error = None if ended is not None else "`status` did not end within %d s" % STATUS_SECONDS
            state, self.pids, self.said = read_status(output)
            code = os.WEXITSTATUS(ended) if ended is not None and os.WIFEXITED(ended) else None
            self.state = state or {0: "running", 1: "dead", 2: "dead", 3: "stopped"}.get(code, "unknown")
            if self.state == "unknown" and not self.error:
                self.error = self.said or "`status` said nothing, exit status %s" % code
            if done:
                done()

        self.busy = True
        Child(self.loop, command(argv), said, STATUS_SECONDS, 16384)
