"""URLs asked on a node, and the data center's status document (seed 004)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aen_tui.model.facts import HttpState, StatusDocument
from aen_tui.model.node import HttpTarget
from aen_tui.model.text import visible_line
from aen_tui.sources.frames import HttpEntry

MAX_MESSAGES = 20
_NOT_YET = "no answer yet"
"""The probe's words while its first question is open: nothing was seen."""


def is_asked_by_probe(target: HttpTarget) -> bool:
    """Whether the probe can ask it: https goes through the node's connection instead (Python 2.6 cannot verify)."""
    return not target.url.startswith("https:")


def request(targets: Sequence[HttpTarget]) -> dict[str, object]:
    """What the probe asks; the id is the place in `targets`."""
    return {
        "http": [
            {"id": number, "url": target.url, "paths": list(target.paths), "document": target.wants_document}
            for number, target in enumerate(targets)
        ]
    }


def decode(entry: HttpEntry, target: HttpTarget, seen_at: float) -> HttpState:
    """One answer."""
    return HttpState(
        name=target.name,
        url=visible_line(entry.url, 500),
        asked_on=target.asked_on,
        status_code=entry.code,
        latency_ms=entry.ms,
        document=decode_document(entry.document) if target.wants_document else None,
        seen_at=None if entry.code is None and entry.error == _NOT_YET else seen_at,
        error=visible_line(entry.error, 300) if entry.error else None,
    )


def decode_document(document: dict[str, Any] | None) -> StatusDocument | None:
    """`{"status": …, "messages": […]}`; None where the answer is something else."""
    if document is None or not isinstance(document.get("status"), str):
        return None
    messages = document.get("messages")
    texts = messages if isinstance(messages, list) else [messages] if messages else []
    return StatusDocument(
        status=visible_line(document["status"], 100),
        messages=tuple(
            visible_line(text if isinstance(text, str) else repr(text), 500) for text in texts[:MAX_MESSAGES]
        ),
    )
