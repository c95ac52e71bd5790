"""Causes put where they are seen: a node says what explains it, and what it explains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from aen_tui.checks.roots import connection_trouble, explain, finding_trouble, troubles
from aen_tui.config.nodesets import fold
from aen_tui.model.causes import Cause, Explained, Part, Trouble, by_trouble
from aen_tui.model.facts import ClusterState, Finding, NodeState
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime.answer_findings import answer_cause, bad_answers
from aen_tui.state.store import Store

_Words = tuple[str | None, str | None, Mapping[Trouble, str]]


class Causes:
    """Looks at the whole installation when it is told to, and writes down what explains what."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def look(self) -> None:
        """Once a second is enough: causes change when states do."""
        state = self._store.snapshot()
        causes = explain(state)
        self._store.set_causes(causes)
        for name, words in _words(state, causes):
            self._store.update(name, lambda node, words=words: _with(node, *words))  # type: ignore[misc]


def with_causes(state: ClusterState) -> ClusterState:
    """A state with its causes as of this moment; its findings, those of URLs too, are marked with them."""
    causes = explain(state)
    marked = explained_findings(
        state, {name: (*node.findings, *bad_answers(node)) for name, node in state.nodes.items()}
    )
    nodes = {
        name: node if marked[name] == node.findings else replace(node, findings=marked[name])
        for name, node in state.nodes.items()
    }
    for name, words in _words(state, causes):
        nodes[name] = _with(nodes[name], *words)
    return replace(state, causes=causes, nodes=nodes)


def explained_findings(
    state: ClusterState, found: Mapping[NodeName, Sequence[Finding]]
) -> dict[NodeName, tuple[Finding, ...]]:
    """Findings, preflight's too, each with what explains it; what is explained comes after what is not."""
    known = by_trouble(explain(state, found))
    if not known:
        return {name: tuple(one) for name, one in found.items()}
    return {name: _marked(name, ones, known) for name, ones in found.items()}


def _marked(name: NodeName, found: Sequence[Finding], known: Explained) -> tuple[Finding, ...]:
    marked = [
        one
        if one.severity is Severity.OK
        or (cause := known.get(finding_trouble(name, one)) or answer_cause(name, one, known)) is None
        else replace(one, explained_by=cause.words)
        for one in found
    ]
    if all(new is old for new, old in zip(marked, found, strict=True)):
        return tuple(found)
    return tuple(sorted(marked, key=lambda one: (one.severity is Severity.OK, one.explained_by is not None)))


def _words(state: ClusterState, causes: Sequence[Cause]) -> Iterator[tuple[NodeName, _Words]]:
    """What explains each node whose words are others than it has, whom it explains, and what of it follows."""
    known = by_trouble(causes)
    others: dict[NodeName, set[NodeName]] = {}
    follows: dict[NodeName, dict[Trouble, str]] = {}
    for trouble, cause in known.items():
        is_own = trouble.node == cause.root.node
        if not is_own:
            others.setdefault(cause.root.node, set()).add(trouble.node)
        if trouble.part is Part.FINDING:
            follows.setdefault(trouble.node, {})[trouble] = cause.message if is_own else cause.words
    for name, node in state.nodes.items():
        by = _explained_by(node, known) if known else None
        explains = fold(sorted(others[name])) if name in others else None
        words = (by, explains, follows.get(name, {}))
        if words != (node.explained_by, node.explains, node.follows):
            yield name, words


def _explained_by(node: NodeState, known: Explained) -> str | None:
    """What explains a node: another node's trouble, for all that makes it as bad as it is."""
    if node.severity is Severity.OK:
        return None
    worst = [one for one in troubles(node) if one.severity is node.severity]
    causes = [known.get(one) for one in worst]
    outside = [cause for cause in causes if cause is not None and cause.root.node != node.name]
    if not outside or not all(_is_outside(one, cause, node, known) for one, cause in zip(worst, causes, strict=True)):
        return None
    return outside[0].words


def _is_outside(trouble: Trouble, cause: Cause | None, node: NodeState, known: Explained) -> bool:
    """Whether a trouble comes from another node, be it by way of the lost connection to this one."""
    if cause is None:
        return False
    if cause.root.node != node.name:
        return True
    return cause.root == connection_trouble(node) and cause.root in known and trouble != cause.root


def _with(node: NodeState, explained_by: str | None, explains: str | None, follows: Mapping[Trouble, str]) -> NodeState:
    return replace(node, explained_by=explained_by, explains=explains, follows=follows)
