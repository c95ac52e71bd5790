"""`aen-tui check`: preflight against AEN's documented requirements, as text or one JSON document."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TextIO

from aen_tui.headless.document import SCHEMA, finding_document, utc, worst_shown
from aen_tui.headless.status import GRACE_SECONDS, is_done, looked_at
from aen_tui.model.facts import Finding
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName, Role
from aen_tui.model.severity import Severity, worst
from aen_tui.runtime.check_matrix import Column, Matrix, Row, matrix_of
from aen_tui.runtime.cluster import Runtime

_CELLS = {Severity.OK: "+", Severity.UNKNOWN: "?", Severity.WARNING: "!", Severity.CRITICAL: "X", None: "."}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def looked_at_too(inventory: Inventory, wanted: Sequence[NodeName]) -> frozenset[NodeName]:
    """The nodes that must be watched to check some: what asks their URLs, and the server, whose settings they share."""
    return looked_at(inventory, wanted) | frozenset(_servers(inventory))


def _servers(inventory: Inventory) -> list[NodeName]:
    return [name for name, spec in inventory.nodes.items() if Role.SERVER in spec.roles]


async def run_check(runtime: Runtime, wanted: Sequence[NodeName], *, as_json: bool, stdout: TextIO) -> int:
    """Look until every node was read or has failed, gather the facts, print; the exit code of design 4."""
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
        findings = {name: runtime.checkup.findings(state.nodes[name], state) for name in wanted}
    document = check_document(state.name, utc(state.wall_at), findings)
    text = json.dumps(document, indent=2, ensure_ascii=False) if as_json else "\n".join(lines_of(document, findings))
    stdout.write(text + "\n")
    return worst_shown(document).exit_code


def check_document(cluster: str, at: str, findings: Mapping[NodeName, Sequence[Finding]]) -> dict[str, Any]:
    """`check --json`: the top of `status --json`, and every finding of every node, passed ones included."""
    nodes = [
        {
            "name": name,
            "severity": worst(one.severity for one in found).word,
            "findings": [finding_document(one) for one in found],
        }
        for name, found in findings.items()
    ]
    severity = worst(one.severity for found in findings.values() for one in found)
    return {"schema": SCHEMA, "cluster": cluster, "at": at, "severity": severity.word, "nodes": nodes}


def lines_of(document: Mapping[str, Any], findings: Mapping[NodeName, Sequence[Finding]]) -> Iterator[str]:
    """For people: the matrix, then what is wrong on each node with its remedy and seed."""
    matrix = matrix_of(findings)
    count = len(findings)
    yield f"{document['cluster']}  {count} nodes checked  {document['severity'].upper()}  {document['at']}"
    yield ""
    yield from _matrix(matrix)
    for name, found in findings.items():
        wrong = [one for one in found if one.severity is not Severity.OK]
        passed = len(found) - len(wrong)
        yield ""
        yield f"{name}  {worst(one.severity for one in found).word}  {passed} passed"
        for one in wrong:
            seed = f"  [seed {one.seed}]" if one.seed else ""
            yield f"  {one.severity.word:<8}  {one.check}: {one.message}{seed}"
            if one.remedy:
                yield f"  {'':<8}  -> {one.remedy}"


def _matrix(matrix: Matrix) -> Iterator[str]:
    """Columns are letters, told above: nodes that are alike in everything are one."""
    for letter, column in _lettered(matrix.columns):
        yield f"  {letter}  {column.severity.word:<8}  {column.label}"
    width = max((len(row.check) for row in matrix.rows), default=0)
    yield ""
    yield f"  {'':<{width}}  {' '.join(letter for letter, _ in _lettered(matrix.columns))}"
    for row in matrix.rows:
        yield f"  {row.check:<{width}}  {_cells(row)}"
    yield "  + ok   ? unknown   ! warning   X critical   . does not concern it"


def _lettered(columns: Sequence[Column]) -> Iterator[tuple[str, Column]]:
    for index, column in enumerate(columns):
        tens, ones = divmod(index, len(_LETTERS))
        yield (_LETTERS[ones].upper() if tens % 2 else _LETTERS[ones]), column


def _cells(row: Row) -> str:
    return " ".join(_CELLS[cell] for cell in row.cells)
