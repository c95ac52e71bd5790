"""What was measured, beside its budget: a table for eyes and JSON for comparisons."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OURS = "aen-tui"


@dataclass(slots=True)
class Figure:
    """One number of one program."""

    what: str
    """The measure, such as "line to screen p95"."""
    who: str
    """`aen-tui`, or a peer and how it was run."""
    unit: str
    tries: list[float] = field(default_factory=list)
    """Empty: could not be measured; `note` says why."""
    budget: float | None = None
    """Not more than this, in `unit`."""
    note: str = ""
    load: float = field(default_factory=lambda: os.getloadavg()[0])
    """Load average of the last minute when it was measured."""

    @property
    def value(self) -> float | None:
        """The median of the tries."""
        return statistics.median(self.tries) if self.tries else None

    @property
    def verdict(self) -> str:
        """`ok`, `MISSED`, or nothing where there is no budget."""
        if self.budget is None or self.value is None:
            return ""
        return "ok" if self.value <= self.budget else "MISSED"


def machine() -> dict[str, Any]:
    """Processor, cores, memory, kernel."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "memory_gib": round(pages / 2**30, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that is not below `percent` of them."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def table(figures: Sequence[Figure]) -> str:
    """Rows by measure. `ours/peer` below 1: less than the peer needs."""
    ours = {figure.what: figure.value for figure in figures if figure.who == OURS}
    rows = [("what", "who", "median", "spread", "n", "ours/peer", "budget", "verdict", "load", "note")]
    last = ""
    for figure in figures:
        mine = ours.get(figure.what)
        ratio = f"{mine / figure.value:.2f}" if mine and figure.value and figure.who != OURS else ""
        spread = f"{_number(min(figure.tries))}..{_number(max(figure.tries))}" if len(figure.tries) > 1 else ""
        rows.append((
            figure.what if figure.what != last else "",
            figure.who,
            f"{_number(figure.value)} {figure.unit}" if figure.value is not None else "-",
            spread,
            str(len(figure.tries)),
            ratio,
            "" if figure.budget is None else f"{_number(figure.budget)} {figure.unit}",
            figure.verdict,
            f"{figure.load:.1f}",
            figure.note,
        ))  # fmt: skip
        last = figure.what
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def as_json(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    """One object a figure."""
    return [
        {
            "what": figure.what,
            "who": figure.who,
            "unit": figure.unit,
            "median": figure.value,
            "tries": figure.tries,
            "budget": figure.budget,
            "verdict": figure.verdict,
            "load": figure.load,
            "note": figure.note,
        }
        for figure in figures
    ]


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
