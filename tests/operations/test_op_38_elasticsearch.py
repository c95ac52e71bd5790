"""38: other nodes than expected, a heap that stays full, a disk past the watermarks."""

from __future__ import annotations

import copy

import pytest

from aen_tui.model.facts import Finding
from tests.support import elasticsearch, stores
from tests.support.elasticsearch import MIB, StandIn


def ours(looking: stores.Looking) -> dict[str, Finding]:
    return {one.check: one for one in looking.findings() if one.check.startswith("elasticsearch")}


def merged(server: StandIn) -> None:
    """A stranger found by multicast."""
    nodes = server.answers["/_nodes/stats/jvm,fs"]["nodes"]
    stranger = copy.deepcopy(server.node)
    nodes["other"] = {**stranger, "name": "Hulk", "transport_address": "inet[/10.9.8.7:9300]"}
    server.answers["/_cluster/health"]["number_of_nodes"] = 2


async def test_a_cluster_with_a_stranger() -> None:
    with elasticsearch.running(merged) as server:
        async with stores.search(server.port) as looking:
            await looking.look()
            (finding,) = ours(looking).values()
            assert (finding.check, finding.severity.word) == ("elasticsearch-nodes", "warning")
            assert "2 nodes, 1 expected" in finding.message and "Hulk (inet[/10.9.8.7:9300])" in finding.message
        async with stores.search(server.port, expected=2) as looking:
            await looking.look()
            assert ours(looking) == {}


async def test_fewer_nodes_than_expected() -> None:
    with elasticsearch.running() as server:
        async with stores.search(server.port, expected=2) as looking:
            await looking.look()
            assert list(ours(looking)) == ["elasticsearch-nodes"]


def heap(server: StandIn, percent: float) -> None:
    server.node["jvm"]["mem"]["heap_used_in_bytes"] = int(990 * MIB * percent / 100)


async def test_a_heap_that_stays_over_85_per_cent() -> None:
    with elasticsearch.running(lambda one: heap(one, 91)) as server:
        async with stores.search(server.port) as looking:
            await looking.look()
            assert "91 %" in ours(looking)["elasticsearch-heap"].message
            heap(server, 40)
            await looking.look()
            assert ours(looking) == {}, "the collector has cut it back"
            heap(server, 95)
            await looking.look()
            assert ours(looking) == {}, "the tip of a saw tooth"
            for _ in range(3):
                await looking.look()
            assert list(ours(looking)) == ["elasticsearch-heap"]


def fill(server: StandIn, free: float) -> None:
    total = server.node["fs"]["total"]
    total["available_in_bytes"] = int(total["total_in_bytes"] * free)


@pytest.mark.parametrize(
    ("free", "settings", "word"),
    [
        (0.20, {}, None),
        (0.12, {}, "past the low watermark (85%): it gets no replicas"),
        (0.05, {}, "past the high watermark (90%): it gets no shards, and its own are moved"),
        (0.12, {"watermark.low": "90%", "watermark.high": "95%"}, None),
        (0.20, {"watermark.low": "20gb", "watermark.high": "5gb"}, "low watermark (20gb)"),
        (0.20, {"watermark.low": "0.75", "watermark.high": "0.9"}, "low watermark (0.75)"),
        (0.20, {"watermark.low": "nonsense"}, None),
        (0.12, {"threshold_enabled": "false"}, "with threshold_enabled: false, does not stop"),
    ],
)
@pytest.mark.parametrize("is_in_file", [False, True])
async def test_a_disk_past_the_watermarks(
    free: float, settings: dict[str, str], word: str | None, is_in_file: bool
) -> None:
    def limit(server: StandIn) -> None:
        (file,) = server.answers["/_nodes/settings"]["nodes"].values()
        place = file["settings"] if is_in_file else server.answers["/_cluster/settings"]["transient"]
        place.update({f"cluster.routing.allocation.disk.{name}": text for name, text in settings.items()})
        server.answers["/_cluster/health"]["number_of_nodes"] = 2
        fill(server, free)

    with elasticsearch.running(limit) as server:
        async with stores.search(server.port, expected=2) as looking:
            await looking.look()
    found = ours(looking)
    assert list(found) == (["elasticsearch-disk"] if word else [])
    assert word is None or word in found["elasticsearch-disk"].message


@pytest.mark.parametrize("free", [0.12, 0.05])
async def test_one_node_alone_fills_its_disk_up(free: float) -> None:
    with elasticsearch.running(lambda server: fill(server, free)) as server:
        async with stores.search(server.port) as looking:
            await looking.look()
            message = ours(looking)["elasticsearch-disk"].message
    assert f"{100 - 100 * free:.0f} % full; Elasticsearch itself, as one node alone, does not stop" in message
    assert not any(word in message for word in ("watermark", "shards", "red"))


LOW = "cluster.routing.allocation.disk.watermark.low"


def differing(server: StandIn, master: str, *, persistent: str | None = None) -> None:
    """A second node, whose file names another watermark than the first's, which names none."""
    server.answers["/_cluster/health"]["number_of_nodes"] = 2
    server.answers["/_nodes/settings"]["nodes"]["other"] = {"name": "Hulk", "settings": {LOW: "70%"}}
    server.answers["/_cluster/state/master_node"] = {"cluster_name": "elasticsearch", "master_node": master}
    if persistent is not None:
        server.answers["/_cluster/settings"]["persistent"][LOW] = persistent
    fill(server, 0.20)


@pytest.mark.parametrize(
    ("master", "persistent", "checks"),
    [
        ("uz9p5NiuT1CRXYznp1VvLQ", None, ["elasticsearch-watermarks"]),
        ("other", None, ["elasticsearch-disk", "elasticsearch-watermarks"]),
        ("other", "90%", []),
    ],
)
async def test_files_that_differ_are_told_and_the_master_s_counts(
    master: str, persistent: str | None, checks: list[str]
) -> None:
    with elasticsearch.running(lambda server: differing(server, master, persistent=persistent)) as server:
        async with stores.search(server.port, expected=2) as looking:
            await looking.look()
    found = ours(looking)
    assert sorted(found) == checks
    if "elasticsearch-watermarks" in found:
        message = found["elasticsearch-watermarks"].message
        assert "watermark.low is 85% on Darkoth, 70% on Hulk" in message
        assert ("Hulk is the master" in message) is (master == "other")
    assert ("/_cluster/state/master_node?local=true" in server.asked) is bool(checks)
