"""Root's policy can only tighten: what is carried out, where, by whom armed, whether there is a shell, what is read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aen_tui.config.load import load_inventory
from aen_tui.config.policy import Policy, load_policy
from aen_tui.config.targets import parse_targets
from aen_tui.errors import AenError, ProbeError
from aen_tui.model.facts import LinkState, LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Result, Target
from aen_tui.runtime.cluster import Runtime
from aen_tui.runtime.errands import Errand
from aen_tui.runtime.log_sources import log_keys
from tests.lab.lab import Lab
from tests.support.states import inventory

SERVER = NodeName("aen-server")
POLICY = Path("/etc/aen-tui/policy.toml")
PLACES = Policy(places=("/var/log", "/opt/wakari"))


def written(tmp_path: Path, text: str) -> Policy:
    file = tmp_path / "policy.toml"
    file.write_text(text)
    file.chmod(0o644)
    tmp_path.chmod(0o755)
    return load_policy(file, owner=file.stat().st_uid)


@pytest.mark.parametrize(
    ("path", "is_read"),
    [
        ("/var/log/messages", True),
        ("/var/log", True),
        ("/var/log//nginx/./x.log", True),
        ("/opt/wakari/wakari-server/var/log/supervisord.log", True),
        ("/var/log/../../etc/shadow", False),
        ("/var/logs", False),
        ("/etc/shadow", False),
        ("//etc/shadow", False),
        ("var/log/x", False),
    ],
)
def test_a_path_is_read_only_in_its_places(path: str, is_read: bool) -> None:
    listed = PLACES.within(inventory())
    targets = [replace(parse_targets(["aen-server"], listed)[0], path=path)]
    if is_read:
        assert log_keys(targets, listed) == [LogKey(SERVER, LogPath(path))]
        return
    with pytest.raises(AenError, match="may not be read"):
        log_keys(targets, listed)


def test_logs_of_the_roles_are_read_and_those_the_inventory_adds_are_not() -> None:
    listed = inventory()
    spec = replace(listed.nodes[SERVER], extra_logs=("/etc/shadow", "/var/log/messages"))
    within = Policy(places=("/var/log",)).within(replace(listed, nodes={**listed.nodes, SERVER: spec}))
    assert within.nodes[SERVER].extra_logs == ("/var/log/messages",)
    paths = {key.path for key in log_keys(parse_targets(["aen-server"], within), within)}
    assert "/opt/wakari/wakari-server/var/log/supervisord.log" in paths


@pytest.mark.parametrize("text", ['places = ["var/log"]', 'places = "/var/log"', "places = [1]"])
def test_places_that_are_none_forbid_everything(tmp_path: Path, text: str) -> None:
    policy = written(tmp_path, text)
    assert policy.error is not None
    assert policy.within(inventory()).places == ()


def test_no_key_of_it_lifts_anything(tmp_path: Path) -> None:
    loose = written(tmp_path, 'read_only = false\narming = "optional"\nshell = true\n')
    assert loose.error is None
    assert loose.within(inventory()).places is None
    assert not loose.read_only
    listed = replace(inventory(), actions=replace(inventory().actions, arming_required=True))
    assert Runtime(listed, policy=loose).guard.is_locked, "arming stays required where the inventory says so"
    assert Runtime(listed, policy=loose, read_only=True).read_only


async def test_it_holds_where_things_are_carried_out_and_read(lab: Lab, inventory_file: Path) -> None:
    policy = Policy(actions=frozenset({ActionName.START}), places=("/var/log",), shell=False)
    runtime = Runtime(load_inventory(inventory_file), policy=policy, only=[SERVER])
    before = lab.nodes[SERVER].supervisor_pid("wk-server")
    events: list[Any] = []
    async with runtime.running():
        await runtime.store.wait_for(
            lambda state: state.nodes[SERVER].connection.state is LinkState.UP and state.nodes[SERVER].complete
        )
        plan = runtime.plan(ActionName.RESTART, [Target(SERVER, "wk-server", "supervisor", "wakari-server")])
        assert await runtime.execute(plan, events.append) is Result.REFUSED
        assert "does not allow restart" in events[-1].error
        assert not runtime.guard.allows_shell
        secret = LogKey(SERVER, LogPath("/etc/passwd"))
        runtime.follow(secret)
        runtime.poke(SERVER)
        seen = runtime.store.node(SERVER).metrics
        await runtime.store.wait_for(lambda state: state.nodes[SERVER].metrics is not seen)
        assert secret not in runtime.books
        assert secret.path not in {log.path for log in runtime.store.node(SERVER).logs}
        with pytest.raises(ProbeError, match="may not be read"):
            await runtime.errand(
                SERVER, Errand("search", {"logs": [secret.path]}, row=bytes, take=lambda _row: None, seconds=5.0)
            )
    assert lab.nodes[SERVER].supervisor_pid("wk-server") == before
