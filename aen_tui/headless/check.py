"""`aen-tui check`: preflight against AEN's documented requirements, as text or one JSON document."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from string import ascii_letters
from typing import Any, TextIO

from aen_tui.headless.check_diff import differences
from aen_tui.headless.document import SCHEMA, finding_document, utc, worst_shown
from aen_tui.headless.status import GRACE_SECONDS, is_done, looked_at
from aen_tui.model.facts import Finding
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName, Role
from aen_tui.model.severity import Severity, worst
from aen_tui.runtime.causes import explained_findings
from aen_tui.runtime.check_matrix import Matrix, matrix_of
from aen_tui.runtime.cluster import Runtime

_CELLS = {Severity.OK: "+", Severity.UNKNOWN: "?", Severity.WARNING: "!", Severity.CRITICAL: "X", None: "."}


def looked_at_too(inventory: Inventory, wanted: Sequence[NodeName]) -> frozenset[NodeName]:
    """The nodes that must be watched to check some: what asks their URLs, and the server, whose settings they share."""
    return looked_at(inventory, wanted) | frozenset(_servers(inventory))


def _servers(inventory: Inventory) -> list[NodeName]:
    return [name for name, spec in inventory.nodes.items() if Role.SERVER in spec.roles]


async def run_check(
    runtime: Runtime,
    wanted: Sequence[NodeName],
    *,
    as_json: bool,
    stdout: TextIO,
    before: Mapping[str, Any] | None = None,
) -> int:
    """Look until every node was read or has failed, gather the facts, print; the exit code of design 4.

    Args:
        runtime: not running yet; it watches `looked_at_too`.
        wanted: the nodes that are judged.
        as_json: one document instead of text.
        stdout: where it goes.
        before: an earlier document: what differs from it is told instead.
    """
    inventory = runtime.inventory
    asked = list(dict.fromkeys([*_servers(inventory), *wanted]))
    async with runtime.running():
        try:
            async with asyncio.timeout(inventory.ssh.connect_timeout_seconds + GRACE_SECONDS):
                await runtime.store.wait_for(lambda state: is_done(state, asked, keep_trying=False))
        except TimeoutError:
            pass
        await runtime.checkup.gather(asked)
        state = runtime.snapshot()
        known = {name: runtime.checkup.findings(state.nodes[name], state) for name in asked}
        explained = explained_findings(state, known)
        findings = {name: explained[name] for name in wanted}
        planned = frozenset(name for name in wanted if state.nodes[name].is_uncounted)
    document = check_document(state.name, utc(state.wall_at), findings, planned)
    if as_json:
        stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    else:
        lines = lines_of(document, findings, planned) if before is None else differences(before, document)
        stdout.writelines(f"{line}\n" for line in lines)
    return worst_shown(document).exit_code


def check_document(
    cluster: str, at: str, findings: Mapping[NodeName, Sequence[Finding]], planned: Collection[NodeName] = frozenset()
) -> dict[str, Any]:
    """`check --json`: the top of `status --json`, and every finding of every node, passed ones included.

    What is said of nodes under maintenance (`planned`) stands there too, and is not counted, as in `status`.
    """
    counted = {name: Severity.OK if name in planned else _worst_said(found) for name, found in findings.items()}
    nodes = [
        {
            "name": name,
            "severity": counted[name].word,
            "findings": [finding_document(one) for one in found],
        }
        for name, found in findings.items()
    ]
    return {"schema": SCHEMA, "cluster": cluster, "at": at, "severity": worst(counted.values()).word, "nodes": nodes}


def _worst_said(found: Sequence[Finding]) -> Severity:
    return worst(one.severity for one in found)


def lines_of(
    document: Mapping[str, Any],
    findings: Mapping[NodeName, Sequence[Finding]],
    planned: Collection[NodeName] = frozenset(),
) -> Iterator[str]:
    """For people: the matrix, then what is wrong on each node with its remedy and seed."""
    matrix = matrix_of(findings, planned)
    count = len(findings)
    yield f"{document['cluster']}  {count} nodes checked  {document['severity'].upper()}  {document['at']}"
    yield ""
    yield from _matrix(matrix)
    for name, found in findings.items():
        wrong = [one for one in found if one.severity is not Severity.OK]
        passed = len(found) - len(wrong)
        yield ""
        severity = "planned, not counted" if name in planned else _worst_said(found).word
        yield f"{name}  {severity}  {passed} passed"
        for one in wrong:
            seed = f"  [seed {one.seed}]" if one.seed else ""
            yield f"  {one.severity.word:<8}  {one.check}: {one.message}{seed}"
            if one.explained_by is not None:
                yield f"  {'':<8}  follows from {one.explained_by}"
            elif one.remedy:
                yield f"  {'':<8}  -> {one.remedy}"


def _matrix(matrix: Matrix) -> Iterator[str]:
    """Columns are letters, told above: nodes that are alike in everything are one."""
    names = _lettered(len(matrix.columns))
    for name, column in zip(names, matrix.columns, strict=True):
        yield f"  {name}  {column.severity.word:<8}  {column.label}"
    width = max((len(row.check) for row in matrix.rows), default=0)
    yield ""
    yield f"  {'':<{width}}  {' '.join(names)}"
    for row in matrix.rows:
        cells = " ".join(f"{_CELLS[cell]:<{len(name)}}" for name, cell in zip(names, row.cells, strict=True))
        yield f"  {row.check:<{width}}  {cells.rstrip()}"
    yield "  + ok   ? unknown   ! warning   X critical   . does not concern it"


def _lettered(count: int) -> list[str]:
    """So many names of one length, each once: one letter, of more than 52 columns two."""
    length = 1
    while len(ascii_letters) ** length < count:
        length += 1
    return ["".join(word) for word in itertools.islice(itertools.product(ascii_letters, repeat=length), count)]
