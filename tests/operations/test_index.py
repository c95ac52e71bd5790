"""The list in this folder's docstring is true: every number has tests, and every test that is named exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import tests.operations

ROOT = Path(__file__).resolve().parents[2]
ITEMS = (
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    12,
    13,
    14,
    15,
    16,
    17,
    18,
    19,
    20,
    21,
    22,
    23,
    24,
    25,
    26,
    27,
    28,
    29,
    30,
    31,
    32,
    33,
    34,
    37,
    38,
    39,
    40,
)
"""Those that must hold."""


def index() -> dict[int, list[str]]:
    """Number -> node ids."""
    found: dict[int, list[str]] = {}
    number = 0
    for line in (tests.operations.__doc__ or "").splitlines():
        if match := re.match(r"(\d+) \S", line):
            number = int(match[1])
            found[number] = []
        elif line.startswith("    tests/"):
            found[number].append(line.strip())
    return found


def names_in(file: Path) -> set[str]:
    """Names of a file's tests, those of classes as `Class::test`."""
    found = set()
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}::{one.name}"
                for one in node.body
                if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
            }
    return {name for name in found if name.rpartition("::")[2].startswith("test_")}


def test_every_number_has_its_tests() -> None:
    assert set(ITEMS) <= set(index())
    assert list(index()) == sorted(index())
    assert all(index().values())


@pytest.mark.parametrize("node_id", [node_id for ids in index().values() for node_id in ids])
def test_what_is_named_exists(node_id: str) -> None:
    name, _, test = node_id.partition("::")
    assert (ROOT / name).is_file()
    names = names_in(ROOT / name)
    assert test in names if test else names


def test_every_file_here_is_named() -> None:
    here = {f"tests/operations/{file.name}" for file in Path(__file__).parent.glob("test_op_*.py")}
    assert here == {node_id for ids in index().values() for node_id in ids if node_id.startswith("tests/operations/")}
