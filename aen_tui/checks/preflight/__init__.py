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
from typing import Any, Literal, NamedTuple

from aen_tui.checks import checks
from aen_tui.model.age import age_text
from aen_tui.model.facts import Finding, LinkState, NodeState
from aen_tui.model.install_facts import InstallFacts
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName, NodeSpec, Role
from aen_tui.model.node_facts import AppFacts, HostFacts, NodeFacts, ReachFacts, SettingsFacts
from aen_tui.model.reading import Reading
from aen_tui.model.severity import Severity
from aen_tui.model.shelf import shelved

LOOK_AS_ROOT = "look with sudo (`become` in the inventory)"
"""What helps against what may not be seen."""
Part = Literal["host", "settings", "apps", "reach", "folders", "install", "boot"]
"""What `NodeFacts` consists of."""
_MINUTE = 60.0
OWN_SEED = "own"
"""Of a verdict that its requirement's own seed says."""


class Verdict(NamedTuple):
    """What a requirement says of one thing."""

    severity: Severity
    message: str
    remedy: str = ""
    seed: str | None = OWN_SEED
    """The seed that says it, where that is not the requirement's; None where none does."""

    def by(self, seed: str | None) -> Verdict:
        """The same, of another seed."""
        return self._replace(seed=seed)


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
    seconds: float | None = None
    """Monotonic, by which facts are as old as they are; None where nobody says how old they are."""
    used: set[Part] = field(default_factory=set)
    """The parts of the facts that were looked at."""

    def part(self, name: Part) -> Reading[Any]:
        """A part of the facts, with its age; who judges by it may not call old ones fresh."""
        self.used.add(name)
        part: Reading[Any] = getattr(self.facts, name)
        return part

    @property
    def spec(self) -> NodeSpec:
        """The node as the inventory has it."""
        return self.node.spec

    @property
    def host(self) -> HostFacts | None:
        """The machine; None while nothing is known of it."""
        known: HostFacts | None = self.part("host").value
        return known

    @property
    def settings(self) -> SettingsFacts | None:
        """What is configured."""
        known: SettingsFacts | None = self.part("settings").value
        return known

    @property
    def apps(self) -> AppFacts | None:
        """Who runs what."""
        known: AppFacts | None = self.part("apps").value
        return known

    @property
    def reach(self) -> ReachFacts | None:
        """What it reaches by name."""
        known: ReachFacts | None = self.part("reach").value
        return known

    @property
    def install(self) -> InstallFacts | None:
        """What it is made of, and where that runs."""
        known: InstallFacts | None = self.part("install").value
        return known

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
        host = self.facts.host.value  # a release is no less true for being known of old
        packages = host.packages if host is not None else {}
        return packages.get("wakari-version") or self.inventory.aen_version or "4.1.2"


@dataclass(frozen=True, slots=True, eq=False)
class Requirement:
    """A documented requirement with a stable id."""

    id: str
    title: str
    """A few words, for the matrix."""
    seed: str | None
    """The seed that names it, for verdicts that name no other; None where none does."""
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
    """What every requirement says of a node, passed ones included, in the shelf's order.

    What was well when it was seen is not known to be so where the node is not up, or could not be asked again; what
    was not stays as it was told.
    """
    return tuple(
        Finding(requirement.id, verdict.severity, verdict.message, verdict.remedy, _seed_of(requirement, verdict))
        for requirement in requirements()
        if concerns(requirement, look.spec)
        for verdict in _as_of_now(look, requirement)
    )


def _as_of_now(look: Look, requirement: Requirement) -> list[Verdict]:
    look.used.clear()
    verdicts = list(requirement.evaluate(look))
    is_up = look.node.connection.state is LinkState.UP
    old = [part for name in look.used if (part := getattr(look.facts, name)).error or not is_up]
    if is_up and not old:
        return verdicts
    ages = [age for part in old if look.seconds is not None and (age := part.age_seconds(look.seconds)) is not None]
    before = f"was ok {ago(max(ages))}" if ages else "was ok"
    return [_not_known(verdict, before) if verdict.severity is Severity.OK else verdict for verdict in verdicts]


def ago(seconds: float) -> str:
    """How old a fact is, in words that change once a minute at most."""
    return "just now" if seconds < _MINUTE else f"{age_text(seconds)} ago"


def _not_known(verdict: Verdict, before: str) -> Verdict:
    return verdict._replace(severity=Severity.UNKNOWN, message=f"{before}: {verdict.message}")


def _seed_of(requirement: Requirement, verdict: Verdict) -> str | None:
    return requirement.seed if verdict.seed == OWN_SEED else verdict.seed
