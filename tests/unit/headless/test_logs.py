"""`aen-tui logs` over books that a test fills: order, formats, bytes, slow and vanished readers."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from aen_tui.config.targets import Target
from aen_tui.headless.logs import HOLD_BACK_SECONDS, USAGE, LogOptions, run_logs
from aen_tui.model.clock import SystemClock
from aen_tui.model.facts import Connection, LinkState, LogFileState, LogPath, LogState
from aen_tui.model.logs import LogKey, Seam
from aen_tui.runtime.cluster import Runtime
from aen_tui.runtime.log_sources import guessed_keys
from aen_tui.state.logbook import LogBooks
from tests.support.log_stage import GATEWAY_LOG, SERVER_LOG, Feeder
from tests.support.states import FakeRuntime, StoppedClock
from tests.unit.state.test_packed_chunks import unpacked_bytes

DEADLINE_SECONDS = 60


class Stage:
    """A runtime whose books a test fills; `logs` run over it."""

    def __init__(self, limit_bytes: int = 8 * 1024 * 1024) -> None:
        self.runtime = FakeRuntime(problems=False, history_samples=0)
        self.runtime.clock = SystemClock()  # type: ignore[assignment]
        self.runtime.books = LogBooks(limit_bytes=limit_bytes)
        self.runtime.running = self._running  # type: ignore[attr-defined]
        self.feeder = Feeder(self.runtime.books, time.time())
        self.stderr = io.StringIO()

    def stop_clock(self) -> StoppedClock:
        clock = self.runtime.clock = StoppedClock(wall=time.time())
        return clock

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        yield

    def feed(self, key: LogKey, data: bytes, *, seam: Seam | None = None) -> None:
        self.feeder.wall = time.time()
        self.feeder.feed(key, data, seam=seam)

    async def run(self, keys: Sequence[LogKey], stdout: BinaryIO, **options: Any) -> int:
        runtime = cast("Runtime", self.runtime)
        async with asyncio.timeout(DEADLINE_SECONDS):
            return await run_logs(runtime, keys, LogOptions(**options), stdout, self.stderr)

    async def output(self, keys: Sequence[LogKey], **options: Any) -> bytes:
        stdout = io.BytesIO()
        await self.run(keys, stdout, **options)
        return stdout.getvalue()


def stamped(text: str, ago: float = 0.0) -> bytes:
    at = time.time() - ago
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(at))},{int(at % 1 * 1000):03d} INFO {text}\n".encode()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not condition():
            await asyncio.sleep(0.005)


async def until_printed(stdout: io.BytesIO, lines: int) -> None:
    await until(lambda: stdout.getvalue().count(b"\n") >= lines)


async def test_the_last_lines_of_each_source_by_time() -> None:
    stage = Stage()
    stage.feed(SERVER_LOG, b"".join(stamped(f"s{n}", 100 - n * 2) for n in range(20)))
    stage.feed(GATEWAY_LOG, b"".join(stamped(f"g{n}", 99 - n * 2) for n in range(20)))
    out = (await stage.output([SERVER_LOG, GATEWAY_LOG], lines=2)).decode().splitlines()
    assert [line.rsplit(" ", 1)[1] for line in out] == ["s18", "g18", "s19", "g19"]
    assert out[0].startswith(f"{SERVER_LOG}| 20")


async def test_what_is_printed_is_sanitised_and_an_unended_line_too() -> None:
    stage = Stage()
    stage.feed(SERVER_LOG, b"\x1b]0;x\x07 \xc2\x9b31m \t tab\nno end \x00")
    out = await stage.output([SERVER_LOG])
    assert out.count(b"\n") == 2
    assert not set(out) & (set(range(0x20)) - {9, 10} | {0x7F})
    assert b"\xc2\x9b" not in out and b"\t tab" in out and "no end ␀".encode() in out
    assert stage.stderr.getvalue() == f"{SERVER_LOG}: the last line has no newline yet\n"


async def test_grep_level_and_since() -> None:
    stage = Stage()
    crash = stamped("exited: wk-server (exit status 1; not expected)", 50)
    stage.feed(SERVER_LOG, stamped("old", 4000) + stamped("apple", 60) + crash + stamped("plum", 40))
    assert (await stage.output([SERVER_LOG], grep="ap+le")).endswith(b"apple\n")
    assert (await stage.output([SERVER_LOG], level="error")).splitlines()[0].endswith(b"not expected)")
    assert len((await stage.output([SERVER_LOG], level="info")).splitlines()) == 4
    assert len((await stage.output([SERVER_LOG], since="-30m")).splitlines()) == 3
    assert len((await stage.output([SERVER_LOG], since="-30m", raw=True)).splitlines()) == 3
    assert await stage.run([SERVER_LOG], io.BytesIO(), grep="(") == USAGE
    assert await stage.run([SERVER_LOG], io.BytesIO(), since="soon") == USAGE


async def test_our_own_requests_are_left_out_but_of_the_bytes() -> None:
    stage = Stage()
    request = b'10.1.2.3 - - [10/Oct/2016:13:55:36 +0000] "GET / HTTP/1.1" 200 17 "-" "%s"\n'
    stage.feed(SERVER_LOG, request % b"aen-tui/0.1.0" + request % b"curl" + request % b"aen-tui/0.1.0")
    assert (await stage.output([SERVER_LOG])).count(b"\n") == 1
    assert (await stage.output([SERVER_LOG], raw=True)).count(b"\n") == 3


async def test_json_is_one_object_a_line() -> None:
    stage = Stage()
    stage.feed(SERVER_LOG, b"plain\n2016-10-19T14:03:22.123Z ERROR \x1b[0m boom\n")
    first, second = [json.loads(line) for line in (await stage.output([SERVER_LOG], as_json=True)).splitlines()]
    assert list(second) == ["at", "node", "path", "offset", "level", "text"]
    assert (second["at"], second["level"], second["offset"]) == ("2016-10-19T14:03:22.123Z", "error", 6)
    assert second["text"].endswith("␛[0m boom") and second["node"] == "aen-server"
    assert first["level"] is None


async def test_following_merges_by_time_and_says_what_it_follows() -> None:
    stage = Stage()
    clock = stage.stop_clock()
    stage.feed(SERVER_LOG, stamped("first"))
    stage.feed(GATEWAY_LOG, b"")
    stdout = io.BytesIO()
    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(stage.run([SERVER_LOG, GATEWAY_LOG], stdout, follow=True))
        await until(lambda: stage.stderr.getvalue().count("following ") == 2)
        early, late = stamped("early"), stamped("late", -0.05)
        stage.feed(SERVER_LOG, late)
        stage.feed(GATEWAY_LOG, early)
        stage.feed(SERVER_LOG, b"", seam=Seam("rotated", "renamed", 0))
        await until(lambda: "rotated: renamed" in stage.stderr.getvalue())  # all of it was taken, and waits
        assert stdout.getvalue().count(b"\n") == 1
        clock.advance(HOLD_BACK_SECONDS)
        await until(lambda: b"late" in stdout.getvalue())
        words = [line.rsplit(b" ", 1)[1] for line in stdout.getvalue().splitlines()]
        assert words == [b"first", b"early", b"late"]
        stage.feed(SERVER_LOG, b"", seam=Seam("truncated", "the file was cut", 77))
        await until(lambda: "77 bytes lost" in stage.stderr.getvalue())
        run.cancel()
    assert f"following {SERVER_LOG}\n" in stage.stderr.getvalue()


async def test_one_source_is_never_held_back() -> None:
    stage = Stage()
    stage.stop_clock()  # whoever waits for it waits for ever
    stage.feed(SERVER_LOG, b"")
    stdout = io.BytesIO()
    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(stage.run([SERVER_LOG], stdout, follow=True, grep="x"))
        await until(lambda: "following" in stage.stderr.getvalue())
        stage.feed(SERVER_LOG, b"x\nhalf x")
        await until(lambda: stdout.getvalue() != b"")
        assert stdout.getvalue() == f"{SERVER_LOG}| x\n".encode()
        stage.feed(SERVER_LOG, b" whole\n")
        await until(lambda: stdout.getvalue().endswith(b"| half x whole\n"))
        run.cancel()


@pytest.mark.parametrize("raw", [False, True])
async def test_a_slow_reader_stops_the_flow_and_loses_nothing(raw: bool) -> None:
    stage = Stage(limit_bytes=1024 * 1024)
    books = stage.runtime.books
    held: list[bool] = []
    books.on_hold = held.append
    stage.feed(SERVER_LOG, b"")
    data = b"".join(b"line %07d of many\n" % n for n in range(200_000))
    reader, writer = os.pipe()
    got = bytearray()

    async def feed() -> None:
        for at in range(0, len(data), 32_768):
            await until(lambda: held[-1:] != [True])  # as the runtime takes nothing while it is told to hold
            stage.feed(SERVER_LOG, data[at : at + 32_768])
            await asyncio.sleep(0)

    def read(most: int) -> None:
        got.extend(os.read(reader, most))

    with os.fdopen(writer, "wb") as stdout:
        async with asyncio.TaskGroup() as tasks:
            run = tasks.create_task(stage.run([SERVER_LOG], stdout, follow=True, raw=raw))
            await until(lambda: "following" in stage.stderr.getvalue())
            feeding = tasks.create_task(feed())
            await until(lambda: held[-1:] == [True])
            assert not feeding.done()
            async with asyncio.timeout(DEADLINE_SECONDS):
                while b"0199999" not in got[-60:]:
                    await asyncio.to_thread(read, 65_536)
            run.cancel()
    os.close(reader)
    text = bytes(got) if raw else bytes(got).replace(f"{SERVER_LOG}| ".encode(), b"")
    lines, expected = text.splitlines(), data.splitlines()
    assert len(lines) == len(expected)
    assert text == data
    assert "left memory" not in stage.stderr.getvalue()


async def test_what_was_printed_lies_packed() -> None:
    stage = Stage()
    stage.feed(SERVER_LOG, b"")
    stdout = io.BytesIO()
    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(stage.run([SERVER_LOG], stdout, follow=True))
        await until(lambda: "following" in stage.stderr.getvalue())
        for end in range(2000, 100_000, 2000):
            stage.feed(SERVER_LOG, b"".join(b"line %07d of many\n" % n for n in range(end - 2000, end)))
            await until_printed(stdout, end)
        run.cancel()
    book = stage.runtime.books.book(SERVER_LOG)
    assert len(book.chunks) > 6
    assert not unpacked_bytes(book)


async def test_a_reader_that_goes_ends_it_quietly() -> None:
    stage = Stage()
    stage.feed(SERVER_LOG, stamped("one"))
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as stdout:
        async with asyncio.TaskGroup() as tasks:
            run = tasks.create_task(stage.run([SERVER_LOG], stdout, follow=True))
            await until(lambda: "following" in stage.stderr.getvalue())
            os.close(reader)
            assert await run == 0


@pytest.mark.parametrize("options", [{}, {"follow": True}, {"raw": True}, {"raw": True, "follow": True}])
async def test_a_full_disk_is_said_once_and_ends_it(options: dict[str, bool]) -> None:
    stage = Stage()
    stage.feed(SERVER_LOG, stamped("one"))
    with Path("/dev/full").open("wb") as stdout:
        assert await stage.run([SERVER_LOG], stdout, **options) == 1
    assert stage.stderr.getvalue().endswith("aen-tui logs: stdout: no space left on device\n")


async def test_lines_that_are_cut_are_said_but_of_the_bytes() -> None:
    stage = Stage(limit_bytes=4 * 1024 * 1024)
    stage.feed(SERVER_LOG, stamped("one") + b"x" * 3_000_000 + b"\n" + stamped("two"))
    printed = await stage.output([SERVER_LOG], lines=100)
    assert printed.count(b"| ") > 3
    assert re.search(r"server.log: \d+ of its lines are cut", stage.stderr.getvalue())
    stage = Stage()
    stage.feed(SERVER_LOG, stamped("one") + b"x" * 3_000_000 + b"\n" + stamped("two"))
    await stage.output([SERVER_LOG], lines=1)
    await stage.output([SERVER_LOG], lines=100, raw=True)
    assert "cut" not in stage.stderr.getvalue()


async def test_raw_is_the_files_bytes_and_nothing_else() -> None:
    stage = Stage()
    data = b"\x00\x1b[31m" + bytes(range(256)) + b"\nlast\nno end"
    stage.feed(SERVER_LOG, data)
    assert await stage.output([SERVER_LOG], raw=True, lines=100) == data
    assert await stage.output([SERVER_LOG], raw=True, lines=2) == b"last\nno end"
    assert await stage.output([SERVER_LOG], raw=True, lines=0) == b""


class Terminal(io.BytesIO):
    def isatty(self) -> bool:
        return True


async def test_raw_wants_one_source_and_no_terminal() -> None:
    stage = Stage()
    assert await stage.run([SERVER_LOG, GATEWAY_LOG], io.BytesIO(), raw=True) == USAGE
    assert await stage.run([SERVER_LOG], Terminal(), raw=True) == USAGE
    assert "not a terminal" in stage.stderr.getvalue()


async def test_colour_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    stage = Stage()
    stage.feed(SERVER_LOG, stamped("x").replace(b"INFO", b"WARN"))
    terminal = Terminal()
    await stage.run([SERVER_LOG], terminal)
    assert b"\x1b[33m" in terminal.getvalue()
    assert b"\x1b" not in await stage.output([SERVER_LOG])
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal()
    await stage.run([SERVER_LOG], plain)
    assert b"\x1b" not in plain.getvalue()


async def test_what_cannot_be_read_is_said_and_the_rest_is_printed() -> None:
    stage = Stage()
    stage.feed(SERVER_LOG, stamped("here"))
    stage.runtime.change("gateway1", connection=Connection(LinkState.REFUSED, error="connection refused"))
    stdout = io.BytesIO()
    assert await stage.run([SERVER_LOG, GATEWAY_LOG], stdout) == 1
    assert stdout.getvalue().endswith(b"here\n")
    assert f"{GATEWAY_LOG}: refused: connection refused" in stage.stderr.getvalue()
    node = stage.runtime.store.node(GATEWAY_LOG.node)
    logs = tuple(replace(log, state=LogFileState.UNKNOWN, error="permission denied") for log in node.logs)
    stage.runtime.change("gateway1", connection=Connection(LinkState.UP), logs=logs)
    assert await stage.run([SERVER_LOG, GATEWAY_LOG], stdout) == 1
    assert "unknown: permission denied" in stage.stderr.getvalue()


async def test_a_log_that_only_its_package_names_is_not_missed_until_somebody_names_it() -> None:
    stage = Stage()
    stage.feed(SERVER_LOG, b"here\n")
    node = stage.runtime.store.node(SERVER_LOG.node)
    away = LogKey(node.name, LogPath("/var/log/elasticsearch/elasticsearch.log"))
    logs = (*node.logs, LogState(away.path, LogFileState.WAITING))
    stage.runtime.change(node.name, logs=logs, complete=True)
    inventory = stage.runtime.inventory
    guessed = guessed_keys([Target(node.name)], inventory)
    assert away in guessed and SERVER_LOG not in guessed
    assert await stage.run([SERVER_LOG, away], io.BytesIO(), guessed=guessed) == 0
    assert stage.stderr.getvalue() == ""
    for more in (Target(node.name, service="elasticsearch"), Target(node.name, path=away.path)):
        assert away not in guessed_keys([Target(node.name), more], inventory)
    assert await stage.run([SERVER_LOG, away], io.BytesIO()) == 1
    assert "there is no such file yet" in stage.stderr.getvalue()
    refused = replace(logs[-1], state=LogFileState.UNKNOWN, error="permission denied")
    stage.runtime.change(node.name, logs=(*node.logs, refused))
    assert await stage.run([SERVER_LOG, away], io.BytesIO(), guessed=guessed) == 1
