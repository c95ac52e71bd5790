"""Findings of many nodes as a matrix: checks down, nodes across, nodes that are alike folded into one column."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from aen_tui.checks import finding_weight
from aen_tui.config.nodesets import fold
from aen_tui.model.facts import Finding
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity, worst


@dataclass(frozen=True, slots=True)
class Said:
    """The same words about several nodes."""

    severity: Severity
    message: str
    remedy: str
    seed: str | None
    nodes: tuple[NodeName, ...]
    explained_by: str | None = None
    """What it follows from."""
    weight: int = 0
    """How much goes wrong by it."""

    @property
    def where(self) -> str:
        """The nodes as a node set."""
        return fold(self.nodes)


@dataclass(frozen=True, slots=True)
class Row:
    """A check."""

    check: str
    severity: Severity
    said: tuple[Said, ...]
    """What it says: the worst first; of these what stands for itself, weighs most, is said of the most nodes."""
    cells: tuple[Severity | None, ...]
    """Its worst for each column; None where it says nothing there."""

    @property
    def weight(self) -> int:
        """Of the worst that it says."""
        return self.said[0].weight if self.said else 0

    @property
    def explained_by(self) -> str | None:
        """What all that it finds follows from, as far as that is one cause; the first of several."""
        bad = [one.explained_by for one in self.said if one.severity is not Severity.OK]
        return bad[0] if bad and all(bad) else None


@dataclass(frozen=True, slots=True)
class Column:
    """Nodes of which every check says the same severity."""

    label: str
    nodes: tuple[NodeName, ...]
    severity: Severity


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows and columns, the worst of both first."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    where_cells: int = 0
    """Of the longest node set of which something is said that is not ok, as rows show it."""

    @property
    def severity(self) -> Severity:
        """The worst of all."""
        return worst(row.severity for row in self.rows)


_Words = tuple[Severity, str, str, str | None, str | None, int]


def matrix_of(findings: Mapping[NodeName, Sequence[Finding]], uncounted: Collection[NodeName] = frozenset()) -> Matrix:
    """A matrix of what is said of nodes, in the nodes' order where severities are equal.

    Args:
        findings: what is said, node by node.
        uncounted: nodes under maintenance: their cells are shown, and make no row and no column worse.
    """
    said: dict[str, dict[_Words, list[NodeName]]] = {}
    worsts: dict[NodeName, dict[str, Severity]] = {}
    for name, found in findings.items():
        by_check = worsts[name] = {}
        for one in found:
            by_check[one.check] = max(one.severity, by_check.get(one.check, Severity.OK))
            words = (one.severity, one.message, one.remedy, one.seed, one.explained_by, finding_weight(one))
            said.setdefault(one.check, {}).setdefault(words, []).append(name)
    vectors: dict[tuple[bool, tuple[Severity | None, ...]], list[NodeName]] = {}
    for name, by_check in worsts.items():
        vector = tuple(by_check.get(check) for check in said)
        vectors.setdefault((name not in uncounted, vector), []).append(name)
    ranked = sorted(
        (
            (_worst(vector) if counts else Severity.OK, counts, vector, names)
            for (counts, vector), names in vectors.items()
        ),
        key=lambda entry: -entry[0],
    )
    columns = tuple(Column(fold(names), tuple(names), severity) for severity, _, _, names in ranked)
    rows = (
        Row(
            check,
            _worst(vector[index] for _, counts, vector, _ in ranked if counts),
            _said(alike),
            tuple(vector[index] for _, _, vector, _ in ranked),
        )
        for index, (check, alike) in enumerate(said.items())
    )
    ordered = tuple(sorted(rows, key=_rank))
    longest = max((len(row.said[0].where) for row in ordered if row.severity is not Severity.OK), default=0)
    return Matrix(columns, ordered, longest)


def _rank(row: Row) -> tuple[int, bool, int, str]:
    weight = 0 if row.severity is Severity.OK else row.weight  # what passed is looked up by its name
    return -row.severity, row.explained_by is not None, -weight, row.check


def _worst(vector: Iterable[Severity | None]) -> Severity:
    return worst(severity for severity in vector if severity is not None)


def _said(alike: Mapping[_Words, Sequence[NodeName]]) -> tuple[Said, ...]:
    found = [
        Said(severity, message, remedy, seed, tuple(dict.fromkeys(names)), by, weight)
        for (severity, message, remedy, seed, by, weight), names in alike.items()
    ]
    return tuple(sorted(found, key=_order))


def _order(one: Said) -> tuple[int, bool, int, int]:
    return -one.severity, one.explained_by is not None, -one.weight, -len(one.nodes)
