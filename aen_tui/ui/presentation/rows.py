"""A node as lines of text: a pane, a strip, a heat cell. Spans of (text, colour role); no widget, no colour."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len

from aen_tui.checks import graver_first
from aen_tui.checks.roots import finding_trouble
from aen_tui.model.current_page import current_page
from aen_tui.model.facts import Connection, HttpState, LinkState, Metrics, NodeState, ServiceState
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.ui.presentation.format import age_changes_in, age_text, bytes_short, latency_text, percent_text
from aen_tui.ui.presentation.log_words import line_words
from aen_tui.ui.presentation.severity import Glyphs, level_role, link_sign, service_sign, severity_sign
from aen_tui.ui.presentation.spark import samples_wanted, spark

Span = tuple[str, str]
Line = list[Span]
History = Callable[[NodeName, str, int], Sequence[float]]
"""Node, metric, samples -> the newest values, oldest first."""

_REMOTE_LIMIT = 300
_NOTE_CELLS = 20
"""Kept for the figures behind the per cents, so that histories of different nodes end together."""
_PANE_METRICS = (
    ("cpu", "cpu_percent", "series-1"),
    ("mem", "memory_percent", "series-2"),
    ("disk", "disk_percent", "series-3"),
)


@dataclass(slots=True)
class Look:
    """What a node is looked at with. One for each node drawn: it notes until when the text holds."""

    now: float
    """Monotonic seconds."""
    glyphs: Glyphs
    history: History
    until: float = math.inf
    """Monotonic second at which an age in the text reads otherwise."""

    def age(self, seen_at: float | None) -> str:
        """How old a fact is."""
        return UNSEEN if seen_at is None else self.lasting(self.now - seen_at)

    def lasting(self, seconds: float) -> str:
        """A duration that grows while it is looked at."""
        self.until = min(self.until, self.now + age_changes_in(seconds))
        return age_text(seconds)


UNSEEN = "never"
PLANNED = "PLANNED"
"""Under maintenance: shown, and counted nowhere."""


def remote(text: str) -> str:
    """Text that a node sent: one line, nothing in it acts on a terminal."""
    return visible_line(text, _REMOTE_LIMIT)


def line_cells(line: Line) -> int:
    """Cells that a line takes."""
    return sum(cell_len(text) for text, _ in line)


def wrap(items: Sequence[Line], width: int, gap: int = 2) -> list[Line]:
    """Items side by side, as many as fit on each line; an item longer than a line keeps one to itself."""
    lines: list[Line] = []
    used = width + 1
    for item in items:
        cells = line_cells(item)
        if used + gap + cells > width:
            lines.append(list(item))
            used = cells
        else:
            lines[-1] += [(" " * gap, "text"), *item]
            used += gap + cells
    return lines


def link_line(node: NodeState, look: Look) -> Line:
    """The connection: `● up`, `≈ stale 42s · try 8s`, `✖ auth 3m · try 8s`, `◌ connecting tcp`."""
    connection = node.connection
    sign = link_sign(connection.state, look.glyphs)
    if connection.state is LinkState.UP:
        return [(f"{sign.glyph} ", sign.role), (sign.word, "muted"), *old_data(node, look)]
    line: Line = [(f"{sign.glyph} {sign.word}", f"{sign.role}!")]
    if connection.state is LinkState.CONNECTING:
        return [*line, (f" {connection.phase}" if connection.phase else "", "muted")]
    if (seen := last_seen(node)) is not None:
        line.append((f" {look.age(seen)}", sign.role))
    return [*line, *_next_try(connection, look)]


def old_data(node: NodeState, look: Look) -> Line:
    """` 9s old` where a node is up and its figures are not fresh."""
    if node.metrics.seen_at is None or not is_old(node, look):
        return []
    return [(f" {look.age(node.metrics.seen_at)} old", "stale")]


def last_seen(node: NodeState) -> float | None:
    """Monotonic second of the newest fact; None where there never was one."""
    seen = [node.metrics.seen_at, *(one.seen_at for one in node.services), *(one.seen_at for one in node.http)]
    return max((at for at in seen if at is not None), default=None)


def _next_try(connection: Connection, look: Look) -> Line:
    if connection.next_try_at is None:
        return [(f" {look.glyphs.dot} trying", "muted")]
    left = max(0.0, connection.next_try_at - look.now)
    look.until = min(look.until, look.now + (left % 1 or 1.0))
    return [(f" {look.glyphs.dot} try {math.ceil(left)}s", "muted")]


def is_planned(node: NodeState, service: ServiceState) -> bool:
    """Whether a service, and not the whole node, is under maintenance."""
    planned = node.planned
    return planned is not None and not planned.is_whole and planned.covers(service.name, service.supervisor)


def service_item(service: ServiceState, look: Look, *, is_up: bool, planned: bool = False) -> Line:
    """`● wk-server 18d`, `✖ wk-compute FATAL`, `◷ wk-gateway STOPPED PLANNED`."""
    sign = service_sign(service.state, look.glyphs)
    if planned:
        name, state = remote(service.name), "" if sign.role == "ok" else f" {remote(sign.word)}"
        return [(f"{look.glyphs.planned} ", "accent"), (name, "text"), (state, "muted"), (f" {PLANNED}", "accent!")]
    role = sign.role if is_up or sign.role != "ok" else "stale"
    item: Line = [(f"{sign.glyph} ", role), (remote(service.name), "text" if sign.role == "ok" else f"{role}!")]
    if sign.role == "ok":
        return [*item, *_uptime(service, look, is_up=is_up)]
    return [*item, (f" {remote(sign.word)}", role)]


def _uptime(service: ServiceState, look: Look, *, is_up: bool) -> Line:
    if service.uptime_seconds is None or service.seen_at is None:
        return []
    if not is_up:
        return [(f" {age_text(service.uptime_seconds)}", "faint")]
    return [(f" {look.lasting(service.uptime_seconds + look.now - service.seen_at)}", "faint")]


def http_item(http: HttpState, look: Look, *, is_up: bool) -> Line:
    """`● gateway 200 3ms status ok`, `✖ compute refused`."""
    sign = severity_sign(http.severity, look.glyphs)
    role = sign.role if is_up or sign.role != "ok" else "stale"
    item: Line = [(f"{sign.glyph} ", role), (remote(http.name), "muted")]
    if http.status_code is not None:
        item.append((f" {http.status_code}", "text" if http.severity is Severity.OK else role))
    if http.latency_ms is not None:
        item.append((f" {latency_text(http.latency_ms)}", "faint"))
    if http.document is not None:
        fine = http.document.status == "ok"
        item.append((f" status {remote(http.document.status)}", "muted" if fine else f"{role}!"))
    elif http.error is not None:
        item.append((f" {remote(http.error)}", role))
    return item


_PAGES = {"login": (Severity.OK, "login page"), "license": (Severity.CRITICAL, "license page")}


def page_item(node: NodeState, look: Look, *, is_up: bool) -> Line:
    """`● login page`, `✖ license page`; nothing where nothing is seen, or what is seen is an error that 502 says."""
    page = current_page(node)
    if page is None or page.error or page.kind not in _PAGES or (page.code or 599) >= 400:
        return []
    severity, words = _PAGES[page.kind]
    sign = severity_sign(severity, look.glyphs)
    if severity is Severity.OK:
        return [(f"{sign.glyph} ", sign.role if is_up else "stale"), (words, "muted")]
    return [(f"{sign.glyph} ", sign.role), (words, f"{sign.role}!")]


def flow(node: NodeState, width: int, look: Look) -> list[Line]:
    """Services and URLs, wrapped; where nothing is known, why, and the way out."""
    is_up = node.connection.state is LinkState.UP
    services = [
        service_item(one, look, is_up=is_up, planned=is_planned(node, one))
        for one in node.services
        if one.state != "absent"
    ]
    urls = [http_item(one, look, is_up=is_up) for one in node.http]
    if page := page_item(node, look, is_up=is_up):
        urls.append(page)
    if is_up or not node.connection.error:
        return wrap(services, width) + wrap(urls, width)
    why: list[Line] = [[(remote(node.connection.error), "stale" if node.services else "critical")]]
    if node.connection.hint:
        why.append([(f"{look.glyphs.right} {remote(node.connection.hint)}", "muted")])
    return why + wrap(services + urls, width)


def worst_disk_percent(metrics: Metrics) -> float | None:
    """The fullest filesystem's used per cent."""
    return max((disk.used_percent for disk in metrics.disks), default=None)


def figures(node: NodeState) -> tuple[float | None, float | None, float | None]:
    """CPU, memory, fullest disk, per cent; None where not known."""
    known = node.metrics.value
    if known is None:
        return None, None, None
    return known.cpu_percent, known.memory.used_percent if known.memory else None, worst_disk_percent(known)


def is_old(node: NodeState, look: Look) -> bool:
    """Whether the metrics are older than they should be."""
    seen, limit = node.metrics.seen_at, node.fresh_seconds
    if seen is None or node.connection.state is not LinkState.UP:
        return True
    look.until = min(look.until, seen + limit) if look.now < seen + limit else look.until
    return look.now - seen > limit


def metric_line(node: NodeState, width: int, look: Look) -> Line:
    """`cpu ⣀⣠⣴ 12%  mem ⣀⣀ 41%  disk ⣀⣀ 52%`; its age stands in the title."""
    if node.metrics.value is None:
        return []
    limits = node.spec.thresholds
    line: Line = []
    old = is_old(node, look)
    cells = max(0, (width - 2 * 2 - len("cpu mem disk ") - 3 * 4) // 3)
    for (label, metric, tint), value, limit in zip(
        _PANE_METRICS, figures(node), (limits.cpu_percent, limits.memory_percent, limits.disk_percent), strict=True
    ):
        gap = "  " if label != "cpu" else ""
        history = spark(look.history(node.name, metric, samples_wanted(cells, look.glyphs)), cells, glyphs=look.glyphs)
        role = level_role(value, limit)
        line += [(f"{gap}{label} ", "muted"), (history, "faint" if old else tint)]
        line.append((f"{percent_text(value):>4}", "stale" if old else role if role == "text" else f"{role}!"))
    return line


def metric_lines(node: NodeState, width: int, look: Look) -> list[Line]:
    """CPU, memory, disk, a line each, with a long history and the figures behind the per cent."""
    known = node.metrics.value
    if known is None:
        return []
    limits = node.spec.thresholds
    old = is_old(node, look)
    notes = _metric_notes(known)
    note_cells = max(_NOTE_CELLS, *(len(note) for note in notes))
    cells = max(6, width - len("disk 100% ") - 2 - note_cells)
    lines: list[Line] = []
    for (label, metric, tint), value, limit, note in zip(
        _PANE_METRICS,
        figures(node),
        (limits.cpu_percent, limits.memory_percent, limits.disk_percent),
        notes,
        strict=True,
    ):
        role = level_role(value, limit)
        history = spark(look.history(node.name, metric, samples_wanted(cells, look.glyphs)), cells, glyphs=look.glyphs)
        lines.append(
            [
                (f"{label:<4}", "muted"),
                (f"{percent_text(value):>5} ", "stale" if old else role if role == "text" else f"{role}!"),
                (history, "faint" if old else tint),
                (f"  {note}", "faint"),
            ]
        )
    return lines


def _metric_notes(known: Metrics) -> tuple[str, str, str]:
    load = f"load {known.load[0]:.1f}" + (f"/{known.cores}" if known.cores else "") if known.load else ""
    memory = ""
    if known.memory is not None:
        used = known.memory.total_bytes - known.memory.available_bytes
        memory = f"{bytes_short(used)}/{bytes_short(known.memory.total_bytes)}"
    fullest = max(known.disks, key=lambda disk: disk.used_percent, default=None)
    disk = f"{remote(fullest.mount)} {bytes_short(fullest.available_bytes)} free" if fullest else ""
    return load, memory, disk


def cause_line(node: NodeState, look: Look) -> Line:
    """What the node's troubles follow from, or which nodes' troubles follow from its own."""
    if node.explained_by is not None:
        return [(f"{look.glyphs.right} follows from {remote(node.explained_by)}", "muted")]
    if node.explains is not None:
        return [(f"{look.glyphs.right} from this follows {remote(node.explains)}", "warning")]
    return []


def planned_line(node: NodeState) -> Line:
    """`PLANNED until 14:30: new kernel`, `PLANNED wk-gateway until …`; nothing where nothing is."""
    planned = node.planned
    if planned is None:
        return []
    what = "" if planned.is_whole else f" {remote(', '.join(sorted(planned.services)))}"
    until = time.strftime("%H:%M", time.localtime(planned.until))
    return [(f"{PLANNED}{what} until {until}: ", "accent"), (remote(planned.reason), "muted")]


def finding_line(node: NodeState, look: Look) -> Line:
    """The worst finding, of these the one by which most goes wrong, where one is worse than ok.

    Where each of the worst follows from something, that is told instead, as grave as what comes of it.
    """
    marked = (replace(one, explained_by=node.follows.get(finding_trouble(node.name, one))) for one in node.findings)
    found = next(iter(graver_first(marked)), None)
    if found is None or found.severity is Severity.OK:
        return []
    sign = severity_sign(found.severity, look.glyphs)
    return [(f"{sign.glyph} ", sign.role), (remote(found.explained_by or found.message), sign.role)]


def answer_line(node: NodeState, look: Look) -> Line:
    """What a status document complains of: beside its URL there is room for one word of it."""
    for one in node.http:
        if node.planned is not None and node.planned.covers_answer(one.name):
            continue
        if one.severity is Severity.CRITICAL and one.document is not None and one.document.messages:
            sign, words = severity_sign(one.severity, look.glyphs), "; ".join(one.document.messages)
            return [(f"{sign.glyph} ", sign.role), (remote(f"{one.name}: {words}"), sign.role)]
    return []


def problem_line(node: NodeState, look: Look) -> Line:
    """The last warning or error line of its logs, with its age."""
    problem = node.last_problem
    if problem.value is None:
        return []
    return [(f"{look.age(problem.seen_at):>3} ", "warning"), (remote(line_words(problem.value)), "muted")]


def severity_prefix(node: NodeState, look: Look, *, marked: bool, blank: str = "") -> Line:
    """What stands before a node's name: its mark, and the glyph of anything worse than ok."""
    line: Line = [(f"{look.glyphs.mark} ", "chip!")] if marked else []
    if node.is_uncounted and not marked:
        return [*line, (f"{look.glyphs.planned} ", "accent!")]
    if node.severity is Severity.OK or node.connection.state is LinkState.CONNECTING:
        return [*line, (blank, "text")] if blank and not marked else line
    sign = severity_sign(node.severity, look.glyphs)
    return [*line, (f"{sign.glyph} ", f"{sign.role}!")]


def tail_line(node: NodeState, look: Look) -> Line:
    """Of what stands at the end of a pane or strip the one that matters most."""
    if node.is_uncounted:
        return planned_line(node)
    why = cause_line(node, look) or answer_line(node, look)
    return why or problem_line(node, look) or finding_line(node, look) or planned_line(node)
