"""A node's figures beyond its row: every core, load against cores, memory, swap, interfaces, disks, limits."""

from __future__ import annotations

from collections.abc import Iterator

from aen_tui.model.facts import Memory, Metrics, NodeState
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.model.trends import Slower, Vitals
from aen_tui.ui.presentation.fields import Field, Span
from aen_tui.ui.presentation.format import age_text, bytes_short, bytes_text, percent_text
from aen_tui.ui.presentation.severity import Glyphs, level_role

LABEL_WIDTH = 8
_WORTH_PERCENT = 10.0
"""Of limits that are used less only the most used is told."""
_LIMITS = (80.0, 95.0)
_SHOWN = 3


def details(node: NodeState, now: float, glyphs: Glyphs) -> list[Field]:
    """What is known of a node's host, a line each; `now` in monotonic seconds."""
    known = node.metrics.value
    if known is None:
        return [Field("", (("nothing was seen of it yet", "muted"),))]
    rows = [
        Field("cpu", tuple(_cpu(known, node, glyphs))),
        Field("load", tuple(_load(known))),
        Field("memory", tuple(_memory(known.memory, known, node))),
        Field("network", tuple(_network(known))),
    ]
    rows += [Field("disk", spans) for spans in _disks(known, node)]
    if node.trends.slower is not None:
        rows.append(Field("slower", slower_spans(node.trends.slower)))
    rows.append(Field("limits", tuple(_limits(node, now))))
    return rows


def _cpu(known: Metrics, node: NodeState, glyphs: Glyphs) -> Iterator[Span]:
    yield percent_text(known.cpu_percent), level_role(known.cpu_percent, node.spec.thresholds.cpu_percent)
    yield f"  waits {percent_text(known.iowait_percent)}  stolen {percent_text(known.steal_percent)}", "text"
    if known.core_percents:
        top = len(glyphs.levels) - 1
        bars = "".join(glyphs.levels[min(top, max(1, round(one * top / 100)))] for one in known.core_percents)
        yield f"  {len(known.core_percents)} cores ", "muted"
        yield bars, "series-1"
        yield f" busiest {percent_text(max(known.core_percents))}", "muted"


def _load(known: Metrics) -> Iterator[Span]:
    if known.load is None:
        yield "unknown", "muted"
        return
    yield "  ".join(f"{one:.2f}" for one in known.load), "text"
    if known.cores:
        each = known.load[0] / known.cores
        role = "warning" if each > 2 else "text"
        yield f"  {each:.2f} a core", role
        yield f" of {known.cores}", "muted"


def _memory(memory: Memory | None, known: Metrics, node: NodeState) -> Iterator[Span]:
    if memory is None:
        yield "unknown", "muted"
        return
    role = level_role(memory.used_percent, node.spec.thresholds.memory_percent)
    yield f"{bytes_text(memory.available_bytes)} free", role
    yield f" of {bytes_text(memory.total_bytes)}", "muted"
    if memory.is_estimate:
        yield " (estimated)", "muted"
    if memory.swap_total_bytes:
        yield f"  swap {bytes_text(memory.swap_used_bytes)} of {bytes_text(memory.swap_total_bytes)}", "text"
    elif memory.swap_total_bytes == 0:
        yield "  no swap", "muted"
    if known.swap_in_bytes_per_second is not None:
        rates = bytes_short(known.swap_in_bytes_per_second), bytes_short(known.swap_out_bytes_per_second)
        is_idle = not known.swap_in_bytes_per_second and not known.swap_out_bytes_per_second
        yield f"  in {rates[0]}/s out {rates[1]}/s", "muted" if is_idle else "text"


def _network(known: Metrics) -> Iterator[Span]:
    if not known.interfaces:
        yield "no interface is known", "muted"
    for number, (name, rx, tx) in enumerate(known.interfaces[:_SHOWN]):
        yield f"{'  ' if number else ''}{visible_line(name)}", "muted"
        yield f" in {bytes_short(rx)}/s out {bytes_short(tx)}/s", "text"
    if len(known.interfaces) > _SHOWN:
        yield f"  {len(known.interfaces) - _SHOWN} more", "muted"


def _disks(known: Metrics, node: NodeState) -> Iterator[tuple[Span, ...]]:
    limits = node.spec.thresholds.disk_percent
    for disk in known.disks:
        mount = visible_line(disk.mount)
        if disk.error is not None:
            yield ((f"{mount} {visible_line(disk.error)}", "critical"),)
            continue
        spans: list[Span] = [
            (percent_text(disk.used_percent), level_role(disk.used_percent, limits)),
            (f"  {bytes_text(disk.available_bytes)} free", "text"),
        ]
        if disk.inodes_used_percent is not None:
            spans.append(
                (f"  inodes {percent_text(disk.inodes_used_percent)}", level_role(disk.inodes_used_percent, limits))
            )
        spans.append((f"  {mount}", "muted"))
        filling = node.trends.filling_of(disk.mount)
        if filling is not None:
            level = node.trends.levels.get(f"filling:{disk.mount}", Severity.OK)
            role = level.word if level is not Severity.OK else "text"
            spans.append((f"  full in {age_text(filling.full_in_seconds)}", role))
        yield tuple(spans)


def _limits(node: NodeState, now: float) -> Iterator[Span]:
    reading = node.vitals
    if reading.value is None:
        yield visible_line(reading.error) if reading.error else "asked once a minute", "muted"
        return
    vitals: Vitals = reading.value
    fullest = sorted(vitals.used, key=lambda one: -one.percent)
    for used in [one for one in fullest if one.percent >= _WORTH_PERCENT][:_SHOWN] or fullest[:1]:
        whose = f"{visible_line(used.service)} " if used.service else ""
        yield f"{whose}{used.used:,} of {used.limit:,} {visible_line(used.what)}  ", level_role(used.percent, _LIMITS)
    if vitals.stuck:
        yield f"{len(vitals.stuck)} stuck  ", "warning"
    if vitals.errors:
        more = f" and {len(vitals.errors) - 1} more" if len(vitals.errors) > 1 else ""
        yield f"{visible_line(vitals.errors[0])}{more}  ", "unknown"
    yield f"{age_text(reading.age_seconds(now))} ago", "muted"


def slower_spans(slower: Slower) -> tuple[Span, ...]:
    """`load 12 instead of 2, 6.0 times as much`."""
    word = {"load": "{:.1f}", "io wait": "{:.0f} %", "latency": "{:.0f} ms"}[slower.what]
    now, usual = word.format(slower.now), word.format(slower.usual)
    return (
        (f"{slower.what} {now}", "warning" if slower.times >= 3 else "text"),
        (f" instead of {usual} in the hour before", "muted"),
    )
