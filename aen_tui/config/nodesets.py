"""Node sets (`compute1-[1-25]`) by ClusterShell; never its own groups, which read files and run commands."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.errors import AenError


def expand(text: str) -> list[str]:
    """The names of a node set, in order.

    Raises:
        AenError: it is not a node set.
    """
    if "[" not in text and "," not in text and "@" not in text and not set(text) & set("!&^ "):
        return [text]
    from ClusterShell.NodeSet import NodeSet, NodeSetException
    from ClusterShell.NodeUtils import GroupResolver

    if "@" in text:
        raise AenError(f"`{text}` is not a node set", hint="groups are @server @gateway @compute @all @dc:NAME")
    try:
        return [str(name) for name in NodeSet(text, resolver=GroupResolver())]
    except NodeSetException as error:
        raise AenError(f"`{text}` is not a node set: {error}", hint="for example compute1-[1-25]") from None


def fold(names: Iterable[str]) -> str:
    """Names as one node set, for people to read."""
    from ClusterShell.NodeSet import NodeSet
    from ClusterShell.NodeUtils import GroupResolver

    return str(NodeSet.fromlist(list(names), resolver=GroupResolver()))
