"""Red Hat or CentOS 6.5 to 7.2 (4.0: 6.7); others are supported, but the documentation does not assume them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.checks.preflight._versions import dotted, is_after_412, is_before_41, numbers, seed_of

_FIRST, _LAST = (6, 5), (7, 2)
_ASSUMED = (6, 7)
"""By the runbook of 4.0 (seed 004)."""


def _evaluate(look: Look) -> Iterable[Verdict]:
    return (verdict.by(seed_of(look.version)) for verdict in _verdicts(look))


def _verdicts(look: Look) -> Iterable[Verdict]:
    release = look.host.release if look.host else None
    if not release:
        yield unknown("neither /etc/redhat-release nor os-release says what runs here")
        return
    version = numbers(release, r"release (\d+\.\d+)")
    if not re.search(r"red hat|centos", release, re.IGNORECASE) or version is None:
        yield ok(f"{release}: supported, though the documentation assumes Red Hat or CentOS")
    elif version[:2] == _ASSUMED or (_FIRST <= version[:2] <= _LAST and not is_before_41(look.version)):
        yield ok(release)
    elif _FIRST <= version[:2] <= _LAST:
        yield ok(f"{release}: supported, though the documentation of 4.0 assumes {dotted(_ASSUMED)}")
    elif version[0] == _LAST[0] and version[:2] > _LAST and is_after_412(look.version):
        yield ok(f"{release}: AEN {look.version} is later than the documented 4.1.2, which ends at {dotted(_LAST)}")
    else:
        documented = f"AEN 4.1.2 is documented for {dotted(_FIRST)} to {dotted(_LAST)}"
        if is_before_41(look.version):
            documented = f"AEN 4.0 is documented for {dotted(_ASSUMED)}"
        yield warning(
            f"{release}: {documented}",
            "keep to a documented release, or test this one before users are on it",
        )


REQUIREMENT = Requirement(
    "os-release", "OS release", "000", _evaluate, covers=("requirement:os-release", "004 requirement:os-release")
)
