"""Links over an in-process ssh server with real cryptography."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from pathlib import Path

import pytest

from aen_tui.errors import ConnectionLostError, DeadlineError, RefusedError
from aen_tui.model.secret import Secret
from aen_tui.transports.link import SshLink
from aen_tui.transports.local import LocalLink
from aen_tui.transports.reaching import reach
from tests.integration.transports.support import pool_of, spec, until
from tests.support.ports import free_port
from tests.support.sshd import ssh_node


async def test_phases_are_named_in_their_order(tmp_path: Path):
    async with ssh_node(tmp_path, "n1") as node:
        phases: list[str] = []
        async with pool_of(node.files, "n1") as pool:
            link = await pool.connect(spec("n1"), phases.append)
            assert link.user == "root"
            assert "AsyncSSH" in link.peer
        assert list(dict.fromkeys(phases)) == ["resolve", "tcp", "banner", "host-key", "login"]


async def test_a_command_runs_to_its_end_with_no_input(tmp_path: Path):
    async with ssh_node(tmp_path, "n1") as node, pool_of(node.files, "n1") as pool:
        link = await pool.connect(spec("n1"))
        result = await link.run(["sh", "-c", "cat; printf 'a\\033[31m'; echo b >&2; exit 3"], timeout_seconds=60)
        assert result.exit_status == 3
        assert "a\u241b[31m" in result.output
        assert "b" in result.output
        assert result.error is None


async def test_arguments_arrive_as_they_are(tmp_path: Path):
    words = ["it's", "$HOME", "a b", "`id`", "*", "\n", ""]
    async with ssh_node(tmp_path, "n1") as node, pool_of(node.files, "n1") as pool:
        link = await pool.connect(spec("n1"))
        result = await link.run(["printf", "<%s>", *words], timeout_seconds=60)
        assert result.output == "".join(f"<{word}>" for word in words)


async def test_output_is_capped(tmp_path: Path):
    async with ssh_node(tmp_path, "n1") as node, pool_of(node.files, "n1") as pool:
        link = await pool.connect(spec("n1"))
        result = await link.run(["head", "-c", "200000", "/dev/zero"], timeout_seconds=60)
        assert result.output.count("\u2400") == 64 * 1024
        assert "134464 bytes more" in result.output


async def test_a_command_that_does_not_end_is_a_deadline(tmp_path: Path):
    async with ssh_node(tmp_path, "n1") as node, pool_of(node.files, "n1") as pool:
        link = await pool.connect(spec("n1"))
        with pytest.raises(DeadlineError, match="did not end"):
            await link.run(["sleep", "60"], timeout_seconds=0.2)
        assert (await link.run(["echo", "still here"], timeout_seconds=60)).output == "still here\n"


async def test_a_link_lost_during_a_command_is_told_apart_from_an_exit(tmp_path: Path):
    async with ssh_node(tmp_path, "n1") as node, pool_of(node.files, "n1") as pool:
        link = await pool.connect(spec("n1"))
        async with asyncio.TaskGroup() as group:
            task = group.create_task(_raises_lost(link))
            await until(lambda: node.sessions)
            node.drop()
        assert await task
        assert await link.wait_closed() is not None
        assert pool.link(spec("n1").name) is None


async def _raises_lost(link) -> bool:
    try:
        await link.run(["sleep", "60"], timeout_seconds=60)
    except ConnectionLostError:
        return True
    return False


async def test_a_signal_is_not_an_exit_status(tmp_path: Path):
    async with ssh_node(tmp_path, "n1") as node, pool_of(node.files, "n1") as pool:
        link = await pool.connect(spec("n1"))
        result = await link.run(["exec", "sh", "-c", "kill -TERM $$"], timeout_seconds=60)
        assert result.exit_status is None
        assert result.error == "ended by signal TERM"


async def test_sudo_gets_its_password_only_after_its_own_prompt(tmp_path: Path):
    sudo = tmp_path / "sudo"
    sudo.write_text(
        "#!/bin/sh\nprintf 'Password: '; printf '%s' \"$3\" >&2; read word; shift 3; echo got=$word argv=$*\n"
    )
    sudo.chmod(0o755)
    async with ssh_node(tmp_path, "n1") as node, pool_of(node.files, "n1") as pool:
        link = await pool.connect(spec("n1"))
        result = await link.run([str(sudo), "-n", "service", "x"], timeout_seconds=60, sudo_password=Secret("s3cret"))
        assert "got=s3cret argv=service x" in result.output
        assert "aen-tui-" not in result.output
        with pytest.raises(ValueError, match="absolute"):
            await link.run(["sudo", "id"], timeout_seconds=60, sudo_password=Secret("s3cret"))


@pytest.mark.parametrize("kind", ["ssh", "local"])
async def test_a_burst_is_fast_and_a_pause_holds_memory(tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]):
    megabytes = 100
    async with ssh_node(tmp_path, "n1") as node, pool_of(node.files, "n1", "local") as pool:
        link = await pool.connect(spec("n1" if kind == "ssh" else "local"))
        got = 0

        def received(data: bytes) -> None:
            nonlocal got
            got += len(data)

        begin = time.perf_counter()
        channel = await link.open(f"head -c {megabytes}000000 /dev/zero", received)
        assert await channel.wait_closed() == 0
        took = time.perf_counter() - begin
        assert got == megabytes * 1_000_000
        with capsys.disabled():
            print(f"\n{kind}: {megabytes / took:.0f} MB/s, both sides in one process")

        channel = await link.open("cat /dev/zero", received)
        await until(lambda: got > megabytes * 1_000_000)
        channel.pause()
        before = _resident()
        await asyncio.sleep(0)  # a read that the loop had already found ready may still come
        paused_at = got
        echo = await link.run(["echo", "other channels live"], timeout_seconds=60)
        assert echo.exit_status == 0
        assert got - paused_at <= 262_144
        assert _resident() - before < 16 * 1024 * 1024
        channel.resume()
        await until(lambda: got > paused_at)
        channel.close()


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("kind", ["ssh", "local"])
async def test_a_forward_is_a_socket_that_only_we_can_reach(tmp_path: Path, kind: str):
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"store says " + await reader.readline())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with ssh_node(tmp_path, "n1") as node, pool_of(node.files, "n1", "local") as pool:
        link = await pool.connect(spec("n1" if kind == "ssh" else "local"))
        path = Path(await link.open_unix_forward("127.0.0.1", port))
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert await link.open_unix_forward("127.0.0.1", port) == str(path)
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"hello\n")
        assert await reader.read() == b"store says hello\n"
        writer.close()
        await writer.wait_closed()
        link.close()
        assert not path.parent.exists()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("kind", ["ssh", "local"])
async def test_a_port_that_refuses_says_so_in_the_same_words(tmp_path: Path, kind: str):
    port = free_port()
    async with ssh_node(tmp_path, "n1") as node, pool_of(node.files, "n1", "local") as pool:
        link = await pool.connect(spec("n1" if kind == "ssh" else "local"))
        with pytest.raises(RefusedError) as refused:
            await reach(link, "127.0.0.1", port)
    assert refused.value.message == f"nothing listens on 127.0.0.1:{port} (connection refused)"


async def test_this_machine_is_a_node_too():
    link = LocalLink()
    result = await link.run(["printf", "%s", "$HOME *"], timeout_seconds=60)
    assert (result.exit_status, result.output) == (0, "$HOME *")
    assert (await link.run(["/no/such/command"], timeout_seconds=60)).error
    got: list[bytes] = []
    channel = await link.open("read line; echo got $line; echo bad >&2; exit 4", got.append)
    channel.write(b"word\n")
    assert await channel.wait_closed() == 4
    assert (b"".join(got), channel.stderr) == (b"got word\n", "bad\n")
    link.close()
    assert await link.wait_closed() is None


async def test_silence_is_seen_within_ten_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("aen_tui.transports.link.KEEPALIVE_SECONDS", 0.05)
    async with ssh_node(tmp_path, "n1") as node, pool_of(node.files, "n1") as pool:
        link = await pool.connect(spec("n1"))
        assert isinstance(link, SshLink)
        for connection in node.connections:
            assert connection._transport is not None
            connection._transport.pause_reading()
        async with asyncio.timeout(60):
            assert await link.wait_closed() == "no sign of life"
