"""What a node reaches by name: the errand `reach`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from aen_tui import __version__
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import HttpTarget, NodeSpec, Role
from aen_tui.model.node_facts import ReachFacts
from aen_tui.model.pages import RULES
from aen_tui.model.urls import host_of, place_of
from aen_tui.sources.certificates import certificates
from aen_tui.sources.fact_rows import read_row, shaped
from aen_tui.sources.http_answers import is_asked_by_probe

ERRAND = "reach"
SECONDS = 60.0
_LDAPS_PORT = 636


def request(
    spec: NodeSpec, inventory: Inventory, names: tuple[str, ...] = (), urls: tuple[str, ...] = ()
) -> dict[str, Any]:
    """What the errand is told about a node.

    Args:
        spec: the node.
        inventory: whose names count.
        names: further host names, of the node itself and of its configuration.
        urls: further servers whose certificates are looked at, `ldaps://host`.
    """
    found = [*browser_names(inventory), *names] if {Role.SERVER, Role.GATEWAY} & set(spec.roles) else list(names)
    targets = [one for one in spec.http if one.name == "server" and is_asked_by_probe(one)]  # https is looked at live
    tls: list[list[str | int]] = [
        [place.host, place.host, place.port or _LDAPS_PORT]
        for place in map(place_of, urls)
        if place is not None and place.scheme == "ldaps"
    ]
    for target in spec.http:
        place = place_of(target.url)
        if place is not None and place.scheme == "https" and target.name in ("server", "gateway"):
            tls.append([place.host, spec.listen_address, place.port or 443])
    return {
        "names": [name for name in dict.fromkeys(found) if is_name(name)],
        "tls": tls,
        **pages_of(targets),
    }


def pages_of(targets: Iterable[HttpTarget]) -> dict[str, Any]:
    """What the errand is told about pages: theirs, and how they are told apart."""
    return {
        "pages": [[target.name, target.url + "/"] for target in targets],
        "rules": RULES._asdict(),
        "user_agent": f"aen-tui/{__version__}",
    }


def browser_names(inventory: Inventory) -> list[str]:
    """The host names of the URLs that people use, as the inventory has them."""
    found = [
        host_of(target.url) or ""
        for spec in inventory.nodes.values()
        for target in spec.http
        if target.name == "server"
    ]
    return [name for name in dict.fromkeys(found) if is_name(name)]


def is_name(word: str) -> bool:
    """Whether a host is written as a name, not as an address, and is not this machine."""
    return (
        bool(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}", word))
        and not re.fullmatch(r"[\d.]+", word)
        and word != "localhost"
    )


def decode(row: bytes) -> ReachFacts:
    """The errand's only row.

    Raises:
        ProbeError: it is something else.
    """
    value = read_row(row)
    rows = value.pop("served", ()) if isinstance(value, dict) else ()
    return replace(shaped(value, ReachFacts), served=certificates(rows, is_served=True))
