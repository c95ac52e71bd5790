"""Figures of a host at which a level begins: the last one that is well, and the first that is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aen_tui.model.facts import LogFileState, LogPath, LogState, Memory, Metrics
from aen_tui.model.node import Thresholds
from aen_tui.model.reading import Reading
from aen_tui.model.severity import Severity
from aen_tui.model.trends import Stuck, Used, Vitals
from aen_tui.runtime.trends import NodeTrends
from aen_tui.state.series import SeriesStore
from tests.unit.checks.test_host import (
    CRITICAL,
    GIB,
    MIB,
    WARNING,
    disk,
    findings,
    host,
    over_time,
    severities,
)
from tests.unit.checks.test_rate import SPEC, UP

LEVELS: list[tuple[str, str, float, Severity | None]] = [
    (check, figure, at - least, level)
    for check, figure, warning, critical, step in (
        ("cpu-busy", "cpu_percent", 85.0, 95.0, 0.1),
        ("cpu-iowait", "iowait_percent", 40.0, 70.0, 0.1),
        ("cpu-steal", "steal_percent", 10.0, 30.0, 0.1),
        ("memory-swapping", "swap_in_bytes_per_second", 1.0 * MIB, 20.0 * MIB, 1.0),
    )
    for at, least, level in (
        (warning, step, None),
        (warning, 0.0, WARNING),
        (critical, step, WARNING),
        (critical, 0.0, CRITICAL),
    )
]


def only(check: str, severity: Severity | None) -> dict[str, Severity]:
    return {} if severity is None else {check: severity}


@pytest.mark.parametrize(("check", "figure", "value", "severity"), LEVELS)
def test_what_lasts(check: str, figure: str, value: float, severity: Severity | None) -> None:
    assert severities(over_time([host(**{figure: value})] * 70)) == only(check, severity)


@pytest.mark.parametrize(
    ("check", "figure", "limit", "margin", "seconds"),
    [
        ("cpu-busy", "cpu_percent", 85.0, 10.0, 60),
        ("cpu-iowait", "iowait_percent", 40.0, 10.0, 60),
        ("cpu-steal", "steal_percent", 10.0, 3.0, 60),
        ("memory-swapping", "swap_in_bytes_per_second", 1.0 * MIB, 0.5 * MIB, 60),
        ("memory-free", "memory", 850, 30, 30),
    ],
)
def test_what_has_lasted_is_left_below_its_limit_and_after_a_while(
    check: str, figure: str, limit: float, margin: float, seconds: int
) -> None:
    def at(value: float) -> Metrics:
        return host(**{figure: Memory(1000, 1000 - int(value), 0) if figure == "memory" else value})

    begun, wavers, below = [at(limit)] * 70, [at(limit - margin)] * 40, at(limit - margin - 1e-3 * limit)
    assert severities(over_time(begun + wavers)) == {check: WARNING}
    assert severities(over_time(begun + wavers + [below] * (seconds // 2 - 1))) == {check: WARNING}
    assert severities(over_time(begun + wavers + [below] * (seconds // 2))) == {}


@pytest.mark.parametrize(("hours", "severity"), [(24.2, None), (23.8, WARNING), (4.2, WARNING), (3.8, CRITICAL)])
def test_a_disk_that_will_be_full_within_a_day(hours: float, severity: Severity | None) -> None:
    a_look = 400 * GIB / hours / 120
    looks = [host(disks=(disk(left=int(400 * GIB + number * a_look)),)) for number in range(99, -1, -1)]
    assert severities(over_time(looks, step=30.0)) == only("disk-filling", severity)


def test_what_is_swapped_out_counts_too() -> None:
    half = {"swap_in_bytes_per_second": 10.0 * MIB, "swap_out_bytes_per_second": 10.0 * MIB}
    found = findings(over_time([host(**half)] * 70))["memory-swapping"]
    assert found.severity is CRITICAL and "20.0 MiB/s in and out" in found.message
    unseen = host(swap_in_bytes_per_second=20.0 * MIB, swap_out_bytes_per_second=None)
    assert severities(over_time([unseen] * 70)) == {"memory-swapping": CRITICAL}


@pytest.mark.parametrize(
    ("check", "parts", "severity"),
    [
        ("disk-free", {"disks": (disk(79.9),)}, None),
        ("disk-free", {"disks": (disk(80.0),)}, WARNING),
        ("disk-free", {"disks": (disk(89.9),)}, WARNING),
        ("disk-free", {"disks": (disk(90.0),)}, CRITICAL),
        ("disk-free", {"disks": (disk(70.0, left=2 * GIB + 1, total=8 * GIB),)}, None),
        ("disk-free", {"disks": (disk(70.0, left=2 * GIB, total=8 * GIB),)}, WARNING),
        ("disk-free", {"disks": (disk(70.0, left=GIB // 2 + 1, total=8 * GIB),)}, WARNING),
        ("disk-free", {"disks": (disk(70.0, left=GIB // 2, total=8 * GIB),)}, CRITICAL),
        ("disk-free", {"disks": (disk(70.0, left=GIB // 2, total=8 * GIB - 1),)}, None),
        ("disk-inodes", {"disks": (disk(inodes=79.9),)}, None),
        ("disk-inodes", {"disks": (disk(inodes=80.0),)}, WARNING),
        ("disk-inodes", {"disks": (disk(inodes=89.9),)}, WARNING),
        ("disk-inodes", {"disks": (disk(inodes=90.0),)}, CRITICAL),
        ("memory-free", {"memory": Memory(1000, 151, 0)}, None),
        ("memory-free", {"memory": Memory(1000, 150, 0)}, WARNING),
        ("memory-free", {"memory": Memory(1000, 51, 0)}, WARNING),
        ("memory-free", {"memory": Memory(1000, 50, 0)}, CRITICAL),
        ("memory-free", {"memory": Memory(GIB, 256 * MIB + 1, 0)}, None),
        ("memory-free", {"memory": Memory(GIB, 256 * MIB, 0)}, WARNING),
        ("memory-free", {"memory": Memory(GIB, 96 * MIB + 1, 0)}, WARNING),
        ("memory-free", {"memory": Memory(GIB, 96 * MIB, 0)}, CRITICAL),
        ("memory-free", {"memory": Memory(GIB - 1, 256 * MIB, 0)}, None),
    ],
)
def test_what_counts_at_once(check: str, parts: dict[str, Any], severity: Severity | None) -> None:
    looked = over_time([host(**parts)])
    assert severities(looked) == only(check, severity)
    assert severities(replace(UP, metrics=looked.metrics)) == only(check, severity), "nothing is known over time"


@pytest.mark.parametrize(("used", "severity"), [(799, None), (800, WARNING), (949, WARNING), (950, CRITICAL)])
def test_limits_that_are_nearly_used_up(used: int, severity: Severity | None) -> None:
    node = replace(UP, vitals=Reading(Vitals(used=(Used("open files", used, 1000),)), 1.0))
    assert severities(node) == only("limits-used", severity)
    without = replace(UP, vitals=Reading(Vitals(used=(Used("open files", used, 0),)), 1.0))
    assert severities(without) == {}, "no limit is no limit"


def test_processes_that_are_stuck_are_a_warning() -> None:
    node = replace(UP, vitals=Reading(Vitals(stuck=tuple(Stuck(pid, "git", 1.0) for pid in range(3))), 1.0))
    assert severities(node) == {"processes-stuck": WARNING}
    assert "more" not in findings(node)["processes-stuck"].message


@pytest.mark.parametrize(
    ("mount", "error", "found"),
    [
        ("/", None, {"read-only-filesystem": CRITICAL}),
        ("/opt/wakari", None, {"read-only-filesystem": CRITICAL}),
        ("/projects", None, {"read-only-filesystem": CRITICAL}),
        ("/mnt/iso", None, {}),
        ("/projects", "hung", {"mount-hung": CRITICAL}),
        ("/projects", "denied", {}),
    ],
)
def test_a_filesystem_that_may_not_be_written(mount: str, error: str | None, found: dict[str, Severity]) -> None:
    shut = replace(disk(), mount=mount, read_only=True, error=error)
    assert severities(over_time([host(disks=(shut,))])) == found


def test_a_system_log_that_may_not_be_read_is_no_finding() -> None:
    log = LogState(LogPath("/var/log/messages"), LogFileState.UNKNOWN, None, "permission denied")
    assert severities(replace(UP, logs=(log,))) == {"log-readable": Severity.UNKNOWN}
    assert severities(replace(UP, logs=(replace(log, kind="system"),))) == {}


@pytest.mark.parametrize("is_known_over_time", [True, False])
def test_thresholds_of_the_inventory_count(is_known_over_time: bool) -> None:
    spec = replace(SPEC, thresholds=Thresholds(cpu_percent=(1, 2), memory_percent=(30, 40), disk_percent=(5, 6)))
    metrics = host(cpu_percent=1.5, memory=Memory(1000, 700, 0), disks=(disk(6.0, inodes=5.5),))
    node = replace(UP, spec=spec, metrics=Reading(metrics, 1.0))
    if is_known_over_time:
        trends = NodeTrends(spec, SeriesStore())
        node = replace(node, trends=[trends.look(metrics, 2.0 * number) for number in range(40)][-1])
    found = {"memory-free": WARNING, "disk-free": CRITICAL, "disk-inodes": WARNING}
    assert severities(node) == found | ({"cpu-busy": WARNING} if is_known_over_time else {})
