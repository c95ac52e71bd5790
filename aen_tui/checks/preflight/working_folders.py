"""Working folders: wk-gateway and wk-compute in /, the compute's supervisord in its etc.

The launcher reads ./compute-launcher-config.json there: a folder that was taken away hides it, and another than the
documented one is told.
"""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import LOOK_AS_ROOT, Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.install_facts import AenProcess
from aen_tui.model.node import Role

_GONE = " (deleted)"


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.install is None:
        yield unknown("working folders were not looked at")
        return
    wanted = [(one, _documented(look, one)) for one in look.install.processes]
    seen = [(one, documented) for one, documented in wanted if documented is not None]
    for one, documented in seen:
        yield _judge(one, documented)
    if not seen and look.blind:
        yield unknown(f"working folders are not seen: {look.blind}", LOOK_AS_ROOT)
    elif not seen:
        yield ok("no program with a documented working folder runs")


def _documented(look: Look, one: AenProcess) -> str | None:
    if one.supervisor == "wakari-compute" and one.name == "supervisord":
        return f"{look.spec.install_prefix}/wakari-compute/etc"
    return "/" if one.supervisor in ("wakari-gateway", "wakari-compute") and one.name != "supervisord" else None


def _judge(one: AenProcess, documented: str) -> Verdict:
    what = f"{one.supervisor}'s {one.name} (pid {one.pid})"
    if one.folder is None:
        return unknown(f"the working folder of {what} may not be seen", LOOK_AS_ROOT)
    if one.folder.endswith(_GONE):
        folder = one.folder.removesuffix(_GONE)
        return warning(
            f"{what} works in {folder}, which was taken away under it: files that begin with ./ are not read",
            f"make {folder} again, then `service {one.supervisor} restart`",
        )
    differs = "" if one.folder == documented else f"; documented is {documented}"
    return ok(f"{what} works in {one.folder}{differs}")


REQUIREMENT = Requirement(
    "working-folders",
    "working folders",
    "002",
    _evaluate,
    (Role.GATEWAY, Role.COMPUTE),
    ("requirement:working-folders", "file:/opt/wakari/wakari-compute/etc"),
)
