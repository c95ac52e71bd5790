"""32: hooks get JSON on standard input, fixed words, no remote text anywhere else; the terminal gets check and node."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from aen_tui.config.load import load_inventory
from aen_tui.errors import ConfigError
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime import hooks, telling
from aen_tui.runtime.cluster import Runtime
from tests.lab.lab import Lab

NAME = NodeName("compute1-1")
PROGRAM = "wk-compute"
NODES = 'name = "x"\n[server]\nhost = "a"\n'
SAVES = """\
import json, os, sys
event = json.load(sys.stdin)
with open({out!r}, "a") as file:
    file.write(json.dumps([sys.argv[1:], sorted(os.environ), event]) + "\\n")
"""


async def test_a_program_that_is_stopped_on_a_node_reaches_a_command_here(
    quiet_lab: Lab, tmp_path: Path, own_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "SETTLE_SECONDS", 0.5)
    out, script = tmp_path / "out", tmp_path / "hook"
    script.write_text(f"#!{sys.executable}\n{SAVES.format(out=str(out))}")
    script.chmod(0o700)
    file = quiet_lab.write_inventory(tmp_path / "i.toml")
    with file.open("a") as text:
        text.write(f'\n[notify]\nosc9 = "warning"\ncommand = {{ warning = ["{script}", "--page"] }}\n')
    runtime = Runtime(load_inventory(file), folds=True)
    node = quiet_lab.nodes[NAME]
    async with runtime.running():
        async with asyncio.timeout(60):
            await runtime.store.wait_for(lambda state: state.nodes[NAME].complete)
            while NAME not in runtime._noticing.known:
                await asyncio.sleep(0.05)
        try:
            await asyncio.to_thread(_stop, node)
            async with asyncio.timeout(60):
                while not out.exists() or "STOPPED" not in out.read_text():
                    await asyncio.sleep(0.1)
        finally:
            await asyncio.to_thread(_start, node)
    found = [json.loads(line) for line in out.read_text().splitlines()]
    words, environment, event = next(one for one in found if "STOPPED" in one[2]["text"])
    assert words == ["--page"]
    assert set(environment) - {"LC_CTYPE"} <= set(hooks.PASSED_ON)
    assert event["nodes"] == [NAME] and event["severity"] == "warning" and event["kind"] == "service"
    assert f"service {NAME}" in {alert.notification for alert in runtime.alerts.take()}


def _stop(node: object) -> None:
    with node.supervisor() as server:  # type: ignore[attr-defined]
        server.supervisor.stopProcess(PROGRAM)


def _start(node: object) -> None:
    with node.supervisor() as server:  # type: ignore[attr-defined]
        server.supervisor.startProcess(PROGRAM)


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ('webhook = { critical = "http://hooks.example.com/T0KEN" }', "notify.webhook.critical"),
        ('webhook = { critical = "https://me:T0KEN@hooks.example.com/x" }', "notify.webhook.critical"),
        ('webhook = { warning = "https://" }', "notify.webhook.warning"),
        ('command = { warning = ["page"] }', "notify.command.warning"),
        ("command = { warning = [] }", "notify.command.warning"),
        ('command = { warnin = ["/bin/true"] }', "notify.command.warnin"),
        ("most_per_minute = 0", "notify.most_per_minute"),
        ('bell = "loud"', "notify.bell"),
    ],
)
def test_what_is_not_allowed_is_refused_by_its_key_and_never_repeated(tmp_path: Path, table: str, key: str) -> None:
    file = tmp_path / "i.toml"
    file.write_text(f"{NODES}[notify]\n{table}\n")
    file.chmod(0o600)
    with pytest.raises(ConfigError) as refused:
        load_inventory(file)
    assert refused.value.key == key
    assert "T0KEN" not in str(refused.value)


def test_what_is_allowed_is_kept_and_a_url_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "i.toml"
    file.write_text(
        f'{NODES}[notify]\nbell = "critical"\ncommand = {{ ok = ["/bin/true", "{{x}}"] }}\n'
        'webhook = { critical = "https://hooks.example.com/T0KEN" }\n'
    )
    file.chmod(0o600)
    found = load_inventory(file).notify
    assert found.bell is Severity.CRITICAL and found.osc9 is None
    assert found.commands == {Severity.OK: ("/bin/true", "{x}")}
    assert "T0KEN" not in repr(found)
