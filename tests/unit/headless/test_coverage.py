"""Everything that the seeds name is looked after by a service or a check, and the program can say by which."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from aen_tui.actions.registry import actions
from aen_tui.checks import checks, rate
from aen_tui.checks.preflight import requirements
from aen_tui.headless.coverage import NO_SEED, SAME_PAGE, coverage, write_coverage
from aen_tui.model.facts import HttpState
from aen_tui.model.severity import Severity
from aen_tui.runtime.answer_findings import answer_findings
from aen_tui.services import services
from tests.support.healthy import healthy
from tests.support.nodes import node_state
from tests.support.seed_names import SEEDS_VARIABLE, names_in, names_of_seeds, seeds_folder

LINES = Path(__file__).with_name("seed_words.txt").read_text().splitlines()
WORDS = [line for line in LINES if line and not line.startswith("#")]
NAMES = [line for line in Path(__file__).with_name("seed_names.txt").read_text().splitlines() if line[0] != "#"]
EXCEPTIONS = {
    "path /etc/init.d": "the folder of all services; each of AEN's is looked at by name",
    "path /lib/lsb/init-functions": "the seed itself says that errors about it are to be ignored",
    "path /root/.bashrc": "what the installer offers to write for its operator's own comfort",
    "package defaults": "a channel in a list, no package",
    "port 8080": "the package repository's, another product's, in a URL that is a sample",
}
"""Names of the seeds that nothing looks after, and why."""
KINDS = {"service", "process", "log", "port", "socket", "file", "account", "package", "requirement"}


def test_the_list_has_each_word_once() -> None:
    assert len(set(WORDS)) == len(WORDS) > 100


@pytest.mark.parametrize("word", WORDS)
def test_what_a_seed_names_is_covered(word: str) -> None:
    seed, _, rest = word.partition(" ")
    kind, _, name = rest.partition(":")
    assert [one.by for one in coverage() if (one.seed, one.kind, one.name) == (seed, kind, name)]


def split_name(line: str) -> tuple[str, str, str]:
    """(seed, `path /opt/wakari`, `/opt/wakari`)."""
    file, _, named = line.partition(" ")
    return file[:3], named, named.partition(" ")[2]


@pytest.mark.parametrize("line", NAMES)
def test_what_a_pattern_finds_in_a_seed_is_covered_or_an_exception_with_a_reason(line: str) -> None:
    seed, named, name = split_name(line)
    found = [one.by for one in coverage() if (one.seed, one.name) == (seed, name)]
    assert bool(found) is (named not in EXCEPTIONS), found


def test_every_exception_is_named_by_a_seed() -> None:
    assert set(EXCEPTIONS) <= {split_name(line)[1] for line in NAMES}
    assert all(EXCEPTIONS.values())


def test_the_names_are_those_of_the_seeds() -> None:
    folder = seeds_folder()
    if folder is None:
        pytest.skip(f"the seeds are not at hand: set {SEEDS_VARIABLE} to their folder")
    assert names_of_seeds(folder) == NAMES


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("control service wakari-new", {"service wakari-new", "program wakari-new"}),
        ("listens on port 5999.", {"port 5999"}),
        ("unix:/opt/wakari/new/x.sock.", {"path /opt/wakari/new/x.sock"}),
        ("**/opt/other:** is needed", {"path /opt/other"}),
        ("runs wk-new as wakari", {"program wk-new"}),
        ("three service groups, see https://x.example/etc", set()),
    ],
)
def test_a_seed_that_named_more_would_be_noticed(text: str, names: set[str]) -> None:
    assert names_in(text) == names


def test_what_is_declared_is_named_by_a_seed_and_of_a_known_kind() -> None:
    named = [one for one in coverage() if one.seed not in (NO_SEED, *SAME_PAGE.values())]
    assert {one.kind for one in coverage()} <= KINDS
    assert {one.seed for one in named} == {"000", "002", "004"}
    patterns = {(seed, name) for seed, _, name in map(split_name, NAMES)}
    declared = {f"{one.seed} {one.kind}:{one.name}" for one in named if (one.seed, one.name) not in patterns}
    # aen.md's own additions to the seeds' logs are no seed's words
    assert declared - set(WORDS) == set()


def test_what_no_seed_names_says_so() -> None:
    assert {(one.kind, one.name) for one in coverage() if one.seed == NO_SEED} == {
        ("log", "/var/log/mongodb/mongod.log"),
        ("log", "/var/log/elasticsearch/elasticsearch.log"),
        ("process", "wakari-indexer"),
        ("requirement", "dns"),
    }


def test_one_page_in_two_seeds_is_listed_under_both() -> None:
    of = {seed: {(one.kind, one.name, one.by) for one in coverage() if one.seed == seed} for seed in ("000", "001")}
    assert {name for _, name, _ in of["001"] - of["000"]} == {"fontpackages-filesystem"}
    assert of["000"] <= of["001"]


def test_who_covers_is_there() -> None:
    known = {f"service {one.name}" for one in services()}
    known |= {f"check {one.id}" for one in checks()} | {f"check {one.id}" for one in requirements()}
    known |= {f"action {name}" for name in actions()}
    assert {one.by for one in coverage()} <= known
    required, live = {one.id for one in requirements()}, {one.id for one in checks()}
    assert (len(required), len(live)) == (len(requirements()), len(checks()))
    # the same thing, seen live where it is watched and asked for where it is not
    assert required & live <= {"license", "service-account-apps"}


def test_a_service_meets_no_requirement_but_what_its_url_shows(tmp_path: Path) -> None:
    """A service judges nothing; that a compute's URL answers is asked on its gateway, whom alone it has to let in."""
    met = {(one.name, one.by) for one in coverage() if one.kind == "requirement" and one.by.startswith("service ")}
    assert met == {("gateway-reaches-computes", "service wakari-compute")}
    nodes = healthy(tmp_path, "4.1.2", "distributed", "http").inventory.nodes
    asked = [(spec, one) for spec in nodes.values() for one in spec.http if one.name == "compute"]
    assert [(spec.name, one.asked_on) for spec, one in asked] == [("c1", "gw"), ("c2", "gw"), ("c3", "gw")]
    spec, target = asked[0]
    refused = HttpState("compute", target.url + "/", target.asked_on, seen_at=1.0, error="connection refused")
    node = rate(replace(node_state(spec), http=(refused,)))
    assert [one.severity for one in answer_findings(node, ())] == [node.severity] == [Severity.CRITICAL]


def test_json_and_lines_say_the_same() -> None:
    text, document = io.StringIO(), io.StringIO()
    write_coverage(text, as_json=False)
    write_coverage(document, as_json=True)
    assert len(json.loads(document.getvalue())["covered"]) == len(text.getvalue().splitlines()) == len(coverage())


def test_the_command_prints_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "aen_tui", "info", "--coverage"], capture_output=True, text=True, check=True, timeout=60
    )
    assert "002  process      wk-server" in done.stdout
    assert "check selinux-mode" in done.stdout
