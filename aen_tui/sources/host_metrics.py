"""CPU, load, memory, disks and network of a host, from /proc and statvfs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from aen_tui.model.facts import Disk, Memory, Metrics
from aen_tui.model.filesystems import is_one
from aen_tui.model.node import NodeSpec
from aen_tui.model.text import visible_line
from aen_tui.services import services_of
from aen_tui.sources.frames import DiskRow, MetricsSection
from aen_tui.sources.log_files import default_logs


def request(spec: NodeSpec) -> dict[str, list[str]]:
    """The mounts that matter to the node's services, where projects live, and where followed logs grow."""
    return {"mounts": list(dict.fromkeys([*_mounts(spec), *log_folders(spec)]))}


def _mounts(spec: NodeSpec) -> list[str]:
    mounts = [mount for service in services_of(spec) for mount in service.mounts] or ["/"]
    renamed = {"/projects": spec.projects_root, "/opt/wakari": spec.install_prefix}
    return [renamed.get(mount, mount) for mount in mounts]


def log_folders(spec: NodeSpec) -> tuple[str, ...]:
    """Folders of the followed logs that no service names as a mount: often folders of a filesystem seen already."""
    folders = dict.fromkeys(path.rpartition("/")[0] or "/" for path in default_logs(spec))
    return tuple(folder for folder in folders if folder not in _mounts(spec))


def decode(
    section: MetricsSection | None,
    disks: list[DiskRow] | None,
    before: Metrics | None,
    folders: Collection[str] = (),
) -> Metrics:
    """New figures, with what did not come kept from before.

    Args:
        section: the host's figures.
        disks: a row for each path that was asked for.
        before: what was known.
        folders: paths that are told only where they are on a filesystem of their own (`log_folders`).
    """
    kept = before or Metrics(None, None, None, (), None, None)
    new_disks = tuple(_apart(list(_disks(disks)), folders)) if disks is not None else kept.disks
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


def _apart(disks: Sequence[Disk], folders: Collection[str]) -> Iterable[Disk]:
    """The disks without folders that stand for a filesystem of another one."""
    told: list[Disk] = []
    for disk in sorted(disks, key=lambda disk: disk.mount in folders):
        if disk.mount not in folders or not any(is_one(disk, other) for other in told):
            told.append(disk)
    return told


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
