"""4: `--since` begins where its time is, through rotated and packed files; what is searched is searched on the nodes,
niced, capped and cancellable, and only what was found is shipped."""

from __future__ import annotations

import asyncio
import gzip
import io
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from aen_tui.config.load import load_inventory
from aen_tui.headless.logs import LogOptions, run_logs
from aen_tui.model.facts import LinkState, LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.runtime import log_search
from aen_tui.runtime.cluster import Runtime
from aen_tui.runtime.log_search import LogSearch, lines_around
from aen_tui.state.node_patterns import node_pattern
from tests.lab.lab import Lab
from tests.whole.conftest import Watching

NODE = NodeName("compute1-1")
KEY = LogKey(NODE, LogPath("/var/log/wanted.log"))
ENDLESS = LogKey(NODE, LogPath("/var/log/endless.log"))
LINES = 60_000
STEP_SECONDS = 2.0
BACKFILL_BYTES = 64 * 1024
NEAR_BYTES = 256 * 1024


def line(n: int, now: float) -> bytes:
    """A line every two seconds; every thousandth is the head of a record of two lines."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - (LINES - n) * STEP_SECONDS)).encode()
    rest = b"  needle without a time %06d\n" % n if n % 1000 == 0 else b""
    word = b"needle" if n % 1000 == 500 else b"hay"
    return b"%s INFO line %06d %s and what else it has to say\n" % (stamp, n, word) + rest


@pytest.fixture(scope="module")
def written(lab: Lab) -> Iterator[list[bytes]]:
    """The log's records, in four files of which the oldest two are packed; the newest line is of this moment."""
    now, node, quarter = time.time(), lab.nodes[NODE], LINES // 4
    records = [line(n, now) for n in range(LINES)]
    names = (".3.gz", ".2.gz", ".1", "")
    for number, suffix in enumerate(names):
        path, data = node.path(KEY.path + suffix), b"".join(records[number * quarter : (number + 1) * quarter])
        path.write_bytes(gzip.compress(data) if suffix.endswith("gz") else data)
        at = now - (3 - number) * quarter * STEP_SECONDS
        os.utime(path, (at, at))
    node.path(ENDLESS.path).write_bytes(b"a" * 60 + b"b\n")
    yield records
    for suffix in names:
        node.path(KEY.path + suffix).unlink()
    node.path(ENDLESS.path).unlink()


async def logs(inventory: Path, **asked: str) -> tuple[Runtime, list[bytes]]:
    """What `aen-tui logs` prints, without the label, and the runtime that it ran on."""
    runtime, out, err = Runtime(load_inventory(inventory)), io.BytesIO(), io.StringIO()
    async with asyncio.timeout(180):
        assert await run_logs(runtime, [KEY], LogOptions(**asked), out, err) == 0, err.getvalue()  # type: ignore[arg-type]
    assert err.getvalue() == ""
    return runtime, [one.split(b"| ", 1)[1] for one in out.getvalue().splitlines(keepends=True)]


@pytest.mark.parametrize("hours", [2, 12, 30])
async def test_since_begins_where_its_time_is(written: list[bytes], inventory_file: Path, hours: int) -> None:
    runtime, found = await logs(inventory_file, since=f"-{hours}h")
    wanted = b"".join(written)
    printed = b"".join(found)
    assert wanted.endswith(printed)
    count = hours * 3600 / STEP_SECONDS
    assert abs(len(printed) - count * len(written[1])) < 0.02 * len(printed) + 10_000
    assert runtime.books.book(KEY).log_bytes <= len(printed) + NEAR_BYTES


async def test_what_is_searched_is_searched_there(written: list[bytes], inventory_file: Path) -> None:
    runtime, found = await logs(inventory_file, grep="needle", since="-30h")
    needles = [one for one in b"".join(written).splitlines(keepends=True) if b"needle" in one]
    assert found == needles[-len(found) :]
    assert abs(len(found) - 2 * 30 * 3600 / STEP_SECONDS / 1000) <= 3
    assert runtime.books.book(KEY).log_bytes <= BACKFILL_BYTES, "only what every log is followed from was shipped"


async def test_a_pattern_that_nodes_read_otherwise_is_looked_for_here(
    written: list[bytes], inventory_file: Path
) -> None:
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3 * 3600))
    there = await logs(inventory_file, grep="needle [aw]", since=since)
    here = await logs(inventory_file, grep="needle[[:space:]][aw]", since=since)
    assert there[1] == here[1] != []
    assert here[0].books.book(KEY).log_bytes > there[0].books.book(KEY).log_bytes


async def up(runtime: Runtime) -> None:
    async with asyncio.timeout(120):
        await runtime.store.wait_for(lambda state: state.nodes[NODE].connection.state is LinkState.UP)


async def test_hits_come_with_their_times_and_surroundings(written: list[bytes], watching: Watching) -> None:
    async with watching() as runtime:
        await up(runtime)
        since = runtime.clock.wall() - 30 * 3600
        search = LogSearch(runtime, node_pattern("needle"), [KEY], since)
        await search.run()
        needles = [one for one in b"".join(written).splitlines() if b"needle" in one]
        assert [found.hit.text.encode() for found in search.hits] == needles[: -len(search.hits) - 1 : -1]
        assert (search.errors, search.capped, search.done) == ([], {}, {NODE})
        assert {found.hit.file for found in search.hits} == {
            "wanted.log",
            "wanted.log.1",
            "wanted.log.2.gz",
            "wanted.log.3.gz",
        }
        assert all(found.moment is not None and found.moment >= since for found in search.hits)
        for found in (search.hits[0], search.hits[-1]):
            around = await lines_around(runtime, found.hit)
            at = next(index for index, one in enumerate(around) if one.offset == found.hit.offset)
            assert around[at].text == found.hit.text
            assert len(around) > 60


async def test_caps_are_said(written: list[bytes], watching: Watching, monkeypatch: pytest.MonkeyPatch) -> None:
    async with watching() as runtime:
        await up(runtime)
        search = LogSearch(runtime, node_pattern("hay"), [KEY], None)
        await search.run()
        assert (len(search.hits), search.capped) == (log_search.LOG_HITS_MOST, {"hits": 1})
        monkeypatch.setattr(log_search, "READ_BYTES", 1_000_000)
        search = LogSearch(runtime, node_pattern("no such thing"), [KEY], None)
        await search.run()
        assert (search.hits, search.capped) == ([], {"bytes": 1})


async def test_it_is_niced_and_a_search_that_is_cancelled_is_gone(
    written: list[bytes], lab: Lab, watching: Watching
) -> None:
    async with watching() as runtime:
        await up(runtime)
        search = LogSearch(runtime, node_pattern("(a+)+$"), [KEY, ENDLESS], None)
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(search.run())
            async with asyncio.timeout(120):
                while KEY not in search.logs or not search.logs[KEY].is_ended or 19 not in niceness(lab):
                    await asyncio.sleep(0.02)
            task.cancel()
        assert search.was_cancelled
        async with asyncio.timeout(90):
            while 19 in niceness(lab):
                await asyncio.sleep(0.05)


def niceness(lab: Lab) -> list[int]:
    """Of every process of the node."""
    found = []
    for pid in lab.nodes[NODE].processes():
        with suppress(OSError):  # it ended meanwhile
            found.append(int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[16]))
    return found
