"""The launcher's own packages have the same versions on all computes of a data center; each is kept by itself."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, warning
from aen_tui.model.differing import launcher_packages
from aen_tui.model.node import Role


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.host is None or len(look.usual) == 0:
        return  # nothing to compare with
    own = launcher_packages(look.spec, look.host)
    odd = [
        f"{name} {own.get(name, 'absent')} instead of {version}"
        for name, version in sorted(look.usual.items())
        if own.get(name) != version
    ]
    odd += [f"{name} {version}, which the others have not" for name, version in own.items() if name not in look.usual]
    if odd:
        yield warning(
            f"differs from most computes of {look.spec.data_center}: {'; '.join(odd)}",
            f":differs @dc:{look.spec.data_center} shows packages and configs side by side",
        )
    else:
        yield ok(f"of the versions that most computes of {look.spec.data_center} have")


REQUIREMENT = Requirement("differs", "same versions", "002", _evaluate, (Role.COMPUTE,))
