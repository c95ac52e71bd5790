"""What the log view costs by itself: `python -m tests.bench.log_view_bench`. No ssh, no node.

Printed: a burst of 200,000 lines in 64 KiB chunks to the last line drawn (wall and CPU), memory, the
delay from an append to its paint, and searches in 1,000,000 lines.
"""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from aen_tui.model.clock import SystemClock
from tests.support.log_stage import GATEWAY_LOG, SERVER_LOG, WORKER_LOG, LogStage

CHUNK = 64 * 1024


def lines(first: int, count: int) -> bytes:
    """Lines of the last `count` hundredths of a millisecond, as wk-server writes them."""
    now = time.time()
    out = []
    for n in range(count):
        at = now - (count - 1 - n) * 1e-5
        second = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))
        out.append(f"{second},{int(at % 1 * 1000):03d} INFO wk_server.app request {first + n} GET /api/projects 200\n")
    return "".join(out).encode()


def rss_megabytes() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


class Bench:
    def __init__(self, app: LogStage) -> None:
        self.app = app
        self.view = app.panel.view

    async def drawn(self, wanted: str, deadline_seconds: float = 5.0) -> float:
        """Until the last row of the view is this line; monotonic seconds of then."""
        end = time.perf_counter() + deadline_seconds
        while wanted not in (self.app.rows() or [""])[-1]:
            if time.perf_counter() > end:
                raise TimeoutError(
                    wanted, self.app.rows()[-3:], self.app.header(), self.view._is_stale, self.view.window.follow
                )
            await asyncio.sleep(0)
        return time.perf_counter()

    async def burst(self, count: int) -> None:
        data = lines(0, count)
        gc.collect()
        before = rss_megabytes()
        cpu, begin = time.process_time(), time.perf_counter()
        for at in range(0, len(data), CHUNK):
            self.app.feeder.feed(SERVER_LOG, data[at : at + CHUNK])
            await asyncio.sleep(0)
        end = await self.drawn(f"request {count - 1} ")
        print(f"burst of {count:,} lines ({len(data) / 1e6:.1f} MB): {end - begin:.3f} s to the last line drawn, "
              f"{time.process_time() - cpu:.3f} s CPU, +{rss_megabytes() - before:.0f} MB "
              f"(now {rss_megabytes():.0f} MB)")  # fmt: skip

    async def delays(self, count: int) -> None:
        taken: list[float] = []
        for n in range(count):
            key = (SERVER_LOG, WORKER_LOG, GATEWAY_LOG)[n % 3]
            begin = time.perf_counter()
            self.app.feeder.wall = time.time()
            self.app.feeder.feed(key, lines(5_000_000 + n, 1))
            taken.append((await self.drawn(f"request {5_000_000 + n} ")) - begin)
            await asyncio.sleep(0.013)
        taken.sort()
        print(f"one line, append to painted: p50 {statistics.median(taken) * 1000:.1f} ms, "
              f"p95 {taken[int(len(taken) * 0.95)] * 1000:.1f} ms")  # fmt: skip

    def _shows(self, wanted: str) -> bool:
        """Whether every row that is drawn holds this, and one is."""
        shown = [row for row in self.app.rows() if row]
        return bool(shown) and all(wanted in row for row in shown)

    async def search(self, total: int) -> None:
        window = self.view.window
        self.view.action_bottom()
        await asyncio.sleep(0.1)
        patterns = (
            ("rare", "request 4[0-9]*7777 ", "7777 "),
            ("none", "no such thing", ""),
            ("dense", "99 get", "99 GET"),
        )
        for what, pattern, seen in patterns:
            begin, cpu = time.perf_counter(), time.process_time()
            self.view.filter(pattern)
            first = worst = own = 0.0
            while True:
                turn, used = time.perf_counter(), time.thread_time()
                await asyncio.sleep(0.001)  # a loop that spins would fight the searching thread for the interpreter
                worst = max(worst, time.perf_counter() - turn - 0.001)
                own = max(own, time.thread_time() - used)
                # what is on screen is looked at only once something may be there: reading it back costs 5 ms
                if not first and seen and window.has_filter and window.stream.line_count and self._shows(seen):
                    first = time.perf_counter() - begin
                if not self.view.lookup.is_busy:
                    break
            while seen and not first:
                await asyncio.sleep(0.001)
                first = time.perf_counter() - begin if self._shows(seen) else 0.0
            await asyncio.sleep(0.05)
            print(f"filter {total:,} lines, {what} ({window.stream.line_count:,} hits): first screen "
                  f"{first * 1000:.0f} ms, all {time.perf_counter() - begin - 0.05:.3f} s, "
                  f"CPU {time.process_time() - cpu:.3f} s, a timer late by at most {worst * 1000:.0f} ms "
                  f"({own * 1000:.0f} ms CPU)")  # fmt: skip
            self.view.drop_filter()


async def main() -> None:
    app = LogStage([SERVER_LOG, WORKER_LOG, GATEWAY_LOG], limit_bytes=256 * 1024 * 1024)
    app.runtime.clock = SystemClock()  # type: ignore[assignment]
    app.panel.view.clock = app.runtime.clock
    app.feeder.wall = time.time()
    async with app.run_test(size=(160, 50)) as pilot:
        app.panel.set_sources(app.keys or [])
        await pilot.pause()
        gc.freeze()  # as the dashboard does
        bench = Bench(app)
        print(f"empty view: {rss_megabytes():.0f} MB")
        await bench.burst(200_000)
        await bench.delays(150)
        more = lines(200_000, 800_000)
        for at in range(0, len(more), CHUNK):
            app.feeder.feed(SERVER_LOG, more[at : at + CHUNK])
        await asyncio.sleep(0.2)
        await bench.search(1_000_000)
        print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder  # views remember their filters
        asyncio.run(main())
