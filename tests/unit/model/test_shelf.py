"""A shelf holds what its files export, and none of them may export nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from aen_tui.model.shelf import shelved


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / f"shelf_{tmp_path.name}"
    for name, text in (("b", "THING = 2"), ("a", "THING = 1"), ("_c", ""), ("d/__init__", ""), ("__init__", "")):
        place = folder / f"{name}.py"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_what_the_files_export_comes_by_file_name(package: Path) -> None:
    assert list(shelved(package.name, "THING", int)) == [1, 2]


@pytest.mark.parametrize("text", ["", "THING = 'another kind'"])
def test_a_file_without_its_export_is_named(package: Path, text: str) -> None:
    (package / "e.py").write_text(text)
    with pytest.raises(TypeError, match=rf"{package.name}\.e exports no THING"):
        list(shelved(package.name, "THING", int))
