"""What is said of a host's figures over time, of its limits and of its system logs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aen_tui.checks import rate
from aen_tui.model.facts import Disk, Finding, Memory, Metrics, NodeState
from aen_tui.model.node import NodeName
from aen_tui.model.reading import Reading
from aen_tui.model.severity import Severity
from aen_tui.model.trends import Filling, Sign, SignKind, Stuck, Trends, Used, Vitals
from aen_tui.runtime.trends import NodeTrends
from aen_tui.state.series import SeriesStore
from tests.unit.checks.test_rate import SPEC, UP

MIB, GIB = 1024**2, 1024**3
WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL


def disk(used: float = 10.0, *, inodes: float | None = 1.0, left: int = 500 * GIB, total: int = 1000 * GIB) -> Disk:
    return Disk("/projects", "xfs", total - left, left, total, used, inodes, False)


def host(**parts: Any) -> Metrics:
    known = Metrics(1.0, (1.0, 1.0, 1.0), Memory(8 * GIB, 6 * GIB, 0), (disk(),), 0.0, 0.0, 4)
    zeros = {"iowait_percent": 0.0, "steal_percent": 0.0, "swap_in_bytes_per_second": 0.0}
    return replace(known, **{**zeros, **parts})


def findings(node: NodeState) -> dict[str, Finding]:
    found = rate(node).findings
    assert len({one.check for one in found}) == len(found)
    return {one.check: one for one in found}


def severities(node: NodeState) -> dict[str, Severity]:
    return {name: one.severity for name, one in findings(node).items()}


def over_time(looks: list[Metrics], step: float = 2.0) -> NodeState:
    """A node after so many frames."""
    trends, node = NodeTrends(SPEC, SeriesStore()), UP
    for number, metrics in enumerate(looks):
        found = trends.look(metrics, 100.0 + number * step, step)
        node = replace(node, metrics=Reading(metrics, 1.0), trends=found)
    return node


@pytest.mark.parametrize(
    ("parts", "seconds", "check", "severity"),
    [
        ({"cpu_percent": 90.0}, 60, "cpu-busy", WARNING),
        ({"cpu_percent": 99.0}, 60, "cpu-busy", CRITICAL),
        ({"iowait_percent": 50.0}, 120, "cpu-iowait", WARNING),
        ({"steal_percent": 35.0}, 120, "cpu-steal", CRITICAL),
        ({"swap_in_bytes_per_second": 4e6, "swap_out_bytes_per_second": 0.0}, 60, "memory-swapping", WARNING),
    ],
)
def test_what_jumps_about_must_last(parts: dict[str, Any], seconds: int, check: str, severity: Severity) -> None:
    bad, well = host(**parts), host()
    assert severities(over_time([well] + [bad] * (seconds // 2 - 1))) == {}
    assert severities(over_time([well] + [bad] * (seconds // 2))) == {check: severity}
    assert severities(over_time([well] + [bad] * seconds + [well] * 10)) == {check: severity}
    assert severities(over_time([well] + [bad] * seconds + [well] * 100)) == {}


def test_a_full_disk_is_said_at_once_and_left_a_little_below_its_threshold() -> None:
    full, less, free = (host(disks=(disk(used),)) for used in (96.0, 89.0, 70.0))
    assert severities(over_time([full])) == {"disk-free": CRITICAL}
    assert severities(over_time([full, less])) == {"disk-free": CRITICAL}
    assert severities(over_time([full] + [host(disks=(disk(87.0),))] * 17)) == {"disk-free": WARNING}
    assert severities(over_time([full] + [free] * 17)) == {}
    # a level that begins at the threshold does not begin below it
    assert severities(over_time([host(disks=(disk(79.9),)), host(disks=(disk(79.0),))])) == {}


def test_inodes_are_a_finding_of_their_own() -> None:
    assert severities(over_time([host(disks=(disk(inodes=97.0),))])) == {"disk-inodes": CRITICAL}
    assert severities(over_time([host(disks=(disk(inodes=None),))])) == {}


def test_memory_that_is_short_at_the_first_look_is_believed_and_later_must_last() -> None:
    short = host(memory=Memory(8 * GIB, GIB // 2, 0))
    assert severities(over_time([short])) == {"memory-free": WARNING}
    assert severities(over_time([host(), short, short])) == {}
    assert severities(over_time([host()] + [short] * 11)) == {"memory-free": WARNING}
    old = host(memory=Memory(8 * GIB, GIB // 2, 0, GIB, is_estimate=True))
    assert "estimated" in findings(over_time([old]))["memory-free"].message


@pytest.mark.parametrize(
    ("metrics", "found"),
    [
        (host(disks=(disk(79.0, left=GIB, total=1000 * GIB),)), {"disk-free": WARNING}),
        (host(disks=(disk(79.0, left=GIB // 4, total=1000 * GIB),)), {"disk-free": CRITICAL}),
        (host(disks=(disk(50.0, left=GIB // 4, total=GIB // 2),)), {}),
        (host(memory=Memory(2 * GIB, GIB // 8 * 2 - 1, 0)), {"memory-free": WARNING}),
        (host(memory=Memory(GIB // 2, GIB // 8, 0)), {}),
    ],
    ids=["little left", "next to nothing left", "a small disk", "little memory", "a small machine"],
)
def test_floors_of_bytes_stand_beside_the_percentages(metrics: Metrics, found: dict[str, Severity]) -> None:
    assert severities(over_time([metrics])) == found


def test_what_is_full_is_told_once_with_all_that_lies_there() -> None:
    def look(number: int) -> Metrics:
        full = disk(96.0, inodes=97.0, left=(400 - number) * GIB)
        paths = [replace(full, mount=mount) for mount in ("/", "/opt/wakari", "/projects")]
        return host(disks=(*paths, replace(full, mount="/var", total_bytes=900 * GIB)))

    told: dict[str, list[str]] = {}
    for one in rate(over_time([look(number) for number in range(100)], step=30.0)).findings:
        told.setdefault(one.check, []).append(one.message)
        assert one.subject in ("/", "/var")
    assert told.keys() == {"disk-free", "disk-inodes", "disk-filling"}
    for check, messages in told.items():
        ends = (" are full", " is full") if check == "disk-filling" else (": 9", ": 9")
        assert [message.startswith("/, /opt/wakari and /projects" + ends[0]) for message in messages] == [True, False]
        assert messages[1].startswith("/var" + ends[1])


@pytest.mark.parametrize("step", [31.0, 60.0, 600.0])
def test_a_node_that_is_looked_at_seldom_is_judged_like_any_other(step: float) -> None:
    bad = host(cpu_percent=99.0, disks=(disk(96.0),), swap_in_bytes_per_second=50e6, swap_out_bytes_per_second=0.0)
    critical = {"cpu-busy": CRITICAL, "disk-free": CRITICAL, "memory-swapping": CRITICAL}
    assert severities(over_time([host()] + [bad] * 5, step)) == critical
    assert severities(over_time([host()] + [bad] * 5 + [host()] * 5, step)) == {}


def test_what_is_at_a_floor_of_bytes_stays_while_it_wavers_about_it() -> None:
    def left(more: int) -> Metrics:
        return host(memory=Memory(1200 * MIB, 256 * MIB + more, 0), disks=(disk(79.0, left=2 * GIB + more),))

    below, above, well = left(-MIB), left(MIB), left(700 * MIB)
    both = {"disk-free": WARNING, "memory-free": WARNING}
    assert severities(over_time([below])) == both
    assert severities(over_time([below, *[above, below] * 30, above])) == both
    assert severities(over_time([below] + [above] * 60)) == both
    assert severities(over_time([below] + [well] * 30)) == {}
    # memory that was well must be short for 20 s
    assert severities(over_time([well] + [below] * 3)) == {"disk-free": WARNING}
    assert severities(over_time([well] + [below] * 12)) == both


@pytest.mark.parametrize("gone", [(replace(disk(), error="hung"),), ()], ids=["hung", "no row"])
def test_of_a_mount_that_cannot_be_seen_nothing_is_said_to_fill(gone: tuple[Disk, ...]) -> None:
    trends = NodeTrends(SPEC, SeriesStore())
    looks = [host(disks=(disk(left=(400 - number) * GIB),)) for number in range(60)]
    seen = [
        trends.look(metrics, 100.0 + number * 30.0, 30.0).filling_of("/projects")
        for number, metrics in enumerate(looks)
    ]
    assert seen[-1] is not None
    lost = trends.look(host(disks=gone), 2000.0, 30.0)
    assert lost.filling_of("/projects") is None
    assert "filling:/projects" not in lost.levels


@pytest.mark.parametrize(("hours", "severity"), [(100.0, None), (20.0, WARNING), (2.0, CRITICAL)])
def test_a_disk_that_will_be_full_is_said_in_time(hours: float, severity: Severity | None) -> None:
    left, rate_per_look = 400 * GIB, 400 * GIB / hours / 120
    looks = [host(disks=(disk(left=int(left - number * rate_per_look)),)) for number in range(100)]
    found = findings(over_time(looks, step=30.0))
    if severity is None:
        assert found == {}
        return
    assert found["disk-filling"].severity is severity
    words = "about 19 hours" if hours == 20 else "about 70 minutes"
    assert words in found["disk-filling"].message


def test_what_is_filling_is_known_of_each_mount() -> None:
    trends = Trends(filling=(Filling("/", 3600.0, 1.0),))
    assert trends.filling_of("/") is trends.filling[0]
    assert trends.filling_of("/projects") is None


@pytest.mark.parametrize(
    ("kind", "check", "severity"),
    [
        (SignKind.OOM_KILL, "oom-kill", CRITICAL),
        (SignKind.IO_ERROR, "io-error", CRITICAL),
        (SignKind.READ_ONLY, "read-only-filesystem", CRITICAL),
        (SignKind.NFS, "nfs-not-responding", CRITICAL),
        (SignKind.CONNTRACK, "conntrack-full", CRITICAL),
        (SignKind.QUOTA, "quota-exceeded", WARNING),
    ],
)
def test_signs_are_findings(kind: SignKind, check: str, severity: Severity) -> None:
    sign = Sign(kind, "what the line says", 1.0, 3, "/var/log/messages", "sda")
    found = findings(replace(UP, signs=(sign,)))
    assert found.keys() == {check}
    assert found[check].severity is severity
    assert "what the line says" in found[check].message
    assert found[check].remedy


def test_limits_and_stuck_processes() -> None:
    used = (Used("open files", 970, 1024, "wk-server", 7), Used("open files", 10, 1024, "worker", 8))
    stuck = tuple(Stuck(pid, "git", 1.0) for pid in range(5))
    found = findings(replace(UP, vitals=Reading(Vitals(used=used, stuck=stuck), 1.0)))
    assert found.keys() == {"limits-used", "processes-stuck"}
    assert found["limits-used"].message == "wk-server: 970 of 1,024 open files"
    assert found["limits-used"].severity is WARNING
    assert "and 2 more" in found["processes-stuck"].message


def test_what_is_slower_than_its_own_last_hour() -> None:
    series = SeriesStore()
    trends, metrics = NodeTrends(SPEC, series), host()
    name = NodeName(SPEC.name)
    found = None
    for number in range(1900):
        busy = 12.0 if number > 1800 else 2.0
        at = 1000.0 + 2.0 * number
        series.record(name, at, {"load": busy, "iowait_percent": 1.0})
        if number % 5 == 0:
            series.of(name, "latency_ms").add(at, 30.0)
        found = trends.look(metrics, at).slower
        assert found is None or number > 1800
    assert found is not None
    assert (found.what, round(found.usual), round(found.now)) == ("load", 2, 12)
    assert found.times == pytest.approx(6.0, rel=0.05)
