"""Minutes of 5,000 lines a second from a real node into the real view: memory flat, no line lost, keys answered.

Not among the measures that are run by default: `--only soak --minutes 10`.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.bench.figures import OURS, Figure, percentile
from tests.bench.key_paint import FLEET, LINES_PER_SECOND, LOGS, P99_BUDGET, _paint
from tests.bench.processes import cost, tree
from tests.bench.stage import LOG_FOLDER, NODE, Stage
from tests.bench.steady import MEMORY_BUDGET
from tests.bench.terminal import Terminal
from tests.bench.writing import Load, line, word

GROWTH_BUDGET = 4.0
"""MB over the last half, by which time the books hold what they may: what grows then grows for ever."""
BOOKS_MEGABYTES = 64
"""`log_memory_megabytes` of a run long enough to fill it in its first quarter; a shorter run gets less."""
PACKED = 10
"""How much smaller such lines are in memory, at the most."""
SEAM = re.compile(r"-- (\w+): (.*) --$")
DROPPED = re.compile(r"([\d,]+) older lines \(([\d,]+) bytes\) left memory here")


class Numbered(Load):
    """As `Load`, and every line has its number."""

    def _write(self) -> None:
        began = time.monotonic()
        with self._node.path(self._path).open("ab", buffering=0) as file:
            while not self._over.wait(0.02):
                due = int((time.monotonic() - began) * self._rate) - self.written
                start = line("GET /api/projects 200")[:-1]
                numbers = range(self.written, self.written + due)
                data = "".join(f"{start} {n % 977}ms request={n:010d}\n" for n in numbers).encode()
                while data:
                    data = data[file.write(data) :]
                self.written += due


@dataclass(slots=True)
class Soak:
    """What came of a run."""

    seconds: float
    books_megabytes: int
    written: int = 0
    """Lines."""
    rss: list[float] = field(default_factory=list)
    pss: list[float] = field(default_factory=list)
    """MB, one a second."""
    keys: list[float] = field(default_factory=list)
    """Milliseconds from a key to its paint."""
    cpu_percent: float = 0.0
    """Of one core."""
    dropped: int = 0
    """Lines that the view's top says have left memory."""
    kept: int = 0
    """Lines that the view still had, each the one after the one before."""
    seams: list[str] = field(default_factory=list)
    """What was said between lines but that."""

    @property
    def lost(self) -> int:
        """Lines of which nothing is known."""
        return self.written - self.dropped - self.kept


def growth(samples: Sequence[float]) -> float:
    """By how much the last tenth lies above the first tenth of the second half."""
    tenth = max(1, len(samples) // 10)
    half = len(samples) // 2
    return statistics.mean(samples[-tenth:]) - statistics.mean(samples[half : half + tenth])


def run(stage: Stage, minutes: float, lines_per_second: int = LINES_PER_SECOND) -> Soak:
    """Write for so long, look at memory and keys meanwhile, count at the end."""
    path = f"{LOG_FOLDER}/soak-{word()}.log"
    stage.node.append(path, b"")
    stage.node.path(path).chmod(0o644)
    bytes_in_a_quarter = (
        minutes * 60 / 4 * lines_per_second * len(line("GET /api/projects 200 500ms request=0123456789"))
    )
    soak = Soak(minutes * 60, max(2, min(BOOKS_MEGABYTES, int(bytes_in_a_quarter / PACKED / 2**20))))
    inventory = stage.lab.write_inventory(
        stage.folder / "soak.toml",
        defaults={"become": "actions"},
        node={NODE: {"logs": [path]}},
        log_memory_megabytes=soak.books_megabytes,
    )
    staged = replace(stage, inventory=inventory)
    try:
        with staged.open(staged.aen_tui()) as terminal:
            terminal.wait_for(stage.up_text, seconds=120)
            terminal.wait_for(FLEET)
            terminal.send("2")
            terminal.wait_for("FOLLOW")
            with Numbered(stage.node, path, lines_per_second) as load:
                terminal.wait_for(re.compile(rb"request=\d"))
                _look(terminal, soak)
            soak.written = load.written
            last = word()
            stage.node.append(path, line(last).encode())
            soak.written += 1
            terminal.wait_for(last, seconds=60)
            _count(_saved(terminal, stage), path, last, soak)
    finally:
        stage.drop_log(path)
    return soak


def _look(terminal: Terminal, soak: Soak) -> None:
    processes = tree(terminal.process.pid)
    before, began = cost(processes), time.monotonic()
    while (now := time.monotonic()) < began + soak.seconds:
        sample = cost(processes)
        soak.rss.append(sample.rss_megabytes)
        soak.pss.append(sample.pss_megabytes)
        soak.keys += [_paint(terminal, key, seen) for key, seen in (("1", FLEET), ("2", LOGS))]
        time.sleep(max(0.0, now + 1 - time.monotonic()))
    soak.cpu_percent = (cost(processes).cpu_seconds - before.cpu_seconds) / (time.monotonic() - began) * 100


def _saved(terminal: Terminal, stage: Stage) -> Path:
    """What the view shows, as it saves it."""
    since = terminal.written
    terminal.send("\x13")
    terminal.wait_for(re.compile(rb"saved to"), seconds=180, since=since)
    (file,) = (stage.folder / "home/state/aen-tui/saved").glob("logs-*.log")
    return file


def _count(file: Path, path: str, last: str, soak: Soak) -> None:
    """Every line must be the one after the one before it.

    Raises:
        ValueError: one is not.
    """
    expected: int | None = None
    for text in _lines(file, f"{NODE}:{path}| "):
        if match := SEAM.search(text):
            if match[1] == "dropped" and (found := DROPPED.match(match[2])) and not soak.kept:
                soak.dropped = expected = int(found[1].replace(",", ""))
            else:
                soak.seams.append(f"{match[1]}: {match[2]}")
            continue
        soak.kept += 1
        if text.endswith(last):
            continue
        number = int(text.rpartition("request=")[2])
        if number != (expected if expected is not None else 0):
            raise ValueError(f"line {number:,} where {expected or 0:,} should be")
        expected = number + 1
    file.unlink()


def _lines(file: Path, mark: str) -> Iterator[str]:
    with file.open(encoding="utf-8") as lines:
        yield from (text.removeprefix(mark).rstrip("\n") for text in lines if text.startswith(mark))


def measure(stage: Stage) -> list[Figure]:
    """Growth, peak, keys, lines."""
    soak = run(stage, stage.minutes)
    note = f"{soak.seconds / 60:g} min, {soak.written:,} lines, books of {soak.books_megabytes} MiB"
    said = f"; {len(soak.seams)} seams: {soak.seams[0][:60]}" if soak.seams else "; no seam but that of memory"
    figures = [
        Figure("soak: growth (RSS) in the last half", OURS, "MB", [growth(soak.rss)], GROWTH_BUDGET, note),
        # No budget: it also grows when others who shared pages end.
        Figure("soak: growth (PSS) in the last half", OURS, "MB", [growth(soak.pss)]),
        Figure("soak: memory (PSS), highest", OURS, "MB", [max(soak.pss)], MEMORY_BUDGET),
        Figure("soak: CPU, of one core", OURS, "%", [soak.cpu_percent]),
        Figure("soak: lines lost", OURS, "", [soak.lost], 0,
               f"{soak.dropped:,} left memory, {soak.kept:,} kept{said}"),
    ]  # fmt: skip
    for percent in (50, 99):
        value = percentile(soak.keys, percent)
        figures.append(Figure(f"soak: key to paint, p{percent}", OURS, "ms", [value], note=f"{len(soak.keys)} keys"))
    figures[-1].budget = P99_BUDGET
    return figures
