"""A program's version against what is documented; shared by the four that have a documented one."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from aen_tui.checks.preflight import Look, Verdict, ok, unknown, warning
from aen_tui.checks.preflight._versions import dotted
from aen_tui.model.node import Role

_LOOPBACK = ("127.0.0.1", "localhost", "::1", None)


def in_range(
    what: str, version: tuple[int, ...] | None, least: tuple[int, ...], below: tuple[int, ...] | None, remedy: str
) -> Verdict:
    """`MongoDB 2.6.10, wanted >= 2.6.8 and < 3.0`."""
    wanted = f">= {dotted(least)}" + (f" and < {dotted(below)}" if below else "")
    if version is None:
        return unknown(f"the version of {what} could not be seen", f"wanted is {wanted}")
    if version < least or (below is not None and version >= below):
        return warning(f"{what} {dotted(version)}, wanted {wanted}", remedy)
    return ok(f"{what} {dotted(version)} ({wanted})")


def lives_elsewhere(look: Look, url: str | None) -> bool:
    """Whether a store is on another machine than this server, as the inventory says."""
    if look.inventory.store != look.spec.name:
        return Role.STORE not in look.spec.roles
    return urlsplit(url).hostname not in _LOOPBACK if url else False


def missing(look: Look, what: str, key: str) -> Iterable[Verdict]:
    """A store's daemon that is not installed here."""
    yield warning(
        f"{what} is not installed on {look.spec.name}",
        f"install it, or name the host that carries it in the inventory ([store] host, or {key})",
    )
