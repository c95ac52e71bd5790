"""elasticsearch, and with PAM wakari-server-root, begin by themselves at boot (`chkconfig --add`)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role

_WANTED = ("elasticsearch", "wakari-server-root")


def _evaluate(look: Look) -> Iterable[Verdict]:
    known = look.part("boot").value
    if known is None:
        yield unknown("what begins at boot was not looked at")
        return
    running = {one.name for one in look.node.services if one.state == "RUNNING"}
    wanted = [name for name in _WANTED if name in running and name in known]
    for name in wanted:
        if known[name] is False:
            yield warning(
                f"{name} does not begin by itself: the next reboot leaves it down",
                f"`chkconfig --add {name}`, or `systemctl enable {name}`",
            )
        else:
            yield ok(f"{name} begins by itself at boot" if known[name] else f"{name} is begun by what needs it")
    if not wanted:
        yield ok(f"neither {' nor '.join(_WANTED)} runs here")


REQUIREMENT = Requirement(
    "boot-enabled",
    "begins at boot",
    "004",
    _evaluate,
    (Role.SERVER, Role.STORE),
    ("requirement:elasticsearch-at-boot", "requirement:wakari-server-root-at-boot"),
)
