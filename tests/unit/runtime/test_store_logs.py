"""Elasticsearch's log is called after its cluster: once that is known, it is followed."""

from __future__ import annotations

import pytest

from aen_tui.model.facts import LogPath, StoreState
from aen_tui.model.logs import LogKey
from aen_tui.model.stores import SearchFigures
from tests.support.store_watch import SERVER, Answers, watched


async def followed(cluster: str, monkeypatch: pytest.MonkeyPatch, told: list[LogPath] | None) -> set[LogKey]:
    """What is followed after the first look at a cluster of some name."""
    found: list[LogKey] = []
    answers = Answers(StoreState("up", figures=SearchFigures(cluster=cluster, node_count=1)))
    async with watched(answers, monkeypatch, follow=found.append, told_logs=told):
        return set(found)


async def test_the_log_of_the_cluster_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await followed("aen", monkeypatch, []) == {LogKey(SERVER, LogPath("/var/log/elasticsearch/aen.log"))}


@pytest.mark.parametrize("told", ["/data/logs/aen.log", "/data/logs/renamed-since.log"])
async def test_where_its_configuration_tells_the_folder_none_is_guessed(
    monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    assert await followed("aen", monkeypatch, [LogPath(told)]) == {LogKey(SERVER, LogPath("/data/logs/aen.log"))}


async def test_a_name_that_is_no_file_name_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await followed("../../etc/shadow", monkeypatch, []) == set()


async def test_nothing_is_guessed_while_its_configuration_is_being_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await followed("aen", monkeypatch, None) == set()
