"""Nodes that ought to be alike: what each is made of, and where they differ."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from aen_tui.model.node import NodeName, NodeSpec, Role
from aen_tui.model.node_facts import HostFacts
from aen_tui.model.urls import HERE

Traits = Mapping[str, tuple[str, ...]]
"""Part of a node -> its lines, secrets masked."""


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes of which a part reads the same; no lines where they have no such part."""

    nodes: tuple[NodeName, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A part that is not the same everywhere."""

    part: str
    odd: tuple[Group, ...]
    """The fewest nodes first."""
    usual: Group
    """What most nodes have."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Nodes of a data center beside each other."""

    data_center: str
    differences: tuple[Difference, ...]
    """The oddest first."""
    alike: tuple[str, ...]
    """Parts that are the same on all."""
    nodes: tuple[NodeName, ...]


def compared(data_center: str, traits: Mapping[NodeName, Traits]) -> Comparison:
    """Which parts differ: what most nodes have is the usual; of two halves the one with the first node is."""
    parts = dict.fromkeys(part for lines in traits.values() for part in lines)
    differences: list[Difference] = []
    alike: list[str] = []
    for part in parts:
        groups: dict[tuple[str, ...], list[NodeName]] = {}
        for name, lines in traits.items():
            groups.setdefault(lines.get(part, ()), []).append(name)
        ranked = sorted(
            (Group(tuple(names), lines) for lines, names in groups.items()), key=lambda one: -len(one.nodes)
        )
        if len(ranked) == 1:
            alike.append(part)
        else:
            differences.append(Difference(part, tuple(sorted(ranked[1:], key=_size)), ranked[0]))
    differences.sort(key=lambda one: (sum(len(group.nodes) for group in one.odd), one.part))
    return Comparison(data_center, tuple(differences), tuple(alike), tuple(traits))


def _size(group: Group) -> int:
    return len(group.nodes)


def usual_of(values: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Of each key the value that most have; of those that are as frequent the first.

    A key that most do not have is left out: that it is missing is as usual as a value.
    """
    usual: dict[str, str] = {}
    alike = [(dict(items), count) for items, count in Counter(tuple(value.items()) for value in values).items()]
    for key in dict.fromkeys(key for value, _ in alike for key in value):
        counts: Counter[str | None] = Counter()
        for value, count in alike:
            counts[value.get(key)] += count
        most = max(counts, key=lambda one: counts[one])
        if most is not None:
            usual[key] = most
    return usual


def own_words(spec: NodeSpec) -> Callable[[str], str]:
    """What leaves out of a text a node's own root (in the demo), name and address: in these all rightly differ."""
    words: dict[str, str] = {spec.name: "NODE"}
    if spec.listen_address not in HERE:  # those are every node's
        words[spec.listen_address] = "ADDRESS"
    found = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, words))})(?![\w-])")
    root = re.compile(re.escape(spec.root) + r"(?![\w.-])/?") if spec.root else None

    def without(text: str) -> str:
        bare = root.sub("/", text) if root is not None else text
        return found.sub(lambda word: words[word.group()], bare)

    return without


def launcher_packages(spec: NodeSpec, host: HostFacts) -> Mapping[str, str]:
    """AEN's packages of a compute's launcher alone: another role on the same machine brings its own, rightly."""
    if spec.roles == (Role.COMPUTE,):
        return host.packages
    return host.packages_of.get(f"{spec.install_prefix}/wakari-compute", {})
