"""create_default_packages of the compute's condarc, where it is set, has what a notebook needs."""

from __future__ import annotations

import re
from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role

_KEY = "create_default_packages"
_WANTED = ("anaconda-client", "python", "ipython-we", "pip")
_NAME = re.compile(r"\s*(?:\S*::)?([\w.-]+)")
"""Of a conda match specification: `defaults::python>=2.7`, `pip =8`."""


def _evaluate(look: Look) -> Iterable[Verdict]:
    condarc = look.settings.condarc if look.settings else None
    if condarc is None or condarc.state not in ("read", "absent"):
        yield unknown("condarc was not read" if condarc is None else f"{condarc.path}: {condarc.problem}")
        return
    if _KEY not in condarc.values:
        yield ok(f"condarc sets no {_KEY}")
        return
    named = {found[1].lower() for one in condarc.values[_KEY] if (found := _NAME.match(one))}
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
