"""1: `root` only for a demo that runs, never with sudo; card, dry run and audit show what is executed."""

from __future__ import annotations

import fcntl
import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from aen_tui.config.demo_proof import LOCK_NAME
from aen_tui.config.load import load_inventory
from aen_tui.errors import ConfigError
from tests.lab.fixtures import need_lab
from tests.lab.lab import Lab
from tests.lab.variants import Variant
from tests.operations.conftest import sudo_diary
from tests.whole.test_status import command

DIARY_OF_SHELL = "/home/operator/.asked"
_BASHRC = f'printf "%s\\n" "$BASH_EXECUTION_STRING" >> {DIARY_OF_SHELL}\n'


@pytest.mark.parametrize(("become", "is_right"), [("never", True), ("actions", False), ("auto", False)])
def test_a_root_is_never_with_sudo(tmp_path: Path, become: str, is_right: bool) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "ssh_config").write_text("Host a\n  HostName 127.0.0.9\n")
    file = tmp_path / "inventory.toml"
    file.write_text(
        f'name = "x"\n[ssh]\nconfig = "ssh_config"\n[defaults]\nbecome = "{become}"\n'
        f'[server]\nhost = "a"\n[node."a"]\nroot = "{tmp_path}/a"\n'
    )
    for path in (file, tmp_path / "ssh_config"):
        path.chmod(0o600)
    with (tmp_path / LOCK_NAME).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_right:
            assert load_inventory(file).is_demo
        else:
            with pytest.raises(ConfigError, match="may use sudo"):
                load_inventory(file)


def test_what_is_shown_is_what_sudo_was_asked(lab: Lab, inventory_file: Path, own_state: Path) -> None:
    node = lab.nodes["compute1-1"]
    target = "compute1-1/wk-compute"
    card = command(inventory_file, "do", "restart", target, "--dry-run").stdout
    before = len([entry for entry in sudo_diary(node) if "supervisorctl" in entry])
    done = command(inventory_file, "do", "restart", target, "--yes", "--json")
    assert done.returncode == 0, done.stdout
    argv = json.loads(done.stdout.splitlines()[0])["argv"]
    assert shlex.join(argv) in card
    records = [json.loads(line) for line in (own_state / "aen-tui/audit.jsonl").read_text().splitlines()]
    assert [record["argv"] for record in records if record["action"] != "read"] == [argv, argv]
    entries = [entry for entry in sudo_diary(node) if "supervisorctl" in entry][before:]
    assert argv[:4] == ["sudo", "-n", "-u", "wakari"]
    assert len(entries) == 1 and entries[0].endswith(f"USER=wakari ; COMMAND={shlex.join(argv[4:])}")


@pytest.fixture
def asked_lab() -> Iterator[Lab]:
    """A node whose login shell notes what sshd hands to it."""
    need_lab()
    with Lab.start(
        gateways=1, computes=1, variants={"compute1-1": Variant(files={"/home/operator/.bashrc": _BASHRC})}
    ) as lab:
        yield lab


def test_what_is_shown_is_what_the_node_was_given(asked_lab: Lab, tmp_path: Path, own_state: Path) -> None:
    file = asked_lab.write_inventory(tmp_path / "inventory.toml", defaults={"become": "actions"})
    diary = asked_lab.nodes["compute1-1"].path(DIARY_OF_SHELL)
    done = command(file, "do", "restart", "compute1-1/wk-compute", "--yes", "--json")
    assert done.returncode == 0, done.stdout
    (line,) = [line for line in diary.read_text().splitlines() if "supervisorctl restart" in line]
    card = command(file, "do", "restart", "compute1-1/wk-compute", "--dry-run").stdout
    assert f"runs     {line}\n" in card
    planned = json.loads(done.stdout.splitlines()[0])
    records = [json.loads(one) for one in (own_state / "aen-tui/audit.jsonl").read_text().splitlines()]
    for shown in (planned, *(one for one in records if one["action"] == "restart")):
        assert ["env", *shown["environment"], *shown["argv"]] == shlex.split(line)
    assert line in command(file, "audit").stdout
