"""Nodes beside each other: what most have is the usual, odd ones come first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.model.differing import compared, own_words, usual_of
from aen_tui.model.node import NodeName, Role
from aen_tui.ui.presentation.differing_rows import odd_details, odd_row, odd_rows, summary
from aen_tui.ui.presentation.severity import UNICODE
from tests.support.nodes import node_spec

NAMES = [NodeName(f"compute1-{number}") for number in range(1, 26)]


def alike() -> dict[NodeName, dict[str, tuple[str, ...]]]:
    return {name: {"packages": ("numpy 1.9.2", "scipy 0.16.0"), "config x": ('port = "5002"',)} for name in NAMES}


def test_all_alike_is_no_row() -> None:
    found = compared("east", alike())
    assert found.differences == () and found.alike == ("packages", "config x")
    assert odd_rows([found]) == []
    assert "25 computes, 0 parts differ, 2 alike" in "".join(text for text, _ in summary([found], 0, 0, is_busy=False))


def test_the_odd_ones_come_first_and_are_shown_against_the_usual() -> None:
    traits = alike()
    traits[NAMES[6]]["packages"] = ("numpy 1.10.1", "scipy 0.16.0")
    for name in NAMES[20:]:
        traits[name]["config x"] = ('port = "5003"',)
    del traits[NAMES[3]]["packages"]
    found = compared("east", traits)
    assert [one.part for one in found.differences] == ["packages", "config x"]
    rows = odd_rows([found])
    texts = ["".join(text for text, _ in odd_row(row, 120, UNICODE)) for row in rows]
    assert [row.group.nodes for row in rows] == [(NAMES[3],), (NAMES[6],), tuple(NAMES[20:])]
    assert "compute1-4" in texts[0] and "is not there" in texts[0]
    assert "-numpy 1.9.2  +numpy 1.10.1" in texts[1]
    assert "compute1-[21-25]" in texts[2]
    words = ["".join(text for text, _ in field.value) for field in odd_details(rows[1])]
    assert words[1] == "compute1-7" and "-numpy 1.9.2" in words and "+numpy 1.10.1" in words


def test_of_two_halves_the_one_with_the_first_node_is_usual() -> None:
    traits = {name: {"x": (str(index % 2),)} for index, name in enumerate(NAMES[:4])}
    (difference,) = compared("east", traits).differences
    assert difference.usual.nodes == (NAMES[0], NAMES[2])
    assert usual_of([{"a": "2"}, {"a": "1"}, {"a": "1", "b": "3"}]) == {"a": "1"}


def test_what_one_alone_has_makes_no_other_odd() -> None:
    assert usual_of([{"a": "1", "x": "1"}, {"a": "1"}, {"a": "1"}]) == {"a": "1"}
    assert usual_of([{"a": "1"}, {"a": "1"}, {}]) == {"a": "1"}
    assert usual_of([]) == {}


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        (
            "python -S /tmp/demo/n1/opt/wk-compute /tmp/demo/n1 127.9.0.3:5002",
            "python -S /opt/wk-compute / ADDRESS:5002",
        ),
        ("/tmp/demo/n10/opt beside /tmp/demo/n1.old", "/tmp/demo/n10/opt beside /tmp/demo/n1.old"),
        ("http://c1:5002 on c1.example.com", "http://NODE:5002 on NODE.example.com"),
        ("libc1-dev c1-2 xc1 127.9.0.31", "libc1-dev c1-2 xc1 127.9.0.31"),
    ],
)
def test_in_what_is_its_own_a_node_does_not_differ(text: str, bare: str) -> None:
    spec = replace(node_spec("c1", Role.COMPUTE), root="/tmp/demo/n1", listen_address="127.9.0.3")
    assert own_words(spec)(text) == bare


def test_where_every_node_listens_is_no_node_s_own() -> None:
    for address in ("127.0.0.1", "0.0.0.0", "::1", "localhost"):
        spec = replace(node_spec("c1", Role.COMPUTE), listen_address=address)
        assert own_words(spec)(f"listen = {address}:5002") == f"listen = {address}:5002"
