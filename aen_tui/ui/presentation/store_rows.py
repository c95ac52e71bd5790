"""MongoDB and Elasticsearch in lines of text: state with its age, figures with short histories, what is in progress."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from aen_tui.model.facts import StoreState
from aen_tui.model.reading import Reading
from aen_tui.model.severity import Severity
from aen_tui.model.stores import MongoFigures, MongoOperation, MongoServer, SearchFigures
from aen_tui.ui.presentation.format import (
    UNKNOWN,
    age_text,
    bytes_short,
    duration_text,
    latency_text,
    percent_text,
)
from aen_tui.ui.presentation.rows import Line, remote, wrap
from aen_tui.ui.presentation.severity import Glyphs, level_role, severity_sign
from aen_tui.ui.presentation.spark import samples_wanted, spark

Recent = Callable[[str, int], Sequence[float]]
"""Metric, samples -> the newest values of the store's node, oldest first."""
SLOW_SECONDS = 1.0
_SPARK_CELLS = 10
_HEAP_LIMITS = (75.0, 85.0)
"""The collector begins at 75; over 85 it does little else (ops 38)."""
_LOCK_LIMITS = (50.0, 80.0)
_KINDS = ("insert", "query", "update", "delete", "getmore", "command")


def head(state: StoreState | None, now: float, glyphs: Glyphs) -> Line:
    """`● up 2.6.10 · 0.7ms · aen-server 127.0.0.1:27017 · seen 4s ago`; what it is, how old that is."""
    if state is None:
        return [(f"{glyphs.absent} ", "faint"), ("neither configured nor installed", "muted")]
    if state.is_pending:
        return [(f"{glyphs.connecting} ", "unknown"), ("not asked yet", "muted")]
    sign = severity_sign(state.severity, glyphs)
    word = {"up": "up", "down": "DOWN", "unknown": "UNKNOWN"}.get(state.state, state.state)
    line: Line = [(f"{sign.glyph} ", sign.role), (word, f"{sign.role}!")]
    facts = [_state_words(state), latency_text(state.latency_ms) if state.state == "up" else ""]
    where = " ".join(part for part in (state.asked_on, state.address) if part)
    facts += [remote(where), f"seen {age_text(_age(state.seen_at, now))} ago" if state.seen_at is not None else ""]
    if state.state != "up" and state.answered_at is not None:
        facts.append(f"answered {age_text(_age(state.answered_at, now))} ago")
    for fact in filter(None, facts):
        line += [(f" {glyphs.dot} ", "faint"), (fact, "muted")]
    return line


def _age(at: float | None, now: float) -> float | None:
    return None if at is None else max(0.0, now - at)


def _state_words(state: StoreState) -> str:
    words = [state.version or "", state.health or ""]
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


def mongo_lines(figures: MongoFigures, recent: Recent, now: float, width: int, glyphs: Glyphs) -> list[Line]:
    """The figures in a few lines; old figures are drawn as such and say their age."""
    server = figures.server.value
    lines: list[Line] = []
    if server is not None:
        role = "stale" if figures.server.error else "text"
        lines = wrap(_mongo_items(server, recent, role, glyphs), width, gap=3)
        lines += _old(figures.server, now)
        if server.members:
            lines += wrap(_members(server, glyphs), width, gap=3)
    locks = figures.locks.value
    if locks is not None and locks.is_fsync_locked and figures.locks.error is None:
        said = f"{glyphs.critical} locked by fsyncLock, {len(locks.waiting)} operations wait"
        lines.insert(0, [(said, "critical!")])
    return lines


def _old(reading: Reading[Any], now: float) -> list[Line]:
    """That figures are not of this moment, and since when."""
    if reading.error is None or reading.seen_at is None:
        return []
    return [[(f"these figures are {age_text(_age(reading.seen_at, now))} old", "stale!")]]


def _mongo_items(server: MongoServer, recent: Recent, role: str, glyphs: Glyphs) -> list[Line]:
    rates = server.ops_per_second
    total = sum(rates.values()) if rates else None
    parts = " ".join(f"{kind} {_rate(rates[kind])}" for kind in _KINDS if rates.get(kind, 0) >= 0.05)
    locked = f" {remote(server.locked_database)}" if server.locked_database else ""
    lock_role = level_role(server.locked_percent, _LOCK_LIMITS) if role == "text" else role
    queued = (server.queued_readers or 0) + (server.queued_writers or 0)
    return [
        _item("ops/s", _rate(total), role, history("mongo_ops", recent, glyphs, 0), f" {parts}" if parts else ""),
        _item(
            "conn",
            f"{_count(server.connections)}",
            role,
            history("mongo_connections", recent, glyphs, 0),
            f" of {_count(_sum(server.connections, server.connections_available))}",
        ),
        _item(
            "mem",
            bytes_short(server.resident_bytes),
            role,
            history("mongo_memory_mib", recent, glyphs, 0),
            f" virt {bytes_short(server.virtual_bytes)} map {bytes_short(server.mapped_bytes)}",
        ),
        _item("lock", percent_text(server.locked_percent) + locked, lock_role),
        _item(
            "queue",
            f"{_count(server.queued_readers)}r {_count(server.queued_writers)}w",
            "warning" if queued and role == "text" else role,
        ),
        _item(
            "flush", f"{latency_text(server.flush_last_ms)}", role, "", f" avg {latency_text(server.flush_average_ms)}"
        ),
        _item("faults/s", _rate(server.page_faults_per_second), role),
        _item("running", duration_text(server.uptime_seconds), role),
    ]


def _members(server: MongoServer, glyphs: Glyphs) -> list[Line]:
    found: list[Line] = []
    for one in server.members:
        sign, role = (glyphs.ok, "ok") if one.is_healthy else (glyphs.critical, "critical")
        behind = f" {one.behind_seconds:.0f}s behind" if one.behind_seconds else ""
        found.append([(f"{sign} ", role), (one.name, "text"), (f" {one.state}{behind}", "muted")])
    return found


def search_lines(figures: SearchFigures, recent: Recent, now: float, width: int, glyphs: Glyphs) -> list[Line]:
    """Cluster, shards, and of each node heap and disk."""
    several = figures.node_count != figures.expected_nodes
    nodes = f"{figures.node_count}" + (f" ({figures.expected_nodes} expected)" if several else "")
    items = [
        _item("cluster", remote(figures.cluster) or UNKNOWN, "text"),
        _item("nodes", nodes, "warning" if several else "text"),
        _item("shards", f"{figures.active_shards}", "text", "", f", {figures.unassigned_shards} unassigned"),
    ]
    if figures.pending_tasks:
        items.append(_item("tasks", f"{figures.pending_tasks}", "text", "", " pending"))
    lines = wrap(items, width, gap=3)
    role = "stale" if figures.nodes.error else "text"
    limits = f", watermarks {figures.disk_limits.low}/{figures.disk_limits.high}" if figures.heeds_disks else ""
    for index, one in enumerate((figures.nodes.value or ())[:4]):
        heap_role = level_role(one.heap_percent, _HEAP_LIMITS) if role == "text" else role
        line: Line = [(f"{one.name[:24]}  ", "muted")] if figures.node_count > 1 else []
        past = history("search_heap", recent, glyphs, 100.0) if index == 0 else ""
        sizes = f" {bytes_short(one.heap_used_bytes)} of {bytes_short(one.heap_max_bytes)}"
        line += _item("heap", percent_text(one.heap_percent), heap_role, past, sizes)
        free = f" {bytes_short(one.disk_available_bytes)} free{limits}"
        line += [("   ", "text"), *_item("disk", percent_text(one.disk_percent), role, "", free)]
        lines.append(line)
    return lines + _old(figures.nodes, now) + health_strip(recent, width, glyphs)


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
        line.append((past, "series-1"))
    return [*line, (more, "muted")] if more else line


def _count(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value:,}"


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _rate(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def slow(figures: MongoFigures) -> tuple[MongoOperation, ...]:
    """What has been in progress for a while, the longest first."""
    locks = figures.locks.value
    if locks is None or figures.locks.error is not None:
        return ()
    return tuple(one for one in locks.operations if one.seconds >= SLOW_SECONDS)


def operation_line(one: MongoOperation, glyphs: Glyphs) -> Line:
    """`▲ 42s insert wakari.projects waits for a lock  127.0.0.1:5521  {…}`."""
    role = "warning" if one.waits_for_lock or one.seconds >= 10 else "text"
    waits = "waits for a lock " if one.waits_for_lock else "writes " if one.writes else ""
    sign = glyphs.warning if role == "warning" else glyphs.dot
    return [
        (f"{sign} {age_text(one.seconds):>4} ", role),
        (f"{one.kind} ", "text"),
        (f"{one.namespace} ", "text!"),
        (waits, role),
        (f"{one.client} ", "faint"),
        (one.text, "muted"),
    ]
