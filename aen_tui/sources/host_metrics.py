"""CPU, load, memory, disks and network of a host, from /proc and statvfs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from aen_tui.model.facts import Disk, Memory, Metrics
from aen_tui.model.node import NodeSpec
from aen_tui.model.text import visible_line
from aen_tui.services import services_of
from aen_tui.sources.frames import DiskRow, MetricsSection


def request(spec: NodeSpec) -> dict[str, list[str]]:
    """The mounts that matter to the node's services, and where projects live."""
    mounts = [mount for service in services_of(spec) for mount in service.mounts] or ["/"]
    renamed = {"/projects": spec.projects_root, "/opt/wakari": spec.install_prefix}
    return {"mounts": list(dict.fromkeys(renamed.get(mount, mount) for mount in mounts))}


def decode(section: MetricsSection | None, disks: list[DiskRow] | None, before: Metrics | None) -> Metrics:
    """New figures, with what did not come kept from before."""
    kept = before or Metrics(None, None, None, (), None, None)
    new_disks = tuple(_disks(disks)) if disks is not None else kept.disks
    if section is None:
        return replace(kept, disks=new_disks)
    swap, net = section.swap, section.net
    return Metrics(
        cpu_percent=section.cpu,
        load=section.load,
        memory=_memory(section.mem) if section.mem else None,
        disks=new_disks,
        rx_bytes_per_second=net[0] if net else None,
        tx_bytes_per_second=net[1] if net else None,
        cores=section.cores if section.cores is not None else kept.cores,
        iowait_percent=section.wait,
        steal_percent=section.steal,
        core_percents=tuple(section.per),
        swap_in_bytes_per_second=swap[0] if swap else None,
        swap_out_bytes_per_second=swap[1] if swap else None,
        interfaces=tuple((visible_line(name, 32), rx, tx) for name, rx, tx in section.nets),
    )


def _memory(words: list[int | bool]) -> Memory:
    """[total, available, swap used], and of newer probes [swap, whether the kernel said what is available]."""
    total, available, used, *more = words
    swap = int(more[0]) if more else None
    return Memory(total, available, used, swap, is_estimate=len(more) > 1 and not more[1])


def _disks(rows: Iterable[DiskRow]) -> Iterable[Disk]:
    for row in rows:
        if row.error == "absent":
            continue
        used, available = row.used or 0, row.available or 0
        yield Disk(
            mount=visible_line(row.mount, 200),
            filesystem=visible_line(row.filesystem, 40),
            used_bytes=used,
            available_bytes=available,
            total_bytes=row.total or 0,
            used_percent=round(100.0 * used / (used + available), 1) if used + available else 0.0,
            inodes_used_percent=row.inodes_used_percent,
            read_only=row.read_only,
            error=visible_line(row.error, 200) if row.error else None,
        )
