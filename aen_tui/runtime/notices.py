"""What is told of events outside the screen, in words: one row of the timeline, or what many of them come to. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aen_tui.config.nodesets import fold
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.state.event_row import EventRow

SUMMARY = "summary"
"""The kind of a notice that stands for several."""
_NOTIFICATION_CHARACTERS = 120
_TEXT_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that is told."""

    rows: tuple[int, ...]
    """The numbers of its rows."""
    severity: Severity
    kind: str
    check: str | None
    at: float
    """When it began, epoch seconds."""
    nodes: tuple[NodeName, ...]
    times: int
    """How often, on the node that had it most often; of a summary: how many notices it stands for."""
    text: str
    """In words, safe to show."""
    left_out: int = 0
    """Of a summary: how many notices were held back for it."""


def notice_of(row: EventRow, nodes: Sequence[NodeName]) -> Notice:
    """A row, told of some of its nodes."""
    event, text = row.event, visible_line(row.words, _TEXT_CHARACTERS)
    return Notice((row.number,), event.severity, event.kind, event.check, row.first, tuple(nodes), row.times, text)


def summary_of(notices: Sequence[Notice]) -> Notice:
    """What notices of one severity come to; one alone is itself.

    Args:
        notices: one at least.
    """
    if len(notices) == 1:
        return notices[0]
    many = sum(one.left_out or 1 for one in notices)
    checks = {one.check for one in notices}
    said = (one.text.partition(": ")[2] if one.left_out else _with_nodes(one) for one in notices)
    return Notice(
        rows=tuple(dict.fromkeys(number for one in notices for number in one.rows)),
        severity=notices[0].severity,
        kind=SUMMARY,
        check=checks.pop() if len(checks) == 1 else None,
        at=min(one.at for one in notices),
        nodes=tuple(dict.fromkeys(node for one in notices for node in one.nodes)),
        times=many,
        text=visible_line(f"{many} more: {'; '.join(said)}", _TEXT_CHARACTERS),
        left_out=many,
    )


def _with_nodes(notice: Notice) -> str:
    return f"{notice.text} ({fold(notice.nodes)})" if notice.nodes else notice.text


def notification(notice: Notice) -> str:
    """`disk-free compute1-[1-3]`: the check's id, or the kind of event, and nodes as the inventory writes them."""
    nodes = fold(notice.nodes) if notice.nodes else ""
    if len(nodes) > _NOTIFICATION_CHARACTERS:
        nodes = f"{len(notice.nodes)} nodes"
    words = f"{notice.check or notice.kind} {nodes}".strip()
    if notice.left_out:
        words = f"{notice.left_out} more: {words}"
    return visible_line(words, 2 * _NOTIFICATION_CHARACTERS).replace(";", ",")


def document(notice: Notice, cluster: str) -> Mapping[str, Any]:
    """What commands and webhooks are told; keys are a contract."""
    return {
        "schema": 1,
        "cluster": cluster,
        "at": datetime.fromtimestamp(notice.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "kind": notice.kind,
        "severity": notice.severity.word,
        "check": notice.check,
        "nodes": list(notice.nodes),
        "times": notice.times,
        "text": notice.text,
        "left_out": notice.left_out,
    }
