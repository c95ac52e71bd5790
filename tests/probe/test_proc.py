"""What the probe makes of /proc as kernels of the time and containers write it, on every Python at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aen_tui.model.facts import Metrics
from aen_tui.sources import host_metrics, requirements_host
from aen_tui.sources.frames import Sample, decode
from tests.probe.harness import ProbeProcess
from tests.probe.test_preflight_errands import errand

NET = "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop"
NET += " fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n"
OLD: dict[str, str] = {
    # CentOS 6.5 in a virtual machine: no MemAvailable, nine columns, no blank after the interface's colon
    "stat": "cpu  {u} 0 1000 80000 {w} 3 40 {s} 0\ncpu0 {u} 0 500 40000 {w} 3 20 {s} 0\n"
    "cpu1 500 0 500 40000 0 0 20 0 0\nintr 23 1\nctxt 1\nbtime 1478000000\nprocesses 1\nprocs_running 1\n",
    "loadavg": "0.08 0.03 0.01 1/118 2250\n",
    "meminfo": "MemTotal:        1020696 kB\nMemFree:          110548 kB\nBuffers:           40212 kB\n"
    "Cached:           340120 kB\nShmem:             20000 kB\nSReclaimable:     300000 kB\n"
    "SwapCached:         1234 kB\nSwapTotal:       2064376 kB\nSwapFree:        2000000 kB\n",
    "vmstat": "nr_free_pages 27637\npswpin {i}\npswpout {o}\npgalloc_dma 1\n",
    "net/dev": NET + "    lo:  1000      10    0    0    0     0          0         0     1000      10    0    0    0"
    "     0       0          0\n  eth0:{rx} 100 0 0 0 0 0 0 {tx} 90 0 0 0 0 0 0\n"
    "  eth1:5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n",
}
OLD_BEFORE = {"u": 1500, "w": 900, "s": 10, "i": 10, "o": 20, "rx": 8_000_000, "tx": 4_000_000}
OLD_AFTER = {"u": 1580, "w": 915, "s": 15, "i": 1034, "o": 20, "rx": 8_400_000, "tx": 4_100_000}

CONTAINER: dict[str, str] = {
    # a container without swap, whose /proc/stat is a fuse file of its own and which sees no vmstat and no load
    "stat": "cpu  {u} 0 0 0 0 0 0\nbtime 1478000000\n",
    "loadavg": "\n",
    "meminfo": "MemTotal:         524288 kB\nMemFree:          100000 kB\nMemAvailable:     200000 kB\n"
    "SwapTotal:             0 kB\nSwapFree:           4096 kB\n",
    "vmstat": "",
    "net/dev": NET + "    lo: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
}


def write(root: Path, files: dict[str, str], **values: int) -> None:
    for name, content in files.items():
        place = root / "proc" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        new = place.with_name(".new")
        new.write_text(content.format(**values))
        new.replace(place)


def decoded(sections: dict[str, Any]) -> Metrics:
    """As the jump host reads it."""
    sample = decode(Sample, json.dumps({"n": 2, "time": 1.0, "metrics": sections["metrics"]}).encode())
    return host_metrics.decode(sample.metrics, None, None)


def test_a_kernel_2_6_32(every_python: str, tmp_path: Path) -> None:
    write(tmp_path, OLD, **OLD_BEFORE)
    with ProbeProcess.start(every_python, {"root": str(tmp_path), "interval": 0.3}) as probe:
        first = decoded(probe.until(lambda seen: "metrics" in seen))
        assert first.memory is not None
        assert first.memory.is_estimate
        assert first.memory.available_bytes == (110548 + 40212 + 340120 + 300000 - 20000) * 1024
        assert first.memory.swap_used_bytes == 64376 * 1024
        assert first.memory.swap_total_bytes == 2064376 * 1024
        assert first.load == (0.08, 0.03, 0.01)
        assert first.cores == 2
        write(tmp_path, OLD, **OLD_AFTER)
        seen = decoded(probe.until(lambda seen: seen["metrics"]["cpu"]))
    # 80 ticks of work, 15 waiting, 5 stolen: all that passed; the second core stood still
    assert (seen.cpu_percent, seen.iowait_percent, seen.steal_percent) == (85.0, 15.0, 5.0)
    assert seen.core_percents == (85.0, 0.0)
    name, rx, tx = seen.interfaces[0]
    assert (name, len(seen.interfaces)) == ("eth0", 2)
    assert rx == pytest.approx(4 * tx, rel=0.01)
    assert (seen.rx_bytes_per_second, seen.tx_bytes_per_second) == (rx, tx)


BUSY: dict[str, str] = {
    **OLD,
    "net/dev": NET
    + "".join(f"  {name}:{{rx}} 1 0 0 0 0 0 0 {{rx}} 1 0 0 0 0 0 0\n" for name in ("lo", "eth0", "eth1"))
    + "".join(f"{name}: {{tx}} 1 0 0 0 0 0 0 {{tx}} 1 0 0 0 0 0 0\n" for name in ("bond0", "bond0.12", "br0", "veth7")),
}
"""Two devices carry `rx` each, what is made of them twice as much in all."""


@pytest.mark.parametrize(
    ("parts", "counted"),
    [
        (["eth0/device", "eth1/device", "bond0/bonding", "br0/bridge"], "devices"),
        (["bond0/bonding", "br0/bridge"], "devices"),
        ([], "all that is no VLAN"),
    ],
    ids=["a machine", "a container", "no sysfs"],
)
def test_a_packet_counts_once(every_python: str, tmp_path: Path, parts: list[str], counted: str) -> None:
    for part in [*parts, "veth7/queues", "bond0.12/queues"]:
        (tmp_path / "sys/class/net" / part).mkdir(parents=True)
    write(tmp_path, BUSY, **{**OLD_BEFORE, "rx": 0, "tx": 0})
    with ProbeProcess.start(every_python, {"root": str(tmp_path), "interval": 0.3}) as probe:
        probe.until(lambda seen: "metrics" in seen)
        write(tmp_path, BUSY, **{**OLD_AFTER, "rx": 400_000, "tx": 800_000})
        seen = decoded(probe.until(lambda seen: seen["metrics"]["nets"] and seen["metrics"]["nets"][0][1]))
    rates = {name: rx for name, rx, _ in seen.interfaces}
    assert len(rates) == 6
    expected = [name for name in ("eth0", "eth1", "bond0", "br0") if counted != "devices" or name.startswith("eth")]
    assert seen.rx_bytes_per_second == sum(rates[name] for name in expected) > 0
    assert seen.tx_bytes_per_second == seen.rx_bytes_per_second


def test_swapping_is_seen(python: str, tmp_path: Path) -> None:
    write(tmp_path, OLD, **OLD_BEFORE)
    with ProbeProcess.start(python, {"root": str(tmp_path), "interval": 0.3}) as probe:
        probe.until(lambda seen: seen["metrics"]["swap"] == [0, 0])
        write(tmp_path, OLD, **OLD_AFTER)
        seen = decoded(probe.until(lambda seen: seen["metrics"]["swap"] != [0, 0]))
    assert (seen.swap_in_bytes_per_second or 0) > 1024 * 4096 / 60
    assert seen.swap_out_bytes_per_second == 0


def test_a_container_that_shows_little(every_python: str, tmp_path: Path) -> None:
    write(tmp_path, CONTAINER, u=100)
    with ProbeProcess.start(every_python, {"root": str(tmp_path), "interval": 0.3}) as probe:
        probe.until(lambda seen: seen["metrics"]["cpu"] is not None)
        write(tmp_path, CONTAINER, u=150)
        seen = decoded(probe.until(lambda seen: seen["metrics"]["cpu"] == 100.0))
    assert seen.memory is not None
    assert not seen.memory.is_estimate
    assert (seen.memory.swap_used_bytes, seen.memory.swap_total_bytes) == (0, 0)
    assert seen.load is None
    assert seen.swap_in_bytes_per_second is None
    assert (seen.interfaces, seen.rx_bytes_per_second) == ((), 0)
    assert seen.core_percents == ()


@pytest.mark.parametrize("name", ["stat", "meminfo", "net/dev", "vmstat", "loadavg"])
def test_nonsense_in_a_file_costs_that_figure_only(python: str, tmp_path: Path, name: str) -> None:
    write(tmp_path, OLD, **OLD_BEFORE)
    (tmp_path / "proc" / name).write_bytes(
        b"cpu x y\ncpu9 -1\nMemTotal: many kB\n eth0: a b c d e f g h i j\n\xff\x00" * 9
    )
    with ProbeProcess.start(python, {"root": str(tmp_path), "interval": 0.3}) as probe:
        probe.sample()
        probe.sample()
        metrics = decoded(probe.sections)
    assert metrics.load is not None or name == "loadavg"
    assert metrics.memory is not None or name == "meminfo"


TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000   498        0 9316 1 ffff88003d08e080
   1: 0200000A:0050 6401000A:C0DE 03 00000000:00000000 01:00000064 00000000     0        0 0 2 ffff88003c2d3e40
   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 9420 1 ffff88003d08e780
   3: 0100007F:270F 6501000A:C0DF 03 00000000:00000000 01:00000064 00000001     0        0 0 2 ffff88003c2d3c80
   4: 00000000:6989 00000000:0000 0A 00000000:00000000 00:00000000 00000000   497        0 9533 1 ffff88003d08ee80
   5: 0200000A:0016 0100000A:D3A1 01 00000000:00000000 02:000AE7B5 00000000     0        0 9871 2 ffff88003c0a8080
   6: 00000000:1389 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 9999 1 ffff88003d08f580
"""
"""As kernel 2.6.32 writes it, less its last columns: half-open connections stand behind their listener, the rest after
all of them. The last row cannot be; it shows whether the rest is read."""
PORTS = {"80": True, "5000": True, "27017": True, "9999": False, "5001": False}


def test_half_open_connections_stand_between_listeners_on_old_kernels(every_python: str, tmp_path: Path) -> None:
    write(tmp_path, {"net/tcp": TCP})
    wanted = [int(port) for port in PORTS]
    with ProbeProcess.start(every_python, {"root": str(tmp_path), "interval": 0.3, "ports": wanted}) as probe:
        assert probe.until(lambda seen: "ports" in seen)["ports"] == PORTS
    row = errand(every_python, "requirements", {"ports": wanted}, root=str(tmp_path))
    assert requirements_host.decode(row).ports == PORTS
