"""`aen-tui check`: preflight against AEN's documented requirements, as text or one JSON document."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from aen_tui.errors import AenError
from aen_tui.headless.document import SCHEMA, finding_document, utc, worst_shown
from aen_tui.headless.status import GRACE_SECONDS, is_done, looked_at
from aen_tui.model.facts import Finding
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName, Role
from aen_tui.model.severity import Severity, worst
from aen_tui.model.text import visible_line
from aen_tui.runtime.causes import explained_findings
from aen_tui.runtime.check_matrix import Column, Matrix, Row, matrix_of
from aen_tui.runtime.cluster import Runtime

_CELLS = {Severity.OK: "+", Severity.UNKNOWN: "?", Severity.WARNING: "!", Severity.CRITICAL: "X", None: "."}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


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


def earlier_document(file: Path) -> dict[str, Any]:
    """What `check --json` once wrote.

    Raises:
        AenError: it cannot be read, or is something else.
    """
    try:
        document = json.loads(file.read_bytes())
        if document["schema"] != SCHEMA:
            raise AenError(f"{file} has schema {document['schema']!r}, wanted is {SCHEMA}")
        for node in document["nodes"]:
            _worst_of(node)
    except OSError as error:
        raise AenError(f"{file}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise AenError(f"{file} is not what `aen-tui check --json` writes") from None
    return dict(document)


def _worst_of(node: Mapping[str, Any]) -> dict[str, tuple[Severity, str]]:
    """Check -> its worst severity and what was said."""
    found: dict[str, tuple[Severity, str]] = {}
    for one in node["findings"]:
        severity = Severity[str(one["severity"]).upper()]
        if one["check"] not in found or severity > found[one["check"]][0]:
            found[str(one["check"])] = (severity, str(one["message"]))
    return found


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """What got worse and what got better since, node by node; nodes that are in one document only are named."""
    old = {node["name"]: _worst_of(node) for node in before["nodes"]}
    new = {node["name"]: _worst_of(node) for node in after["nodes"]}
    yield f"{after['cluster']}  {after['severity'].upper()}  {before['at']} -> {after['at']}"
    for name in dict.fromkeys((*old, *new)):
        if name not in old or name not in new:
            yield f"{visible_line(name)}: only {'now' if name in new else 'before'}"
            continue
        for check in dict.fromkeys((*new[name], *old[name])):
            was, is_now = old[name].get(check), new[name].get(check)
            if (was and was[0]) != (is_now and is_now[0]):
                words = visible_line((is_now or was or (None, ""))[1])
                yield f"{visible_line(name)}  {visible_line(check)}: {_word(was)} -> {_word(is_now)}: {words}"


def _word(known: tuple[Severity, str] | None) -> str:
    return known[0].word if known else "not looked at"


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
