"""nginx >= 1.6.2 on the server (4.0: 1.4.0)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, unknown
from aen_tui.checks.preflight._installed import in_range
from aen_tui.checks.preflight._versions import is_before_41, numbers, seed_of
from aen_tui.model.node import Role


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.host is None:
        yield unknown("programs could not be looked at")
    elif (program := look.host.programs.get("nginx")) is None:
        missing = critical("nginx is not installed", "install nginx 1.6.2 or later: it is the way in for users")
        yield missing.by(seed_of(look.version))
    else:
        least = (1, 4, 0) if is_before_41(look.version) else (1, 6, 2)
        version = numbers(program.text, r"nginx/(\d+(?:\.\d+)+)")
        verdict = in_range("nginx", version, least, None, "install nginx 1.6.2 or later")
        yield verdict.by(seed_of(look.version))


REQUIREMENT = Requirement(
    "nginx-version", "nginx", "000", _evaluate, (Role.SERVER,), ("requirement:nginx", "004 requirement:nginx")
)
