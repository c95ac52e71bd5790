"""What the node page says beside its services and charts: the way to the node, URLs, logs, disks, findings."""

from __future__ import annotations

import math
from types import MappingProxyType

from aen_tui.checks import graver_first
from aen_tui.checks.roots import finding_trouble
from aen_tui.model.causes import Explained
from aen_tui.model.current_page import current_page
from aen_tui.model.facts import (
    Connection,
    Disk,
    Finding,
    HttpState,
    LinkState,
    LogFileState,
    LogState,
    NodeState,
)
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.runtime.answer_findings import answer_cause, bad_answers
from aen_tui.state.series import SeriesStore
from aen_tui.ui.presentation.fields import Field, Span
from aen_tui.ui.presentation.format import (
    age_text,
    bytes_short,
    bytes_text,
    duration_text,
    latency_text,
    percent_text,
    rate_text,
)
from aen_tui.ui.presentation.link_rows import peer_text
from aen_tui.ui.presentation.log_words import line_words
from aen_tui.ui.presentation.rows import planned_line
from aen_tui.ui.presentation.service_rows import seen_span
from aen_tui.ui.presentation.severity import Glyphs, level_role, link_sign, severity_sign
from aen_tui.ui.presentation.spark import samples_wanted, spark

_LOG_ROLES = {
    LogFileState.FOLLOWING: "ok",
    LogFileState.READABLE: "text",
    LogFileState.WAITING: "unknown",
    LogFileState.UNKNOWN: "unknown",
}
_LOG_HEAD = 22
"""Cells before the path."""
_STRIP = 8


def is_up(node: NodeState) -> bool:
    """Whether facts of the node can be fresh."""
    return node.connection.state is LinkState.UP


def state(node: NodeState, now: float, wall: float, glyphs: Glyphs) -> list[Field]:
    """State, since when, by which way; why it is not up, what to do, when it is tried again."""
    link = node.connection
    sign = link_sign(link.state, glyphs)
    spans: list[Span] = [(f"{sign.glyph} {sign.word}", f"{sign.role}!")]
    if link.since:
        spans.append((f" for {duration_text(max(0.0, wall - link.since))}", "text"))
    if link.phase and link.state is LinkState.CONNECTING:
        spans.append((f"  {visible_line(link.phase)}", "muted"))
    if link.next_try_at is not None and link.state is not LinkState.UP:
        spans.append((f"  next try in {math.ceil(max(0.0, link.next_try_at - now))}s", "muted"))
    place = f" of {visible_line(node.spec.data_center)}" if node.spec.data_center else ""
    spans.append((f"  {'+'.join(node.spec.roles)}{place}", "muted"))
    if link.via:
        spans.append((f"  via {visible_line(link.via)}", "muted"))
    rows = [Field("link", tuple(spans))]
    if link.error:
        rows.append(Field("why", ((visible_line(link.error), sign.role),)))
    if link.hint:
        rows.append(Field("do", ((visible_line(link.hint), "text"),)))
    if planned := planned_line(node):
        rows.append(Field("plan", tuple(planned)))
    return rows


def said(node: NodeState, now: float) -> list[Field]:
    """The last warning or error line of its logs."""
    problem = node.last_problem
    if problem.value is None:
        return []
    age = age_text(problem.age_seconds(now))
    return [Field("said", ((f"{age} ago  ", "muted"), (visible_line(line_words(problem.value)), "warning")))]


def connection(node: NodeState) -> list[Field]:
    """Whom we talk to, what runs our probe there and what it costs, and what else is to be known of the way."""
    link = node.connection
    rows = []
    if link.peer:
        user = f"{visible_line(link.user)}@" if link.user else ""
        rows.append(Field("ssh", ((f"{user}{visible_line(peer_text(link.peer))}", "text"),)))
    if means := _means(link):
        rows.append(Field("probe", ((means, "text"),)))
    rows.extend(Field("note", ((visible_line(note), "text"),)) for note in link.notes)
    return rows


def _means(link: Connection) -> str:
    parts = []
    if link.python:
        parts.append(f"python {visible_line(link.python)}")
    if link.skew_seconds is not None:
        parts.append(f"clock {link.skew_seconds:+.3f} s")
    if link.probe_cpu_percent is not None:
        memory = f" {bytes_short(link.probe_memory_bytes)}" if link.probe_memory_bytes is not None else ""
        parts.append(f"costs {link.probe_cpu_percent:.1f}%{memory}")
    if link.bytes_per_second:
        parts.append(rate_text(link.bytes_per_second))
    return "  ".join(parts)


def figures(node: NodeState, series: SeriesStore, now: float, glyphs: Glyphs) -> Field:
    """`cpu 12% ⣀⣀⣀  memory 41% ⣀⣀⣀  in 52K/s  out 23K/s`; old ones as of when."""
    known = node.metrics.value
    if known is None:
        why = f": {visible_line(node.metrics.error)}" if node.metrics.error else ""
        return Field("load", ((f"not known{why}", "unknown"),))
    age = node.metrics.age_seconds(now)
    is_fresh = is_up(node) and age is not None and age <= node.fresh_seconds
    limits = node.spec.thresholds
    spans: list[Span] = []
    for word, percent, limit, name, color in (
        ("cpu", known.cpu_percent, limits.cpu_percent, "cpu_percent", "series-1"),
        (
            "mem",
            known.memory.used_percent if known.memory else None,
            limits.memory_percent,
            "memory_percent",
            "series-2",
        ),
    ):
        history = spark(series.of(node.name, name).recent(samples_wanted(_STRIP, glyphs)), _STRIP, glyphs=glyphs)
        spans += [(f"{word} ", "muted"), (percent_text(percent), level_role(percent, limit) if is_fresh else "stale")]
        spans += [(f" {history}  ", color if is_fresh else "faint")]
    if known.load is not None:
        cores = f"/{known.cores}" if known.cores else ""
        spans += [("load ", "muted"), (f"{known.load[0]:.2f}{cores}  ", "text" if is_fresh else "stale")]
    if known.memory is not None and known.memory.swap_used_bytes:
        spans += [("swap ", "muted"), (f"{bytes_short(known.memory.swap_used_bytes)}  ", "text")]
    if not is_fresh:
        spans.append(seen_span(node.metrics.seen_at, now, is_up=False))
    return Field("load", tuple(spans))


def log_row(log: LogState, width: int, glyphs: Glyphs, *, is_fresh: bool) -> tuple[Span, ...]:
    """`following  1.2M  …/wakari/server.log`: of a long path the end is shown."""
    path = visible_line(log.path)
    room = max(12, width - _LOG_HEAD)
    if len(path) > room:
        path = glyphs.ellipsis + path[1 - room :]
    role = _LOG_ROLES[log.state] if is_fresh else "stale"
    spans: list[Span] = [
        (f"{log.state.value:<10}", role),
        (f"{bytes_short(log.size_bytes):>7}  ", "muted"),
        (path, "text"),
    ]
    if log.kind != "text":
        spans.append((f"  {visible_line(log.kind)}", "muted"))
    if log.error:
        spans.append((f"  {visible_line(log.error)}", "warning"))
    return tuple(spans)


def http(answer: HttpState, node: NodeName, now: float, glyphs: Glyphs, *, is_fresh: bool) -> list[Field]:
    """A URL, its answer and age, and on lines of their own the messages of its document."""
    sign = severity_sign(answer.severity, glyphs)
    role = sign.role if is_fresh else "stale"
    spans: list[Span] = [(f"{sign.glyph if is_fresh else glyphs.stale} ", role), (visible_line(answer.url), "text")]
    if answer.status_code is not None:
        spans.append((f"  {answer.status_code}", role))
    if answer.latency_ms is not None:
        spans.append((f"  {latency_text(answer.latency_ms)}", "muted"))
    if answer.document is not None:
        spans.append((f"  status {visible_line(answer.document.status)}", role))
    if answer.error:
        spans.append((f"  {visible_line(answer.error)}", role))
    if answer.asked_on != node:
        spans.append((f"  on {visible_line(answer.asked_on)}", "muted"))
    age = None if answer.seen_at is None else max(0.0, now - answer.seen_at)
    spans.append((f"  {age_text(age)} ago", "muted") if is_fresh and age is not None and age < 60 else _as_of(age))
    messages = answer.document.messages if answer.document is not None else ()
    return [
        Field(visible_line(answer.name), tuple(spans)),
        *(Field("", ((f"  {visible_line(message)}", role),)) for message in messages),
    ]


def page(node: NodeState, now: float) -> list[Field]:
    """What the server's URL shows to a browser, and how old that is."""
    known = node.page.value
    if known is None:
        return [] if node.page.error is None else [Field("page", ((visible_line(node.page.error), "unknown"),))]
    words = {"license": ("the page that wants a license", "critical!"), "login": ("the login page", "ok")}
    text, role = words.get(known.kind or "", ("another page", "muted"))
    if known.error or (known.code or 599) >= 400:
        text, role = known.error or f"an error page ({known.code})", "critical"
    elif known.onward:
        text, role = f"leads to {known.onward}, which is not looked at", "unknown"
    if current_page(node) is None:
        role = "stale"
    age = node.page.age_seconds(now)
    return [Field("page", ((visible_line(text), role), (f"  {visible_line(known.url)}  {age_text(age)} ago", "muted")))]


def _as_of(age: float | None) -> Span:
    return ("  never answered", "unknown") if age is None else (f"  as of {age_text(age)} ago", "stale!")


def cause(node: NodeState, glyphs: Glyphs) -> list[Field]:
    """What the node's troubles follow from, and whose troubles follow from its own."""
    rows = []
    if node.explained_by is not None:
        rows.append(Field("cause", ((f"{glyphs.right} follows from {visible_line(node.explained_by)}", "text"),)))
    if node.explains is not None:
        rows.append(Field("cause", ((f"{glyphs.right} from this follows {visible_line(node.explains)}", "warning"),)))
    return rows


def finding(found: Finding, glyphs: Glyphs) -> list[Field]:
    """A finding and what to do about it."""
    sign = severity_sign(found.severity, glyphs)
    spans: list[Span] = [(f"{sign.glyph} {sign.word} ", f"{sign.role}!"), (visible_line(found.message), "text")]
    spans.append((f"  {visible_line(found.check)}", "muted"))
    rows = [Field("", tuple(spans))]
    if found.remedy:
        rows.append(Field("", ((f"  {glyphs.right} {visible_line(found.remedy)}", "muted"),)))
    return rows


def findings(node: NodeState, glyphs: Glyphs, explained: Explained = MappingProxyType({})) -> list[Field]:
    """What is not ok, URLs too, worst first; what follows from something is a line a cause (view 4 tells all of it)."""
    bad = graver_first([*(one for one in node.findings if one.severity is not Severity.OK), *bad_answers(node)])
    rows: list[Field] = []
    follows: dict[tuple[Severity, str], list[str]] = {}
    for one in bad:
        by = explained.get(finding_trouble(node.name, one)) or answer_cause(node.name, one, explained)
        if by is None:
            rows += finding(one, glyphs)
        else:
            follows.setdefault((one.severity, by.words), []).append(one.check)
    for (severity, words), checks in follows.items():
        sign, names = severity_sign(severity, glyphs), ", ".join(dict.fromkeys(checks))
        spans = [(f"{sign.glyph} {sign.word} ", f"{sign.role}!"), (visible_line(names), "text")]
        rows.append(Field("", (*spans, (f"  {glyphs.right} follows from {visible_line(words)}", "muted"))))
    return rows


def disk(one: Disk, limits: tuple[float, float], glyphs: Glyphs, *, is_fresh: bool) -> Field:
    """`52%  384 GiB free of 800 GiB  /projects xfs`."""
    role = level_role(one.used_percent, limits) if is_fresh else "stale"
    if one.error:
        return Field("", ((f"{visible_line(one.mount)}  {visible_line(one.error)}", "critical"),))
    spans: list[Span] = [
        (f"{percent_text(one.used_percent):>4} ", role),
        (f"{_bar(one.used_percent, glyphs)} ", role if role != "text" else "series-3"),
        (f"{bytes_text(one.available_bytes):>9} free", "text" if is_fresh else "stale"),
        (f" of {bytes_text(one.total_bytes)}  ", "muted"),
        (visible_line(one.mount), "text"),
        (f" {visible_line(one.filesystem)}", "muted"),
    ]
    if one.inodes_used_percent is not None and one.inodes_used_percent >= limits[0]:
        spans.append((f"  inodes {percent_text(one.inodes_used_percent)}", level_role(one.inodes_used_percent, limits)))
    if one.read_only:
        spans.append(("  mounted read-only", "critical!"))
    return Field("", tuple(spans))


def _bar(percent: float, glyphs: Glyphs, cells: int = 10) -> str:
    filled = max(0, min(cells, round(percent / 100 * cells)))
    return glyphs.stopped * filled + glyphs.absent * (cells - filled)
