"""Configurations are JSON: a service does not start on a trailing comma."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import or_auto
from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown
from aen_tui.model.node import NodeSpec, Role
from aen_tui.model.node_facts import ConfigFile


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.settings is None:
        yield unknown("the configuration was not read")
        return
    for file in look.settings.files:
        if file.state != "absent":
            yield _judge(file, look.spec)


def _judge(file: ConfigFile, spec: NodeSpec) -> Verdict:
    if file.state == "unreadable":
        return unknown(f"{file.path}: {file.problem}", f"log in as the service account{or_auto(spec)}")
    if file.state == "too-big":
        return unknown(f"{file.path}: {file.problem}", "look whether that is AEN's configuration")
    if file.state == "read":
        return ok(f"{file.path} is JSON")
    where = f", line {file.line}" if file.line else ""
    return critical(
        f"{file.path}{where}: {file.problem}", "correct it before the service is restarted: it would not start"
    )


REQUIREMENT = Requirement(
    "config-syntax",
    "config's syntax",
    None,
    _evaluate,
    (Role.SERVER, Role.GATEWAY, Role.COMPUTE),
    (
        "002 file:/opt/wakari/wakari-server/etc/wakari/",
        "004 file:/opt/wakari/wakari-server/etc/wakari/config.json",
        "004 file:/opt/wakari/wakari-server/etc/wakari/wk-server-config.json",
        "002 file:/opt/wakari/wakari-compute/etc/wakari/wk-compute-launcher-config.json",
        "002 file:/opt/wakari/wakari-compute/etc/wakari/scripts/config.json",
    ),
)
