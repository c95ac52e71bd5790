"""12, in logs: nothing that a terminal obeys comes from a line, whichever way it leaves the program."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.terminal import Terminal
from tests.lab.lab import Lab
from tests.lab.waiting import until
from tests.support.hostile import OURS, corpus, harm_in

NODE = "compute1-1"
LOG = "/var/log/hostile.log"
SOURCE = f"{NODE}:{LOG}"
CORPUS = corpus()
LAST = "the very last line"
RAW = b"".join(payload.line for payload in CORPUS) + f"2026-11-21 10:00:01,000 INFO {LAST}\n".encode()


@pytest.fixture(scope="module", autouse=True)
def log(lab: Lab) -> Iterator[None]:
    """The corpus, a line each."""
    path = lab.nodes[NODE].path(LOG)
    path.write_bytes(RAW)
    yield
    path.unlink()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {**kept, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}


def argv(inventory: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "aen_tui", "--inventory", str(inventory), *words]


def check_text(text: str, *, allowed: str = "\n\t") -> None:
    """Harmless, and every line is there."""
    assert harm_in(text, allowed=allowed) is None
    missing = [payload.name for payload in CORPUS if payload.word not in text]
    assert not missing
    assert LAST in text


def followed(inventory: Path, tmp_path: Path, *words: str) -> bytes:
    """What `logs -f` prints into a pipe, until the last line came."""
    out = tmp_path / "out"
    with out.open("wb") as stdout:
        process = subprocess.Popen(argv(inventory, "logs", "-f", SOURCE, "-n", "1000", *words), stdout=stdout)
        try:
            until(lambda: LAST.encode() in out.read_bytes(), "the last line")
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
    return out.read_bytes()


def test_text(inventory_file: Path, tmp_path: Path) -> None:
    said = followed(inventory_file, tmp_path)
    check_text(said.decode("utf-8"))
    assert not set(said) & (set(range(0x20)) - {9, 10} | {0x7F})
    assert said.count(b"\n") == RAW.count(b"\n")


@pytest.mark.parametrize("words", [("--grep", "before|very"), ("--level", "info"), ("--since", "2026-11-21T00:00:00")])
def test_text_of_single_lines(inventory_file: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    check_text(followed(inventory_file, tmp_path, *words).decode("utf-8"))


def test_json(inventory_file: Path, tmp_path: Path) -> None:
    said = followed(inventory_file, tmp_path, "--json")
    check_text(said.decode("utf-8"))
    check_text("\n".join(json.loads(line)["text"] for line in said.splitlines()))


def test_raw_is_the_file_s_bytes_for_a_pipe_and_refused_on_a_terminal(
    inventory_file: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    assert followed(inventory_file, tmp_path, "--raw") == RAW
    with Terminal(argv(inventory_file, "logs", SOURCE, "--raw"), env=environment) as terminal:
        terminal.wait_for("--raw wants a pipe or a file, not a terminal")
        assert terminal.process.wait(60) == 64
        assert b"hq" not in terminal.output()


@pytest.mark.parametrize("colour", [True, False])
def test_text_on_a_terminal(inventory_file: Path, environment: dict[str, str], colour: bool) -> None:
    if not colour:
        environment["NO_COLOR"] = "1"
    with Terminal(argv(inventory_file, "logs", "-f", SOURCE, "-n", "1000"), env=environment, columns=200) as terminal:
        terminal.wait_for(LAST)
        said = terminal.output().decode("utf-8").replace("\r\n", "\n")
    if colour:
        said, count = re.subn(r"\x1b\[[0-9;]*m", "", said)  # the label's and the level's
        assert count
    check_text(said)


def view(inventory: Path, environment: dict[str, str]) -> Terminal:
    return Terminal(argv(inventory, "view", SOURCE), env=environment, columns=160, rows=len(CORPUS) + 30)


def check_screen(said: bytes) -> None:
    """What a program that draws has written: its own sequences, and nothing of a payload."""
    found = [payload.name for payload in CORPUS if payload.raw != payload.word.encode() and payload.raw in said]
    assert not found
    text = OURS.sub("", said.decode("utf-8"))
    assert harm_in(text, allowed="\n\t\r") is None


def test_the_view_and_the_detail_of_each_line(inventory_file: Path, environment: dict[str, str]) -> None:
    with view(inventory_file, environment) as terminal:
        terminal.wait_for(LAST)
        terminal.quiet(0.3)
        whole = terminal.output().decode("utf-8")
        assert not [payload.name for payload in CORPUS if payload.word not in whole]
        for _ in range(8):  # the detail of some lines; in full: tests/unit/model/test_hostile_corpus.py
            for key, shown in (("k", "hq"), ("\r", "offset"), ("\x1b", "hq")):
                since = terminal.written
                terminal.send(key)
                terminal.wait_for(shown, since=since)
                terminal.quiet(0.3)
        for key in "wiDJt":  # wrapped, histogram, folded, as it stands, times
            since = terminal.written
            terminal.send(key)
            terminal.next_output(since=since)
        terminal.quiet(0.3)
        check_screen(terminal.output())


def test_saved(inventory_file: Path, environment: dict[str, str], tmp_path: Path) -> None:
    with view(inventory_file, environment) as terminal:
        terminal.wait_for(LAST)
        terminal.send("\x13")
        terminal.wait_for("saved to")
    (file,) = (tmp_path / "state/aen-tui/saved").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    check_text(file.read_bytes().decode("utf-8"))


def test_copied(inventory_file: Path, environment: dict[str, str]) -> None:
    environment["TMUX"] = "/tmp/x,1,0"
    with view(inventory_file, environment) as terminal:
        terminal.wait_for(LAST)
        since = terminal.written
        terminal.send("V" + "k" * len(CORPUS))
        terminal.quiet(0.3)
        terminal.send("c")
        terminal.wait_for("lines copied", since=since)
        copies = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", terminal.output(since))
        wrapped = re.findall(rb"\x1bPtmux;\x1b\x1b\]52;c;([A-Za-z0-9+/=]+)\x07\x1b\\", terminal.output(since))
    assert len(copies) == 2 and wrapped == copies[:1]  # bare, and through the multiplexer
    for copy in copies:
        check_text(base64.b64decode(copy).decode("utf-8"))


PAGER = """#!/bin/sh
for file; do :; done
stat -c %a "$file" > {folder}/mode
stat -c %a "$(dirname "$file")" >> {folder}/mode
cat "$file" > {folder}/paged
echo "$LESSSECURE" > {folder}/secure
"""


def test_handed_to_the_pager(inventory_file: Path, environment: dict[str, str], tmp_path: Path) -> None:
    pager = tmp_path / "pager"
    pager.write_text(PAGER.format(folder=tmp_path))
    pager.chmod(0o755)
    environment["PAGER"] = f"{pager} -R"
    with view(inventory_file, environment) as terminal:
        terminal.wait_for(LAST)
        terminal.send("o")
        until(lambda: (tmp_path / "secure").exists() and (tmp_path / "secure").read_text(), "the pager")
    assert (tmp_path / "secure").read_text() == "1\n"
    assert (tmp_path / "mode").read_text().split() == ["600", "700"]
    check_text((tmp_path / "paged").read_bytes().decode("utf-8"))
