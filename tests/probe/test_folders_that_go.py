"""Project folders that are removed while they are looked at."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from aen_tui.sources import project_folders
from aen_tui.transports.payload import errand_source
from tests.probe.harness import namespace


def test_one_that_is_removed_takes_no_other_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "amz":
        (tmp_path / "bob" / name).mkdir(parents=True)
    names, lstat = namespace(), os.lstat

    def removing(path: bytes) -> os.stat_result:
        if path.endswith(b"/m"):
            Path(os.fsdecode(path)).rmdir()
        return lstat(path)

    exec(errand_source(project_folders.ERRAND), names)
    row: dict[str, Any] = {"owners": 0, "closed": [], "closed_count": 0}
    found: list[tuple[bytes, os.stat_result, list[int]]] = []
    monkeypatch.setattr(os, "lstat", removing)
    for owner in (b"alice", b"bob"):
        names["under"](bytes(tmp_path / os.fsdecode(owner)), owner, row, found)
    assert [name for name, _, _ in found] == [b"bob/a", b"bob/z"]
    assert row == {"owners": 1, "closed": [], "closed_count": 0}
