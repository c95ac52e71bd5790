"""`aen-tui logs`: lines of any sources to stdout, merged by time; followed with `-f`."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from typing import BinaryIO, TextIO

from aen_tui.errors import OutputError
from aen_tui.headless.log_lines import LinePrinter
from aen_tui.headless.log_reading import LogReader
from aen_tui.headless.older_lines import OlderLines
from aen_tui.headless.outlet import Outlet
from aen_tui.headless.told_sources import connect_seconds, told_sources
from aen_tui.model.logs import Level, LogKey
from aen_tui.model.moments import parse_moment
from aen_tui.model.node import NodeName
from aen_tui.model.text import visible_line
from aen_tui.runtime.cluster import Runtime
from aen_tui.runtime.node_times import node_times
from aen_tui.state.lines import DrawnLine, TimedLog
from aen_tui.state.patterns import compile_bytes
from aen_tui.state.selection import Criteria

HOLD_BACK_SECONDS = 0.5
"""How long a line may wait for an earlier one of another source."""
OTHERS_SECONDS = 3.0
"""How long the first lines wait for sources that are still connecting, with `-f`."""
BACKLOG_BYTES = 1024 * 1024
"""When a source has this much that was not printed, the probes stop reading: the files are the buffer."""
USAGE = 64


@dataclass(frozen=True, slots=True)
class LogOptions:
    """What was asked for."""

    follow: bool = False
    lines: int = 10
    """Lines a source at first; with `since` all that are there."""
    grep: str | None = None
    level: str | None = None
    since: str | None = None
    as_json: bool = False
    raw: bool = False
    guessed: frozenset[LogKey] = frozenset()
    """Sources that nobody misses where there is no such file: what somebody named is missed."""
    telling: Mapping[NodeName, frozenset[LogKey]] = field(default_factory=dict)
    """Nodes whose configuration may tell of further sources -> the sources that nobody misses then."""


async def run_logs(
    runtime: Runtime, sources: Sequence[LogKey], options: LogOptions, stdout: BinaryIO, stderr: TextIO
) -> int:
    """Print logs. 0; 1 where a source could not be read; 64 where the options make no sense."""
    if options.raw and (len(sources) != 1 or stdout.isatty() or options.as_json):
        what = (
            "one source"
            if len(sources) != 1
            else "a pipe or a file, not a terminal"
            if stdout.isatty()
            else "no --json"
        )
        stderr.write(f"aen-tui logs: --raw wants {what}\n")
        return USAGE
    try:
        pattern = compile_bytes(options.grep.encode("utf-8", "surrogateescape")) if options.grep else None
        since = parse_moment(options.since, runtime.clock.wall()) if options.since else None
    except ValueError as error:
        stderr.write(f"aen-tui logs: {error}\n")
        return USAGE
    level = Level[options.level.upper()] if options.level else Level.NONE
    criteria = Criteria((pattern,) if pattern is not None else (), level=level)
    lines = None if since is not None else options.lines
    async with runtime.running():
        seconds = OTHERS_SECONDS if options.follow else connect_seconds(runtime)
        told = [key for key in await told_sources(runtime, options.telling, seconds) if key not in sources]
        options = replace(options, guessed=options.guessed.union(told, *(options.telling[key.node] for key in told)))
        keys = (*sources, *told)
        readers = [LogReader(TimedLog(runtime.books.book(key)), criteria, lines, since) for key in keys]
        try:
            return await _Printing(runtime, readers, options, since, stdout, stderr).run()
        except BrokenPipeError:
            return 0
        except OutputError as error:
            stderr.write(f"aen-tui logs: {error}\n")
            return 1


class _Printing:
    def __init__(
        self,
        runtime: Runtime,
        readers: list[LogReader],
        options: LogOptions,
        since: float | None,
        stdout: BinaryIO,
        stderr: TextIO,
    ) -> None:
        self._runtime = runtime
        self._since = since
        self._readers = readers
        self._options = options
        self._stderr = stderr
        self._outlet = Outlet(stdout)
        in_colour = stdout.isatty() and not os.environ.get("NO_COLOR") and not options.as_json
        self._printer = LinePrinter([reader.key for reader in readers], as_json=options.as_json, in_colour=in_colour)
        self._wake = asyncio.Event()
        self._ripening: list[tuple[float, int, int, DrawnLine]] = []
        """A heap by time: time, source, line number, line."""
        self._deadlines: deque[tuple[float, float]] = deque()
        """When each of them must go, in the order they came, and its time."""
        self._failed: dict[LogKey, str] = {}
        whole = options.follow or options.raw or bool(options.level)
        self._older = OlderLines(runtime, None if whole else options.grep, since, self._say)
        self._by_key = {reader.key: reader for reader in readers}
        self._reaching: dict[LogKey, asyncio.Task[None]] = {}
        """Of sources that came late: what was asked for and lies before their first lines is being fetched."""
        self._backlog_bytes = min(BACKLOG_BYTES, runtime.books.limit_bytes // (4 * len(readers) + 4))
        self._is_holding = False
        plain = not options.as_json and not in_colour and not options.grep and not options.level and not options.since
        self._is_bulk = plain and len(readers) == 1

    async def run(self) -> int:
        books = self._runtime.books
        listener = self._on_append
        books.listeners.add(listener)
        try:
            for reader in self._readers:
                self._runtime.follow(reader.key)
            await self._until_read()
            await self._reach_back()
            if self._options.raw:
                await self._raw(self._readers[0])
            else:
                await self._print_first()
                if self._options.follow:
                    await self._follow()
            return 1 if any(not reader.is_attached and not self._is_away(reader) for reader in self._readers) else 0
        finally:
            books.listeners.discard(listener)
            if self._is_holding:
                books.release()

    def _on_append(self, key: LogKey) -> None:
        self._wake.set()
        reader = self._by_key.get(key)
        if reader is not None and reader.unread_bytes > self._backlog_bytes and not self._is_holding:
            self._is_holding = True
            self._runtime.books.hold()

    def _let_go(self) -> None:
        """What was unread is printed: more may come."""
        if self._is_holding and all(reader.unread_bytes < self._backlog_bytes // 2 for reader in self._readers):
            self._is_holding = False
            self._runtime.books.release()

    def _say(self, reader: LogReader, text: str) -> None:
        self._stderr.write(f"{visible_line(str(reader.key))}: {text}\n")
        self._stderr.flush()

    # -- until the ends of the files were reached ------------------------------------------------

    async def _until_read(self) -> None:
        """Wait until every source was read to its end or cannot be; with `-f` not long for the others."""
        clock = self._runtime.clock
        give_up = clock.monotonic() + connect_seconds(self._runtime)
        while clock.monotonic() < give_up:
            state = self._runtime.snapshot()
            ready = [reader for reader in self._readers if reader.source.book.caught_up]
            waiting = [r for r in self._readers if not r.source.book.caught_up and r.state(state) is None]
            if not waiting and (ready or not self._options.follow):
                break
            if ready and self._options.follow:
                give_up = min(give_up, clock.monotonic() + OTHERS_SECONDS)
            await self._rest(0.1)
        self._set_clocks()
        state = self._runtime.snapshot()
        for reader in self._readers:
            if not reader.source.book.caught_up and not self._is_away(reader):
                self._complain(reader, reader.state(state) or "not read in time")

    def _is_away(self, reader: LogReader) -> bool:
        """Whether there is no such file, and nobody said that there is."""
        return reader.key in self._options.guessed and reader.is_absent(self._runtime.snapshot())

    def _complain(self, reader: LogReader, why: str) -> None:
        if self._failed.get(reader.key) != why:
            self._failed[reader.key] = why
            self._say(reader, why)

    def _set_clocks(self) -> None:
        times = node_times(self._runtime.snapshot())
        for reader in self._readers:
            reader.source.time = times.get(reader.key.node, reader.source.time)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    # -- lines ------------------------------------------------------------------------------------

    async def _reach_back(self) -> None:
        """Fetch what was asked for and lies before the first backfill."""
        async with asyncio.TaskGroup() as tasks:
            for reader in self._readers:
                if reader.source.book.caught_up:
                    tasks.create_task(self._older.fetch(reader))

    async def _print_first(self) -> None:
        found: list[tuple[float, int, int, DrawnLine]] = []
        for index, reader in enumerate(self._readers):
            older = self._older.found.get(reader.key, ())
            found += [(moment, index, line.number, line) for moment, line in older]
        for index, reader in enumerate(self._readers):
            if reader.source.book.caught_up:
                found += [
                    (moment, index, line.number, line)
                    for moment, line in reader.attach(with_partial=not self._options.follow)
                ]
        found.sort(key=_order)
        await self._print([entry[3] for entry in found])
        for line in (entry[3] for entry in found if entry[3].partial):
            self._say(self._by_key[line.key], "the last line has no newline yet")
        for reader in self._readers:
            for note in reader.notes():
                self._say(reader, note)
        self._announce()

    def _say_states(self) -> None:
        """A source that cannot be read for a while says so, and so does one that is read again."""
        state = self._runtime.snapshot()
        for reader in self._readers:
            if reader.is_attached:
                why = reader.state(state)
                if why is not None:
                    self._complain(reader, why)
                elif self._failed.get(reader.key):
                    self._failed[reader.key] = ""
                    self._say(reader, "read again")

    def _announce(self) -> None:
        if self._options.follow:
            for reader in self._readers:
                if reader.is_attached and self._failed.get(reader.key) != "":
                    self._failed[reader.key] = ""
                    self._stderr.write(f"following {visible_line(str(reader.key))}\n")
            self._stderr.flush()

    async def _print(self, lines: list[DrawnLine]) -> None:
        for begin in range(0, len(lines), 256):
            await self._outlet.write(b"".join(self._printer.line(line) for line in lines[begin : begin + 256]))
            await asyncio.sleep(0)

    async def _follow(self) -> None:
        failure: BrokenPipeError | OutputError | None = None
        async with asyncio.TaskGroup() as tasks:
            try:
                await self._go_on(tasks)
            except (
                BrokenPipeError,
                OutputError,
            ) as error:  # raised below, outside the group, which would wrap it
                failure = error
            for task in self._reaching.values():
                task.cancel()
        if failure is not None:
            raise failure

    async def _go_on(self, tasks: asyncio.TaskGroup) -> None:
        clock = self._runtime.clock
        while True:
            for index, reader in enumerate(self._readers):
                if not reader.is_attached:
                    self._try_attach(index, reader, tasks)
                elif self._is_bulk:
                    await self._print_bulk(reader)
                else:
                    self._push(index, reader)
                for note in reader.notes():
                    self._say(reader, note)
            await self._print(self._ripe(clock.monotonic()))
            self._let_go()
            rest = self._deadlines[0][0] - clock.monotonic() if self._deadlines else 1.0
            await self._rest(rest)
            if not self._deadlines:
                self._outlet.check()
                self._set_clocks()
                self._say_states()

    def _try_attach(self, index: int, reader: LogReader, tasks: asyncio.TaskGroup) -> None:
        if reader.source.book.caught_up:
            reaching = self._reaching.get(reader.key)
            if reaching is None:
                self._set_clocks()
                reaching = self._reaching[reader.key] = tasks.create_task(self._older.fetch(reader))
                reaching.add_done_callback(lambda _task: self._wake.set())
            if reaching.done():
                for moment, line in reader.attach(with_partial=False):
                    self._hold_back(index, moment, line)
                self._announce()
        elif (why := reader.state(self._runtime.snapshot())) is not None:
            self._complain(reader, why)

    def _push(self, index: int, reader: LogReader) -> None:
        for moment, line in reader.take():
            self._hold_back(index, moment, line)

    def _hold_back(self, index: int, moment: float, line: DrawnLine) -> None:
        wait = HOLD_BACK_SECONDS if len(self._readers) > 1 else 0.0
        heappush(self._ripening, (moment, index, line.number, line))
        self._deadlines.append((self._runtime.clock.monotonic() + wait, moment))

    def _ripe(self, now: float) -> list[DrawnLine]:
        """Lines that have waited long enough, and all that were written before one of them."""
        latest = None
        while self._deadlines and self._deadlines[0][0] <= now:
            moment = self._deadlines.popleft()[1]
            latest = moment if latest is None else max(latest, moment)
        lines: list[DrawnLine] = []
        while latest is not None and self._ripening and self._ripening[0][0] <= latest:
            lines.append(heappop(self._ripening)[3])
        return lines

    async def _print_bulk(self, reader: LogReader) -> None:
        for chunk, numbers in reader.numbers():
            if not numbers:
                continue
            if numbers[-1] + 1 == chunk.end_line and numbers[-1] - numbers[0] + 1 == len(numbers):
                opened = chunk.opened()  # its book would keep line starts, and the bytes, of each that is printed
                begin = opened.span(numbers[0])[0]
                await self._outlet.write(self._printer.bulk(reader.key, opened.data[begin:]))
            else:  # gaps: our own requests
                lines = (reader.source.drawn(number) for number in numbers)
                await self._print([line for line in lines if line is not None])
            self._let_go()
            await asyncio.sleep(0)

    # -- bytes ------------------------------------------------------------------------------------

    async def _raw(self, reader: LogReader) -> None:
        book = reader.source.book
        if not book.caught_up:
            if not self._options.follow:
                return
            while not book.caught_up:
                self._complain(reader, reader.state(self._runtime.snapshot()) or "not read in time")
                await self._rest(1.0)
            await self._older.fetch(reader)
        position = reader.begin()
        self._announce()
        while True:
            data, lost = book.read(position)
            if lost:
                self._say(reader, f"{lost:,} bytes left memory before they were printed")
            position += lost + len(data)
            for _ in reader.numbers():
                pass  # seams are met on the way
            reader.cut_lines = 0  # of bytes nothing is cut
            reader.position = position
            await self._outlet.write(data)
            self._let_go()
            for note in reader.notes():
                self._say(reader, note)
            if not self._options.follow:
                return
            await self._rest(1.0)
            self._say_states()
            self._outlet.check()


def _order(entry: tuple[float, int, int, DrawnLine]) -> tuple[float, int, int]:
    return entry[:3]
