"""Short names of logs tell them apart, and never name a node that there is none of."""

from __future__ import annotations

import pytest

from aen_tui.model.facts import LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.ui.presentation.log_text import short_names
from tests.support.log_stage import SERVER_LOG, LogStage


@pytest.mark.parametrize("limit", [12, 16, 20, 28])
def test_short_names_tell_the_sources_apart(limit: int) -> None:
    state = LogStage().runtime.snapshot()
    keys = [LogKey(node.name, log.path) for node in state.nodes.values() for log in node.logs]
    names = short_names(keys, limit)
    assert max(map(len, names.values())) <= limit
    assert len(set(names.values())) == len(keys)
    for key, name in names.items():
        node = name.partition(":")[0]
        assert node == key.node or "…" in node, "a cut name is none that another node might have"
    one_box = [replace_node(key) for key in keys if key.path.endswith("supervisord.log")]
    assert len(set(short_names(list(dict.fromkeys(one_box)), limit).values())) == len(set(one_box))


def test_a_short_name_of_one_node_is_no_stump() -> None:
    paths = ("wakari/gateway.application.log", "supervisord-of-the-gateway.log")
    keys = [LogKey(SERVER_LOG.node, LogPath(f"/var/log/{path}")) for path in paths]
    assert list(short_names(keys, 16).values()) == ["gateway.app", "supervisord-of-…"]


def test_a_file_is_cut_before_its_node() -> None:
    path = LogPath("/var/log/wakari/gateway.application.log")
    other = LogPath("/var/log/nginx/access.log")
    keys = [
        SERVER_LOG._replace(node=NodeName(node), path=one)
        for node in ("gateway2", "compute1-12")
        for one in (path, other)
    ]
    assert list(short_names(keys, 16).values()) == [
        "gateway2:app", "gateway2:access", "comp…1-12:gate.a", "comp…1-12:access",
    ]  # fmt: skip
    assert short_names(keys, 12)[keys[0]] == "gatew…2:app"


def replace_node(key: LogKey) -> LogKey:
    return key._replace(node=SERVER_LOG.node)
