"""conda and anaconda of the computes' root environment, and the installer's conda of the server, can be run."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role

_TOOLS = {
    "anaconda/bin/conda": "no environment can be cloned for a project",
    "anaconda/bin/anaconda": "users cannot log in to the repository or upload",
    "miniconda/bin/conda": "no package of AEN's can be installed",
}
_MAY_LACK = ("miniconda/bin/conda",)
"""Of the installer; nothing that runs needs it."""


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.install is None or look.install.error:
        yield unknown("conda was not looked for")
        return
    for name, follows in _TOOLS.items():
        path = f"{look.spec.install_prefix}/{name}"
        place = look.install.paths.get(path)
        if place is None:
            continue
        if place.kind == "unknown":
            yield unknown(f"{path} may not be seen")
        elif place.kind == "absent" and name in _MAY_LACK:
            yield ok(f"{path} is not there; only the installer needs it")
        elif place.kind == "absent":
            yield warning(f"{path} is not there: {follows}", "install AEN Compute again, or its package by conda")
        elif place.runs is False:
            says = f"{look.spec.service_account} may not run {path} ({place.owner}, {place.mode or 0:04o})"
            yield warning(f"{says}: {follows}", f"`chmod a+rx {path}`")
        else:
            yield ok(path)


REQUIREMENT = Requirement(
    "conda-programs",
    "conda, anaconda",
    "004",
    _evaluate,
    (Role.SERVER, Role.COMPUTE),
    (
        "file:/opt/wakari/anaconda/bin/conda",
        "file:/opt/wakari/anaconda/bin/anaconda",
        "file:/opt/wakari/miniconda/bin/conda",
    ),
)
