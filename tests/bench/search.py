"""Searching 1,000,000 buffered lines, by the log view alone, beside `grep -c -i` on the same bytes."""

from __future__ import annotations

import re
import subprocess
import sys
import time

from tests.bench.figures import OURS, Figure
from tests.bench.stage import Stage

FIRST_HITS = 50.0
PATTERNS = {"rare": "request 4[0-9]*7777 ", "none": "no such thing"}
FOUND = re.compile(r"filter [\d,]+ lines, (\w+) .*first screen (\d+) ms, all ([\d.]+) s")


def measure(stage: Stage) -> list[Figure]:
    """`tests.bench.log_view_bench` in a process of its own."""
    argv = [sys.executable, "-m", "tests.bench.log_view_bench"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False)
    found = {match[1]: match for match in FOUND.finditer(done.stdout)}
    if not found:
        return [Figure("filter 1,000,000 lines", OURS, "s", note=done.stderr.strip()[-80:] or "no output")]
    file = stage.folder / "million.log"
    from tests.bench.log_view_bench import lines  # it imports the ui

    file.write_bytes(lines(0, 1_000_000))
    figures = []
    for what, pattern in PATTERNS.items():
        grep = Figure(f"filter 1,000,000 lines, {what}, all", "grep -c -i", "s")  # ours too: all letters are small
        for _ in range(stage.tries):
            began = time.monotonic()
            subprocess.run(["grep", "-c", "-i", "-E", pattern, str(file)], capture_output=True, check=False)
            grep.tries.append(time.monotonic() - began)
        first = float(found[what][2])
        ours = Figure(grep.what, OURS, "s", [float(found[what][3])], 2 * (grep.value or 0))
        figures += [ours, grep]
        if what == "rare":
            figures.append(Figure("filter 1,000,000 lines, first hits", OURS, "ms", [first], FIRST_HITS))
    file.unlink()
    return figures
