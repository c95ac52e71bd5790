"""Nothing lost, nothing twice: a log that is written, cut off and rotated comes out of `logs` byte for byte."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from aen_tui.model.facts import ClusterState, LinkState, LogPath
from aen_tui.model.logs import LogKey, Seam
from aen_tui.model.node import NodeName
from aen_tui.runtime.cluster import Runtime
from aen_tui.state.logbook import LogBook
from tests.lab.lab import Lab
from tests.whole.conftest import Watching
from tests.whole.rotating import RotatingLog

NODE = "compute1-1"
LOG = "/var/log/gapless.log"
KEY = LogKey(NodeName(NODE), LogPath(LOG))
UP_SECONDS = 60
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Size:
    """How much a run is put through."""

    lines: int
    cuts: int
    rotations: int
    book_bytes: int


class Reader:
    """`aen-tui logs -f --raw` into a file."""

    def __init__(self, process: asyncio.subprocess.Process, output: Path, errors: Path) -> None:
        self.process = process
        self.output = output
        self.errors = errors

    @property
    def size(self) -> int:
        """Bytes that came out."""
        return self.output.stat().st_size


@asynccontextmanager
async def reading(inventory: Path, folder: Path) -> AsyncIterator[Reader]:
    output, errors = folder / "output", folder / "errors"
    with output.open("wb") as stdout, errors.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "aen_tui", "--inventory", str(inventory), "logs", "-f", "--raw", str(KEY),
            stdout=stdout, stderr=stderr,
        )  # fmt: skip
    try:
        yield Reader(process, output, errors)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def until(condition: Callable[[], bool], what: str, seconds: float = UP_SECONDS) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"not within {seconds} s: {what}") from None


class Run:
    """One log, one lab, one runtime and one reader; what happens is decided by dice."""

    def __init__(self, lab: Lab, runtime: Runtime, reader: Reader, log: RotatingLog, dice: random.Random) -> None:
        self.lab = lab
        self.runtime = runtime
        self.reader = reader
        self.log = log
        self.dice = dice
        self.seams: list[Seam] = []
        self.done: list[str] = []
        """What was cut and rotated, in order."""
        self._met = 0
        runtime.books.listeners.add(self._note)

    @property
    def book(self) -> LogBook:
        """The book of the view."""
        return self.runtime.books.book(KEY)

    def _note(self, key: LogKey) -> None:
        if key == KEY:
            for chunk in self.book.chunks_from(self._met):
                if chunk.seam is not None and chunk.first_line >= self._met and chunk.seam.reason != "dropped":
                    self.seams.append(chunk.seam)
            self._met = self.book.next_line

    async def write(self, lines: int) -> None:
        """In small steps, so that everything else goes on meanwhile."""
        for begin in range(0, lines, 2000):
            self.log.write(min(2000, lines - begin))
            await asyncio.sleep(0)

    async def has_state(self, *states: LinkState) -> None:
        def holds(state: ClusterState) -> bool:
            return state.nodes[KEY.node].connection.state in states

        async with asyncio.timeout(UP_SECONDS):
            await self.runtime.store.wait_for(holds)

    async def caught_up(self) -> None:
        try:
            async with asyncio.timeout(UP_SECONDS):
                while self.reader.size != self.log.written or self.book.end_position != self.log.written:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(
                f"of {self.log.written:,} bytes {self.reader.size:,} were printed, "
                f"{self.book.end_position:,} are in the book; {self.done}; {self.seams}; "
                f"{self.runtime.store.node(KEY.node)}; {self.reader.errors.read_text()}"
            ) from None

    async def rotate(self, manner: str) -> None:
        self.done.append(f"{manner} at {self.log.written:,}")
        match manner:
            case "rename":
                self.log.rename()
            case "copytruncate":
                self.log.copy_and_truncate()
            case "remove":
                # What nobody has read is gone with a deleted file, whoever reads.
                await self.caught_up()
                self.log.remove()
            case "twice":
                self.log.rename()
                await self.write(500)
                self.log.rename_by_date()
                await self.write(500)
                self.log.rename()

    async def cut(self, manner: str, meanwhile: Callable[[], asyncio.Future[None]]) -> None:
        """Lose the link, let things happen, give it back."""
        self.done.append(f"cut: {manner} at {self.log.written:,}")
        node, gateway = self.lab.nodes[NODE], self.lab.nodes["gateway1"]
        match manner:
            case "sessions":
                await asyncio.to_thread(node.kill_sshd, "sessions")
                await meanwhile()
            case "sshd" | "gateway":
                lost = node if manner == "sshd" else gateway
                await asyncio.to_thread(lost.kill_sshd)
                try:
                    await meanwhile()
                finally:
                    await asyncio.to_thread(lost.start_sshd)
            case "silent" | "blink":
                await asyncio.to_thread(node.cut_link)
                try:
                    await meanwhile()
                    if manner == "silent":
                        await self.has_state(LinkState.STALE)
                finally:
                    await asyncio.to_thread(node.restore_link)


def spread(dice: random.Random, kinds: list[str], count: int) -> list[str]:
    """So many of some kinds, each as often as the others, in any order."""
    found = [kinds[number % len(kinds)] for number in range(count)]
    dice.shuffle(found)
    return found


async def torture(lab: Lab, watching: Watching, inventory: Path, folder: Path, size: Size, seed: int) -> Run:
    """Write, cut and rotate; everything is read when it returns."""
    dice = random.Random(seed)
    node = lab.nodes[NODE]
    for old in node.path("/var/log").glob("gapless*"):
        old.unlink()
    log = RotatingLog(node.path(LOG), folder / "input", dice)
    cuts = spread(dice, ["sessions", "sshd", "silent", "gateway", "blink"], size.cuts)
    manners = spread(dice, ["rename", "copytruncate", "remove", "twice"], size.rotations)
    turns = sorted(dice.randrange(size.cuts) for _ in manners)
    async with watching(inventory) as runtime, reading(inventory, folder) as reader:
        runtime.books.limit_bytes = size.book_bytes
        runtime.follow(KEY)
        run = Run(lab, runtime, reader, log, dice)
        await until(
            lambda: b"following" in reader.errors.read_bytes() or reader.process.returncode is not None, "start"
        )
        assert reader.process.returncode is None, reader.errors.read_text()
        await until(lambda: run.book.caught_up, "the book")
        await run.has_state(LinkState.UP)
        for number, manner in enumerate(cuts):
            share = max(1, size.lines // size.cuts // 4)
            due = [manners[place] for place, turn in enumerate(turns) if turn == number]
            in_gap = [name for name in due if name != "remove" and dice.random() < 0.7]
            for name in [name for name in due if name not in in_gap]:
                await run.write(share // 2)
                await run.rotate(name)

            async def meanwhile(names: list[str] = in_gap, lines: int = share) -> None:
                await run.write(lines)
                for name in names:
                    await run.rotate(name)
                    await run.write(lines // 4)

            await run.write(share)
            await run.cut(manner, meanwhile)  # type: ignore[arg-type]
            await run.write(share)
            await run.has_state(LinkState.UP)
        await run.write(max(0, size.lines - log.lines))
        await run.caught_up()
        log.close()
        runtime.books.listeners.clear()
        reader.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(60):
            assert await reader.process.wait() == INTERRUPTED
    return run


def check(run: Run, folder: Path, size: Size) -> None:
    """The bytes of both, the book's cap, what was said."""
    want, got = (folder / "input").read_bytes(), (folder / "output").read_bytes()
    if got != want:
        place = next((at for at, pair in enumerate(zip(got, want, strict=False)) if pair[0] != pair[1]), 0)
        raise AssertionError(
            f"differs at byte {place:,}: {got[place - 60 : place + 90]!r}, not {want[place - 60 : place + 90]!r}"
        )
    book = run.book
    data, lost = book.read(0)
    assert lost + len(data) == len(want)
    assert want.endswith(data)
    assert lost == book.dropped_bytes > 0
    first = book.chunks[0].seam
    assert first is not None and first.reason == "dropped" and first.lost_bytes == lost
    assert run.runtime.books.size_bytes <= size.book_bytes
    reasons = [seam.reason for seam in run.seams]
    assert "reconnected" in reasons
    # Of a file that is gone nobody knows whether it had more.
    assert reasons.count("lost") <= sum("remove" in what for what in run.done), (run.seams, run.done)
    assert not [seam for seam in run.seams if seam.lost_bytes], run.seams
    said = run.reader.errors.read_text()
    assert "reconnected: link lost" in said and "Traceback" not in said, said


async def test_nothing_is_lost_and_nothing_comes_twice(
    lab: Lab, watching: Watching, inventory_file: Path, tmp_path: Path
) -> None:
    size = Size(lines=50_000, cuts=5, rotations=4, book_bytes=192 * 1024)
    run = await torture(lab, watching, inventory_file, tmp_path, size, seed=4)
    check(run, tmp_path, size)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_million_lines_through_twenty_cuts_and_ten_rotations(
    lab: Lab, watching: Watching, inventory_file: Path, tmp_path: Path, seed: int
) -> None:
    size = Size(lines=1_000_000, cuts=20, rotations=10, book_bytes=2 * 1024 * 1024)
    run = await torture(lab, watching, inventory_file, tmp_path, size, seed)
    check(run, tmp_path, size)
