"""A mongod that answers slowly is up: what was answered counts, and the rest says why it is not there."""

from __future__ import annotations

from typing import Any

import pytest

from aen_tui.model.severity import Severity
from aen_tui.model.stores import MongoContents, MongoFigures
from tests.support import stores
from tests.support.mock_mongo import WELL, mock

COLLECTIONS = ("projects", "users", "events")
LATE = "its answers took more than 4 s"


def silent(_request: Any) -> None:
    """Nothing is said."""


def stocked() -> dict[str, Any]:
    """What a mongod with three collections in the first of two databases says."""
    names = [{"name": f"wakari.{name}"} for name in COLLECTIONS]
    return {
        **WELL,
        "listDatabases": {"ok": 1, "databases": [{"name": "wakari"}, {"name": "other"}]},
        "dbStats": {"ok": 1, "db": "wakari", "collections": 3},
        "collStats": {"ok": 1, "count": 5},
        "": lambda request: request.replies(*names if "wakari" in request.namespace else ()),
    }


async def contents_of(looking: stores.Looking) -> MongoContents:
    state = await looking.look(contents=True)
    assert (state.state, state.error, state.severity) == ("up", None, Severity.OK)
    assert isinstance(state.figures, MongoFigures) and state.figures.contents.value is not None
    return state.figures.contents.value


async def test_counting_ends_when_its_time_is_over_and_says_what_it_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = stocked()
    with mock(answers) as port:
        async with stores.mongo(port) as looking:
            whole = await contents_of(looking)
            assert (len(whole.collections), whole.left_out, whole.databases_left_out) == (3, 0, 0)

            def last(request: Any) -> None:
                monkeypatch.setattr("aen_tui.runtime.stores.mongo_questions.COLLECTIONS_AT_MOST", 1)
                request.replies({"ok": 1, "count": 7})

            answers["collStats"] = last
    with mock(answers) as port:
        async with stores.mongo(port) as looking:
            part = await contents_of(looking)
            assert ([one.count for one in part.collections], part.left_out, part.databases_left_out) == ([7], 2, 0)
            monkeypatch.setattr("aen_tui.runtime.stores.mongo_questions.CONTENTS_SECONDS", 0.0)
            none = await contents_of(looking)
            assert (none.databases, none.databases_left_out) == ((), 2)


@pytest.mark.parametrize(("question", "part"), [("serverStatus", "server"), ("collStats", "contents")])
async def test_what_was_greeted_is_up_however_long_the_rest_takes(
    question: str, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aen_tui.runtime.stores.mongodb.LOOK_SECONDS", 4.0)
    with mock({**stocked(), question: silent}) as port:
        async with stores.mongo(port) as looking:
            state = await looking.look(contents=True)
            assert (state.state, state.version) == ("up", "2.6.9")
            assert getattr(state.figures, part).error == LATE
            assert state.error == (LATE if part == "server" else None), "only counting was late"
            assert not [one for one in looking.findings() if one.severity is Severity.CRITICAL]
