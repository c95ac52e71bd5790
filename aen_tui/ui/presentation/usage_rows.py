"""What takes up filesystems, in lines: instant answers first, then the walk."""

from __future__ import annotations

from collections.abc import Mapping

from aen_tui.model.node import NodeName
from aen_tui.model.text import visible_line
from aen_tui.model.usage import DeletedFile, LargeFile, PartUse, UserQuota
from aen_tui.runtime.usage import FilesystemUse, UsageJob
from aen_tui.ui.presentation.fields import Span
from aen_tui.ui.presentation.format import age_text, bytes_short, bytes_text, percent_text
from aen_tui.ui.presentation.severity import Glyphs

Line = list[Span]

_FIRST = 8
_MOST_PARTS = 200


def state_line(job: UsageJob, glyphs: Glyphs) -> Line:
    """How far all of it is."""
    done = sum(one.state == "done" for one in job.filesystems)
    if job.was_cancelled:
        sign: Span = (f"{glyphs.stopped} CANCELLED ", "warning!")
    elif job.is_over:
        bad = bool(job.failed) or any(one.state == "failed" for one in job.filesystems)
        sign = (f"{glyphs.critical} ended ", "critical!") if bad else (f"{glyphs.ok} done ", "ok!")
    else:
        sign = (f"{glyphs.starting} walking ", "accent!")
    return [sign, (f"{done} of {len(job.filesystems)} filesystems, each on one node, idle class", "muted")]


def lines(job: UsageJob, now: float, glyphs: Glyphs, ahead: Mapping[NodeName, float]) -> list[Line]:
    """Everything, filesystem by filesystem.

    Args:
        job: the walk.
        now: epoch seconds here.
        glyphs: of the theme.
        ahead: seconds that a node's clock is ahead of ours.
    """
    found: list[Line] = []
    for node, why in job.failed.items():
        found.append([(f"{glyphs.unknown} {visible_line(node)}: {visible_line(why, 300)}", "unknown")])
    for one in job.filesystems:
        found += [*_filesystem(one, now, glyphs, now + ahead.get(one.node, 0.0)), []]
    return found


def _filesystem(one: FilesystemUse, now: float, glyphs: Glyphs, there: float) -> list[Line]:
    place = one.place
    shared = f", shared with {', '.join(one.shared_with[:3])}" if one.shared_with else ""
    used = place.used_bytes + place.available_bytes
    percent = percent_text(100.0 * place.used_bytes / used) if used else ""
    rows: list[Line] = [
        [
            (f"{visible_line(one.node)}:{visible_line(place.path)} ", "accent"),
            (f"{visible_line(place.source)} ({place.filesystem}) on {visible_line(place.mount)}{shared}", "muted"),
        ],
        [(f"  {bytes_text(place.available_bytes)} free, {percent} used", "text!"), *_inodes(one)],
    ]
    rows += [[(f"  {glyphs.warning} {visible_line(error, 300)}", "warning")] for error in one.errors]
    rows += _quotas(one)
    rows += _deleted(one)
    rows += _files("big and new", one.new, there)
    rows += _walk(one, now, glyphs)
    rows += _files("largest", one.big, there)
    return rows


def _inodes(one: FilesystemUse) -> Line:
    used = one.place.inodes_used_percent
    return [] if used is None else [(f", inodes {percent_text(used)} used", "text")]


def _quotas(one: FilesystemUse) -> list[Line]:
    rows = [_quota(quota) for quota in one.quotas[:_FIRST]]
    if one.quota_error:
        rows.append([("  quota  ", "faint"), (visible_line(one.quota_error, 200), "muted")])
    return rows


def _quota(quota: UserQuota) -> Line:
    limit = f" of {bytes_text(quota.limit_bytes)}" if quota.limit_bytes else ", no limit"
    full = bool(quota.limit_bytes and quota.used_bytes >= quota.limit_bytes)
    words = f"{bytes_text(quota.used_bytes)}{limit}, {quota.used_files:,} files  {visible_line(quota.user)}"
    return [("  quota  ", "faint"), (words, "critical" if full else "text")]


def _deleted(one: FilesystemUse) -> list[Line]:
    rows = [_open(file) for file in sorted(one.deleted, key=lambda file: -file.bytes)[:_FIRST]]
    if one.unread:
        rows.append(
            [("  open   ", "faint"), (f"{one.unread} processes of others are not seen without sudo", "unknown")]
        )
    return rows


def _open(file: DeletedFile) -> Line:
    who = f"{visible_line(file.name)} (pid {file.pid}, {visible_line(file.user)})"
    words = f"{bytes_short(file.bytes):>5}  deleted, still open in {who}  {visible_line(file.path)}"
    return [("  open   ", "faint"), (words, "warning")]


def _files(title: str, files: list[LargeFile], there: float) -> list[Line]:
    ranked = sorted(files, reverse=True)[:_FIRST]
    rows: list[Line] = [[(f"  {title}", "faint")]] if ranked else []
    for file in ranked:
        age = age_text(max(0.0, there - file.changed))
        rows.append(
            [(f"  {bytes_short(file.bytes):>6} ", "text!"), (f"{age:>4} ago  {visible_line(file.path)}", "text")]
        )
    return rows


def _walk(one: FilesystemUse, now: float, glyphs: Glyphs) -> list[Line]:
    rows: list[Line] = []
    total = one.total
    if total is not None:
        words = f"  {bytes_text(total.bytes)} in {total.files:,} files, each inode once"
        rows.append([(words, "text!"), *_difference(one, total.bytes, now)])
        if total.linked_bytes:
            linked = f"  of these {bytes_text(total.linked_bytes)} have several names (hard links)"
            outside = f", {bytes_text(total.outside_bytes)} also outside: packages" if total.outside_bytes else ""
            rows.append([(linked + outside, "muted")])
        if total.closed:
            names = ", ".join(visible_line(name) for name in total.closed_names[:3])
            rows.append([(f"  {glyphs.unknown} {total.closed:,} folders may not be read: {names}", "unknown")])
    elif one.progress is not None:
        at = (
            f"{one.progress.files:,} files, {bytes_text(one.progress.bytes)} so far, at {visible_line(one.progress.at)}"
        )
        rows.append([(f"  {glyphs.starting if one.state == 'walking' else glyphs.stopped} {at}", "accent")])
    if one.parts:
        rows.append([(f"   {'own':>6} {'linked':>6} {'more':>7} {'files':>9}  project", "faint")])
    rows += [_part(one, part) for part in one.ranked[:_MOST_PARTS]]
    if len(one.parts) > _MOST_PARTS:
        rows.append([(f"   and {len(one.parts) - _MOST_PARTS:,} smaller ones", "muted")])
    return rows


def _difference(one: FilesystemUse, size: int, now: float) -> Line:
    if one.before is None:
        return [("  no walk before to compare with", "muted")]
    return [(f"  {_signed(size - one.before.bytes)} since {age_text(max(0.0, now - one.before.at))} ago", "accent")]


def _part(one: FilesystemUse, part: PartUse) -> Line:
    grown = one.grown(part)
    more = "" if grown is None else _signed(grown)
    closed = f"  {part.closed} closed" if part.closed else ""
    sizes = f"   {bytes_short(part.bytes):>6} {bytes_short(part.linked_bytes):>6} {more:>7} {part.files:>9,}  "
    return [(sizes, "text"), (visible_line(part.part), "text!" if grown else "text"), (closed, "unknown")]


def _signed(size: int) -> str:
    return "0" if not size else f"{'+' if size > 0 else '-'}{bytes_short(abs(size))}"
