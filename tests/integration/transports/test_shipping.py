"""The probe on a link: started, spoken with, lost; with stand-ins that misbehave in its place."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aen_tui.errors import NoPythonError, ProbeError
from aen_tui.transports import Link, shipping
from aen_tui.transports.local import LocalLink
from aen_tui.transports.shipping import ProbeChannel, start_probe
from tests.integration.transports.support import pool_of, spec, until
from tests.support.sshd import ssh_node

CONFIG = {"op": "start", "session": "ab", "owner": "test", "interval": 0.2, "root": ""}
SYNC = "import os;os.write(1,b'\\0\\0AEN-TUI-PROBE 1\\n');"


@asynccontextmanager
async def link_of(tmp_path: Path, kind: str) -> AsyncIterator[Link]:
    if kind == "local":
        link = LocalLink()
        yield link
        link.close()
        await asyncio.wait_for(link.wait_ended(), 60)
        return
    async with ssh_node(tmp_path, "n1") as node, pool_of(node.files, "n1") as pool:
        yield await pool.connect(spec("n1"))


class Heard:
    def __init__(self) -> None:
        self.frames: list[tuple[str, Any]] = []
        self.lost: list[str | None] = []

    def frame(self, kind: str, payload: memoryview) -> None:
        self.frames.append((kind, bytes(payload)))

    def kinds(self) -> str:
        return "".join(kind for kind, _ in self.frames)


@pytest.mark.parametrize("kind", ["ssh", "local"])
async def test_the_probe_runs_and_its_frames_come(tmp_path: Path, kind: str):
    heard = Heard()
    node = replace(spec("n1"), python=sys.executable)
    async with link_of(tmp_path, kind) as link:
        probe = await start_probe(link, node, heard.frame, heard.lost.append, config=CONFIG)
        probe.heartbeat()
        await until(lambda: heard.kinds().count("S") >= 3)
        hello = json.loads(dict(heard.frames)["H"])
        assert hello["python"] == ".".join(str(part) for part in sys.version_info[:3])
        probe.pause()
        probe.send({"op": "poke"})
        probe.resume()
        probe.close()
        await until(lambda: heard.lost)
        assert heard.lost == [None]
        await until(lambda: not Path(f"/proc/{hello['pid']}").exists())


def stand_in(monkeypatch: pytest.MonkeyPatch, program: str, *, before: str = "") -> None:
    """Something else in the probe's place, after what a login shell may print."""
    line = shipping_line(program)
    monkeypatch.setattr(shipping, "probe_command", lambda *_: f"{before}{line}")


def shipping_line(program: str) -> str:
    from aen_tui.model.command import shell_line

    return shell_line([sys.executable, "-c", program])


async def start(link: Link, heard: Heard, **more: Any) -> ProbeChannel:
    return await start_probe(link, spec("n1"), heard.frame, heard.lost.append, config=CONFIG, **more)


@pytest.mark.parametrize("kind", ["ssh", "local"])
async def test_a_noisy_login_shell_does_not_matter(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch):
    program = SYNC + "os.write(1,b'H\\0\\0\\0\\2{}');os.read(0,1)"
    stand_in(monkeypatch, program, before="printf 'Welcome!\\033[2J S'; head -c 50000 /dev/zero; ")
    heard = Heard()
    async with link_of(tmp_path, kind) as link:
        probe = await start(link, heard)
        await until(lambda: heard.frames)
        assert heard.frames == [("H", b"{}")]
        probe.close()


async def test_no_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shipping, "probe_command", lambda *_: "echo AEN-TUI-NO-PYTHON; exit 97")
    async with link_of(tmp_path, "ssh") as link:
        with pytest.raises(NoPythonError) as caught:
            await start(link, Heard())
        assert "inventory" in str(caught.value.hint)


@pytest.mark.parametrize("kind", ["ssh", "local"])
async def test_a_traceback_before_the_first_frame_comes_home(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
):
    stand_in(monkeypatch, "raise ValueError('br\x1boken')")
    async with link_of(tmp_path, kind) as link:
        with pytest.raises(ProbeError, match=r"ended with status 1.*ValueError: br␛oken") as caught:
            await start(link, Heard())
        assert "Traceback" in str(caught.value.remote_traceback)


async def test_an_error_frame_ends_the_probe_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    body = json.dumps({"message": "out of luck", "traceback": "Traceback: line"})
    stand_in(monkeypatch, SYNC + f"b={body.encode()!r};os.write(1,b'E\\0\\0\\0'+bytes([len(b)])+b);os.read(0,1)")
    heard = Heard()
    async with link_of(tmp_path, "ssh") as link:
        probe = await start(link, heard)
        await until(lambda: heard.lost)
        assert heard.lost == ["the probe failed: out of luck"]
        assert isinstance(probe.failure, ProbeError)
        assert probe.failure.remote_traceback == "Traceback: line"


async def test_silence_is_a_deadline_with_what_was_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shipping, "probe_command", lambda *_: "echo motd; exec sleep 60")
    async with link_of(tmp_path, "ssh") as link:
        with pytest.raises(ProbeError, match=r"no sign within 3 s; it said: motd"):
            await start(link, Heard(), seconds=3.0)


async def test_garbage_after_the_header_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    stand_in(monkeypatch, SYNC + "os.write(1,b'rubbish');os.read(0,1)")
    heard = Heard()
    async with link_of(tmp_path, "ssh") as link:
        await start(link, heard)
        await until(lambda: heard.lost)
        assert "is no frame" in str(heard.lost[0])


async def test_a_lost_link_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    stand_in(monkeypatch, SYNC + "os.read(0,1)")
    heard = Heard()
    async with ssh_node(tmp_path, "n1") as node, pool_of(node.files, "n1") as pool:
        probe = await start(await pool.connect(spec("n1")), heard)
        node.drop()
        await until(lambda: heard.lost)
        probe.heartbeat()
        probe.close()
        assert heard.lost == ["the connection of the probe was lost"]


async def test_under_a_raw_pty_the_source_waits_for_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program = "import sys;n=int(sys.stdin.readline());sys.stdin.read(1);" + SYNC + "os.read(0,1)"
    monkeypatch.setattr(
        shipping,
        "probe_command",
        lambda _python, _user, raw_pty: (
            f"{'echo motd; echo AEN-TUI-READY; ' if raw_pty else 'exit 1; '}" + shipping_line(program)
        ),
    )
    async with link_of(tmp_path, "ssh") as link:
        probe = await start(link, Heard(), raw_pty=True)
        probe.close()
