"""An inventory read: defaults, roles, and errors that name file, line, key and the nearest word."""

from __future__ import annotations

from pathlib import Path

import pytest

from aen_tui.config.load import load_inventory
from aen_tui.errors import ConfigError
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import Become, NodeName, Role, Thresholds

GOOD = """\
name = "aen-prod"
aen_version = "4.1.2"
[ssh]
config = "~/.ssh/config"
[defaults]
interval_seconds = 2
thresholds = { cpu_percent = [85, 95], memory_percent = [85, 95], disk_percent = [80, 90] }
[server]
host = "aen-server"
url = "http://aen.example.com"
[[data_center]]
name = "east"
gateway = "gateway1"
computes = ["compute1-[1-3]"]
[node."compute1-2"]
become = "sudo"
logs = ["/var/log/messages"]
[actions]
settle_seconds = 12
rolling = { canary = 1, batch = 2, max_failures = 0 }
"""


def load(tmp_path: Path, text: str) -> Inventory:
    file = tmp_path / "inventory.toml"
    file.write_text(text)
    file.chmod(0o644)
    return load_inventory(file)


def test_nodes_stand_in_display_order_with_their_defaults(tmp_path: Path) -> None:
    inventory = load(tmp_path, GOOD)
    assert list(inventory.nodes) == ["aen-server", "gateway1", "compute1-1", "compute1-2", "compute1-3"]
    compute = inventory.nodes[NodeName("compute1-2")]
    assert compute.become is Become.SUDO
    assert compute.extra_logs == ("/var/log/messages",)
    assert compute.jump == "gateway1"
    assert inventory.nodes[NodeName("compute1-1")].become is Become.ACTIONS
    assert inventory.nodes[NodeName("gateway1")].jump is None
    assert inventory.data_centers == {"east": ("gateway1", "compute1-1", "compute1-2", "compute1-3")}
    assert inventory.actions.settle_seconds == 12
    assert inventory.store == "aen-server"


def test_a_node_s_thresholds_stand_before_those_of_the_defaults_key_by_key(tmp_path: Path) -> None:
    written = GOOD.replace("disk_percent = [80, 90]", "disk_percent = [10, 20]").replace("cpu_percent = [85, 95], ", "")
    nodes = load(tmp_path, written.replace('"sudo"\n', '"sudo"\nthresholds = { disk_percent = [97, 99] }\n')).nodes
    assert nodes[NodeName("compute1-1")].thresholds == Thresholds(disk_percent=(10, 20))
    assert nodes[NodeName("compute1-2")].thresholds == Thresholds(disk_percent=(97, 99))
    more = written.replace("memory_percent = [85, 95]", "memory_percent = [40, 45]")
    nodes = load(tmp_path, more.replace('"sudo"\n', '"sudo"\nthresholds = { cpu_percent = [1, 2] }\n')).nodes
    expected = Thresholds(cpu_percent=(1, 2), memory_percent=(40, 45), disk_percent=(10, 20))
    assert nodes[NodeName("compute1-2")].thresholds == expected


def test_computes_are_asked_on_their_gateway(tmp_path: Path) -> None:
    inventory = load(tmp_path, GOOD)
    (target,) = inventory.nodes[NodeName("compute1-3")].http
    assert (target.url, target.asked_on, target.wants_document) == ("http://compute1-3:5002", "gateway1", False)
    (gateway,) = inventory.nodes[NodeName("gateway1")].http
    assert (gateway.url, gateway.asked_on, gateway.wants_document) == ("http://gateway1:8089", "gateway1", True)


WK_SOCKET = "unix:/opt/wakari/wakari-server/var/run/wakari-server.sock"


@pytest.mark.parametrize(
    ("version", "urls"),
    [
        ("4.1.2", ["http://127.0.0.1:5000", WK_SOCKET]),
        ("4.0.0", ["http://127.0.0.1:5000", WK_SOCKET]),
        ("4.1.3", [WK_SOCKET, "http://127.0.0.1:5000"]),
        ("4.3.1", [WK_SOCKET, "http://127.0.0.1:5000"]),
    ],
)
def test_wk_server_is_asked_where_its_version_listens_first_and_where_another_would(
    tmp_path: Path, version: str, urls: list[str]
) -> None:
    inventory = load(tmp_path, GOOD.replace("4.1.2", version))
    http = inventory.nodes[NodeName("aen-server")].http
    assert [target.url for target in http if target.name == "wk-server"] == urls


def test_one_host_with_all_roles_is_one_node(tmp_path: Path) -> None:
    inventory = load(
        tmp_path,
        'name="box"\n[server]\nhost="local"\n[[data_center]]\nname="here"\ngateway="local"\ncomputes=["local"]\n',
    )
    (node,) = inventory.nodes.values()
    assert node.roles == (Role.SERVER, Role.GATEWAY, Role.COMPUTE)
    assert node.is_local
    assert node.jump is None
    assert {target.url for target in node.http if target.name in ("gateway", "compute")} == {
        "http://127.0.0.1:8089",
        "http://127.0.0.1:5002",
    }


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('gateway = "gateway1"', 'gatway = "gateway1"', ["inventory.toml:13", "data_center[0].gatway", "`gateway`"]),
        ("[server]", "[servr]", ["inventory.toml:8", "servr", "`server`"]),
        ('become = "sudo"', 'become = "suod"', ["inventory.toml:16", "compute1-2", "suod", "`sudo`"]),
        ("settle_seconds = 12", 'settle_seconds = "x"', ["inventory.toml:19", "actions.settle_seconds", "float"]),
        ("disk_percent = [80, 90]", "disk_percent = [99, 50]", ["inventory.toml:7", "`disk_percent`", "99", "50"]),
        ("disk_percent = [80, 90]", "disk_percent = [80, 101]", ["inventory.toml:7", "disk_percent[1]", "<= 100"]),
        ("disk_percent = [80, 90]", "disk_percent = [nan, 90]", ["inventory.toml:7", "disk_percent[0]", ">= 0"]),
        ("interval_seconds = 2", "interval_seconds = 0", ["inventory.toml:6", "interval_seconds", ">= 0.2"]),
        ('[node."compute1-2"]', '[node."compute1-9"]', ["compute1-9", "no such node"]),
        ("compute1-[1-3]", "compute1-[1-", ["east", "node set"]),
        ('host = "aen-server"', 'host = "aen-server', ["is not TOML", "line 9"]),
    ],
)
def test_errors_name_the_place_and_the_nearest_word(tmp_path: Path, old: str, new: str, words: list[str]) -> None:
    assert old in GOOD
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, GOOD.replace(old, new))
    for word in words:
        assert word in str(caught.value)


def test_a_compute_in_two_data_centers_is_an_error(tmp_path: Path) -> None:
    more = '[[data_center]]\nname = "west"\ngateway = "gateway2"\ncomputes = ["compute1-3"]\n'
    with pytest.raises(ConfigError, match=r"compute1-3.*`east` and `west`"):
        load(tmp_path, GOOD + more)


def test_a_missing_inventory_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="aen-tui demo"):
        load_inventory(tmp_path / "none.toml")


def test_an_inventory_that_others_can_write_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "inventory.toml"
    file.write_text(GOOD)
    file.chmod(0o666)
    with pytest.raises(ConfigError, match="writable by others"):
        load_inventory(file)


def test_root_is_refused_outside_a_running_demo(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="running `aen-tui demo` alone"):
        load(tmp_path, GOOD + '[node."gateway1"]\nroot = "/tmp/elsewhere"\n')
