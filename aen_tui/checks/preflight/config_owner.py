"""Configuration files may be read by the service account; the gateway's belongs to it (seed 004: chown)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown, warning
from aen_tui.model.node import Role
from aen_tui.model.node_facts import ConfigFile
from aen_tui.model.settings_merge import base

_MUST_OWN = ("wk-gateway-config.json",)


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.settings is None:
        yield unknown("the configuration was not looked at")
        return
    for file in look.settings.files:
        if file.state == "absent":
            continue
        verdict = _judge(look, file)
        yield verdict if base(file.path) in _MUST_OWN else verdict.by(None)


def _judge(look: Look, file: ConfigFile) -> Verdict:
    account = look.spec.service_account
    if file.owner is None:
        return unknown(f"{file.path}: {file.problem or 'its owner is not known'}")
    known = look.host.accounts.get(account) if look.host else None
    is_owner = file.owner == account or (known is not None and known.uid == file.uid)
    if not is_owner and known is None and file.owner.isdigit():
        return unknown(f"{file.path} belongs to uid {file.owner}: whether that is {account} could not be told")
    if not is_owner and base(file.path) in _MUST_OWN:
        return critical(
            f"{file.path} belongs to {file.owner}, not to {account}",
            f"`chown {account} {file.path}`, then restart wakari-gateway",
        )
    if file.readable is False:
        return critical(
            f"{account} may not read {file.path} ({file.owner}, {file.mode or 0:04o})", f"`chown {account} {file.path}`"
        )
    if (file.mode or 0) & 0o002:
        return warning(f"everybody may write {file.path} ({file.mode or 0:04o})", f"`chmod o-w {file.path}`").by(None)
    return ok(f"{file.path} belongs to {file.owner} ({file.mode or 0:04o})")


REQUIREMENT = Requirement(
    "config-owner",
    "config's owner",
    "004",
    _evaluate,
    (Role.SERVER, Role.GATEWAY, Role.COMPUTE),
    (
        "file:/opt/wakari/wakari-gateway/etc/wakari/wk-gateway-config.json",
        "002 file:/opt/wakari/wakari-gateway/etc/wakari/wk-gateway-config.json",
    ),
)
