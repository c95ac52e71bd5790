"""MongoDB and Elasticsearch in lines of text: state with its age, figures with short histories."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aen_tui.model.facts import StoreState
from aen_tui.model.reading import Reading
from aen_tui.model.severity import Severity
from aen_tui.model.stores import MongoFigures, MongoServer, SearchFigures, SearchNode
from aen_tui.ui.presentation.format import (
    UNKNOWN,
    age_text,
    bytes_short,
    duration_text,
    latency_text,
    percent_text,
)
from aen_tui.ui.presentation.rows import Line, line_cells, remote, wrap
from aen_tui.ui.presentation.severity import Glyphs, level_role, severity_sign
from aen_tui.ui.presentation.spark import samples_wanted, spark

Recent = Callable[[str, int], Sequence[float]]
"""Metric, samples -> the newest values of the store's node, oldest first."""
_SPARK_CELLS = 10
_FIRST_CELLS = 44
"""Of what has a history: word, figure, history, `virt 1.2G map 480M`, a gap."""
_BEFORE_KINDS = 24
"""Of the line of operations: word, figure, history, gaps."""
_GAP = 2
_NAME_CELLS = 24
_NODES_SHOWN = 4
_HEAP_LIMITS = (75.0, 85.0)
"""The collector begins at 75; over 85 it does little else (ops 38)."""
_LOCK_LIMITS = (50.0, 80.0)
_KINDS = ("insert", "query", "update", "delete", "getmore", "command")


def head(state: StoreState | None, now: float, glyphs: Glyphs) -> Line:
    """`● up · 2.6.10 · 0.7ms · seen 4s ago · aen-server 127.0.0.1:27017`; what it is, how old that is."""
    if state is None:
        return [(f"{glyphs.absent} ", "faint"), ("neither configured nor installed", "muted")]
    if state.is_pending:
        return [(f"{glyphs.connecting} ", "unknown"), ("not asked yet", "muted")]
    sign = severity_sign(state.severity, glyphs)
    word = {"up": "up", "down": "DOWN", "unknown": "UNKNOWN"}.get(state.state, state.state)
    line: Line = [(f"{sign.glyph} ", sign.role), (word, f"{sign.role}!")]
    facts = [_state_words(state), latency_text(state.latency_ms) if state.state == "up" else ""]
    facts.append(f"seen {age_text(_age(state.seen_at, now))} ago" if state.seen_at is not None else "")
    if state.state != "up" and state.answered_at is not None:
        facts.append(f"answered {age_text(_age(state.answered_at, now))} ago")
    facts.append(remote(" ".join(part for part in (state.asked_on, state.address) if part)))
    for fact in filter(None, facts):
        line += [(f" {glyphs.dot} ", "faint"), (fact, "muted")]
    return line


def _age(at: float | None, now: float) -> float | None:
    return None if at is None else max(0.0, now - at)


def _state_words(state: StoreState) -> str:
    words = [state.version or "", (state.health or "") if state.state == "up" else ""]
    if isinstance(state.figures, MongoFigures) and state.state == "up":
        words += [state.figures.hello.role, state.figures.hello.set_name or ""]
    return remote(" ".join(word for word in words if word))


def trouble(state: StoreState | None) -> list[Line]:
    """Why it is down, hidden or not asked; nothing where all is well."""
    if state is None or state.is_pending or not state.error:
        return []
    role = "critical" if state.severity is Severity.CRITICAL else "unknown"
    lines: list[Line] = [[(remote(state.error), role)]]
    if state.last_words:
        lines.append([("its log: ", "faint"), (remote(state.last_words), "critical")])
    return lines


def figure_lines(state: StoreState | None, recent: Recent, now: float, width: int, glyphs: Glyphs) -> list[Line]:
    """The figures in a few lines; those of one that does not answer are drawn as old and say their age."""
    if state is None or state.figures is None:
        return []
    is_up = state.state == "up"
    if isinstance(state.figures, MongoFigures):
        return _mongo_lines(state.figures, recent, now, width, glyphs, is_up=is_up)
    return _search_lines(state, state.figures, recent, now, width, glyphs)


def fsync_lines(state: StoreState | None, glyphs: Glyphs) -> list[Line]:
    """That somebody holds all writes back by fsyncLock; nothing where nobody does."""
    if state is None or state.state != "up" or not isinstance(state.figures, MongoFigures):
        return []
    locks = state.figures.locks
    if locks.value is None or locks.error is not None or not locks.value.is_fsync_locked:
        return []
    said = f"{glyphs.critical} locked by fsyncLock, {len(locks.value.waiting)} operations wait"
    return [[(said, "critical!")]]


def _mongo_lines(
    figures: MongoFigures, recent: Recent, now: float, width: int, glyphs: Glyphs, *, is_up: bool
) -> list[Line]:
    server = figures.server.value
    if server is None:
        return []
    role = "text" if is_up and figures.server.error is None else "stale"
    lines = _grid(_with_history(server, recent, role, width, glyphs), _others(server, role), width)
    lines += _old(figures.server, now, is_up=is_up)
    if server.members:
        lines += wrap(_members(server, glyphs, role), width, gap=3)
    return lines


def _old(reading: Reading[Any], now: float, *, is_up: bool) -> list[Line]:
    """That figures are not of this moment, and since when."""
    if reading.seen_at is None or (is_up and reading.error is None):
        return []
    return [[(f"these figures are {age_text(_age(reading.seen_at, now))} old", "stale!")]]


def _grid(first: Sequence[Line], items: Sequence[Line], width: int) -> list[Line]:
    """The first below each other, items in columns beside the second and the third; below, what has no room there."""
    lines = [list(line) for line in first]
    beside, used, rest = lines[1:], _FIRST_CELLS, list(items)
    while rest:
        column = rest[: len(beside)]
        cells = max(map(line_cells, column))
        if used + cells > width:
            break
        for line, item in zip(beside, column, strict=False):
            line += [(" " * max(_GAP, used - line_cells(line)), "text"), *item]
        used += cells + _GAP
        del rest[: len(column)]
    return lines + wrap(rest, width, gap=_GAP)


def _kinds(rates: Mapping[str, float], width: int) -> str:
    """`insert 1.2 query 33.4 +2`: the most frequent, each whole, and how many others there are."""
    busy = [kind for kind in _KINDS if rates.get(kind, 0) >= 0.05]
    shown = sorted(busy, key=lambda kind: -rates[kind])
    while shown:
        left = len(busy) - len(shown)
        words = [f"{kind} {_rate(rates[kind])}" for kind in busy if kind in shown]
        text = " ".join([*words, f"+{left}"] if left else words)
        if len(text) <= width:
            return text
        shown.pop()
    return ""


def _with_history(server: MongoServer, recent: Recent, role: str, width: int, glyphs: Glyphs) -> list[Line]:
    rates = server.ops_per_second
    parts = _kinds(rates, width - _BEFORE_KINDS)
    connections = _count(_sum(server.connections, server.connections_available))
    memory = f"virt {bytes_short(server.virtual_bytes)} map {bytes_short(server.mapped_bytes)}"
    return [
        _item(f"{label:<5}", f"{value:>6}", role, history(metric, recent, glyphs, 0), f" {more}" if more else "")
        for label, value, metric, more in (
            ("ops/s", _rate(sum(rates.values()) if rates else None), "mongo_ops", parts),
            ("conn", _count(server.connections), "mongo_connections", f"of {connections}"),
            ("mem", bytes_short(server.resident_bytes), "mongo_memory_mib", memory),
        )
    ]


def _others(server: MongoServer, role: str) -> list[Line]:
    locked = f" {remote(server.locked_database)}" if server.locked_database else ""
    lock_role = level_role(server.locked_percent, _LOCK_LIMITS) if role == "text" else role
    queued = (server.queued_readers or 0) + (server.queued_writers or 0)
    return [
        _item("lock ", f"{percent_text(server.locked_percent)}{locked}", lock_role),
        _item(
            "queue",
            f"{_count(server.queued_readers)}r {_count(server.queued_writers)}w",
            "warning" if queued and role == "text" else role,
        ),
        _item(
            "flush   ", latency_text(server.flush_last_ms), role, "", f" avg {latency_text(server.flush_average_ms)}"
        ),
        _item("faults/s", _rate(server.page_faults_per_second), role),
        _item("running", duration_text(server.uptime_seconds), role),
    ]


def _members(server: MongoServer, glyphs: Glyphs, role: str) -> list[Line]:
    found: list[Line] = []
    for one in server.members:
        sign, tint = (glyphs.ok, "ok") if one.is_healthy else (glyphs.critical, "critical")
        behind = f" {one.behind_seconds:.0f}s behind" if one.behind_seconds else ""
        found.append(
            [(f"{sign} ", tint if role == "text" else role), (one.name, role), (f" {one.state}{behind}", "muted")]
        )
    return found


def _search_lines(
    state: StoreState, figures: SearchFigures, recent: Recent, now: float, width: int, glyphs: Glyphs
) -> list[Line]:
    """Cluster, shards, and of each node heap and disk."""
    is_up = state.state == "up"
    plain = "text" if is_up else "stale"
    several = figures.node_count != figures.expected_nodes
    nodes = f"{figures.node_count}" + (f" ({figures.expected_nodes} expected)" if several else "")
    items = [
        _item("cluster", remote(figures.cluster) or UNKNOWN, plain),
        _item("nodes", nodes, "warning" if several and is_up else plain),
        _item("shards", f"{figures.active_shards}", plain, "", f", {figures.unassigned_shards} unassigned"),
    ]
    if figures.pending_tasks:
        items.append(_item("tasks", f"{figures.pending_tasks}", plain, "", " pending"))
    lines = wrap(items, width, gap=_GAP)
    role = plain if figures.nodes.error is None else "stale"
    known = figures.nodes.value or ()
    name_cells = min(_NAME_CELLS, max((len(one.name) for one in known), default=0)) if figures.node_count > 1 else 0
    for index, one in enumerate(known[:_NODES_SHOWN]):
        past = history("search_heap", recent, glyphs, 100.0) if index == 0 else " " * (_SPARK_CELLS + 1)
        lines.append(_node_line(one, figures, name_cells, past, role, glyphs))
    if len(known) > _NODES_SHOWN:
        lines.append([(f"+{len(known) - _NODES_SHOWN} more nodes", "muted")])
    lines += _old(figures.nodes, now, is_up=is_up)
    return lines + (health_strip(recent, width, glyphs) if is_up else [])


def _node_line(one: SearchNode, figures: SearchFigures, name_cells: int, past: str, role: str, glyphs: Glyphs) -> Line:
    heap_role = level_role(one.heap_percent, _HEAP_LIMITS) if role == "text" else role
    name = one.name if len(one.name) <= name_cells else one.name[: name_cells - 1] + glyphs.ellipsis
    line: Line = [(f"{name:<{name_cells}}  ", "muted")] if name_cells else []
    sizes = f" {bytes_short(one.heap_used_bytes)} of {bytes_short(one.heap_max_bytes)}"
    line += _item("heap", percent_text(one.heap_percent), heap_role, past, sizes)
    limits = f", watermarks {figures.disk_limits.low}/{figures.disk_limits.high}" if figures.heeds_disks else ""
    free = f" {bytes_short(one.disk_available_bytes)} free{limits}"
    return [*line, (" " * _GAP, "text"), *_item("disk", percent_text(one.disk_percent), role, "", free)]


def health_strip(recent: Recent, width: int, glyphs: Glyphs) -> list[Line]:
    """The health of the last looks, a sign each: yellow on one node is as well as green."""
    values = recent("search_health", max(0, min(60, width - 10)))
    if not values:
        return []
    signs = {0: (glyphs.ok, "ok"), 1: (glyphs.ok, "muted"), 2: (glyphs.critical, "critical")}
    return [[("health ", "faint"), *(signs.get(round(value), (glyphs.unknown, "unknown")) for value in values)]]


def history(metric: str, recent: Recent, glyphs: Glyphs, top: float) -> str:
    """A strip of the last values; nothing where there are not two."""
    values = recent(metric, samples_wanted(_SPARK_CELLS, glyphs))
    return f" {spark(values, _SPARK_CELLS, top, glyphs)}" if len(values) > 1 else ""


def _item(label: str, value: str, role: str, past: str = "", more: str = "") -> Line:
    line: Line = [(f"{label} ", "faint"), (value, f"{role}!" if role == "text" else role)]
    if past:
        line.append((past, "faint" if role == "stale" else "series-1"))
    return [*line, (more, "muted")] if more else line


def _count(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value:,}"


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _rate(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"
