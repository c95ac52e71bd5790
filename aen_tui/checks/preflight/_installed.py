"""A program's version against what is documented; shared by the four that have a documented one."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Verdict, ok, unknown, warning
from aen_tui.checks.preflight._versions import dotted
from aen_tui.model.node import NodeName, Role
from aen_tui.model.node_facts import HostFacts
from aen_tui.model.urls import HERE, host_of


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


def carrier(look: Look, program: str, url: str | None) -> str | None:
    """Where a store's daemon lives if not on this node, in words; None where it ought to be here.

    Args:
        look: what is known.
        program: the daemon, as `HostFacts.programs` names it: the server may carry it, and no [store] say so.
        url: where the inventory says that it is asked.
    """
    if look.inventory.store != look.spec.name:
        return None if Role.STORE in look.spec.roles else "another host"
    host = host_of(url) if url else None
    if host is not None and host not in (*HERE, look.spec.host.lower(), look.spec.name.lower()):
        return "another host"
    known = [(name, facts.programs) for name, facts in _servers(look) if facts is not None]
    return next((name for name, programs in known if programs.get(program) is not None), None)


def missing(look: Look, what: str, key: str) -> Iterable[Verdict]:
    """A store's daemon that is not installed here."""
    unseen = [name for name, facts in _servers(look) if facts is None]
    if unseen:
        yield unknown(f"{what} is not installed on {look.spec.name}, and {unseen[0]}, which may carry it, is not known")
        return
    yield warning(
        f"{what} is not installed on {look.spec.name}",
        f"install it, or name the host that carries it in the inventory ([store] host, or {key})",
    )


def _servers(look: Look) -> list[tuple[NodeName, HostFacts | None]]:
    """The server, where it is not this node: one of the two stores may have stayed there."""
    names = [name for name, spec in look.inventory.nodes.items() if Role.SERVER in spec.roles]
    known = {name: facts.host.value for name, facts in look.others.items()}
    return [(name, known.get(name)) for name in names if name != look.spec.name]
