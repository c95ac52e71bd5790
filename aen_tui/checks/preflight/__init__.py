"""Preflight: AEN's documented requirements, one a file, exporting `REQUIREMENT`; pure.

Unlike the live checks beside this folder, a requirement also says what holds. It judges one node, and may look
at what the other nodes said. Where nothing is known it says unknown and why; where it does not concern the node
it says nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from aen_tui.checks import checks
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.install_facts import InstallFacts
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName, NodeSpec, Role
from aen_tui.model.node_facts import AppFacts, HostFacts, NodeFacts, ReachFacts, SettingsFacts
from aen_tui.model.severity import Severity
from aen_tui.model.shelf import shelved

LOOK_AS_ROOT = "look with sudo (`become` in the inventory)"
"""What helps against what may not be seen."""


class Verdict(NamedTuple):
    """What a requirement says of one thing."""

    severity: Severity
    message: str
    remedy: str = ""


def ok(message: str) -> Verdict:
    """It holds."""
    return Verdict(Severity.OK, message)


def unknown(message: str, remedy: str = "") -> Verdict:
    """It may hold or not: why that is not known."""
    return Verdict(Severity.UNKNOWN, message, remedy)


def warning(message: str, remedy: str) -> Verdict:
    """It does not hold, and AEN works with it in part."""
    return Verdict(Severity.WARNING, message, remedy)


def critical(message: str, remedy: str) -> Verdict:
    """It does not hold, and AEN does not work so."""
    return Verdict(Severity.CRITICAL, message, remedy)


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What a requirement is judged by."""

    node: NodeState
    facts: NodeFacts
    inventory: Inventory
    now: float
    """Epoch seconds."""
    others: Mapping[NodeName, NodeFacts] = field(default_factory=dict)
    """What is known of every node, this one too."""
    usual: Mapping[str, str] = field(default_factory=dict)
    """AEN's packages and the version of each that most computes of its data center have; empty where it is alone."""
    states: Mapping[NodeName, NodeState] = field(default_factory=dict)

    @property
    def spec(self) -> NodeSpec:
        """The node as the inventory has it."""
        return self.node.spec

    @property
    def host(self) -> HostFacts | None:
        """The machine; None while nothing is known of it."""
        return self.facts.host.value

    @property
    def settings(self) -> SettingsFacts | None:
        """What is configured."""
        return self.facts.settings.value

    @property
    def apps(self) -> AppFacts | None:
        """Who runs what."""
        return self.facts.apps.value

    @property
    def reach(self) -> ReachFacts | None:
        """What it reaches by name."""
        return self.facts.reach.value

    @property
    def install(self) -> InstallFacts | None:
        """What it is made of, and where that runs."""
        return self.facts.install.value

    @property
    def blind(self) -> str | None:
        """Why processes of other users are not seen at all; None where they are, as far as is known."""
        return self.apps.blind if self.apps else None

    def is_planned(self, *services: str) -> bool:
        """Whether one of these services alone is under maintenance, on a node in use: that it rests is no fault."""
        planned = self.node.planned
        return planned is not None and not planned.services.isdisjoint(services)

    @property
    def version(self) -> str:
        """AEN's version: as discovered, else as the inventory says, else 4.1.2, whose numbers are the best known."""
        packages = self.host.packages if self.host else {}
        return packages.get("wakari-version") or self.inventory.aen_version or "4.1.2"


@dataclass(frozen=True, slots=True, eq=False)
class Requirement:
    """A documented requirement with a stable id."""

    id: str
    title: str
    """A few words, for the matrix."""
    seed: str | None
    """The seed that names it; None where none does."""
    evaluate: Callable[[Look], Iterable[Verdict]]
    roles: tuple[Role, ...] = ()
    """Whom it concerns; empty: every node."""
    covers: tuple[str, ...] = ()
    """Words of the seeds that it looks after (services/__init__.py says how), for `info --coverage`."""


@cache
def requirements() -> tuple[Requirement, ...]:
    """Every requirement of the shelf, by file name.

    Raises:
        TypeError: a file of the shelf exports none.
    """
    return tuple(shelved(__name__, "REQUIREMENT", Requirement))


def documented(check: str) -> tuple[str, str]:
    """A check's title, where it has one, and what it wants, in a sentence; empty where there is no such check."""
    titles = {one.id: (one.title, one.evaluate.__module__) for one in requirements()}
    titles |= {one.id: ("", one.evaluate.__module__) for one in checks()}
    if check in titles:
        title, module = titles[check]
        return title, (sys.modules[module].__doc__ or "").partition("\n\n")[0]
    return "", ""


def concerns(requirement: Requirement, spec: NodeSpec) -> bool:
    """Whether a node has to meet it."""
    return not requirement.roles or any(role in spec.roles for role in requirement.roles)


def judge(look: Look) -> tuple[Finding, ...]:
    """What every requirement says of a node, passed ones included, in the shelf's order."""
    return tuple(
        Finding(requirement.id, verdict.severity, verdict.message, verdict.remedy, requirement.seed)
        for requirement in requirements()
        if concerns(requirement, look.spec)
        for verdict in requirement.evaluate(look)
    )
