"""The program on a real pseudo-terminal: signals, suspension, colours, and how seldom it writes."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import textwrap
import time
from collections import deque
from pathlib import Path

import pytest

from aen_tui.ui.shell import shell_argv
from tests.support.states import inventory

SIZES = ((60, 16), (80, 24), (120, 40), (200, 50))


def test_shell_goes_the_inventorys_way() -> None:
    listed = inventory()
    assert shell_argv(listed.nodes["compute1-1"], listed.ssh) == ("ssh", "-J", "gateway1", "--", "compute1-1")  # type: ignore[index]
    assert shell_argv(listed.nodes["gateway1"], listed.ssh) == ("ssh", "--", "gateway1")  # type: ignore[index]


_PROGRAM = """
    import asyncio, sys
    from contextlib import asynccontextmanager
    from aen_tui.ui.run import DashboardOptions, run_dashboard
    from tests.support.states import FakeRuntime

    class Running(FakeRuntime):
        @asynccontextmanager
        async def running(self):
            yield

    sys.exit(asyncio.run(run_dashboard(Running(), DashboardOptions())))
"""


def _on_a_terminal(**environment: str) -> tuple[subprocess.Popen[bytes], int]:
    master, slave = pty.openpty()
    env = os.environ | {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30", "LC_ALL": "C.UTF-8"} | environment
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_PROGRAM)],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=env,
        cwd=Path(__file__).resolve().parents[2],
        start_new_session=True,
    )
    os.close(slave)
    return process, master


def _read(master: int, *, until_seen: bytes | None = None, seconds: float = 60.0) -> bytes:
    found = b""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if until_seen is not None and until_seen in found:
            break
        if not select.select([master], [], [], 0.2)[0]:
            continue
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        found += data
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_terminal_is_whole_again_after_a_signal(number: signal.Signals) -> None:
    process, master = _on_a_terminal()
    try:
        assert b"aen-server" in _read(master, until_seen=b"aen-server")
        process.send_signal(number)
        rest = _read(master)
        assert process.wait(60) == 128 + number
        assert b"\x1b[?1049l" in rest, "the alternate screen is left"
        assert b"\x1b[?25h" in rest, "the cursor is back"
        assert b"Traceback" not in rest
    finally:
        process.kill()
        os.close(master)


def test_ctrl_z_gives_the_terminal_back_and_fg_paints_anew(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(_PROGRAM))
    root = Path(__file__).resolve().parents[2]
    env = os.environ | {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(root), "PS1": "$ "}
    child, master = pty.fork()  # a shell with job control wants the terminal as its own
    if child == 0:
        os.execvpe("bash", ["bash", "--norc", "-i"], env)
    try:
        os.write(master, f"{sys.executable} {program}\n".encode())
        assert b"compute1-1" in _read(master, until_seen=b"compute1-1")
        _read(master, seconds=1.0)
        os.write(master, b"\x1a")
        assert b"\x1b[?1049l" in _read(master, until_seen=b"Stopped")
        os.write(master, b"fg\n")
        assert b"compute1-1" in _read(master, until_seen=b"compute1-1")
        os.write(master, b"q")
        assert b"\x1b[?1049l" in _read(master, until_seen=b"\x1b[?2004h$ ")  # and the shell's prompt is back
        os.write(master, b"echo exit=$?; exit\n")
        assert b"exit=0" in _read(master, until_seen=b"exit=0")
    finally:
        os.close(master)
        os.waitpid(child, 0)


def test_a_terminal_that_closes_leaves_no_process_behind() -> None:
    process, master = _on_a_terminal()
    try:
        _read(master, until_seen=b"compute2-3")
        for number in (signal.SIGCONT, signal.SIGHUP, signal.SIGCONT):  # as the kernel and shells send them
            process.send_signal(number)
        os.close(master)
        assert process.wait(timeout=60) == 128 + signal.SIGHUP
    finally:
        process.kill()
        process.wait()


def test_a_terminal_that_goes_away_without_a_signal_ends_the_program_too() -> None:
    process, master = _on_a_terminal()  # in a session of its own without a controlling terminal: nobody sends SIGHUP
    try:
        _read(master, until_seen=b"compute2-3")
        os.close(master)
        assert process.wait(timeout=60) == 128 + signal.SIGHUP
    finally:
        process.kill()
        process.wait()


def test_no_color_means_no_colour_and_another_locale_means_ascii() -> None:
    process, master = _on_a_terminal(NO_COLOR="1", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    try:
        found = _read(master, until_seen=b"compute2-3") + _read(master, seconds=1.5)
        assert b"aen-server" in found
        assert not re.search(rb"\x1b\[[\d;]*(?:3[0-7]|4[0-7]|9[0-7]|10[0-7]|38;|48;)[\d;]*m", found)
        assert all(byte < 0x80 for byte in found), "braille or a glyph on a terminal that cannot show it"
    finally:
        process.kill()
        process.wait()
        os.close(master)


def test_when_nothing_changes_one_write_a_second() -> None:
    process, master = _on_a_terminal()
    try:
        _read(master, until_seen=b"compute2-3")
        writes: deque[float] = deque([time.monotonic()], maxlen=6)
        deadline = time.monotonic() + 60
        while len(writes) < 6 or writes[-1] - writes[0] < 4.0:
            assert time.monotonic() < deadline, "it does not come to rest"
            if select.select([master], [], [], 0.1)[0]:
                os.read(master, 65536)
                writes.append(time.monotonic())
    finally:
        process.kill()
        process.wait()
        os.close(master)
