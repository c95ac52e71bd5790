"""System accounts: the service account, and those that the packages of mongod, elasticsearch and nginx make."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown, warning
from aen_tui.model.node import Role
from aen_tui.model.node_facts import HostFacts

_PACKAGED = {"nginx": ("nginx",), "mongod": ("mongod", "mongodb"), "elasticsearch": ("elasticsearch",)}


def _evaluate(look: Look) -> Iterable[Verdict]:
    host = look.host
    if host is None:
        yield unknown("accounts could not be looked at")
        return
    if look.spec.roles != (Role.STORE,):
        name = look.spec.service_account
        if host.accounts.get(name) is not None:
            yield ok(f"the service account {name} exists")
        elif host.accounts_error:
            yield unknown(f"{name}: {host.accounts_error}")
        else:
            yield critical(
                f"there is no service account {name}",
                "create it before the installer runs, or correct `service_account` in the inventory",
            )
    if {Role.SERVER, Role.STORE} & set(look.spec.roles):
        yield from _packaged(host, has_server=Role.SERVER in look.spec.roles)


def _packaged(host: HostFacts, *, has_server: bool) -> Iterable[Verdict]:
    for program, names in _PACKAGED.items():
        if host.programs.get(program) is None or (program == "nginx" and not has_server):
            continue  # what is not installed is another requirement's matter
        found = [name for name in names if host.accounts.get(name) is not None]
        if found:
            yield ok(f"{program} has its account {found[0]}")
        elif host.accounts_error:
            yield unknown(f"{names[0]}: {host.accounts_error}")
        else:
            yield warning(
                f"{program} is installed, but there is no account {' or '.join(names)}",
                f"its package makes the account: install it again, or create {names[0]}",
            )


REQUIREMENT = Requirement(
    "accounts",
    "accounts",
    "000",
    _evaluate,
    covers=(
        *(f"{seed} account:{name}" for seed in ("000", "004") for names in _PACKAGED.values() for name in names),
        "account:AEN_SRVC_ACCT",
        "002 account:AEN_SRVC_ACCT",
        "004 account:wakari",
        "002 requirement:service-account",
    ),
)
