"""Stand-in for wk-server, wk-worker, wk-gateway and wk-compute; which one is its own file name. Python 2.7 and 3.

Listens where the real program does, answers HTTP, logs where and how AEN does. Standard output is captured by
supervisord (server.log, worker.log, gateway.log, compute-launcher.log); the Node.js programs have an application log
of their own beside it. /status answers PREFIX/var/run/document.json when that is there, else the healthy document:
so a test turns a data center bad by writing one file. wk-server's / answers PREFIX/var/run/page.html when that is there.
"""
import datetime
import os
import signal
import socket
import sys
import threading
import time

PREFIX = os.path.dirname(os.path.dirname(os.path.abspath(sys.argv[0])))
NAME = os.path.basename(sys.argv[0])
HEALTHY = b'{"status": "ok", "messages": []}'
ADDRESSES = {"wk-server": ("127.0.0.1", 5000), "wk-gateway": ("0.0.0.0", 8089), "wk-compute": ("0.0.0.0", 5002)}
APPLICATION_LOGS = {"wk-gateway": "gateway.application.log", "wk-compute": "compute-launcher.application.log"}
CONFIGS = {"wk-server": ("config.json", "wk-server-config.json"), "wk-worker": ("config.json", "wk-server-config.json"),
           "wk-gateway": ("wk-gateway-config.json",), "wk-compute": ("config.json", "wk-compute-launcher-config.json")}
lock = threading.Lock()


def say(level, text):
    """One line as the captured standard output has it."""
    now = datetime.datetime.now()
    line = "%s,%03d %s %s: %s\n" % (now.strftime("%Y-%m-%d %H:%M:%S"), now.microsecond // 1000, level, NAME.replace("-", "_"), text)
    with lock:
        sys.stdout.write(line)
        sys.stdout.flush()


def note(level, text):
    """One line in the application log; opened each time, so that a renamed log is followed by a new one."""
    if NAME not in APPLICATION_LOGS:
        return say(level, text)
    now = datetime.datetime.utcnow() if sys.version_info < (3,) else datetime.datetime.now(datetime.timezone.utc)
    line = "%s.%03dZ - %s: %s\n" % (now.strftime("%Y-%m-%dT%H:%M:%S"), now.microsecond // 1000, level.lower(), text)
    path = os.path.join(PREFIX, "var/log/wakari", APPLICATION_LOGS[NAME])
    with lock:
        file = open(path, "a")
        file.write(line)
        file.close()


def document():
    try:
        file = open(os.path.join(PREFIX, "var/run/document.json"), "rb")
    except (IOError, OSError):
        return HEALTHY
    with file:
        return file.read()


def answer(path):
    """(status line, content type, body) for a path."""
    if path == "/status" or (path == "/" and NAME == "wk-compute"):
        return "200 OK", "application/json", document()
    if path == "/" and NAME == "wk-server":
        page = os.path.join(PREFIX, "var/run/page.html")
        if os.path.exists(page):
            with open(page, "rb") as file:
                return "200 OK", "text/html", file.read()
        return "200 OK", "text/html", b"<html><head><title>Login</title></head><body>Anaconda Enterprise Notebooks</body></html>\n"
    if path == "/":
        return "302 Found\r\nLocation: /login", "text/plain", b"login\n"
    return "404 NOT FOUND", "text/plain", b"not found\n"


def serve(connection, peer):
    try:
        connection.settimeout(10)
        request = b""
        while b"\r\n\r\n" not in request and len(request) < 65536:
            data = connection.recv(65536)
            if not data:
                return
            request += data
        lines = request.decode("latin-1").split("\r\n")
        parts = (lines[0].split(" ") + ["", ""])[:2]
        agent = [line.split(":", 1)[1].strip() for line in lines if line.lower().startswith("user-agent:")]
        status, kind, body = answer(parts[1].split("?")[0])
        head = "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (status, kind, len(body))
        connection.sendall(head.encode("latin-1") + (b"" if parts[0] == "HEAD" else body))
        note("INFO", '%s "%s %s" %s "%s"' % (peer[0], parts[0], parts[1], status[:3], agent[0] if agent else "-"))
    except (socket.error, socket.timeout):
        pass
    finally:
        connection.close()


def stop(number, frame):
    say("INFO", "received signal %d, shutting down" % number)
    os._exit(0)


def main():
    signal.signal(signal.SIGTERM, stop)
    for name in CONFIGS[NAME]:
        say("INFO", "Loading config from %s/etc/wakari/%s" % (PREFIX, name))
    if NAME not in ADDRESSES:
        say("INFO", "worker ready, queues: default, low")
        while True:
            time.sleep(3600)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(ADDRESSES[NAME])
    listener.listen(128)
    say("INFO", "pid %d listening on %s:%d" % ((os.getpid(),) + ADDRESSES[NAME]))
    note("INFO", "%s started" % NAME)
    while True:
        connection, peer = listener.accept()
        thread = threading.Thread(target=serve, args=(connection, peer))
        thread.daemon = True
        thread.start()


main()
