"""A node as a pane: a title, its services and URLs, its figures, and why it is as it is."""

from __future__ import annotations

from aen_tui.model.facts import NodeState
from aen_tui.model.node import Role
from aen_tui.ui.presentation.rows import (
    Line,
    Look,
    answer_line,
    cause_line,
    finding_line,
    flow,
    link_line,
    metric_line,
    metric_lines,
    planned_line,
    problem_line,
    remote,
    severity_prefix,
    tail_line,
)

_PANE_LEAST = 5
"""Title, services, URLs, metrics, last problem."""
_ROOMY_LEAST = 8
_SERVER_MORE = 2
"""The server's services and URLs take more lines, once they are known."""


def title_line(node: NodeState, width: int, look: Look, *, marked: bool) -> Line:
    """Mark and name at the left; role and connection at the right."""
    state = link_line(node, look)
    role = "+".join(role.value for role in node.spec.roles)
    left: Line = [*severity_prefix(node, look, marked=marked), (remote(node.name), "text!")]
    spare = width - sum(len(text) for text, _ in (*left, *state))
    if spare >= len(role) + 3:
        left.append((f"  {role}", "faint"))
        spare -= len(role) + 2
    return [*left, (" " * max(1, spare), "text"), *state]


def pane_height(node: NodeState, width: int, look: Look, *, roomy: bool) -> int:
    """Rows to keep for a pane: enough for a bad day, so that trouble does not rearrange the screen."""
    least = _ROOMY_LEAST if roomy else _PANE_LEAST
    if not node.complete and Role.SERVER in node.spec.roles:
        least += _SERVER_MORE
    return max(least, len(pane(node, width, look, roomy=roomy)))


def pane(node: NodeState, width: int, look: Look, *, marked: bool = False, roomy: bool = False) -> list[Line]:
    """A node's pane, unpadded; `width` cells without the edge.

    Args:
        node: what is known.
        width: cells of each line.
        look: the moment, the glyphs, the histories; its `until` is lowered.
        marked: whether the user marked it.
        roomy: a line for each metric instead of one for all.
    """
    lines = [title_line(node, width, look, marked=marked), *flow(node, width, look)]
    if roomy:
        lines += metric_lines(node, width, look)
        own = node.explained_by is None and not node.is_uncounted
        found = [finding_line(node, look), answer_line(node, look)] if own else []
        tails = [planned_line(node), cause_line(node, look), *found, problem_line(node, look)]
        return lines + [line for line in tails if line]
    if line := metric_line(node, width, look):
        lines.append(line)
    if line := tail_line(node, look):
        lines.append(line)
    return lines
