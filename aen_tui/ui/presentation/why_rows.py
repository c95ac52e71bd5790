"""Why a project does not start, in lines: the causes of all nodes, then what each node says."""

from __future__ import annotations

from aen_tui.model.node import NodeName
from aen_tui.model.project_why import Cause, WhyFolder, WhyHost
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.runtime.project_why import ProjectWhy, WhyThere
from aen_tui.ui.presentation.event_filter import node_set
from aen_tui.ui.presentation.fields import Field, Span
from aen_tui.ui.presentation.format import age_text, bytes_text, percent_text
from aen_tui.ui.presentation.severity import Glyphs, severity_sign

_LIMIT = 500
_ENV_ROLES = {"complete": "ok", "present": "ok", "folder": "ok", "closed": "unknown"}


def state(why: ProjectWhy, glyphs: Glyphs) -> list[Field]:
    """Which project, how far."""
    there = [one.node for one in why.there.values() if one.is_there]
    spans: list[Span] = [(visible_line(why.project), "text!")]
    if why.answered == len(why.nodes):
        spans.append((f"  {glyphs.ok} {len(why.nodes)} nodes asked", "ok"))
    else:
        sign, role = (glyphs.unknown, "unknown") if why.is_over else (glyphs.starting, "accent")
        spans.append((f"  {sign} {why.answered} of {len(why.nodes)} nodes have answered", role))
    rows = [Field("why", tuple(spans))]
    if there:
        rows.append(Field("where", ((visible_line(node_set(there)), "text"),)))
    elif why.is_over and why.answered:
        rows.append(Field("where", (("no node that answered has its folder", "warning"),)))
    return rows


def causes(why: ProjectWhy, glyphs: Glyphs) -> list[Field]:
    """In order of likelihood; the same cause of several nodes is one."""
    merged: dict[tuple[str, Severity], tuple[Cause, list[NodeName]]] = {}
    for node, cause in why.causes():
        merged.setdefault((cause.message, cause.severity), (cause, []))[1].append(node)
    fields = []
    for number, (cause, nodes) in enumerate(merged.values(), 1):
        fields += _cause(number, cause, nodes, glyphs)
    if not fields and why.is_over and why.answered:
        fields.append(Field("", (("nothing that was looked at speaks against a start", "ok"),)))
    return fields


def _cause(number: int, cause: Cause, nodes: list[NodeName], glyphs: Glyphs) -> list[Field]:
    sign = severity_sign(cause.severity, glyphs)
    label = "?" if cause.severity is Severity.UNKNOWN else str(number)
    where = visible_line(nodes[0]) + (f" +{len(nodes) - 1}" if len(nodes) > 1 else "")
    seed = f"  seed {cause.seed}" if cause.seed else ""
    spans: list[Span] = [(f"{sign.glyph} ", sign.role), (visible_line(cause.message, _LIMIT), "text!")]
    spans.append((f"  {where}{seed}", "muted"))
    rows = [Field(label, tuple(spans))]
    if cause.remedy:
        rows.append(Field("", ((f"{glyphs.right} {visible_line(cause.remedy, _LIMIT)}", "text"),)))
    return rows


def facts(one: WhyThere, now: float, glyphs: Glyphs) -> list[Field]:
    """What one node says."""
    head: list[Span] = [(visible_line(one.node), "accent"), (f"  {age_text(max(0.0, now - one.seen_at))} ago", "muted")]
    fields = [Field("node", tuple(head))]
    fields += [Field("error", ((visible_line(error, _LIMIT), "warning"),)) for error in one.errors]
    if one.folder is not None:
        fields += _folder(one.folder)
    if one.host is not None:
        fields += _host(one.host)
    return fields


def _folder(folder: WhyFolder) -> list[Field]:
    words = [folder.state]
    if folder.mode is not None:
        words.append(f"mode {folder.mode:o}")
        words.append(f"owner {folder.user or f'uid {folder.uid}, no account'}")
    if folder.acl_known is not None:
        words.append("ACL " + (", ".join(f"{who}:{bits}" for who, bits in folder.acl) or "none set"))
    if folder.target:
        words.append(f"leads to {folder.target}")
    words.append(f"seen by {folder.looked_as}")
    fields = [_field("folder", f"{folder.path}  {', '.join(words)}", _ENV_ROLES.get(folder.state, "warning"))]
    missing = f" (no {', '.join(folder.missing)})" if folder.missing else ""
    env = f"envs/default {folder.env}{missing}; .metadata.json {folder.metadata}"
    fields.append(_field("env", env, _ENV_ROLES.get(folder.env, "warning")))
    if folder.account is not None:
        mode = f" mode {folder.home_mode:o}" if folder.home_mode is not None else ""
        home = f"{folder.account.name} is uid {folder.account.uid}, home {folder.account.home} {folder.home}{mode}"
        fields.append(_field("owner", f"{home}, shell {folder.account.shell}", "text"))
    else:
        fields.append(_field("owner", folder.account_error or "has no account", "warning"))
    for disk in folder.disks:
        inodes = f", inodes {percent_text(disk.inodes_used_percent)}" if disk.inodes_used_percent is not None else ""
        state = ", read-only" if disk.read_only else ""
        space = f"{bytes_text(disk.available_bytes)} free, {percent_text(disk.used_percent)} used{inodes}{state}"
        fields.append(_field("space", f"{disk.what}: {disk.mount} ({disk.filesystem}) {space}", "text"))
    for lock in folder.locks:
        whose = "alive" if lock.alive else "stale"
        fields.append(_field("lock", f"{lock.path}  {whose}, {age_text(lock.age_seconds)} old", "warning"))
    return fields


def _host(host: WhyHost) -> list[Field]:
    there = {True: "there", False: "missing", None: "not known"}[host.anon_exists]
    fields = [
        _field("anon", f"ANON_USER {host.anon_user or 'not set'}" + (f": {there}" if host.anon_user else ""), "text")
    ]
    sudo = {"present": "there", "absent": "absent", "closed": "may not be read"}.get(host.sudo_file, host.sudo_file)
    fields.append(_field("sudo", f"/etc/sudoers.d/wakari_sudo {sudo}", "text"))
    if host.quota is not None:
        limit = bytes_text(host.quota.limit_bytes) if host.quota.limit_bytes else "no limit"
        fields.append(_field("quota", f"{bytes_text(host.quota.used_bytes)} of {limit}", "text"))
    elif host.quota_error:
        fields.append(_field("quota", host.quota_error, "muted"))
    tasks = "not known" if host.tasks is None else str(host.tasks)
    most = "not seen" if host.nproc is None else str(host.nproc)
    fields.append(_field("nproc", f"{tasks} tasks of the owner, limit of the launcher {most}", "text"))
    for name, line in host.nproc_files[:4]:
        fields.append(_field("", f"{name}: {line}", "muted"))
    for log, line in host.lines:
        fields.append(_field("log", f"{log.rpartition('/')[2]}: {line}", "text"))
    for log, error in host.log_errors:
        fields.append(_field("log", f"{log}: {error}", "unknown"))
    return fields


def _field(label: str, text: str, role: str) -> Field:
    return Field(label, ((visible_line(text, _LIMIT * 2), role),))
