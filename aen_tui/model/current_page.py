"""Whether what was seen of the server's page still holds: its URL is asked much more often than that."""

from __future__ import annotations

from aen_tui.model.facts import NodeState
from aen_tui.model.node_facts import Page


def current_page(node: NodeState) -> Page | None:
    """The page, while nothing speaks against it: neither the last look at it, nor a later answer of that URL."""
    seen_at = node.page.seen_at
    if seen_at is None or node.page.error is not None:
        return None
    for answer in node.http:
        is_later = answer.seen_at is not None and answer.seen_at > seen_at
        if answer.name == "server" and is_later and not answer.is_served:
            return None
    return node.page.value
