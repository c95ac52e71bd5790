"""bash or zsh on computes, and one of them as the service account's shell."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role
from aen_tui.model.settings_merge import base

_SHELLS = ("bash", "zsh")


def _evaluate(look: Look) -> Iterable[Verdict]:
    host = look.host
    if host is None:
        yield unknown("programs could not be looked at")
        return
    found = [name for name in _SHELLS if host.programs.get(name) is not None]
    if not found:
        yield warning("neither bash nor zsh is installed", "`yum install bash`")
        return
    account = host.accounts.get(look.spec.service_account)
    if account is not None and base(account.shell) not in _SHELLS:
        yield warning(
            f"the shell of {look.spec.service_account} is {account.shell}",
            f"`usermod -s /bin/bash {look.spec.service_account}`",
        )
    else:
        yield ok(" and ".join(found))


REQUIREMENT = Requirement("shell", "shell", "000", _evaluate, (Role.COMPUTE,), ("requirement:shell",))
