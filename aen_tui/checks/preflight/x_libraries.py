"""The X Window System on computes, or at least the libraries and fonts that R plots with."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role

PACKAGES = (
    "libXrender",
    "libXext",
    "libXdmcp",
    "libSM",
    "libICE",
    "libXt",
    "dejavu-sans-fonts",
    "dejavu-serif-fonts",
    "dejavu-fonts-common",
    "fontpackages-filesystem",
)


def _evaluate(look: Look) -> Iterable[Verdict]:
    host = look.host
    if host is None or not host.libraries:
        yield unknown("libraries could not be looked at")
        return
    missing = [name for name in PACKAGES if not host.libraries.get(name, False)]
    if missing:
        yield warning(f"not installed: {' '.join(missing)}: R cannot plot", f"`yum install {' '.join(missing)}`")
    else:
        yield ok("X libraries and fonts are installed")


REQUIREMENT = Requirement(
    "x-libraries",
    "X libraries",
    "000",
    _evaluate,
    (Role.COMPUTE,),
    ("requirement:x-window-system", *(f"package:{name}" for name in PACKAGES[:-1]), f"001 package:{PACKAGES[-1]}"),
)
