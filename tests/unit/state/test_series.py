"""Histories: an hour of samples, a day of means, in bounded memory."""

from __future__ import annotations

import gc
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aen_tui.model.node import NodeName
from aen_tui.state.series import CAPACITY_SAMPLES, DAY_SAMPLES, METRICS, MOST_SAMPLES, SeriesStore, Table

NODE = NodeName("compute1-1")


def values_at(number: int) -> dict[str, float]:
    return {name: (number * 7 + place) % 100 + 0.5 for place, name in enumerate(METRICS)}


@given(
    st.lists(st.floats(0, 100, width=16), min_size=1, max_size=120),
    st.integers(1, 40),
    st.integers(1, 130),
)
def test_the_last_ones_are_kept_in_their_order(values: list[float], capacity: int, points: int) -> None:
    table = Table(("cpu_percent",), capacity)
    for number, value in enumerate(values):
        table.add(0, 1000.0 + number * 0.25, value)
    kept = values[-capacity:]
    times, found = table.samples(0, 0.0, long=False)
    assert found == kept
    assert times == [1000.0 + number * 0.25 for number in range(len(values) - len(kept), len(values))]
    assert table.recent(0, points) == kept[-points:]
    assert table.counts == [len(values)]


def test_a_day_of_means_and_then_the_newest() -> None:
    store = SeriesStore()
    end = 86_400.0 * 1.2
    for number in range(int(end / 2)):
        store.record(NODE, 500.0 + number * 2.0, {"cpu_percent": 20.0 if number % 2 else 40.0, "load": None})
    cpu = store.of(NODE, "cpu_percent")
    times, values = cpu.means(0.0)
    assert len(times) == DAY_SAMPLES + 1
    assert all(29 < value < 31 for value in values[:-1])
    assert times == sorted(times)
    assert times[-1] == 500.0 + end - 2
    assert times[0] == pytest.approx(500.0 + end - 86_400, abs=61)
    assert len(cpu.samples(0.0)[0]) == CAPACITY_SAMPLES
    assert cpu.means(times[-3])[0] == times[-3:]
    assert store.of(NODE, "load").means(0.0) == ([], [])


@pytest.mark.parametrize(("interval", "hours"), [(0.5, 1.0), (1.0, 1.0), (2.0, 1.0), (60.0, 3.0)])
def test_an_hour_is_kept_however_often_a_node_is_looked_at(interval: float, hours: float) -> None:
    store = SeriesStore({NODE: interval})
    for number in range(int(hours * 3700 / interval)):
        store.record(NODE, number * interval, {"load": 1.0})
    times, _ = store.of(NODE, "load").samples(0.0)
    assert times[-1] - times[0] >= 3600 - interval
    assert len(times) <= MOST_SAMPLES
    assert store.interval_of(NODE) == interval


def test_what_a_frame_did_not_say_is_missing_not_zero() -> None:
    store = SeriesStore()
    store.record(NODE, 10.0, {"cpu_percent": 5.0, "load": 1.0})
    store.record(NODE, 12.0, {"cpu_percent": None, "load": 2.0})
    store.record(NODE, 14.0, {"cpu_percent": 7.0, "load": None})
    assert store.of(NODE, "cpu_percent").samples(0.0) == ([10.0, 14.0], [5.0, 7.0])
    assert store.of(NODE, "load").samples(11.0) == ([12.0], [2.0])
    assert store.of(NODE, "load").recent(5) == [1.0, 2.0]


def test_rates_keep_their_size_and_what_is_too_large_is_the_largest() -> None:
    store = SeriesStore()
    for at, rate in enumerate((0.0, 900.0, 125_000_000.0, 1e12)):
        store.record(NODE, float(at), {"rx_bytes_per_second": rate})
    _, found = store.of(NODE, "rx_bytes_per_second").samples(0.0)
    assert found[:3] == pytest.approx([0.0, 900.0, 125_000_000.0], rel=0.005)
    assert found[3] == pytest.approx(65504 * 65536)


def test_a_metric_of_its_own_is_exact_and_others_come_late() -> None:
    store = SeriesStore()
    store.of(NODE, "mongo_connections").add(5.0, 20_003.0)
    assert store.of(NODE, "mongo_connections").recent(1) == [20_003.0]
    cpu, load = store.of(NODE, "cpu_percent"), store.of(NODE, "load")
    for at in range(100):
        cpu.add(float(at), 1.0)
    for at in (3, 99):
        load.add(float(at), 4.0)
    load.add(3.5, 9.0)  # no row of that moment
    assert load.samples(0.0) == ([3.0, 99.0], [4.0, 4.0])


def test_fifty_three_nodes_and_a_full_day_take_a_few_megabytes() -> None:
    gc.collect()
    tracemalloc.start()
    store = SeriesStore()
    nodes = [NodeName(f"n{number}") for number in range(2)]
    for number in range(DAY_SAMPLES + 10):
        for name in nodes:
            store.record(name, number * 30.0, values_at(number))
    for number in range(CAPACITY_SAMPLES + 10):
        for name in nodes:
            store.record(name, 90_000.0 + number * 2.0, values_at(number))
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size / len(nodes) * 53 < 8 * 1024 * 1024
    # a second day takes no more
    tracemalloc.start()
    for number in range(100):
        store.record(nodes[0], 200_000.0 + number * 30.0, values_at(number))
    assert tracemalloc.get_traced_memory()[0] < 10_000
    tracemalloc.stop()
