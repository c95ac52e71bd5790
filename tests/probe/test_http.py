"""URLs: servers that answer well, badly, slowly, endlessly or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.probe.harness import ProbeProcess, namespace

DOCUMENT = {"status": "ok", "messages": []}


class Servers:
    """asyncio servers in a thread of their own; `asked` is what came in."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.asked: list[tuple[str, str]] = []
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.servers: list[Any] = []
        self.over = asyncio.Event()

    def add(self, answer, path=None) -> Any:
        """`answer(path, writer, over)` is a coroutine, which may wait for `over`; returns the port."""

        async def serve(reader, writer) -> Any:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                head = await reader.readuntil(b"\r\n\r\n")
                where = head.split()[1].decode()
                agent = [line for line in head.decode().splitlines() if line.lower().startswith("user-agent")]
                self.asked.append((where, agent[0].partition(": ")[2]))
                await answer(where, writer, self.over)
            writer.close()

        async def start() -> Any:
            if path:
                return await asyncio.start_unix_server(serve, path)
            return await asyncio.start_server(serve, "127.0.0.1", 0)

        server = asyncio.run_coroutine_threadsafe(start(), self.loop).result(60)
        self.servers.append(server)
        return None if path else server.sockets[0].getsockname()[1]

    def close(self) -> Any:
        async def stop() -> Any:
            for server in self.servers:
                server.close()
            self.over.set()
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            if tasks:
                await asyncio.wait(tasks, timeout=60)

        asyncio.run_coroutine_threadsafe(stop(), self.loop).result(60)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(60)
        self.loop.close()


@pytest.fixture
def servers() -> Any:
    made = Servers()
    yield made
    made.close()


def plain(body, code="200 OK", kind="application/json") -> Any:
    async def answer(path, writer, over) -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        writer.write(f"HTTP/1.1 {code}\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
        await writer.drain()

    return answer


async def endless(path, writer, over) -> Any:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(1600):
        writer.write(b"x" * 65536)
        await writer.drain()


async def dripping(path, writer, over) -> Any:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    for _ in range(60):
        writer.write(b"{")
        await writer.drain()
        await over.wait()


async def silent(path, writer, over) -> Any:
    await over.wait()


async def slamming(path, writer, over) -> Any:
    return


async def raw_noise(path, writer, over) -> Any:
    writer.write(b"220 smtp.example.com ESMTP\r\n")
    await writer.drain()
    await over.wait()


async def chunked(path, writer, over) -> Any:
    data = json.dumps({"status": "warning", "messages": ["a", {"odd": 1}]}).encode()
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for part in (data[:7], data[7:]):
        writer.write(b"%x;ext=1\r\n%s\r\n" % (len(part), part))
        await writer.drain()
        await asyncio.sleep(0.05)
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    await over.wait()


async def until_close(path, writer, over) -> Any:
    writer.write(b"HTTP/1.0 200 OK\n\n" + json.dumps(DOCUMENT).encode())
    await writer.drain()


async def long_head(path, writer, over) -> Any:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(3000):
        writer.write(b"X-Filler: " + b"y" * 100 + b"\r\n")
        await writer.drain()


CASES = {
    "ok": (plain(DOCUMENT), 200, DOCUMENT, None),
    "chunked": (chunked, 200, {"status": "warning", "messages": ["a", '{"odd": 1}']}, None),
    "until-close": (until_close, 200, DOCUMENT, None),
    "half-character": (
        plain({"status": "\ud800", "messages": ["\udfff x"]}),
        200,
        {"status": "?", "messages": ["? x"]},
        None,
    ),
    "html": (plain(b"<html>login</html>", kind="text/html"), 200, None, None),
    "401": (plain(b"", "401 Unauthorized"), 401, None, None),
    "302": (plain(b"", "302 Found\r\nLocation: http://127.0.0.1:1/"), 302, None, None),
    "502": (plain(b"<html>bad gateway", "502 Bad Gateway"), 502, None, None),
    "other-json": (plain({"status": 1, "messages": "no"}), 200, None, None),
    "array": (plain([1, 2]), 200, None, None),
    "endless": (endless, 200, None, None),
    "dripping": (dripping, 200, None, "the body did not end within 5 s"),
    "silent": (silent, None, None, "no answer within 5 s"),
    "slamming": (slamming, None, None, "closed without an answer"),
    "noise": (raw_noise, None, None, "the answer is not HTTP"),
    "long-head": (long_head, None, None, "the answer's head does not end"),
}


def test_every_kind_of_answer_is_a_clear_state(python, servers):
    targets = []
    for number, (answer, *_) in enumerate(CASES.values()):
        targets.append(
            {"id": number, "url": f"http://127.0.0.1:{servers.add(answer)}", "paths": ["/"], "document": True}
        )
    with ProbeProcess.start(
        python, {"http": targets, "interval": 0.5, "http_interval": 60, "user_agent": "aen-tui/9"}
    ) as probe:
        silence = list(CASES).index("silent")
        # all are asked while one has not answered: none waits for another, and the first frame for none
        probe.until(lambda seen: len(servers.asked) == len(CASES) and seen["http"][silence]["error"] == "no answer yet")
        seen = probe.until(lambda seen: not [row for row in seen["http"] if row["error"] == "no answer yet"])["http"]
        for (name, (_, code, document, error)), row in zip(CASES.items(), seen, strict=True):
            assert (row["code"], row["document"], row["error"]) == (code, document, error), name
            assert row["url"].endswith("/")
        assert seen[0]["ms"] > 0
        assert seen[0]["id"] == 0
    assert {agent for _, agent in servers.asked} == {"aen-tui/9"}


def test_the_path_that_answers_is_found_once_and_then_the_only_one_asked(python, servers):
    async def answer(path, writer, over) -> Any:
        found = plain(DOCUMENT) if path == "/api/status" else plain(b"no", "404 Not Found")
        await found(path, writer, over)

    target: dict[str, Any] = {
        "id": 5,
        "url": f"http://127.0.0.1:{servers.add(answer)}",
        "paths": ["/status", "/api/status", "/"],
        "document": True,
    }
    with ProbeProcess.start(python, {"http": [target], "interval": 0.3, "http_interval": 1}) as probe:
        row = probe.until(lambda seen: seen["http"][0]["document"])["http"][0]
        assert row["url"] == target["url"] + "/api/status"
        probe.wait(lambda frame: len(servers.asked) >= 4)
    assert [path for path, _ in servers.asked][:4] == ["/status", "/api/status", "/api/status", "/api/status"]


def test_without_a_document_the_first_answer_counts_and_the_search_is_not_repeated(python, servers):
    async def answer(path, writer, over) -> Any:
        await (plain(b"login", "302 Found") if path == "/" else plain(b"", "404 Not Found"))(path, writer, over)

    target: dict[str, Any] = {
        "id": 5,
        "url": f"http://127.0.0.1:{servers.add(answer)}",
        "paths": ["/status", "/"],
        "document": True,
    }
    with ProbeProcess.start(python, {"http": [target], "interval": 0.3, "http_interval": 1}) as probe:
        row = probe.until(lambda seen: seen["http"][0]["code"])["http"][0]
        assert (row["code"], row["url"], row["document"]) == (302, target["url"] + "/", None)
        probe.wait(lambda frame: len(servers.asked) >= 4)
    assert [path for path, _ in servers.asked][:4] == ["/status", "/", "/", "/"]


def test_a_unix_socket_under_the_root(every_python, servers):
    root = Path(tempfile.mkdtemp(prefix="p"))
    path = root / "opt/wakari/wakari-server/var/run/wakari-server.sock"
    path.parent.mkdir(parents=True)
    servers.add(plain(DOCUMENT), str(path))
    url = "unix:/opt/wakari/wakari-server/var/run/wakari-server.sock"
    config = {"root": str(root), "http": [{"id": 1, "url": url, "paths": ["/"], "document": True}]}
    try:
        with ProbeProcess.start(every_python, config) as probe:
            row = probe.until(lambda seen: seen["http"][0]["error"] != "no answer yet")["http"][0]
            assert (row["code"], row["document"], row["url"]) == (200, DOCUMENT, url + "/")
    finally:
        shutil.rmtree(root)


def test_a_socket_in_a_folder_with_a_long_name(python, servers, tmp_path):
    folder = tmp_path / ("long" * 40)
    folder.mkdir()
    with socket.socket(socket.AF_UNIX) as listener, contextlib.chdir(folder):
        listener.bind("s.sock")
        listener.listen()
        url = f"unix:{folder}/s.sock"
        with ProbeProcess.start(python, {"http": [{"id": 1, "url": url, "paths": ["/"], "document": False}]}):
            listener.settimeout(60)
            connection, _ = listener.accept()
            connection.close()


def test_names_are_looked_up_aside(python, servers):
    port = servers.add(plain(DOCUMENT))
    urls = [f"http://localhost:{port}", f"http://no-such-host.invalid:{port}", "https://127.0.0.1:1"]
    targets = [{"id": n, "url": url, "paths": ["/"], "document": True} for n, url in enumerate(urls)]
    with ProbeProcess.start(python, {"http": targets, "interval": 0.5}) as probe:
        rows = probe.until(lambda seen: all(row["error"] != "no answer yet" for row in seen["http"]))["http"]
        assert rows[0]["document"] == DOCUMENT
        assert rows[1]["error"] == "the name no-such-host.invalid does not resolve"
        assert rows[2]["error"] == "this kind of URL is not asked by the probe"


def test_urls():
    split = namespace()["split_url"]
    assert split("http://compute1-1:5002") == ("compute1-1", 5002)
    assert split("http://[::1]:80/") == ("::1", 80)
    assert split("http://10.0.0.1") == ("10.0.0.1", 80)
    assert split("unix:/run/a.sock") == ("unix", "/run/a.sock")
    assert split("http://user:word@host/") is None
    assert split("gopher://x") is None
