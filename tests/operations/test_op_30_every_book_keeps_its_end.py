"""30: a log that floods pushes no other out of memory; access logs are followed, and not in what is merged."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from aen_tui.model.facts import LogFileState, LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.state.logbook import KEPT_BYTES
from tests.lab.lab import Lab
from tests.whole.conftest import Watching
from tests.whole.test_status import command

ACCESS = "/var/log/nginx/woc.log"
FLOOD = LogKey(NodeName("compute1-1"), LogPath("/var/log/flood.log"))
QUIET = [LogKey(NodeName(name), LogPath("/var/log/quiet.log")) for name in ("compute1-2", "compute2-1", "compute2-2")]
CAP_MEGABYTES = 2
LINE = b"%07d a line as long as most lines are, with a word or two to spare for the rest of it\n"


async def test_a_flood_pays_alone(lab: Lab, watching: Watching, tmp_path: Path) -> None:
    file = lab.write_inventory(tmp_path / "small.toml", log_memory_megabytes=CAP_MEGABYTES)
    keys = [FLOOD, *QUIET]
    for key in keys:
        lab.nodes[key.node].path(key.path).write_bytes(b"")
    quiet = b"".join(LINE % n for n in range(2 * KEPT_BYTES // len(LINE % 0)))
    written = 0
    async with watching(file) as runtime, asyncio.timeout(100):
        for key in keys:
            runtime.follow(key)
        books = {key: runtime.books.book(key) for key in keys}
        while not all(book.caught_up for book in books.values()):
            await asyncio.sleep(0.02)
        for key in QUIET:
            lab.nodes[key.node].append(key.path, quiet)
        while any(books[key].end_position < len(quiet) for key in QUIET):
            await asyncio.sleep(0.02)
        for n in range(16 * CAP_MEGABYTES):
            block = b"".join(LINE % number for number in range(n * 12_000, (n + 1) * 12_000))
            lab.nodes[FLOOD.node].append(FLOOD.path, block)
            written += len(block)
            await asyncio.sleep(0)
        while books[FLOOD].end_position < written:
            await asyncio.sleep(0.02)
        assert runtime.books.size_bytes <= CAP_MEGABYTES * 1024 * 1024
        for key in QUIET:  # all of it: who is not the noisiest pays nothing while that one has something
            assert books[key].read(0) == (quiet, 0)
        first = books[FLOOD].chunks[0].seam
        assert first is not None and first.reason == "dropped"
        data, lost = books[FLOOD].read(0)
        assert first.lost_bytes == lost == written - len(data) > 2 * CAP_MEGABYTES * 1024 * 1024
        assert len(data) >= KEPT_BYTES
    for key in keys:
        lab.nodes[key.node].path(key.path).unlink()


async def test_an_access_log_is_followed(lab: Lab, watching: Watching) -> None:
    key, node = LogKey(NodeName("aen-server"), LogPath(ACCESS)), lab.nodes["aen-server"]
    async with watching() as runtime, asyncio.timeout(60):
        await runtime.store.wait_for(
            lambda state: any(
                log.path == ACCESS and log.state is LogFileState.FOLLOWING for log in state.nodes[key.node].logs
            )
        )
        (log,) = [log for log in runtime.store.node(key.node).logs if log.path == ACCESS]
        assert log.kind == "access"
        book = runtime.books.book(key)
        while not book.caught_up:
            await asyncio.sleep(0.02)
        node.append(ACCESS, b"somebody was here\n")
        while b"\nsomebody was here\n" not in book.read(0)[0]:  # our own requests may come after it
            await asyncio.sleep(0.02)


def test_access_logs_are_in_no_merged_default_and_come_when_named(lab: Lab, inventory_file: Path) -> None:
    lab.nodes["aen-server"].append(ACCESS, b"somebody came by\n")
    for words in (["aen-server"], ["@server"], []):
        done = command(inventory_file, "logs", *words, "-n", "1000", "--json")
        paths = {json.loads(line)["path"] for line in done.stdout.splitlines()}
        assert paths and ACCESS not in paths
    named = command(inventory_file, "logs", f"aen-server:{ACCESS}", "-n", "1")
    assert (named.returncode, named.stdout) == (0, f"aen-server:{ACCESS}| somebody came by\n")
