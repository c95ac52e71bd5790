"""3: whatever the ssh configuration says, no agent, display or ticket goes along."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.lab.lab import Lab
from tests.lab.machine import LabNode
from tests.lab.waiting import until
from tests.operations.conftest import following, probes


def test_agent_and_display_stay_here(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "ssh_config"
    wishes = "ForwardAgent yes\nForwardX11 yes\nForwardX11Trusted yes\nGSSAPIDelegateCredentials yes\nSendEnv LC_*\n"
    config.touch(mode=0o600)
    config.write_text(wishes + lab.ssh_config.read_text())
    file = lab.write_inventory(tmp_path / "inventory.toml", ssh={"config": str(config)})
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(tmp_path / "agent")], stdout=subprocess.DEVNULL)
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
    monkeypatch.setenv("DISPLAY", ":7")
    try:
        until(lambda: (tmp_path / "agent").exists(), "the agent's socket")
        names = names_on(lab.nodes["gateway2"], file, tmp_path)
    finally:
        agent.terminate()
        agent.wait(60)
    assert "SSH_CONNECTION" in names
    assert not names & {"SSH_AUTH_SOCK", "DISPLAY", "KRB5CCNAME", "XAUTHORITY"}


def names_on(node: LabNode, file: Path, folder: Path) -> set[str]:
    """The variables of a probe that a run of its own starts."""
    known = {process.pid for process in probes(node)}
    with following(file, folder, "gateway2"):
        until(lambda: {process.pid for process in probes(node)} - known, "a probe of this run")
        (fresh, *_) = [process for process in probes(node) if process.pid not in known]
        return set(fresh.environment)
