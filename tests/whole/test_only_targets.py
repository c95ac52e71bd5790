"""Only the nodes that were asked for are connected, with what carries them; a node that comes late lacks nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lab.lab import Lab
from tests.lab.waiting import until
from tests.whole.test_status import command, probes

LOG = "/var/log/late.log"
LINES = 30_000


def logins(lab: Lab) -> dict[str, int]:
    """How often anybody has logged in, by node."""
    return {name: node.path("/var/log/secure").read_text().count("Accepted ") for name, node in lab.nodes.items()}


def reached_since(lab: Lab, before: dict[str, int]) -> set[str]:
    return {name for name, count in logins(lab).items() if count > before[name]}


@contextmanager
def following(inventory: Path, folder: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """`logs -f`; its output is in `folder`/out and `folder`/err."""
    argv = [sys.executable, "-m", "aen_tui", "--inventory", str(inventory), "logs", "-f", *words]
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def test_logs_of_a_compute_reach_it_and_its_gateway_alone(lab: Lab, inventory_file: Path, tmp_path: Path) -> None:
    before = logins(lab)
    lab.nodes["compute1-1"].append(LOG, b"one\n")
    with following(inventory_file, tmp_path, f"compute1-1:{LOG}"):
        until(lambda: (tmp_path / "out").read_bytes() == f"compute1-1:{LOG}| one\n".encode(), "the line")
        assert reached_since(lab, before) == {"compute1-1", "gateway1"}
        assert [probes(lab.nodes[name]) for name in ("compute1-1", "gateway1")] == [1, 0]
    lab.nodes["compute1-1"].path(LOG).unlink()


def test_status_of_a_compute_reaches_it_and_who_asks_its_url(lab: Lab, inventory_file: Path) -> None:
    before = logins(lab)
    done = command(inventory_file, "status", "compute2-1", "--json", "--wait", "60")
    assert done.returncode == 0, done.stdout
    document = json.loads(done.stdout)
    (node,) = document["nodes"]
    assert (node["name"], node["connection"]["state"], node["http"][0]["status_code"]) == ("compute2-1", "up", 200)
    assert document["severity"] == "ok"
    assert reached_since(lab, before) == {"compute2-1", "gateway2"}


def test_status_of_all_reaches_all(lab: Lab, inventory_file: Path) -> None:
    before = logins(lab)
    assert command(inventory_file, "status", "--wait", "60").returncode == 0
    assert reached_since(lab, before) == set(lab.nodes)


@pytest.mark.parametrize("words", [("-n", "25000"), ("--since", "-30d", "--raw"), ("-n", "25000", "--raw")])
def test_a_source_that_comes_late_begins_where_it_was_asked_for(
    lab: Lab, inventory_file: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    late, early = lab.nodes["compute1-2"], lab.nodes["compute2-2"]
    data = b"".join(b"%06d a line that was there before anybody asked for it\n" % n for n in range(LINES))
    late.append(LOG, data)
    early.append(LOG, b"here\n")
    want = data if "--since" in words else b"".join(data.splitlines(keepends=True)[-25_000:])
    sources = [f"compute1-2:{LOG}"] if "--raw" in words else [f"compute1-2:{LOG}", f"compute2-2:{LOG}"]

    def printed() -> bytes:
        lines = (tmp_path / "out").read_bytes().splitlines(keepends=True)
        if "--raw" in words:
            return b"".join(lines)
        mark = f"compute1-2:{LOG}| ".encode()
        return b"".join(line.removeprefix(mark) for line in lines if line.startswith(mark))

    late.kill_sshd()
    try:
        with following(inventory_file, tmp_path, *sources, *words):
            until(lambda: b"refused" in (tmp_path / "err").read_bytes(), "that it is away")
            late.start_sshd()
            until(lambda: len(printed()) >= len(want), "its lines", seconds=60)
            assert printed() == want
            late.append(LOG, b"and on\n")
            until(lambda: printed() == want + b"and on\n", "what comes then")
    finally:
        if not late.sshd_pids("listener"):
            late.start_sshd()
        for node in (late, early):
            node.path(LOG).unlink()


def test_do_on_a_compute_reaches_it_and_who_asks_its_url(lab: Lab, inventory_file: Path) -> None:
    before = logins(lab)
    done = command(inventory_file, "do", "restart", "compute1-1/wk-compute", "--yes", "--json")
    assert done.returncode == 0, (done.stdout, done.stderr)
    verified = next(one for one in map(json.loads, done.stdout.splitlines()) if one["event"] == "verified")
    assert any("answered 200" in words for words in verified["rests_on"]), "asked on the gateway"
    assert reached_since(lab, before) == {"compute1-1", "gateway1"}
