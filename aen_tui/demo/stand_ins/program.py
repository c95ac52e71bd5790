"""Stands in for wk-server, worker, wk-gateway, wk-compute or nginx, by the name it is called: listens, answers, logs.

Usage: NAME ROOT [ADDRESS:PORT...]; nginx listens on the first and asks wk-server on the second. Standard library only,
and little of it: dozens run at once.

It leaves on SIGTERM and when its standard input, a pipe that its parent holds, ends. nginx is a master with a worker:
SIGHUP gives it a new one. What happens to it is told through the datagram socket ROOT/run/NAME by the demo's day, one
text a datagram:

    log TAB name TAB level TAB text     write a line (name: see LOGS)
    raw TAB name TAB text               the same without time and level; {clf} and {ngx} are nginx's two times
    status TAB JSON                     from now on this is the status document; a restart forgets it
"""
# pathlib and contextlib are a megabyte, and dozens of these run at once.
# ruff: noqa: PTH110, PTH108, PTH118, PTH119, PTH123, SIM105

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn

OK = {"status": "ok", "messages": []}

LOGS = {
    "nginx": {"woc": "var/log/nginx/woc.log", "woc-error": "var/log/nginx/woc-error.log"},
    "wk-server": {"server": ""},
    "worker": {"worker": ""},
    "wk-gateway": {
        "gateway": "",
        "application": "opt/wakari/wakari-gateway/var/log/wakari/gateway.application.log",
    },
    "wk-compute": {
        "launcher": "",
        "application": "opt/wakari/wakari-compute/var/log/wakari/compute-launcher.application.log",
    },
}
"""Per program: log -> file under the root; empty: standard output, which supervisord captures."""

LOGIN_PAGE = "<!doctype html><title>Anaconda Enterprise Notebooks</title><h1>Sign in</h1><form>demo</form>\n"
CLIENT_SECONDS = 10.0
UPSTREAM_SECONDS = 1.0
CLIENTS_MAX = 64
REMIND_SECONDS = 15.0


def stamp(program: str, log: str, level: str, text: str) -> str:
    """A line in the format of its log: Python's logging, or a Node program's console and JSON lines."""
    now = time.clock_gettime(time.CLOCK_REALTIME)
    millis = int(now * 1000) % 1000
    local = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
    iso = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{millis:03d}Z"
    if program in ("wk-server", "worker"):
        return f"{local},{millis:03d} {level.upper():<8}{program.replace('-', '_')}: {text}"
    if log == "application" and program == "wk-gateway":
        return json.dumps({"name": program, "pid": os.getpid(), "level": level, "time": iso, "msg": text})
    if log == "application":
        return f"{local}.{millis:03d} [{level.upper()}] launcher - {text}"
    return f"{iso} - {level}: {text}"


class StandIn:
    """The program: sockets, what it answers, where it logs."""

    def __init__(self, name: str, root: str, endpoints: list[tuple[str, int]]) -> None:
        self.name = name
        self.status: dict[str, object] = dict(OK)
        self.files = {
            log: 1 if not path else os.open(os.path.join(root, path), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            for log, path in LOGS[name].items()
        }
        self.first_log = next(iter(self.files))
        self.poll = select.poll()
        self.upstream = endpoints.pop() if name == "nginx" else None
        self.listeners = {listener.fileno(): listener for listener in map(self.listen, endpoints)}
        self.clients: dict[int, tuple[socket.socket, bytes, float]] = {}
        path = os.path.join(root, "run", name)
        if os.path.exists(path):
            os.unlink(path)
        self.orders = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.orders.bind(path)
        self.orders.setblocking(False)  # a worker that goes and its successor both see that there is one
        for fd in (0, self.orders.fileno(), *self.listeners):
            self.poll.register(fd, select.POLLIN)

    def listen(self, endpoint: tuple[str, int]) -> socket.socket:
        """A listening socket; a port that is still held by the one before us is an error, as in any server."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(endpoint)
        listener.listen(32)
        listener.setblocking(False)
        return listener

    def log(self, log: str, level: str, text: str) -> None:
        """Write a line; to a log that this program does not have, nothing. nginx writes its own format alone."""
        if log in self.files and self.name != "nginx":
            os.write(self.files[log], (stamp(self.name, log, level, text) + "\n").encode("utf-8", "replace"))

    def raw(self, log: str, text: str) -> None:
        """Write a line that brings its own format."""
        if log in self.files:
            now = time.localtime()
            text = text.replace("{clf}", time.strftime("%d/%b/%Y:%H:%M:%S %z", now))
            text = text.replace("{ngx}", time.strftime("%Y/%m/%d %H:%M:%S", now))
            os.write(self.files[log], (text + "\n").encode("utf-8", "replace"))

    def order(self) -> None:
        """Take what the day says."""
        try:
            kind, _, rest = self.orders.recv(65536).decode("utf-8", "replace").partition("\t")
        except BlockingIOError:
            return
        if kind == "log" and rest.count("\t") >= 2:
            log, level, text = rest.split("\t", 2)
            self.log(log, level, text)
        elif kind == "raw" and "\t" in rest:
            log, text = rest.split("\t", 1)
            self.raw(log, text)
        elif kind == "status":
            self.status = json.loads(rest)
            self.complain()

    def complain(self) -> None:
        """Log what the status document says, while it is not ok."""
        for message in self.status["messages"] if isinstance(self.status["messages"], list) else ():
            self.log("application", "error", str(message))

    def accept(self, listener: socket.socket) -> None:
        """A new client; past the limit the oldest goes."""
        try:
            client, _ = listener.accept()
        except OSError:
            return
        client.setblocking(False)
        if len(self.clients) >= CLIENTS_MAX:
            self.drop(next(iter(self.clients)))
        self.clients[client.fileno()] = (client, b"", time.monotonic())
        self.poll.register(client.fileno(), select.POLLIN)

    def drop(self, fd: int) -> None:
        """Be done with a client."""
        self.poll.unregister(fd)
        self.clients.pop(fd)[0].close()

    def read(self, fd: int) -> None:
        """Take what a client sends; answer once its headers are whole."""
        client, so_far, since = self.clients[fd]
        try:
            more = client.recv(8192)
        except OSError:
            more = b""
        so_far += more
        if not more or len(so_far) > 16384:
            self.drop(fd)
        elif b"\r\n\r\n" in so_far or b"\n\n" in so_far:
            try:
                client.send(self.answer(client, so_far.decode("latin-1")))
            except OSError:
                pass
            self.drop(fd)
        else:
            self.clients[fd] = (client, so_far, since)

    def answer(self, client: socket.socket, request: str) -> bytes:
        """The response to a request, body and all; everything but HEAD is treated as GET."""
        first, *headers = request.splitlines()
        words = first.split()
        method, path = (words[0], words[1].split("?")[0]) if len(words) > 1 else ("-", "-")
        code, kind, body = self.page(path) if self.upstream is None else self.pass_on(self.upstream, path)
        if self.upstream is not None:
            agent = next(
                (line.partition(":")[2].strip() for line in headers if line.lower().startswith("user-ag")), "-"
            )
            size = 0 if method == "HEAD" else len(body)
            request, agent = first.replace('"', "%22"), agent.replace('"', "%22")
            line = f'{client.getpeername()[0]} - - [{{clf}}] "{request}" {code[:3]} {size} "-" "{agent}"'
            self.raw("woc", line)
        head = f"HTTP/1.1 {code}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        return (head + ("" if method == "HEAD" else body)).encode()

    def pass_on(self, upstream: tuple[str, int], path: str) -> tuple[str, str, str]:
        """Ask wk-server, as nginx does; without it a 502 and its line in the error log."""
        try:
            with socket.create_connection(upstream, UPSTREAM_SECONDS) as server:
                server.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode("latin-1"))
                answer = b""
                while chunk := server.recv(65536):
                    answer += chunk
            head, _, body = answer.decode("latin-1").partition("\r\n\r\n")
            first, *headers = head.split("\r\n")
            kind = next((line[14:] for line in headers if line.startswith("Content-Type: ")), "text/plain")
            return first.partition(" ")[2], kind, body
        except OSError as error:
            url = f"http://{upstream[0]}:{upstream[1]}{path}"
            why = f"connect() failed ({error.errno or 110}: {error.strerror or 'Connection timed out'})"
            self.raw(
                "woc-error",
                f"{{ngx}} [error] {os.getpid()}#0: *1 {why} while connecting to upstream, server: aen-server, "
                f'request: "GET {path} HTTP/1.1", upstream: "{url}"',
            )
            return "502 Bad Gateway", "text/html", "<html><h1>502 Bad Gateway</h1><hr>nginx</html>\n"

    def page(self, path: str) -> tuple[str, str, str]:
        """Status line, content type and body for a path."""
        as_json = "application/json; charset=utf-8"
        if path == "/status":
            return "200 OK", as_json, json.dumps(self.status)
        if path == "/" and self.name == "wk-compute":
            return "200 OK", as_json, json.dumps({"status": "ok"})
        if path in ("/", "/login") and self.name == "wk-server":
            return "200 OK", "text/html; charset=utf-8", LOGIN_PAGE
        if path == "/":
            return "401 Unauthorized", as_json, json.dumps({"error": "login required"})
        return "404 Not Found", as_json, json.dumps({"error": "not found"})

    def turn(self) -> bool:
        """Wait for something and deal with it; False when standard input has ended."""
        is_bad = self.status["status"] != "ok"
        events = self.poll.poll(REMIND_SECONDS * 1000 if is_bad else CLIENT_SECONDS * 1000 if self.clients else None)
        for fd, _ in events:
            if fd == 0:
                return bool(os.read(0, 4096))
            if fd == self.orders.fileno():
                self.order()
            elif fd in self.listeners:
                self.accept(self.listeners[fd])
            elif fd in self.clients:
                self.read(fd)
        if is_bad and not events:
            self.complain()
        oldest = time.monotonic() - CLIENT_SECONDS
        for fd in [fd for fd, (_, _, since) in self.clients.items() if since < oldest]:
            self.drop(fd)
        return True


class Master:
    """nginx's: holds the sockets, and one worker that serves them.

    The worker has its life from a pipe whose other end the master holds; a worker that was killed is replaced.
    """

    def __init__(self, program: StandIn, pid_file: str) -> None:
        self.program, self.pid_file = program, pid_file
        self.lifeline = os.pipe()
        self.woken, self.wakes = os.pipe()
        for fd in (self.woken, self.wakes):
            os.set_blocking(fd, False)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)
        signal.set_wakeup_fd(self.wakes, warn_on_full_buffer=False)
        self.worker = 0

    def run(self) -> None:
        """Until told to leave, or standard input ends."""
        self.fork()
        with open(self.pid_file, "w") as file:
            file.write(f"{os.getpid()}\n")
        poll = select.poll()
        for fd in (0, self.woken):
            poll.register(fd, select.POLLIN)
        while True:
            ready = {fd for fd, _ in poll.poll()}
            signals = os.read(self.woken, 4096) if self.woken in ready else b""
            if signal.SIGTERM in signals or (0 in ready and not os.read(0, 4096)):
                break
            if signal.SIGHUP in signals:
                old = self.worker
                self.fork()
                os.kill(old, signal.SIGTERM)
            if self.reap(os.WNOHANG):
                self.fork()
        os.kill(self.worker, signal.SIGTERM)
        self.reap()  # who comes next finds the port free
        os.unlink(self.pid_file)

    def reap(self, options: int = 0) -> bool:
        """Take leave of the workers that have ended, or wait for all; whether the one that serves is among them."""
        has_ended = False
        try:
            while pid := os.waitpid(-1, options)[0]:
                has_ended |= pid == self.worker
        except ChildProcessError:
            pass
        return has_ended

    def fork(self) -> None:
        """A new worker."""
        self.worker = os.fork()
        if not self.worker:
            self.work()

    def work(self) -> NoReturn:
        """Be the worker."""
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(self.lifeline[0], 0)
        for fd in (*self.lifeline, self.woken, self.wakes):
            os.close(fd)
        while self.program.turn():
            pass
        os._exit(0)


def main() -> int:
    """Run until told to leave."""
    name, root = os.path.basename(sys.argv[0]), sys.argv[1]
    endpoints = [(host, int(port)) for host, _, port in (word.rpartition(":") for word in sys.argv[2:])]

    def leave(_signal: int, _frame: FrameType | None) -> None:
        program.log(program.first_log, "info", "received SIGTERM, shutting down")
        sys.exit(0)

    program = StandIn(name, root, endpoints)
    signal.signal(signal.SIGTERM, leave)
    if name == "nginx":
        Master(program, os.path.join(root, "var/run/nginx.pid")).run()
        return 0
    role = {"wk-gateway": "gateway", "wk-compute": "compute"}.get(name, "server")
    program.log(program.first_log, "info", f"Loading config from /opt/wakari/wakari-{role}/etc/wakari/config.json")
    for host, port in endpoints:
        program.log(program.first_log, "info", f"{name} listening on {host}:{port}")
    while program.turn():
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
