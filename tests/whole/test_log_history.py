"""Older lines from real nodes: `-n` and `--since` beyond the first 64 KiB, and above the top of a book."""

from __future__ import annotations

import asyncio
import gzip
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aen_tui.model.facts import LogPath
from aen_tui.model.logs import LogKey, OlderState
from aen_tui.model.node import NodeName
from aen_tui.state.lines import TimedLog
from aen_tui.state.merge import MergedStream
from tests.lab.lab import Lab
from tests.whole.conftest import Watching

NODE = "compute2-1"
LOG = "/var/log/history.log"
KEY = LogKey(NodeName(NODE), LogPath(LOG))
LINES = 30_000
STEP_SECONDS = 2.0


def stamped(first: int, last: int, now: float) -> bytes:
    """Lines of which the last was written just now, two seconds apart."""
    moments = [(n, now - (LINES - n) * STEP_SECONDS) for n in range(first, last)]
    return b"".join(
        b"%s INFO line %06d and what it has to say about it\n"
        % (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment)).encode(), n)
        for n, moment in moments
    )


@pytest.fixture(scope="module")
def written(lab: Lab) -> Iterator[bytes]:
    """The log's bytes, in three files: .2.gz, .1 and itself."""
    now, node = time.time(), lab.nodes[NODE]
    pieces = [stamped(begin, begin + LINES // 3, now) for begin in range(0, LINES, LINES // 3)]
    for number, (suffix, data) in enumerate(zip((".2.gz", ".1", ""), pieces, strict=True)):
        path = node.path(LOG + suffix)
        path.write_bytes(gzip.compress(data) if suffix.endswith("gz") else data)
        at = now - (2 - number) * LINES // 3 * STEP_SECONDS
        os.utime(path, (at, at))
    yield b"".join(pieces)
    for suffix in (".2.gz", ".1", ""):
        node.path(LOG + suffix).unlink()


def logs(inventory: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "aen_tui", "--inventory", str(inventory), "logs", str(KEY), *words],
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_more_lines_than_the_backfill_holds(written: bytes, inventory_file: Path) -> None:
    done = logs(inventory_file, "--raw", "-n", "25000")
    assert done.returncode == 0, done.stderr
    assert done.stdout == b"".join(written.splitlines(keepends=True)[-25_000:])


def test_all_there_is_where_more_was_asked_for(written: bytes, inventory_file: Path) -> None:
    done = logs(inventory_file, "-n", "1000000")
    assert done.returncode == 0, done.stderr
    texts = [line.split(b"| ", 1)[1] for line in done.stdout.splitlines()]
    assert texts == written.splitlines()


def test_since_a_time_that_lies_in_a_rotated_file(written: bytes, inventory_file: Path) -> None:
    done = logs(inventory_file, "--since", "-12h")
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert abs(len(lines) - 12 * 3600 / STEP_SECONDS) < 100
    assert lines[-1].endswith(written.splitlines()[-1])


async def test_above_the_top_of_a_book(written: bytes, watching: Watching) -> None:
    async with watching() as runtime, asyncio.timeout(60):
        runtime.follow(KEY)
        book = runtime.books.book(KEY)
        while not book.caught_up:
            await asyncio.sleep(0.02)
        stream = MergedStream([TimedLog(book)])
        stream.sync(runtime.clock.wall())
        top, seen = stream.ref(0), stream.line(0)
        assert book.edge.state is OlderState.UNKNOWN and book.first_line == 0
        edge = await runtime.fetch_older(KEY)
        assert edge.state is OlderState.MORE and "history.log from byte" in edge.message
        assert stream.sync(runtime.clock.wall())
        at = stream.index_of(top)
        assert at == -book.first_line > 2000
        assert stream.line(at) == seen
        while (edge := await runtime.fetch_older(KEY)).state is OlderState.MORE:
            pass
        assert edge.state is OlderState.START
        assert book.edge == edge
        data, lost = book.read(book.chunks[0].position)
        assert (data, lost) == (written, 0)
        stream.sync(runtime.clock.wall())
        assert stream.line_count == LINES
        runtime.books.limit_bytes = runtime.books.size_bytes
        assert (await runtime.fetch_older(KEY)).state is OlderState.FULL
