"""create_default_packages of the compute's condarc, where it is set, has what a notebook needs."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role

_KEY = "create_default_packages"
_WANTED = ("anaconda-client", "python", "ipython-we", "pip")


def _evaluate(look: Look) -> Iterable[Verdict]:
    condarc = look.settings.condarc if look.settings else None
    if condarc is None or condarc.state not in ("read", "absent"):
        yield unknown("condarc was not read" if condarc is None else f"{condarc.path}: {condarc.problem}")
        return
    if _KEY not in condarc.values:
        yield ok(f"condarc sets no {_KEY}")
        return
    named = {one.split("=")[0].split()[0] for one in condarc.values[_KEY] if one.strip()}
    missing = [name for name in _WANTED if name not in named]
    if missing:
        yield warning(
            f"{_KEY} lacks {' '.join(missing)}: new environments have no notebook",
            f"add them to {condarc.path}, or leave {_KEY} out",
        )
    else:
        yield ok(f"{_KEY} has {' '.join(_WANTED)}")


REQUIREMENT = Requirement(
    "condarc-packages",
    "default packages",
    "004",
    _evaluate,
    (Role.COMPUTE,),
    ("requirement:create_default_packages", *(f"package:{name}" for name in _WANTED)),
)
