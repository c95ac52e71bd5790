"""TARGET on a command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from aen_tui.config.load import parse_inventory
from aen_tui.config.resolve import resolve
from aen_tui.config.targets import Target, parse_targets
from aen_tui.errors import AenError
from aen_tui.model.node import NodeName

TEXT = """
name = "x"
[server]
host = "aen-server"
[[data_center]]
name = "east"
gateway = "gateway1"
computes = ["compute1-[1-3]"]
"""
INVENTORY = resolve(parse_inventory(TEXT, "x"), Path("x"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gateway1", [("gateway1", None, None)]),
        ("aen-server/wk-server", [("aen-server", "wk-server", None)]),
        ("aen-server/worker:w_00", [("aen-server", "worker:w_00", None)]),
        ("aen-server/service:nginx", [("aen-server", "service:nginx", None)]),
        ("aen-server:/var/log/messages", [("aen-server", None, "/var/log/messages")]),
        ("compute1-[1-2]", [("compute1-1", None, None), ("compute1-2", None, None)]),
        ("compute1-[1-2]/wk-compute", [("compute1-1", "wk-compute", None), ("compute1-2", "wk-compute", None)]),
        ("@server", [("aen-server", None, None)]),
        ("@gateway/wk-gateway", [("gateway1", "wk-gateway", None)]),
        ("@dc:east", [(n, None, None) for n in ("gateway1", "compute1-1", "compute1-2", "compute1-3")]),
    ],
)
def test_forms(text: str, expected: list[tuple[str, str | None, str | None]]) -> None:
    assert parse_targets([text], INVENTORY) == [Target(NodeName(n), s, p) for n, s, p in expected]


def test_none_means_all_and_each_comes_once() -> None:
    assert len(parse_targets([], INVENTORY)) == 5
    assert len(parse_targets(["@all", "gateway1", "@compute"], INVENTORY)) == 5


@pytest.mark.parametrize(
    "text", ["compute1-9", "@gatewy", "@dc:west", "gateway1/", "", "compute1-[", "@compute,@foo", "x@racks"]
)
def test_what_matches_nothing_is_an_error(text: str) -> None:
    with pytest.raises(AenError):
        parse_targets([text], INVENTORY)
