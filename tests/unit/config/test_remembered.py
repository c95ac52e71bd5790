"""Work that is remembered between runs: the same text is worked on once, a file that is not ours never counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from aen_tui.config.paths import cache_folder
from aen_tui.config.remembered import remembered


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_the_same_text_is_worked_on_once() -> None:
    done: list[int] = []

    def work() -> bytes:
        done.append(1)
        return b"result"

    assert [remembered("x", "text", work) for _ in range(3)] == [b"result"] * 3
    assert len(done) == 1
    assert remembered("x", "other", lambda: b"else") == b"else"
    assert len(list(cache_folder().iterdir())) == 1


@pytest.mark.parametrize("harm", ["content", "mode", "folder"])
def test_what_others_may_have_written_does_not_count(harm: str) -> None:
    remembered("x", "text", lambda: b"result")
    (file,) = cache_folder().iterdir()
    if harm == "content":
        file.write_bytes(file.read_bytes() + b"more")
    else:
        (file if harm == "mode" else cache_folder()).chmod(0o777)
    assert remembered("x", "text", lambda: b"worked anew") == b"worked anew"


def test_an_unwritable_cache_is_no_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert remembered("x", "text", lambda: b"result") == b"result"
