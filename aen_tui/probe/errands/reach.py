"""What the node reaches by name: host names there and back, what the installation's pages are, certificates served.

order = {"names": ["aen.example.com"], "pages": [["server", "http://127.0.0.1:80/"]], "rules": {"blanked": [[pattern,
what stands there instead]], "kinds": [["login", pattern, whether in the words that are left]]},
"tls": [["aen.example.com", "127.0.0.1", 443]], "ports": [["gateway1", 22, true]], "user_agent": "aen-tui/0.1.0"}.
Of a port: whether whoever listens there speaks first. Answered by one row.
"""

LOOK_UP_SECONDS, PAGE_SECONDS, TLS_SECONDS, KNOCK_SECONDS, REDIRECTS = 4.0, 6.0, 6.0, 4.0, 4
AGENT = ["aen-tui"]
TLS_CHILD = "import ssl,sys,socket\ns=socket.create_connection((sys.argv[2],int(sys.argv[3])),5)\n"
TLS_CHILD += (
    "m=getattr(ssl,'SSLContext',None)\nif m and hasattr(ssl,'PROTOCOL_TLS_CLIENT'):\n c=m(ssl.PROTOCOL_TLS_CLIENT)\n"
)
TLS_CHILD += " c.check_hostname=False\n c.verify_mode=ssl.CERT_NONE\n t=c.wrap_socket(s,server_hostname=sys.argv[1])\n"
TLS_CHILD += "elif m:\n c=m(ssl.PROTOCOL_SSLv23)\n"
TLS_CHILD += " t=c.wrap_socket(s,server_hostname=sys.argv[1]) if ssl.HAS_SNI else c.wrap_socket(s)\n"
TLS_CHILD += "else:\n t=ssl.wrap_socket(s)\n"
TLS_CHILD += "sys.stdout.write(ssl.DER_cert_to_PEM_cert(t.getpeercert(True)))\n"


def run(order, say):
    AGENT[0] = order.get("user_agent") or AGENT[0]
    names = [look_up(name) for name in order.get("names") or []]
    pages = [page(name, url, order["rules"]) for name, url in order.get("pages") or []]
    served = [serve(name, host, port) for name, host, port in order.get("tls") or []]
    ports = [knock(host, port, speaks) for host, port, speaks in order.get("ports") or []]
    say({"names": names, "pages": pages, "served": served, "ports": ports})


def look_up(name):
    """Addresses of a name and the names of those addresses, by the node's own resolver."""
    row = {"name": name, "addresses": [], "back": [], "error": None}

    def forward(fd):
        try:
            infos = _socket.getaddrinfo(name, None, 0, _socket.SOCK_STREAM)
            found = {"addresses": sorted(set([text(info[4][0], 100) for info in infos]))[:8]}
        except Exception as problem:
            found = {"error": "does not resolve: %s" % text(problem.args[-1] if problem.args else problem, 200)}
        os.write(fd, dump(found))

    def back(fd):
        found = []
        for address in row["addresses"][:4]:
            try:
                found.append(text(_socket.getnameinfo((address, 0), _socket.NI_NAMEREQD)[0], 300))
            except Exception:
                pass
        os.write(fd, dump({"back": sorted(set(found))}))

    answer = apart(forward, LOOK_UP_SECONDS)
    row.update(json.loads(text(answer)) if answer else {"error": "the resolver gave no answer"})
    if row["addresses"]:
        answer = apart(back, LOOK_UP_SECONDS)
        row.update(json.loads(text(answer)) if answer else {"error": "the resolver gave no answer for the way back"})
    return row


def knock(host, port, speaks):
    """Whether a port of another host takes a connection, and says a word where it speaks first."""

    def work(fd):
        try:
            info = _socket.getaddrinfo(host, port, 0, _socket.SOCK_STREAM)[0]
            one = _socket.socket(info[0], _socket.SOCK_STREAM)
            one.settimeout(KNOCK_SECONDS)
            one.connect(info[4])
            found = {"error": None if not speaks or one.recv(1) else "closed without a word"}
        except Exception as problem:
            found = {"error": text(problem.args[-1] if problem.args else problem, 200).lower()}
        os.write(fd, dump(found))

    answer = apart(work, KNOCK_SECONDS * 2)
    row = {"host": host, "port": port, "error": "no answer"}
    row.update(json.loads(text(answer)) if answer else {})
    return row


class Looked(Exchange):
    """Keeps the answer's head, for where it leads on."""

    def fail(self, error, late=False):
        self.head = text(self.data.partition(b"\r\n\r\n")[0], 16384)
        Exchange.fail(self, error, late)


def page(name, url, rules):
    """What a URL shows in the end: the page that wants a license, the login, or another. It may lead to other hosts."""
    row = {"name": name, "url": url, "code": None, "kind": None, "error": None, "onward": None}
    host = re.sub(r"^http://([^/]*).*", r"\1", url)
    for _ in range(REDIRECTS):
        loop, known, got = Loop(), [], []
        parts = split_url(url)
        if not parts or parts[0] == "unix":
            row["error"] = "not a page that is asked on the node"
            break
        Names(loop).find(parts[0], parts[1], lambda *found: known.append(found))  # noqa: B023 - it is called in this turn
        while not known:
            loop.once()
        if known[0][1]:
            row["error"] = known[0][1]
            break
        path = re.sub(r"^http://[^/]*", "", url) or "/"
        head = request_head("GET", path, host, ["User-Agent: " + AGENT[0], "Accept: text/html"])
        one = Looked(loop, known[0][0], head, got.append, PAGE_SECONDS)
        while not got:
            loop.once()
        row.update({"url": url, "code": got[0].code, "error": got[0].error})
        row["kind"] = kind_of(text(got[0].body, BODY_CAP), rules)
        to = re.search(r"(?im)^location:[ \t]*(\S+)", one.head)
        url = joined(url, to.group(1)) if to and got[0].code in (301, 302, 303, 307, 308) else None
        row["onward"] = url and re.sub(r"[?#].*", "", url)
        if not url or split_url(url.lower()) != split_url(row["url"].lower()):
            break
    signal.setitimer(signal.ITIMER_REAL, 1.0, 1.0)
    return row


def joined(url, to):
    """Where a page leads to (RFC 3986, 5.2, but for dots); what follows # is the browser's own."""
    origin, folder = re.match(r"(http://[^/?#]*)([^?#]*/)?", url).groups()
    to = to.partition("#")[0]
    if re.match(r"[A-Za-z][\w+.-]*:", to):
        return to
    return "http:" + to if to.startswith("//") else origin + ("" if to.startswith("/") else folder or "/") + to


def kind_of(body, rules):
    words = body
    for pattern, instead in rules["blanked"]:
        words = re.sub(pattern, instead, words)
    for kind, pattern, in_words in rules["kinds"]:
        if re.search(pattern, in_words and words or body):
            return kind
    return "other"


def serve(name, host, port):
    """The certificate that is served, unverified: it is looked at, not trusted. In an interpreter of its own."""
    answer = apart(
        command(
            [raw(sys.executable), b"-E", b"-s", b"-S", b"-c", raw(TLS_CHILD), raw(name), raw(host), raw(str(port))]
        ),
        TLS_SECONDS,
    )
    words = text(answer or b"", 65536)
    found = re.search("(?s)-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----", words)
    told = (words.strip().splitlines() or ["no answer"])[-1][:200]
    return {"place": "%s:%d" % (name, port), "pem": found and found.group(0), "error": None if found else told}
