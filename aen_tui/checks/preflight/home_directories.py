"""Linux home directories: Jupyter looks for profiles and extensions in $HOME."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role
from aen_tui.model.settings_merge import word


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.host is None:
        yield unknown("accounts could not be looked at")
        return
    names = [look.spec.service_account, word(look.settings, "compute", "ANON_USER") or "public"]
    for name in dict.fromkeys(names):
        account = look.host.accounts.get(name)
        if account is None:
            continue  # whether it has to be there is another requirement's matter
        if account.has_home is None:
            yield unknown(f"the home of {name}, {account.home}, did not answer")
        elif account.has_home:
            yield ok(f"{name} has its home {account.home}")
        else:
            yield warning(f"{name} has no home: {account.home} is not there", f"`mkhomedir_helper {name}`")


REQUIREMENT = Requirement(
    "home-directories", "homes", "000", _evaluate, (Role.COMPUTE,), ("requirement:home-directories",)
)
