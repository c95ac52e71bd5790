"""The demo's own process: `python -m aen_tui.demo.server FOLDER` keeps an installation alive in FOLDER.

The first line of its standard input is its options, as JSON. It says one line on standard output when all is up,
and ends when its standard input does: whoever started it holds the other end, so however that one dies, this one
cleans up. Where this process itself is killed, supervisords and sessions die with it (lifeline.py), and a shell that
waits for that removes the folder.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh
import msgspec

from aen_tui.demo.client_files import LOCK, write_client_files
from aen_tui.demo.day import Day
from aen_tui.demo.init_scripts import FIFO
from aen_tui.demo.node_tree import write_tree
from aen_tui.demo.options import DemoOptions
from aen_tui.demo.plan import DemoPlan, make_plan
from aen_tui.demo.ssh_server import SshServers

READY = "ready"

_JANITOR = """trap '' INT HUP TERM
while read -r _; do :; done
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do rm -rf -- "$0" && exit; sleep 0.3; done"""
_STOP_SECONDS = 6.0


async def keep(folder: Path, options: DemoOptions) -> None:
    """Start everything, say so, wait for the end, stop everything.

    Raises:
        OSError: no free address or port.
        TimeoutError: it was not up in time.
    """
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await _watch_lifeline(ended)
    plan, sockets = make_plan(options, folder)
    async with _daemons() as starts, asyncio.TaskGroup() as tasks:
        servers = SshServers(plan, tasks)
        try:
            async with asyncio.timeout(options.start_deadline_seconds):
                for node in plan.nodes:
                    starts.write(msgspec.json.encode((str(node.root / FIFO), write_tree(plan, node))) + b"\n")
                    await starts.drain()
                host_keys = {node.name: asyncssh.generate_private_key("ssh-ed25519") for node in plan.nodes}
                login_key = asyncssh.generate_private_key("ssh-ed25519", comment="aen-tui demo, made for this run")
                await servers.start(sockets, host_keys, login_key)
                await _all_running(plan, ended)
            day = Day(plan, options)
            day.begin()
            write_client_files(plan, host_keys, login_key)
            living = tasks.create_task(day.run())
            os.write(1, f"{READY}\n".encode())
            await ended.wait()
            living.cancel()
        finally:
            servers.stop()


async def _watch_lifeline(ended: asyncio.Event) -> None:
    class Lifeline(asyncio.Protocol):
        def connection_lost(self, exc: Exception | None) -> None:
            ended.set()

    await asyncio.get_running_loop().connect_read_pipe(Lifeline, sys.stdin)


@asynccontextmanager
async def _daemons() -> AsyncIterator[asyncio.StreamWriter]:
    """The process that starts the daemons of each node written to it, a line each, and ends them all."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-W", "ignore", "-m", "aen_tui.demo.forkserver", stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    assert process.stdin is not None
    try:
        yield process.stdin
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()


async def _all_running(plan: DemoPlan, ended: asyncio.Event) -> None:
    """Until each supervisord's own log says of each program that it runs."""
    waiting = {node.prefix / "var/log/supervisord.log": len(node.programs) for node in plan.nodes}
    while waiting and not ended.is_set():
        for log, programs in list(waiting.items()):
            if log.exists() and log.read_bytes().count(b"entered RUNNING state") >= programs:
                del waiting[log]
        await asyncio.sleep(0.05)


@asynccontextmanager
async def _janitor(folder: Path) -> AsyncIterator[None]:
    """A shell that outlives this process by the one thing it does: it removes the folder."""
    process = await asyncio.create_subprocess_exec(
        "/bin/sh", "-c", _JANITOR, str(folder), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL, start_new_session=True, cwd="/",
    )  # fmt: skip
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def _run(folder: Path, options: DemoOptions) -> None:
    with (folder / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        async with _janitor(folder):
            await keep(folder, options)


def main() -> int:
    """Keep the installation of the folder named in argv."""
    os.umask(0o077)
    if sys.version_info < (3, 12):
        # Before 3.12 the default watcher keeps a thread for every process that runs.
        asyncio.set_child_watcher(asyncio.PidfdChildWatcher())
    options = msgspec.json.decode(sys.stdin.buffer.readline(), type=DemoOptions)
    asyncio.run(_run(Path(sys.argv[1]), options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
