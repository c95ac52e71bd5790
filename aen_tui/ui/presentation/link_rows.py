"""Connections: a node's way in one line of a table, and everything known of it in several."""

from __future__ import annotations

import textwrap

from aen_tui.model.facts import LinkState, NodeState
from aen_tui.ui.presentation.format import UNKNOWN, bytes_short, rate_text
from aen_tui.ui.presentation.rows import Line, Look, link_line, remote, wrap

_STATE = 26
_SKEW = 11
_COST = 13
_ERROR_LEAST = 16


def skew_text(seconds: float | None) -> str:
    """`+12ms`, `-3.2s`: the node's clock against ours."""
    if seconds is None:
        return UNKNOWN
    if abs(seconds) < 0.0005:
        return "0ms"
    return f"{seconds * 1000:+.0f}ms" if abs(seconds) < 1 else f"{seconds:+.1f}s"


def cost_text(node: NodeState) -> str:
    """`0.2% 9.0M`: what the probe costs there."""
    connection = node.connection
    if connection.probe_cpu_percent is None and connection.probe_memory_bytes is None:
        return UNKNOWN
    cpu = UNKNOWN if connection.probe_cpu_percent is None else f"{connection.probe_cpu_percent:.1f}%"
    return f"{cpu} {bytes_short(connection.probe_memory_bytes)}"


def _columns(name_cells: int, width: int) -> tuple[int, int, int]:
    """Cells of via, skew and cost, 0 where one is left out: the error has a third of the line at least."""
    room = width - name_cells - 1 - _STATE - max(_ERROR_LEAST, width // 4)
    via = min(14, name_cells + 2, max(8, room - _COST))
    if room >= via + _SKEW + _COST:
        return via, _SKEW, _COST
    return (via, 0, _COST) if room >= via + _COST else (0, 0, _COST) if room >= _COST else (0, 0, 0)


def heading(name_cells: int, width: int) -> Line:
    """The titles over `link_row`."""
    via, skew, cost = _columns(name_cells, width)
    text = f"{'node':<{name_cells + 1}}{'state':<{_STATE}}"
    text += f"{'via':<{via}}" if via else ""
    text += f"{'skew':>{skew - 2}}  " if skew else ""
    text += f"{'probe cost':<{cost}}" if cost else ""
    return [(f"{text}error, notes", "faint")]


def link_row(node: NodeState, name_cells: int, width: int, look: Look) -> Line:
    """A node: state with its age and next try, the way, the clock, the cost, the error or how many notes there are."""
    state = link_line(node, look)
    used = sum(len(text) for text, _ in state)
    line: Line = [(f"{remote(node.name):<{name_cells + 1}}", "text!"), *state, (" " * max(1, _STATE - used), "text")]
    connection = node.connection
    bad = connection.state not in (LinkState.UP, LinkState.CONNECTING)
    via, skew, cost = _columns(name_cells, width)
    if bad and not skew:  # why it is lost is worth more than what its probe once cost
        return [*line, (remote(connection.error or ""), "critical")]
    if via:
        line.append((f"{_cut(remote(connection.via or 'direct'), via - 1, look):<{via}}", "muted"))
    if skew:
        line.append((f"{'' if bad else skew_text(connection.skew_seconds):>{skew - 2}}  ", "muted"))
    if cost:
        line.append((f"{'' if bad else cost_text(node):<{cost}}", "muted"))
    count = len(connection.notes)
    notes = f"{count} note{'s' * (count > 1)}" if count else ""
    return [*line, (remote(connection.error or notes), "critical" if bad else "faint")]


def _cut(text: str, cells: int, look: Look) -> str:
    return text if len(text) <= cells else text[: cells - 1] + look.glyphs.ellipsis


def peer_text(peer: str) -> str:
    """Address, ssh version, algorithms; those that are alike in both directions once."""
    return " ".join(dict.fromkeys(peer.split()))


def link_details(node: NodeState, width: int, look: Look) -> list[Line]:
    """Everything known of a node's connection, for the lines below the table."""
    connection = node.connection
    facts = [
        ("peer", peer_text(connection.peer or "")),
        ("user", connection.user),
        ("python", connection.python),
        ("via", connection.via),
        ("phase", connection.phase),
        ("skew", None if connection.skew_seconds is None else skew_text(connection.skew_seconds)),
        ("probe", None if cost_text(node) == UNKNOWN else cost_text(node)),
        ("traffic", rate_text(connection.bytes_per_second) if connection.bytes_per_second else None),
        ("channels", str(connection.channels) if connection.channels else None),
    ]
    lines: list[Line] = [[(remote(node.name), "text!"), ("  ", "text"), *link_line(node, look)]]
    if connection.error:
        lines += _wrapped(connection.error, width, "critical")
    if connection.hint:
        lines += _wrapped(f"{look.glyphs.right} {connection.hint}", width, "accent")
    items: list[Line] = [[(f"{label} ", "faint"), (remote(value), "muted")] for label, value in facts if value]
    lines += wrap(items, width, gap=3)
    return lines + [line for note in connection.notes for line in _wrapped(note, width, "muted")]


def _wrapped(text: str, width: int, role: str) -> list[Line]:
    """All of it, on as many lines as it needs."""
    return [[(line, role)] for line in textwrap.wrap(remote(text), max(20, width)) or [""]]
