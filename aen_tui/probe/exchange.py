"""One HTTP request over a plain socket that never blocks, to a unix socket or an address and port."""

BODY_CAP = 65536


class Reply(object):
    """What came back: `error` is None when a whole (or capped) answer came in time."""

    def __init__(self):
        self.code = self.ms = self.error = None
        self.body = b""


class Exchange(object):
    """Connect, send, read until the answer is whole, `cap` is reached or `seconds` have passed; then `done(reply)`."""

    def __init__(self, loop, address, request, done, seconds, cap=BODY_CAP, owner=None):
        self.loop, self.request, self.done, self.cap = loop, request, done, cap
        self.reply, self.data, self.began = Reply(), b"", time.time()
        self.seconds, self.sock = seconds, None
        self.timer = loop.after(seconds, self.late)
        try:
            self.connect(address, owner)
        except (OSError, IOError) as error:  # in Python 2 a socket's error is an IOError
            self.fail(why(error))

    def connect(self, address, owner):
        unix = not isinstance(address, tuple)
        family = _socket.AF_UNIX if unix else _socket.AF_INET6 if ":" in address[0] else _socket.AF_INET
        self.sock = _socket.socket(family, _socket.SOCK_STREAM)
        fcntl.fcntl(self.sock.fileno(), fcntl.F_SETFD, fcntl.FD_CLOEXEC)
        self.sock.setblocking(False)
        folder = None
        if unix and len(address) > 107:  # longer than sockaddr_un: by way of its folder
            folder = os.open(os.path.dirname(address), os.O_RDONLY)
            address = raw("/proc/self/fd/%d/" % folder) + os.path.basename(address)
        if unix and not PY3:
            address = str(address)
        try:
            self.as_owner(owner, lambda: self.sock.connect_ex(address))
        finally:
            if folder is not None:
                os.close(folder)
        self.loop.watch(self.sock.fileno(), select.POLLOUT, self.write)

    def as_owner(self, owner, connect):
        """Connect; as root only with the effective uid of the socket's rightful user."""
        if owner and os.geteuid() == 0:
            os.seteuid(owner[0])
            try:
                number = connect()
            finally:
                os.seteuid(0)
        else:
            number = connect()
        if number not in (0, errno.EINPROGRESS):
            raise OSError(number, os.strerror(number))

    def write(self):
        number = self.sock.getsockopt(_socket.SOL_SOCKET, _socket.SO_ERROR)
        if number:
            self.fail(os.strerror(number).lower())
            return
        try:
            self.request = self.request[self.sock.send(self.request) :]
        except (OSError, IOError) as error:
            if error.errno not in (errno.EAGAIN, errno.EINTR):
                self.fail(why(error))
            return
        if not self.request:
            self.loop.unwatch(self.sock.fileno())
            self.loop.watch(self.sock.fileno(), READABLE, self.read)

    def read(self):
        try:
            data = self.sock.recv(65536)
        except (OSError, IOError) as error:
            if error.errno not in (errno.EAGAIN, errno.EINTR):
                self.fail(why(error))
            return
        self.data += data
        state = parse_reply(self.data, not data, self.cap, self.reply)
        if state:
            self.fail(state if state != "done" else None)

    def late(self):
        self.fail("the body did not end" if self.reply.code else "no answer", True)

    def fail(self, error, late=False):
        """The end, with or without an error."""
        if self.done is None:
            return
        self.timer[2] = None
        if self.sock is not None:
            self.loop.unwatch(self.sock.fileno())
            self.sock.close()
        self.reply.error = error and error + (" within %d s" % self.seconds if late else "")
        self.reply.ms = round((time.time() - self.began) * 1000, 1)
        self.data = b""
        done, self.done = self.done, None
        done(self.reply)


def parse_reply(data, ended, cap, reply):
    """Look at what has come so far; "done", an error, or None when more is needed. Fills the reply."""
    if data and not b"HTTP/".startswith(data[:5]) and not data.startswith(b"HTTP/"):
        return "the answer is not HTTP"
    head, blank, body = data.partition(b"\r\n\r\n")
    if not blank:
        head, blank, body = data.partition(b"\n\n")
    if not blank:
        if len(data) > cap:
            return "the answer's head does not end"
        return ("closed without an answer" if not data else "closed within the answer's head") if ended else None
    found = re.match(r"HTTP/\d\.\d (\d{3})", text(head[:64]))
    if not found:
        return "the answer is not HTTP"
    reply.code = int(found.group(1))
    headers = text(head.lower(), 65536)
    length = re.search(r"^content-length:\s*(\d{1,15})\s*$", headers, re.M)
    if re.search(r"^transfer-encoding:.*chunked", headers, re.M):
        reply.body, complete = unchunk(body)
    else:
        reply.body, complete = body, bool(length) and len(body) >= int(length.group(1))
        if length:
            reply.body = body[: int(length.group(1))]
    reply.body = reply.body[:cap]
    return "done" if complete or ended or len(body) > cap or reply.code in (204, 304) else None


def unchunk(body):
    """(what is inside the chunks so far, whether the last chunk has come)."""
    parts = []
    while True:
        line, end, rest = body.partition(b"\r\n")
        try:
            size = int(line.split(b";")[0].strip(), 16) if end else -1
        except ValueError:
            return b"".join(parts), True
        if size <= 0:
            return b"".join(parts), size == 0
        parts.append(rest[:size])
        body = rest[size + 2 :]


def request_head(method, path, host, extra):
    lines = ["%s %s HTTP/1.1" % (method, path), "Host: %s" % host, "Connection: close"] + extra
    return raw("\r\n".join(lines) + "\r\n\r\n")
