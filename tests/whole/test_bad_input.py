"""What can be wrong is a clear state on its node, with what to do, and everything else goes on."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from aen_tui.config.load import load_inventory
from aen_tui.headless.document import status_document
from aen_tui.model.facts import ClusterState, LinkState
from aen_tui.model.node import NodeName
from aen_tui.runtime.cluster import Runtime
from tests.lab.lab import Lab
from tests.whole import odd
from tests.whole.odd import NODES
from tests.whole.test_status import command

Node = dict[str, Any]
SETTLED_SECONDS = 120
"""A banner may take 15 s."""


@asynccontextmanager
async def looking(odd_lab: Lab, folder: Path, become: str = "auto") -> AsyncIterator[Runtime]:
    async with odd.odd_urls(odd_lab.topology.jump_address) as urls, odd.odd_hosts(odd_lab, folder) as config:
        file = odd.write_inventory(
            odd_lab, folder / "inventory.toml", ssh_config=config, urls=urls, defaults={"become": become}
        )
        runtime = Runtime(load_inventory(file))
        async with runtime.running():
            yield runtime


def is_settled(state: ClusterState) -> bool:
    """Every node was read or has failed, every URL whose asker is up was asked; a probe that was slow begins anew."""
    is_up = {name: node.connection.state is LinkState.UP for name, node in state.nodes.items()}
    return all(
        (node.complete if is_up[name] else node.connection.state not in (LinkState.CONNECTING, LinkState.PROBE))
        and all(answer.seen_at is not None or not is_up[answer.asked_on] for answer in node.http)
        for name, node in state.nodes.items()
    )


@pytest.fixture(scope="module")
def seen(odd_lab: Lab) -> Iterator[dict[str, Node]]:
    """`status --json` of an installation in which everything is wrong that can be, by node."""

    async def look(folder: Path) -> dict[str, Any]:
        async with looking(odd_lab, folder) as runtime:
            async with asyncio.timeout(SETTLED_SECONDS):
                await runtime.store.wait_for(is_settled)
            return status_document(runtime.snapshot(), list(runtime.inventory.nodes), runtime.clock.monotonic())

    with tempfile.TemporaryDirectory() as folder:
        document = asyncio.run(look(Path(folder)))
        text = json.dumps(document, ensure_ascii=False)
        assert not any(ord(letter) < 32 or ord(letter) == 127 for letter in text), "control characters"
        yield {node["name"]: node for node in document["nodes"]}


@pytest.mark.parametrize(
    ("host", "state", "error", "hint"),
    [
        ("no-such-host.invalid", "dns", "no address", "Correct the host in the inventory"),
        ("refuses", "refused", "127.0.0.1:", "Does sshd run there"),
        ("hangs", "timeout", "no ssh banner came within 15 s", "UseDNS"),
        ("keyless", "auth", "none of our keys", "no-such-key: there is no such key"),
        ("stranger", "host-key", "is unknown: ssh-ed25519 SHA256:", "ssh-keyscan"),
        ("changed", "host-key", "HAS CHANGED", "ssh-keygen -R"),
        (NODES["no-python"], "no-python", "no Python from 2.6 on was found", 'python = "/path/to/python"'),
    ],
)
def test_a_host_that_cannot_be_watched(seen: dict[str, Node], host: str, state: str, error: str, hint: str) -> None:
    connection = seen[host]["connection"]
    assert connection["state"] == state
    assert error in connection["error"]
    assert hint in connection["hint"]
    assert seen[host]["severity"] == "critical"
    assert seen[host]["services"] == [] and seen[host]["metrics"] is None


def test_everything_else_goes_on(seen: dict[str, Node]) -> None:
    bad = {*odd.UNREACHABLE, NODES["no-python"]}
    assert {name for name, node in seen.items() if node["connection"]["state"] != "up"} == bad
    for name, node in seen.items():
        if name not in bad:
            assert node["connection"]["error"] is None and node["connection"]["hint"] is None
            assert node["metrics"]["memory"]["total_bytes"] > 0, name
    assert seen["aen-server"]["severity"] == seen[NODES["noisy"]]["severity"] == "ok"


def finding(node: Node, check: str) -> dict[str, str]:
    (found,) = [one for one in node["findings"] if one["check"] == check]
    return dict(found)


def program(node: Node, manager: str = "supervisor") -> dict[str, Any]:
    (found,) = [one for one in node["services"] if one["manager"] == manager]
    return dict(found)


def test_no_opt_wakari(seen: dict[str, Node]) -> None:
    node = seen[NODES["no-tree"]]
    assert node["connection"]["state"] == "up"
    assert program(node)["state"] == "unknown"
    assert "supervisord.conf: no such file or directory" in program(node)["error"]
    assert "AEN is not installed there" in finding(node, "supervisor-readable")["remedy"]
    assert (program(node, "sysv")["state"], program(node, "sysv")["severity"]) == ("absent", "ok")
    assert {log["state"] for log in node["logs"] if log["path"].startswith("/opt/wakari")} == {"waiting"}
    assert node["severity"] == "critical"  # nothing listens on a compute's port
    assert node["http"][0]["error"] == "connection refused"


def test_a_log_that_is_not_there_yet_waits_and_is_nobodys_fault(seen: dict[str, Node]) -> None:
    node = seen[NODES["no-log"]]
    logs = {log["path"]: (log["state"], log["error"]) for log in node["logs"]}
    assert logs.pop(odd.NOT_YET) == ("waiting", None)
    assert set(logs.values()) == {("following", None)}
    assert node["severity"] == "ok"


async def test_a_log_that_comes_later_is_read_from_its_start(odd_lab: Lab, tmp_path: Path) -> None:
    node, name = odd_lab.nodes[NODES["no-log"]], odd.node_of("no-log")
    file = odd.write_inventory(odd_lab, tmp_path / "inventory.toml")
    runtime = Runtime(load_inventory(file))
    async with runtime.running(), asyncio.timeout(60):
        await runtime.store.wait_for(lambda state: state.nodes[name].complete)
        (book_key,) = [key for key in runtime.store.node(name).logs if key.path == odd.NOT_YET]
        node.append(odd.NOT_YET, b"the first line\n")
        try:
            state = await runtime.store.wait_for(
                lambda state: any(
                    log.path == odd.NOT_YET and log.state == "following" and log.size_bytes
                    for log in state.nodes[name].logs
                )
            )
            assert state.nodes[name].logs[-1].path == book_key.path
            (book,) = [book for book in runtime.books if book.key.path == odd.NOT_YET]
            assert book.line(book.first_line) == b"the first line"
        finally:
            node.path(odd.NOT_YET).unlink()


def test_logs_that_may_not_be_read_are_unknown_and_say_what_helps(seen: dict[str, Node]) -> None:
    node = seen[NODES["root-logs-never"]]
    assert {(log["state"], log["error"]) for log in node["logs"]} == {("unknown", "permission denied")}
    remedies = {one["remedy"] for one in node["findings"] if one["check"] == "log-readable"}
    assert len(remedies) == 1 and 'become = "auto"' in remedies.pop()
    assert node["severity"] == "unknown"


def test_become_auto_reads_them(seen: dict[str, Node]) -> None:
    node = seen[NODES["root-logs"]]
    assert {(log["state"], log["error"]) for log in node["logs"]} == {("following", None)}
    assert program(node)["state"] == "RUNNING"
    assert node["severity"] == "ok"


def test_a_socket_without_permission_is_unknown_and_says_what_helps(seen: dict[str, Node]) -> None:
    node = seen[NODES["root-logs-never"]]
    service = program(node)
    assert (service["name"], service["state"], service["pid"], service["severity"]) == (
        "wk-compute",  # discovered from the configuration, which may be read
        "unknown",
        None,
        "unknown",
    )
    assert service["error"].endswith("supervisor.sock: permission denied")
    assert 'become = "auto"' in finding(node, "supervisor-readable")["remedy"]


@pytest.mark.parametrize(
    ("kind", "status_code", "severity", "error"),
    [
        ("html", 200, "ok", None),
        ("401", 401, "ok", None),
        ("nothing", None, "critical", "no answer within 5 s"),
        ("100 MB", 200, "ok", None),
        ("one byte a minute", 200, "critical", "the body did not end within 5 s"),
    ],
)
def test_a_status_url_that_answers_otherwise(
    seen: dict[str, Node], kind: str, status_code: int | None, severity: str, error: str | None
) -> None:
    node = seen[odd.GATEWAY_OF[kind]]
    (answer,) = node["http"]
    assert (answer["status_code"], answer["severity"], answer["error"]) == (status_code, severity, error)
    assert answer["document"] is None
    assert node["connection"]["state"] == "up"
    assert program(node)["state"] == "RUNNING"
    # it lives, and nobody said at which path its document is
    assert "status-document" not in {one["check"] for one in node["findings"]}
    assert node["severity"] == severity


@pytest.mark.parametrize("kind", ["nothing", "one byte a minute"])
async def test_odd_urls_delay_no_frame(odd_lab: Lab, tmp_path: Path, kind: str) -> None:
    name, met = NodeName(odd.GATEWAY_OF[kind]), dict[object, set[float | None]]()

    def goes_on(state: ClusterState) -> bool:
        """Frames came while one request was open: the first may be the one before, the second was on its way."""
        request = odd.open_requests.get(kind)
        if request is None:
            return False
        frames = met.setdefault(request, set())
        frames.add(state.nodes[name].metrics.seen_at)
        return len(frames) > 2

    async with looking(odd_lab, tmp_path, "never") as runtime:
        async with asyncio.timeout(120):
            await runtime.store.wait_for(goes_on)


def test_the_command_is_back_in_time_and_says_what_it_waited_for(odd_lab: Lab, tmp_path: Path) -> None:
    async def run() -> subprocess.CompletedProcess[str]:
        async with odd.odd_hosts(odd_lab, tmp_path) as config:
            file = odd.write_inventory(odd_lab, tmp_path / "inventory.toml", ssh_config=config)
            return await asyncio.to_thread(
                subprocess.run,
                [sys.executable, "-m", "aen_tui", "--inventory", str(file), "status", "hangs", "refuses", "aen-server"],
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )

    done = asyncio.run(run())
    assert done.returncode == 2, done.stdout
    assert "aen-server  ok" in done.stdout
    assert "connecting: no answer yet (banner)" in done.stdout  # not later: after 15 s it is a timeout
    assert "Does sshd run there" in done.stdout


def test_a_wrong_inventory_names_file_line_key_and_the_nearest_word(tmp_path: Path) -> None:
    file = tmp_path / "inventory.toml"
    file.write_text('name = "x"\n[server]\nhost = "a"\n[defaults]\nbecom = "never"\n')
    file.chmod(0o600)
    done = command(file, "status")
    assert (done.returncode, done.stdout) == (64, "")
    assert f"{file}:5: defaults.becom" in done.stderr and "did you mean `become`?" in done.stderr
