"""CPU, load, memory, disks and network of a host, from /proc and statvfs."""

from __future__ import annotations

from collections.abc import Iterable

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
        return Metrics(
            kept.cpu_percent,
            kept.load,
            kept.memory,
            new_disks,
            kept.rx_bytes_per_second,
            kept.tx_bytes_per_second,
            kept.cores,
        )
    return Metrics(
        cpu_percent=section.cpu,
        load=section.load,
        memory=Memory(*section.mem) if section.mem else None,
        disks=new_disks,
        rx_bytes_per_second=section.net[0] if section.net else None,
        tx_bytes_per_second=section.net[1] if section.net else None,
        cores=section.cores if section.cores is not None else kept.cores,
    )


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
