"""Files of this program's own: whole or not at all, and nobody else's."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from aen_tui.config.paths import write_private


@pytest.mark.parametrize("synced", [True, False])
def test_a_file_is_replaced_whole_and_is_ours_alone(tmp_path: Path, synced: bool) -> None:
    file = tmp_path / "made" / "file.json"
    write_private(file, b"old", synced=synced)
    before = file.stat()
    write_private(file, b"new", synced=synced)
    assert file.read_bytes() == b"new"
    assert file.stat().st_ino != before.st_ino, "whoever reads the old one goes on reading it"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert list(file.parent.iterdir()) == [file]


def test_what_cannot_be_written_leaves_the_old_one_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file.json"
    write_private(file, b"old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_private(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_in_its_place_is_replaced_and_what_it_leads_to_is_left(tmp_path: Path) -> None:
    victim, file = tmp_path / "victim", tmp_path / "file.json"
    victim.write_bytes(b"mine")
    file.symlink_to(victim)
    write_private(file, b"new")
    assert (victim.read_bytes(), file.is_symlink(), file.read_bytes()) == (b"mine", False, b"new")
