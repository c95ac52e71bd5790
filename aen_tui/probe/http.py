"""URLs asked on the node: which path answers with the status document, and how fast."""

HTTP_SECONDS = 5.0
NAME_SECONDS = 3.0
NAME_KEEP = 300.0
SEARCH_EVERY = 60.0


def split_url(url):
    """("unix", path) or (host, port) of a URL; None where it is none that can be asked here."""
    if url.startswith("unix:"):
        return "unix", url[5:]
    found = re.match(r"http://(\[[0-9A-Fa-f:.]+\]|[^/:@\[\]]+)(?::(\d{1,5}))?(?:/|$)", url)
    return (found.group(1).strip("[]"), int(found.group(2) or 80)) if found else None


def read_document(body):
    """The documented status document, or None: {"status": text, "messages": [text]}."""
    try:
        value = json.loads(text(body, BODY_CAP))
    except ValueError:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("messages"), list):
        return None
    if not isinstance(value.get("status"), TEXT):
        return None
    messages = [word if isinstance(word, TEXT) else json.dumps(word) for word in value["messages"][:50]]
    return {"status": text(value["status"], 200), "messages": [text(word, 500) for word in messages]}


class Names(object):
    """Host names to addresses, each looked up in a child: a resolver may take its time."""

    def __init__(self, loop):
        self.loop, self.known, self.asked = loop, {}, {}

    def find(self, host, port, found):
        """Calls found(address, None) or found(None, error), at once where it is known."""
        if host == "localhost":
            host = "127.0.0.1"
        if re.match(r"[\d.]+$", host) or ":" in host:
            found((host, port), None)
            return
        address, when = self.known.get(host, (None, 0))
        if address and monotonic() - when < NAME_KEEP:
            found((address, port), None)
            return
        waiting = self.asked.setdefault(host, [])
        waiting.append(lambda place, error: found(place and (place, port), error))
        if len(waiting) == 1:
            Child(self.loop, lambda fd: resolve(host, fd), lambda out, status: self.answer(host, out), NAME_SECONDS)

    def answer(self, host, output):
        address = text(output)
        error = None if address else "the name %s does not resolve" % host
        if address:
            self.known[host] = (address, monotonic())
        for found in self.asked.pop(host):
            found(address or None, error)


def resolve(host, fd):
    """In a child: write the first address of a name."""
    infos = _socket.getaddrinfo(host, None, 0, _socket.SOCK_STREAM)
    infos.sort(key=lambda info: info[0] != _socket.AF_INET)
    os.write(fd, raw(infos[0][4][0]))


class Target(object):
    """One URL. Its paths are tried in order until one answers with the document; that one stays."""

    def __init__(self, loop, names, spec, agent_name):
        self.loop, self.names, self.agent_name = loop, names, agent_name
        self.id, self.url = spec["id"], spec["url"].rstrip("/")
        self.paths, self.document = spec.get("paths") or ["/"], spec.get("document", True)
        self.place, self.path, self.searched = split_url(spec["url"]), None, None
        self.row = {"id": self.id, "url": self.url, "code": None, "ms": None, "document": None}
        self.row["error"] = "no answer yet"
        self.busy, self.todo, self.best = False, [], None

    def ask(self, done):
        """Ask; `done()` when the row says what came of it."""
        if self.busy:
            return
        if self.place is None:
            self.row["error"] = "this kind of URL is not asked by the probe"
            done()
            return
        self.busy, self.done, self.best, now = True, done, None, monotonic()
        if not self.document:
            self.todo = self.paths[:1]
        elif self.path and (self.searched is None or now - self.searched < SEARCH_EVERY):
            self.todo = [self.path]
        else:
            self.todo, self.searched = list(self.paths), now
        self.next()

    def next(self):
        path = self.todo.pop(0)
        if self.place[0] == "unix":
            self.send(path, placed(self.place[1]), None)
        else:
            self.names.find(self.place[0], self.place[1], lambda address, error: self.send(path, address, error))

    def send(self, path, address, error):
        if error:
            reply = Reply()
            reply.error = error
            self.got(path, reply)
            return
        host = "localhost" if self.place[0] == "unix" else re.sub(r"^http://([^/]*).*", r"\1", self.url)
        extra = ["User-Agent: " + self.agent_name, "Accept: application/json, */*"]
        head = request_head("GET", path, host, extra)
        Exchange(self.loop, address, head, lambda reply: self.got(path, reply), HTTP_SECONDS)

    def got(self, path, reply):
        document = read_document(reply.body) if self.document and reply.body else None
        row = {"id": self.id, "url": self.url + path, "code": reply.code, "ms": reply.ms}
        row.update({"document": document, "error": reply.error})
        if document:
            self.path, self.searched, self.best = path, None, row
        elif self.best is None or (row["code"] or 999) < (self.best["code"] or 999):
            self.best = row
        if document or not self.todo or reply.code is None:  # who does not answer at all is not asked again at once
            if self.searched is not None:
                self.path = self.best["url"][len(self.url) :]
            self.row, self.busy = self.best, False
            self.done()
        else:
            self.next()
