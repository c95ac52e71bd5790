"""2: `info --sudoers` prints exact lines, and a node that has exactly these lines can be worked on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.fixtures import need_lab
from tests.lab.lab import Lab
from tests.lab.variants import Variant
from tests.whole.test_status import command


@pytest.fixture(scope="module")
def listed_lab() -> Iterator[Lab]:
    """Three nodes whose sudoers hold nothing of operator's yet."""
    need_lab()
    nothing = Variant(sudo="own", sudoers_lines=("Defaults requiretty",))
    with Lab.start(
        gateways=1, computes=1, variants=dict.fromkeys(("aen-server", "gateway1", "compute1-1"), nothing)
    ) as lab:
        yield lab


@pytest.fixture(scope="module")
def inventory(listed_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return listed_lab.write_inventory(
        tmp_path_factory.mktemp("listed") / "inventory.toml", defaults={"become": "actions"}
    )


@pytest.fixture(scope="module")
def lines(listed_lab: Lab, inventory: Path) -> list[str]:
    """What is printed, installed on every node as it says."""
    text = command(inventory, "info", "--sudoers").stdout
    for node in listed_lab.nodes.values():
        file = node.path("/etc/sudoers.d/aen-tui")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o440)
        main = node.path("/etc/sudoers")
        main.write_text(main.read_text() + "@includedir /etc/sudoers.d\n")
        checked = node.run(["visudo", "-cf", "/etc/sudoers.d/aen-tui"])
        assert checked.returncode == 0, checked.stderr
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_each_line_is_one_command_without_a_wildcard(lines: list[str]) -> None:
    assert lines[0] == "Defaults:operator !requiretty"
    for line in lines[1:]:
        head, _, command = line.partition(" NOPASSWD: ")
        assert head in ("operator ALL=(wakari)", "operator ALL=(root)")
        assert not set(command) & set("*?[!,")
        path, *arguments = command.split(" ")
        assert path.startswith("/")
        assert arguments
        assert "ALL" not in command
    assert "operator ALL=(wakari) NOPASSWD: /opt/wakari/wakari-server/bin/supervisorctl status worker" in lines
    assert "operator ALL=(root) NOPASSWD: /sbin/service mongod restart" in lines
    assert "operator ALL=(root) NOPASSWD: /usr/sbin/nginx -t" in lines


@pytest.mark.parametrize(
    "words",
    [
        ("restart", "aen-server/wk-server"),
        ("restart", "gateway1/wk-gateway"),
        ("restart", "compute1-1/wk-compute"),
        ("restart", "aen-server/nginx"),
        ("restart", "compute1-1/service:wakari-compute"),
        ("reload-nginx", "aen-server/nginx"),
        ("reread", "aen-server/wakari-server"),
    ],
    ids=" ".join,
)
def test_with_exactly_these_lines_it_works(
    listed_lab: Lab, inventory: Path, lines: list[str], words: tuple[str, ...]
) -> None:
    done = command(inventory, "do", *words, "--yes", "--json", seconds=150)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, (events, done.stderr)
    assert "asks for no password" in events[0]["sudo"]


def test_and_nothing_else_does(listed_lab: Lab, lines: list[str]) -> None:
    control = "/opt/wakari/wakari-compute/bin/supervisorctl"
    for line in (
        "sudo -n id",
        f"sudo -n -u wakari {control} shutdown",
        f"sudo -n -u wakari {control} 'restart wk-compute; shutdown'",
    ):
        assert listed_lab.ssh("compute1-1", line).returncode != 0
