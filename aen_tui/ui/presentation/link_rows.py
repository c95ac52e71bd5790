"""Connections: a node's way in one line of a table, and everything known of it in several."""

from __future__ import annotations

from aen_tui.model.facts import LinkState, NodeState
from aen_tui.ui.presentation.format import UNKNOWN, bytes_short, rate_text
from aen_tui.ui.presentation.rows import Line, Look, link_line, remote, wrap

_STATE = 26
_SKEW = 9
_COST = 16


def skew_text(seconds: float | None) -> str:
    """`+12ms`, `-3.2s`: the node's clock against ours."""
    if seconds is None:
        return UNKNOWN
    return f"{seconds * 1000:+.0f}ms" if abs(seconds) < 1 else f"{seconds:+.1f}s"


def cost_text(node: NodeState) -> str:
    """`0.2% 9.0M`: what the probe costs there."""
    connection = node.connection
    if connection.probe_cpu_percent is None and connection.probe_memory_bytes is None:
        return UNKNOWN
    cpu = UNKNOWN if connection.probe_cpu_percent is None else f"{connection.probe_cpu_percent:.1f}%"
    return f"{cpu} {bytes_short(connection.probe_memory_bytes)}"


def heading(name_cells: int, width: int) -> Line:
    """The titles over `link_row`."""
    text = f"{'node':<{name_cells + 1}}{'state':<{_STATE}}"
    if width >= name_cells + _STATE + _SKEW + _COST + 14:
        text += f"{'via':<14}{'skew':>{_SKEW - 1}}  {'probe cost':<{_COST}}"
    return [(f"{text}error", "faint")]


def link_row(node: NodeState, name_cells: int, width: int, look: Look) -> Line:
    """A node: state with its age and next try, the way, the clock, the cost, the error or how many notes there are."""
    state = link_line(node, look)
    used = sum(len(text) for text, _ in state)
    line: Line = [(f"{remote(node.name):<{name_cells + 1}}", "text!"), *state, (" " * max(1, _STATE - used), "text")]
    if width >= name_cells + _STATE + _SKEW + _COST + 14:
        via = remote(node.connection.via or "direct")
        line.append((f"{via:<14}", "muted"))
        line.append((f"{skew_text(node.connection.skew_seconds):>{_SKEW - 1}}  ", "muted"))
        line.append((f"{cost_text(node):<{_COST}}", "muted"))
    bad = node.connection.state not in (LinkState.UP, LinkState.CONNECTING)
    count = len(node.connection.notes)
    notes = f"{count} note{'s' * (count > 1)}" if count else ""
    return [*line, (remote(node.connection.error or notes), "critical" if bad else "faint")]


def link_details(node: NodeState, width: int, look: Look) -> list[Line]:
    """Everything known of a node's connection, for the lines below the table."""
    connection = node.connection
    facts = [
        ("peer", connection.peer),
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
        lines.append([(remote(connection.error), "critical")])
    if connection.hint:
        lines.append([(f"{look.glyphs.right} {remote(connection.hint)}", "accent")])
    items: list[Line] = [[(f"{label} ", "faint"), (remote(value), "muted")] for label, value in facts if value]
    lines += wrap(items, width, gap=3)
    lines += [[(remote(note), "muted")] for note in connection.notes]
    return lines
