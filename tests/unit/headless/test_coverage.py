"""Everything that the seeds name is looked after by a service or a check, and the program can say by which."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from aen_tui.checks import checks
from aen_tui.checks.preflight import requirements
from aen_tui.headless.coverage import coverage, write_coverage
from aen_tui.services import services

LINES = Path(__file__).with_name("seed_words.txt").read_text().splitlines()
WORDS = [line for line in LINES if line and not line.startswith("#")]
KINDS = {"service", "process", "log", "port", "socket", "file", "account", "package", "requirement"}


def test_the_list_has_each_word_once() -> None:
    assert len(set(WORDS)) == len(WORDS) > 100


@pytest.mark.parametrize("word", WORDS)
def test_what_a_seed_names_is_covered(word: str) -> None:
    seed, _, rest = word.partition(" ")
    kind, _, name = rest.partition(":")
    assert [one.by for one in coverage() if (one.seed, one.kind, one.name) == (seed, kind, name)]


def test_what_is_declared_is_named_by_a_seed_and_of_a_known_kind() -> None:
    declared = {f"{one.seed} {one.kind}:{one.name}" for one in coverage()}
    assert {one.kind for one in coverage()} <= KINDS
    assert {one.seed for one in coverage()} <= {"000", "001", "002", "004"}
    # aen.md's own additions to the seeds' logs are no seed's words
    assert declared - set(WORDS) == {"004 requirement:dns"}


def test_who_covers_is_there() -> None:
    known = {f"service {one.name}" for one in services()}
    known |= {f"check {one.id}" for one in checks()} | {f"check {one.id}" for one in requirements()}
    assert {one.by for one in coverage()} <= known
    required, live = {one.id for one in requirements()}, {one.id for one in checks()}
    assert (len(required), len(live)) == (len(requirements()), len(checks()))
    # the same thing, seen live where it is watched and asked for where it is not
    assert required & live <= {"license", "service-account-apps"}


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
