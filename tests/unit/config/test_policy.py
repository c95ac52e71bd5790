"""`/etc/aen-tui/policy.toml` only tightens, and one that cannot be followed forbids everything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aen_tui.config.policy import Policy, load_policy
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName
from tests.support.states import inventory

ME = os.getuid()
COMPUTE, GATEWAY = NodeName("compute1-1"), NodeName("gateway1")


def written(tmp_path: Path, text: str | bytes) -> Path:
    file = tmp_path / "policy.toml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    file.chmod(0o644)
    return file


def refusal(policy: Policy, action: ActionName = ActionName.RESTART, *nodes: NodeName) -> str | None:
    return policy.refusal(inventory(), action, list(nodes or (COMPUTE,)))


def test_no_file_forbids_nothing(tmp_path: Path) -> None:
    assert refusal(load_policy(tmp_path / "policy.toml")) is None
    assert refusal(load_policy(tmp_path / "no" / "policy.toml")) is None


def test_actions_and_nodes(tmp_path: Path) -> None:
    text = 'actions = ["restart", "start"]\nnodes = ["@compute", "gateway[2-9]", "elsewhere"]\nshell = false\n'
    policy = load_policy(written(tmp_path, text), owner=ME)
    assert policy.error is None
    assert refusal(policy) is None
    assert refusal(policy, ActionName.RESTART, NodeName("gateway2")) is None
    assert "does not allow stop" in (refusal(policy, ActionName.STOP) or "")
    assert "nothing on gateway1" in (refusal(policy, ActionName.RESTART, COMPUTE, GATEWAY) or "")
    assert not policy.shell


def test_empty_lists_allow_nothing(tmp_path: Path) -> None:
    assert refusal(load_policy(written(tmp_path, "actions = []"), owner=ME)) is not None
    assert refusal(load_policy(written(tmp_path, "nodes = []"), owner=ME)) is not None


def test_read_only_and_arming(tmp_path: Path) -> None:
    policy = load_policy(written(tmp_path, 'read_only = true\narming = "required"\n'), owner=ME)
    assert policy.read_only
    assert policy.arming_required
    assert refusal(policy) is not None


@pytest.mark.parametrize(
    "text",
    [
        "read_onyl = true",
        'arming = "off"',
        'actions = ["restrat"]',
        'nodes = "compute1-1"',
        'nodes = ["compute[1-"]',
        "read_only = 1",
        "read_only = true\nread_only = false",
        "[",
        b"\xff\xfe",
    ],
)
def test_what_cannot_be_followed_forbids_everything(tmp_path: Path, text: str | bytes) -> None:
    policy = load_policy(written(tmp_path, text), owner=ME)
    assert policy.error is not None
    assert str(tmp_path) in policy.error
    assert refusal(policy) is not None


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_writable_by_others_forbids_everything(tmp_path: Path, mode: int) -> None:
    file = written(tmp_path, "")
    file.chmod(mode)
    assert "writable by others" in (load_policy(file, owner=ME).error or "")


def test_another_owner_forbids_everything(tmp_path: Path) -> None:
    assert "belongs to uid" in (load_policy(written(tmp_path, ""), owner=ME + 1).error or "")


def test_a_folder_that_others_write_forbids_everything(tmp_path: Path) -> None:
    file = written(tmp_path, "")
    tmp_path.chmod(0o777)
    assert "writable by others" in (load_policy(file, owner=ME).error or "")
    tmp_path.chmod(0o700)


@pytest.mark.parametrize("kind", ["symlink", "fifo", "folder"])
def test_what_is_no_file_forbids_everything(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "policy.toml"
    if kind == "symlink":
        other = tmp_path / "other"
        other.write_text("")
        file.symlink_to(other)
    elif kind == "fifo":
        os.mkfifo(file)
    else:
        file.mkdir()
    assert load_policy(file, owner=ME).error is not None
