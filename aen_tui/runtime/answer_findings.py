"""Answers as findings: what makes a node critical stands in the list of checks too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aen_tui.model.causes import Cause, Explained, Part
from aen_tui.model.facts import Finding, HttpState, LinkState, NodeState
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity

HTTP = "http"
_REMEDIES = {
    "document": "it names what is wrong; the gateway's log says more",
    "code": "its log says why",
    "dead": "see whether its program runs, and what its log says last",
}


def answer_findings(node: NodeState, told: Sequence[Finding]) -> Iterator[Finding]:
    """One finding a URL that is not as it should be, else one that all answer; nothing where none is asked.

    Args:
        node: whose; what services under maintenance answer is left out, as in its severity.
        told: what other checks say of it: a URL that one of them names is not told twice.
    """
    planned = node.planned if node.planned is not None and not node.planned.is_whole else None
    counted = [answer for answer in node.http if planned is None or not planned.covers_answer(answer.name)]
    bad = [answer for answer in counted if answer.severity is not Severity.OK]
    for answer in bad:
        if not any(one.severity >= answer.severity and one.message.startswith(f"{answer.url} ") for one in told):
            yield _finding(answer)
    if counted and not bad:
        words = ", ".join(f"{answer.name} {answer.status_code}" for answer in counted)
        yield Finding(HTTP, Severity.OK, f"every URL answers: {words}", seed="004")


def bad_answers(node: NodeState) -> Iterator[Finding]:
    """URLs that are not well; where the node itself is lost its connection says so, as in preflight."""
    if node.connection.state is LinkState.UP:
        yield from (one for one in answer_findings(node, node.findings) if one.severity is not Severity.OK)


def _finding(answer: HttpState) -> Finding:
    begin = f"{answer.name} "
    if answer.seen_at is None:
        words = f"was not asked: {answer.error}" if answer.error else "was not asked yet"
        return Finding(HTTP, answer.severity, begin + words, f"it is asked on {answer.asked_on}", "004")
    said = said_by(answer)
    told_more = f": {said.detail}" if said.detail else ""
    return Finding(
        HTTP, answer.severity, f"{begin}{said.words}{told_more}", f"{answer.url}: {_REMEDIES[said.kind]}", "004"
    )


@dataclass(frozen=True, slots=True)
class Said:
    """What came of asking a URL."""

    kind: str
    """`dead`: nothing answered; `code`: only a code; `document`: a status document."""
    words: str
    """`answers 502`, without the URL's name."""
    detail: str = ""
    """The error, or the document's messages; hostile."""


def said_by(answer: HttpState) -> Said:
    """What a URL said when it was asked last."""
    if answer.error is not None or answer.status_code is None:
        return Said("dead", "does not answer", answer.error or "no status code")
    if answer.status_code < 500 and answer.document is not None:
        return Said("document", f"says status {answer.document.status}", "; ".join(answer.document.messages))
    return Said("code", f"answers {answer.status_code}")


def answer_cause(name: NodeName, finding: Finding, known: Explained) -> Cause | None:
    """What explains the URL that a finding of `answer_findings` is about; None where nothing does."""
    if finding.check != HTTP:
        return None
    return next(
        (cause for trouble, cause in _urls(name, known).items() if finding.message.startswith(f"{trouble} ")), None
    )


def _urls(name: NodeName, known: Explained) -> Mapping[str, Cause]:
    return {one.name: cause for one, cause in known.items() if one.part is Part.HTTP and one.node == name}
