"""ANON_USER's account on the compute: where it is missing and cannot be made, projects fail to start."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown, warning
from aen_tui.model.node import Role
from aen_tui.model.node_facts import SettingsFacts
from aen_tui.model.settings_merge import files_of, hidden, word

_KEY = "ANON_USER"
_CUSTOMARY = ("public", "anonymous")


def _evaluate(look: Look) -> Iterable[Verdict]:
    host = look.host
    name, why = word(look.settings, "compute", _KEY), hidden(look.settings, "compute")
    if host is None:
        yield unknown("accounts could not be looked at")
        return
    if name == "disabled":
        yield ok("ANON_USER is disabled")
        return
    if name is None and why:
        yield unknown(f"ANON_USER is not known: {why}")
        return
    there = [one for one in ([name] if name else _CUSTOMARY) if host.accounts.get(one) is not None]
    remedy = f"`useradd {name or 'public'}` on this compute, or let {look.spec.service_account} do it by sudo"
    if there:
        yield ok(f"the account {there[0]} exists" if name else f"ANON_USER is not set; the account {there[0]} exists")
    elif host.accounts_error:
        yield unknown(f"{name or _CUSTOMARY[0]}: {host.accounts_error}")
    else:
        who = f"ANON_USER is {name}, but there is no such account" if name else "there is no account for ANON_USER"
        yield critical(f"{who}: projects fail to start", remedy)
    yield from _against_server(look, name)


def _against_server(look: Look, name: str | None) -> Iterable[Verdict]:
    for node, facts in look.others.items():
        if Role.SERVER not in look.inventory.nodes[node].roles or facts.settings.value is None:
            continue
        theirs = word(facts.settings.value, "server", _KEY)
        if theirs is None and (name is None or not _is_seen(facts.settings.value)):
            continue
        if theirs != name:
            other = warning(
                f"ANON_USER is {theirs or 'not set'} on {node} and {name or 'not set'} here",
                "give it the same value on server and compute, and restart wakari-compute",
            )
            yield other.by(None)


def _is_seen(settings: SettingsFacts) -> bool:
    """Whether a server has configuration files, and all of them were read."""
    files = files_of(settings, "server")
    return hidden(settings, "server") is None and any(file.state == "read" for file in files)


REQUIREMENT = Requirement("anon-user", "ANON_USER", "000", _evaluate, (Role.COMPUTE,), ("account:ANON_USER",))
