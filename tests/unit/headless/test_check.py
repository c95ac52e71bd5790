"""What `check` prints: a document, a matrix for people, and what differs from an earlier one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from aen_tui.config.load import load_inventory
from aen_tui.errors import AenError
from aen_tui.headless.check import check_document, lines_of
from aen_tui.headless.check_diff import differences, earlier_document
from aen_tui.model.facts import Finding
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime.check_matrix import matrix_of

OK, WARNING, CRITICAL = Severity.OK, Severity.WARNING, Severity.CRITICAL
GATEWAY = NodeName("gateway1")
COMPUTES = [NodeName(f"compute1-{number}") for number in range(1, 26)]


def findings(*odd: Finding) -> dict[NodeName, list[Finding]]:
    """A gateway and 25 computes; the odd ones are of the first two computes."""
    shell = Finding("shell", OK, "bash", seed="000")
    found = {GATEWAY: [Finding("connection", OK, "up")]} | {name: [shell] for name in COMPUTES}
    for name in COMPUTES[:2]:
        found[name] = [*odd, shell]
    return found


def test_nodes_that_are_alike_are_one_column_and_the_worst_comes_first() -> None:
    matrix = matrix_of(findings(Finding("acl-support", CRITICAL, "no ACLs", "mount it", "000")))
    assert [column.label for column in matrix.columns] == ["compute1-[1-2]", "gateway1", "compute1-[3-25]"]
    assert [row.check for row in matrix.rows] == ["acl-support", "connection", "shell"]
    assert matrix.rows[0].cells == (CRITICAL, None, None)
    assert matrix.rows[0].said[0].where == "compute1-[1-2]"
    assert matrix.rows[2].cells == (OK, None, OK)
    assert matrix.severity is CRITICAL


def test_several_words_of_one_check_count_by_the_worst() -> None:
    found = findings(Finding("disk-size", OK, "/ is big"), Finding("disk-size", WARNING, "/projects is small", "more"))
    row = next(row for row in matrix_of(found).rows if row.check == "disk-size")
    assert row.severity is WARNING
    assert [one.message for one in row.said] == ["/projects is small", "/ is big"]


def test_nothing_at_all_is_a_matrix_too() -> None:
    assert matrix_of({}).rows == () and matrix_of({}).severity is OK


def test_the_document_has_the_same_top_as_status_and_passed_findings() -> None:
    document = check_document("aen", "2026-11-21T07:00:00Z", findings(Finding("x", WARNING, "m", "r", "002")))
    assert list(document) == ["schema", "cluster", "at", "severity", "nodes"]
    assert document["severity"] == "warning"
    node = document["nodes"][1]
    assert (node["name"], node["severity"]) == ("compute1-1", "warning")
    assert [one["severity"] for one in node["findings"]] == ["warning", "ok"]
    wanted = {"check": "x", "severity": "warning", "message": "m", "remedy": "r", "seed": "002"}
    assert node["findings"][0] == {**wanted, "explained_by": None}


def test_people_see_matrix_failures_remedies_and_seeds() -> None:
    found = findings(Finding("acl-support", CRITICAL, "no ACLs", "mount it", "000"))
    lines = list(lines_of(check_document("aen", "now", found), found))
    assert lines[0] == "aen  26 nodes checked  CRITICAL  now"
    assert "  a  critical  compute1-[1-2]" in lines
    assert "  acl-support  X . ." in lines
    assert "  critical  acl-support: no ACLs  [seed 000]" in lines
    assert "            -> mount it" in lines


def test_what_follows_from_something_says_so_instead_of_its_remedy() -> None:
    odd = Finding("client-url", CRITICAL, "elsewhere", "set it", "000", "condarc-alias on compute1-1: no /conda")
    found = findings(odd)
    document = check_document("aen", "now", found)
    assert document["nodes"][1]["findings"][0]["explained_by"] == odd.explained_by
    lines = list(lines_of(document, found))
    assert "            follows from condarc-alias on compute1-1: no /conda" in lines
    assert not [line for line in lines if "set it" in line]


def test_rows_that_follow_come_after_those_that_do_not() -> None:
    odd = Finding("a-symptom", CRITICAL, "m", "", None, "z-cause on compute1-1: broken")
    matrix = matrix_of(findings(odd, Finding("z-cause", CRITICAL, "broken")))
    assert [row.check for row in matrix.rows][:2] == ["z-cause", "a-symptom"]
    assert matrix.rows[0].explained_by is None and matrix.rows[1].explained_by == odd.explained_by


def test_differences_to_an_earlier_check(tmp_path: Path) -> None:
    file = tmp_path / "before.json"
    gone = {**findings(Finding("acl-support", CRITICAL, "no ACLs")), NodeName("old"): []}
    file.write_text(json.dumps(check_document("aen", "then", gone)))
    now = findings(Finding("acl-support", OK, "has \x1b[31mACLs"), Finding("new", WARNING, "n"))
    after = check_document("aen", "now", now)
    lines = list(differences(earlier_document(file), after))
    assert lines[0] == "aen  WARNING  then -> now"
    assert "compute1-1  acl-support: critical -> ok: has ␛[31mACLs" in lines
    assert "compute1-2  new: not looked at -> warning: n" in lines
    assert "old: only before" in lines
    assert not [line for line in lines if "compute1-3" in line or "gateway1" in line]


def changes(before: Sequence[Finding], after: Sequence[Finding]) -> list[str]:
    """What `--diff` tells of one node."""
    told = [json.loads(json.dumps(check_document("aen", "at", {GATEWAY: found}))) for found in (before, after)]
    return list(differences(*told))[1:]


def broken(*files: str) -> list[Finding]:
    return [Finding("config-syntax", CRITICAL, f"{file}, line 3: a comma") for file in files]


def test_what_is_new_beside_what_failed_before_is_told() -> None:
    assert changes(broken("a.json"), broken("a.json", "b.json")) == [
        "gateway1  config-syntax: also critical: b.json, line 3: a comma"
    ]
    assert changes(broken("a.json"), broken("b.json")) == [
        "gateway1  config-syntax: also critical: b.json, line 3: a comma",
        "gateway1  config-syntax: no longer critical: a.json, line 3: a comma",
    ]
    small = Finding("disk-size", WARNING, "/projects is small")
    assert changes([small], [small, Finding("disk-size", WARNING, "/ is small")]) == [
        "gateway1  disk-size: also warning: / is small"
    ]
    assert changes(broken("a.json", "b.json"), [Finding("config-syntax", OK, "a.json is JSON")]) == [
        "gateway1  config-syntax: critical -> ok: a.json is JSON"
    ]
    mixed = [*broken("a.json"), Finding("config-syntax", WARNING, "odd")]
    assert changes(mixed, [Finding("config-syntax", WARNING, "odd"), Finding("config-syntax", WARNING, "new")]) == [
        "gateway1  config-syntax: critical -> warning: new"
    ]
    assert changes(broken("a.json"), []) == [
        "gateway1  config-syntax: critical -> not looked at: a.json, line 3: a comma"
    ]


@pytest.mark.parametrize(
    ("before", "after", "is_told"),
    [
        ("/ is 91.5 % full, 1.5 GiB free", "/ is 92 % full, 900 MiB free", False),
        ("wakari runs 3 processes (pid 7 8 9)", "wakari runs 12 processes (pid 17)", False),
        ("expires in 9 days", "expires in 8 days", False),
        ("port 8089 is closed", "port 5002 is closed", True),
        ("/dev/sdb1 is read-only", "/dev/sdc1 is read-only", True),
        ("compute1-1 is odd", "compute1-2 is odd", True),
    ],
)
def test_another_figure_is_no_other_finding_and_another_name_is(before: str, after: str, is_told: bool) -> None:
    told = changes([Finding("x", WARNING, before)], [Finding("x", WARNING, after)])
    assert bool(told) is is_told, told


@pytest.mark.parametrize("count", [1, 52, 53, 110])
def test_every_column_has_a_name_of_its_own(count: int) -> None:
    """Nodes that are alike in nothing: each lacks another check's finding."""
    names = [NodeName(f"n{number}") for number in range(count)]
    found = {name: [Finding(f"check-{name}", WARNING, "m")] for name in names}
    lines = list(lines_of(check_document("aen", "now", found), found))
    heads = [line.split() for line in lines if line.startswith("  ") and len(line.split()) == 3 and " n" in line]
    columns = {words[2]: words[0] for words in heads if words[1] == "warning"}
    assert len(columns) == len(set(columns.values())) == count
    header = lines.index("", 2)
    place = lines[header + 1].index(f" {columns['n0']}") + 1
    row = next(line for line in lines if line.startswith("  check-n0 "))
    assert row[place] == "!"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema": 2}', '{"schema": 1, "nodes": [{}]}', '{"schema": 1, "nodes": 3}']
)
def test_what_is_no_earlier_check_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "before.json"
    file.write_text(text)
    with pytest.raises(AenError):
        earlier_document(file)


def test_the_day_on_which_the_license_ends_is_read_from_the_inventory(tmp_path: Path) -> None:
    file = tmp_path / "inventory.toml"
    file.write_text('name = "aen"\n[server]\nhost = "aen-server"\nlicense_expires = 2027-01-31\n')
    file.chmod(0o600)
    assert str(load_inventory(file).license_expires) == "2027-01-31"


def test_a_node_under_maintenance_is_told_of_and_not_counted() -> None:
    found = findings(Finding("acl-support", CRITICAL, "no ACLs", "mount it", "000"))
    planned = frozenset(COMPUTES[:2])
    document = check_document("aen", "now", found, planned)
    assert document["severity"] == "ok"
    assert document["nodes"][1]["severity"] == "ok"
    assert document["nodes"][1]["findings"][0]["severity"] == "critical"  # `--diff` compares these
    lines = list(lines_of(document, found, planned))
    assert lines[0] == "aen  26 nodes checked  OK  now"
    assert "compute1-1  planned, not counted  1 passed" in lines
    assert "  critical  acl-support: no ACLs  [seed 000]" in lines
    matrix = matrix_of(found, planned)
    assert matrix.severity is OK and all(column.severity is OK for column in matrix.columns)
    assert CRITICAL in next(row for row in matrix.rows if row.check == "acl-support").cells
    other = check_document("aen", "now", found, frozenset(COMPUTES[:1]))
    assert other["severity"] == "critical"
    assert {column.label for column in matrix_of(found, frozenset(COMPUTES[:1])).columns} >= {
        "compute1-1",
        "compute1-2",
    }
