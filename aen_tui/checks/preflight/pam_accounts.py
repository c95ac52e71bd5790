"""The key `accounts` names PAM where root runs wk-server, and root does where 4.0 has PAM; two never run."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown, warning
from aen_tui.checks.preflight._versions import is_before_41
from aen_tui.model.node import Role
from aen_tui.model.settings_merge import hidden, word

_PAM, _FILE, _AS_ROOT = "wk_server.plugins.accounts.pam", "wk-server.conf.SUSPEND", "wakari-server-root"


def _evaluate(look: Look) -> Iterable[Verdict]:
    why = hidden(look.settings, "server")
    if why or look.host is None:
        yield unknown(f"how users log in is not known: {why or 'the machine was not looked at'}")
        return
    accounts = word(look.settings, "server", "accounts")
    suspended = next((one for one in look.host.suspended if one.endswith(_FILE)), None)
    running = {one.name.rpartition(":")[2].partition("_")[0] for one in look.node.services if one.state == "RUNNING"}
    if {"wk-server", _AS_ROOT} <= running:
        yield critical(
            f"supervisor runs wk-server, and {_AS_ROOT} another",
            f"with PAM `supervisorctl stop wk-server` and rename its file to {_FILE}, else stop {_AS_ROOT}",
        )
    if suspended and accounts != _PAM:
        yield warning(
            f"wk-server is taken from supervisor for PAM ({suspended}), but accounts is {accounts or 'the default'}",
            f'write `"accounts": "{_PAM}"` into wk-server-config.json, or give {suspended} its name back',
        )
    elif accounts == _PAM and not suspended and is_before_41(look.version):
        yield warning(
            f"accounts is {_PAM}, but supervisor runs wk-server: as {look.spec.service_account} it may not ask PAM",
            f"rename wk-server.conf to {_FILE}, link {_AS_ROOT} into /etc/init.d and start it",
        )
    else:
        yield ok(
            f"accounts is {accounts or 'the default'}" + (f", and root runs wk-server ({suspended})" * bool(suspended))
        )


REQUIREMENT = Requirement(
    "pam-accounts",
    "accounts, PAM",
    "004",
    _evaluate,
    (Role.SERVER,),
    (
        "requirement:accounts",
        "file:/opt/wakari/wakari-server/etc/supervisord/conf.d/wk-server.conf.SUSPEND",
    ),
)
