"""The errand `usage` where much is there, and where it goes while it is counted."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aen_tui.sources import usage
from aen_tui.transports.payload import errand_source
from tests.probe.harness import namespace


@pytest.fixture
def names() -> Iterator[dict[str, Any]]:
    """The errand's own."""
    found = namespace()
    exec(errand_source(usage.ERRAND), found)
    yield found


def test_a_project_that_goes_while_others_are_counted_ends_nothing(names: dict[str, Any], tmp_path: Path) -> None:
    for project in ("alice/churn", "alice/fraud", "alice/risk", "bob/churn"):
        (tmp_path / project).mkdir(parents=True)
    rows: list[dict[str, Any]] = []

    def say(row: dict[str, Any] | None = None) -> None:
        rows.extend([row] if row is not None else [])
        if row is not None and row.get("part") == "alice/churn":
            shutil.rmtree(tmp_path / "alice/fraud")

    names["Walk"]({"path": str(tmp_path), "depth": 2, "instant_seconds": 0.1}, say).run()
    assert [row["part"] for row in rows if "part" in row] == ["alice/churn", "alice/risk", "bob/churn"]
    assert (rows[-1]["error"], rows[-1]["closed"]) == (None, 0)


def test_of_many_owners_the_names_of_those_that_are_told_alone_are_looked_up(names: dict[str, Any]) -> None:
    asked: list[int] = []

    def user_at(uid: int) -> str:
        asked.append(uid)
        return f"user{uid}"

    names["user_at"] = user_at
    names["quota_of"] = lambda source, uid: ([uid, 10000, 1, None], None)
    rows: list[dict[str, Any]] = []
    names["quotas"]({"path": "/", "owners": list(range(1000, 3000))}, rows.append)
    assert asked == list(range(2999, 2949, -1))
    assert rows[0]["quota"]["user"] == "user2999"
