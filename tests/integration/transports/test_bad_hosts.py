"""Hosts that hang, refuse, do not resolve, talk nonsense: each a clear error, and no other node waits."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aen_tui.errors import DeadlineError, RefusedError, ResolveError
from aen_tui.transports.ssh import Deadlines
from tests.integration.transports.support import pool_of, spec
from tests.support.ports import free_port
from tests.support.sshd import SshFiles, ssh_node

PATIENT = Deadlines(tcp=60, banner=60, login=60)
"""What a test wants to pass is one of these, made short: the others bound a hang."""
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]


@asynccontextmanager
async def server(files: SshFiles, name: str, serve: Serve, address: str = "127.0.0.2") -> AsyncIterator[None]:
    writers: list[asyncio.StreamWriter] = []

    def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        serve(reader, writer)

    listener = await asyncio.start_server(accepted, address, 0)
    files.add_host(name, address, listener.sockets[0].getsockname()[1])
    try:
        yield
    finally:
        listener.close()
        for writer in writers:
            writer.close()
        await listener.wait_closed()


async def test_a_host_that_hangs_before_its_banner(tmp_path: Path):
    files = SshFiles(tmp_path / "ssh")
    phases: list[str] = []
    async with (
        server(files, "n1", lambda _r, _w: None),
        pool_of(files, "n1", deadlines=replace(PATIENT, banner=0.3)) as pool,
    ):
        with pytest.raises(DeadlineError, match=r"no ssh banner came within 0.3 s") as caught:
            await pool.connect(spec("n1"), phases.append)
        assert caught.value.state == "timeout"
        assert "UseDNS" in str(caught.value.hint)
    assert phases[-1] == "banner"


async def test_a_host_that_hangs_after_its_banner(tmp_path: Path):
    files = SshFiles(tmp_path / "ssh")

    def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-Slow\r\n")

    async with server(files, "n1", serve), pool_of(files, "n1", deadlines=replace(PATIENT, login=0.5)) as pool:
        phases: list[str] = []
        with pytest.raises(DeadlineError, match=r"key exchange did not end within 0.5 s"):
            await pool.connect(spec("n1"), phases.append)
        assert phases[-1] == "host-key"


async def test_a_login_that_hangs(tmp_path: Path):
    class Stuck(asyncio.Event):
        pass

    async with ssh_node(tmp_path, "n1") as node:
        forever = Stuck()

        async def validate(_username: str, _key: object) -> bool:
            await forever.wait()
            return True

        node.validate = validate
        async with pool_of(node.files, "n1", deadlines=replace(PATIENT, login=5.0)) as pool:  # key exchange is in it
            phases: list[str] = []
            with pytest.raises(DeadlineError, match=r"login did not end within 5 s"):
                await pool.connect(spec("n1"), phases.append)
            assert phases[-1] == "login"


async def test_a_host_that_drops_packets(tmp_path: Path):
    # A listener whose queue is full answers no SYN.
    with socket.socket() as full:
        full.bind(("127.0.0.2", 0))
        full.listen(0)
        fillers = []
        for _ in range(3):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
            fillers.append(filler)
        files = SshFiles(tmp_path / "ssh")
        files.add_host("n1", "127.0.0.2", full.getsockname()[1])
        async with pool_of(files, "n1", deadlines=replace(PATIENT, tcp=1.0)) as pool:
            with pytest.raises(DeadlineError, match=r"no answer to TCP within 1 s"):
                await pool.connect(spec("n1"))
        for filler in fillers:
            filler.close()


async def test_a_host_that_refuses(tmp_path: Path):
    files = SshFiles(tmp_path / "ssh")
    files.add_host("n1", "127.0.0.2", free_port("127.0.0.2"))
    async with pool_of(files, "n1") as pool:
        with pytest.raises(RefusedError, match=r"Connect.* refused|refused") as caught:
            await pool.connect(spec("n1"))
        assert caught.value.state == "refused"


@pytest.mark.parametrize("name", ["no-such-host.invalid", "a" * 70 + ".invalid", "bad..name"])
async def test_a_host_that_does_not_resolve(tmp_path: Path, name: str):
    files = SshFiles(tmp_path / "ssh")
    async with pool_of(files, name) as pool:
        with pytest.raises(ResolveError) as caught:
            await pool.connect(spec(name))
        assert caught.value.state == "dns"


async def test_a_resolver_that_hangs_delays_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    hang = threading.Event()
    real = socket.getaddrinfo

    def slow(host: str, *more: Any) -> object:
        if host.endswith(".slow") and not more[-1] & socket.AI_NUMERICHOST:
            hang.wait(60)
        return real(host, *more)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    try:
        async with ssh_node(tmp_path, "good") as node:
            slow_names = [f"h{n}.slow" for n in range(40)]
            async with pool_of(node.files, "good", *slow_names, deadlines=replace(PATIENT, tcp=8.0)) as pool:
                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(_failure(pool.connect(spec(name)))) for name in slow_names]
                    await pool.connect(spec("good"))  # behind the others its own deadline would pass
                assert all(isinstance(task.result(), DeadlineError) for task in tasks)
                assert "not resolved within 8 s" in str(tasks[0].result())
    finally:
        hang.set()


async def _failure(attempt) -> BaseException | None:
    try:
        await attempt
    except DeadlineError as error:
        return error
    return None


async def test_many_that_hang_do_not_hold_the_places_of_the_others(tmp_path: Path):
    files = SshFiles(tmp_path / "ssh")
    names = [f"h{n}" for n in range(20)]
    async with AsyncExitStack() as stack:
        for position, name in enumerate(names):
            await stack.enter_async_context(server(files, name, lambda _r, _w: None, f"127.0.3.{position + 1}"))
        await stack.enter_async_context(ssh_node(tmp_path, "good", "127.0.0.9", files=files))
        pool = await stack.enter_async_context(pool_of(files, *names, "good", deadlines=PATIENT, handshakes_at_once=4))
        pool._environment.limits._patience = 0.1
        async with asyncio.TaskGroup() as group:
            hanging = [group.create_task(_failure(pool.connect(spec(name)))) for name in names]
            # Four places are taken by hosts that say nothing, and given back when they count as waiting.
            async with asyncio.timeout(60):
                await pool.connect(spec("good"))
            assert not any(task.done() for task in hanging)
            for task in hanging:
                task.cancel()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "closed the connection"),
        (b"Exceeded MaxStartups\r\n", "closed the connection"),
        (b"SSH-1.5-old\r\n", "no common ground"),
        (b"SSH-2.0-x\r\n" + b"\xff" * 400, "closed the connection|not ssh"),
        (b"SSH-2.0-\xc3\xa9\r\n", "closed the connection|not ssh|no common"),
        (b"", "closed the connection"),
        (b"\x1b[2J" * 20000, "closed the connection|not ssh"),
    ],
)
async def test_nonsense(tmp_path: Path, answer: bytes, says: str):
    files = SshFiles(tmp_path / "ssh")

    def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    async with server(files, "n1", serve), pool_of(files, "n1") as pool:
        with pytest.raises(RefusedError, match=says) as caught:
            await pool.connect(spec("n1"))
        assert "\x1b" not in caught.value.message


async def test_a_reset(tmp_path: Path):
    files = SshFiles(tmp_path / "ssh")

    def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async with server(files, "n1", serve), pool_of(files, "n1") as pool:
        with pytest.raises(RefusedError, match="closed the connection"):
            await pool.connect(spec("n1"))


async def test_an_outer_deadline_is_kept(tmp_path: Path):
    files = SshFiles(tmp_path / "ssh")
    async with server(files, "n1", lambda _r, _w: None), pool_of(files, "n1") as pool:
        with pytest.raises(TimeoutError):  # the pool's own, of 10 s and more, are DeadlineError
            async with asyncio.timeout(0.2):
                await pool.connect(spec("n1"))
