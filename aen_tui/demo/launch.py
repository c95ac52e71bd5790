"""Starts and ends a demo from the outside: `installation` around a dashboard, `serve` for `demo --serve`."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO

import msgspec

from aen_tui.demo.options import DemoOptions
from aen_tui.errors import AenError

_INVENTORY = "inventory.toml"
_READY = b"ready\n"
_FOLDER_CHARACTERS_MAX = 40
"""A unix socket's path holds 107 bytes; inside the folder they take up to 66."""
_END_SECONDS = 12.0


class DemoError(AenError):
    """The demo could not be started."""


@contextmanager
def installation(options: DemoOptions) -> Iterator[Path]:
    """An installation on this machine for as long as the block runs; yields its inventory's path.

    Blocks until every node is up, and at the end until all of it is gone.

    Raises:
        DemoError: it did not start; the message is the end of what it said.
    """
    with _running(options) as (inventory, _):
        yield inventory


def serve(options: DemoOptions) -> int:
    """`demo --serve`: the inventory's path on stdout, then run until ^C, SIGTERM, SIGHUP or the demo's own end.

    Returns:
        0 where it was asked to end, 1 where it did not start or ended by itself.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in ending:
            signal.signal(number, signal.SIG_IGN)  # what follows is the clean-up
        raise KeyboardInterrupt

    ending = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in ending:
        signal.signal(number, stop)
    try:
        with _running(options) as (inventory, keeper):
            sys.stdout.write(f"{inventory}\n")
            sys.stdout.flush()
            keeper.wait()
    except KeyboardInterrupt:
        return 0
    except DemoError as error:
        sys.stderr.write(f"aen-tui demo: {error}\n")
        return 1
    sys.stderr.write("aen-tui demo: its process has ended\n")
    return 1


@contextmanager
def _running(options: DemoOptions) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    folder = _make_folder()
    try:
        with tempfile.TemporaryFile() as said:
            # A session of its own: ^C in the terminal is for us, and we tell it by closing its standard input.
            keeper = subprocess.Popen(
                [sys.executable, "-I", "-m", "aen_tui.demo.server", str(folder)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, start_new_session=True, cwd="/",
            )  # fmt: skip
            try:
                assert keeper.stdin is not None
                keeper.stdin.write(msgspec.json.encode(options) + b"\n")
                keeper.stdin.flush()
                _wait_until_ready(keeper, said, options.start_deadline_seconds)
                yield folder / _INVENTORY, keeper
            finally:
                _end(keeper)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make_folder() -> Path:
    """A new 0700 folder with a path short enough for sockets, on a filesystem that runs programs.

    Raises:
        DemoError: there is none.
    """
    for place in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108 # mkdtemp
        if not place or not os.access(place, os.W_OK) or os.statvfs(place).f_flag & os.ST_NOEXEC:
            continue
        folder = Path(tempfile.mkdtemp(prefix="aen-demo-", dir=place)).resolve()
        if len(str(folder)) <= _FOLDER_CHARACTERS_MAX:
            return folder
        folder.rmdir()
    raise DemoError("no folder for the demo", hint="set TMPDIR to a short path that is writable and not noexec")


def _wait_until_ready(keeper: subprocess.Popen[bytes], said: IO[bytes], deadline_seconds: float) -> None:
    assert keeper.stdout is not None
    readable, _, _ = select.select([keeper.stdout], [], [], deadline_seconds + 5.0)
    if readable and keeper.stdout.readline() == _READY:
        return
    said.seek(0)
    last = said.read().decode("utf-8", "replace").strip().splitlines()[-1:]
    raise DemoError(last[0] if last else f"it was not up after {deadline_seconds:.0f} s")


def _end(keeper: subprocess.Popen[bytes]) -> None:
    """End of its standard input is its end; past all patience it is killed, and its children go with it."""
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    keeper.stdin.close()
    try:
        keeper.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        keeper.kill()
        keeper.wait()
    keeper.stdout.close()
