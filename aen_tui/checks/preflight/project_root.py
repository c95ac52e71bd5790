"""projectRoot of the compute's files is where this program looks for projects (`projects_root` of the inventory)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role
from aen_tui.model.settings_merge import files_of, hidden, merged, word

_KEY, _DEFAULT = "projectRoot", "/projects"
_READERS = {"compute": "the launcher", "compute-scripts": "start-project"}


def _evaluate(look: Look) -> Iterable[Verdict]:
    ours = look.spec.projects_root.rstrip("/")
    why = next((why for one in _READERS if (why := hidden(look.settings, one))), None)
    if why:
        yield unknown(f"where projects are is not known: {why}")
        return
    if not any(one.state == "read" for one in files_of(look.settings, "compute")):
        yield unknown("where projects are is not known: the launcher has no configuration")
        return
    for component, reader in _READERS.items():
        found = word(look.settings, component, _KEY)
        if found is None and component != "compute":
            continue
        theirs = (found or _DEFAULT).rstrip("/")
        place = merged(look.settings, component)[_KEY].path if found else "no file"
        says = f"{theirs} is {reader}'s projectRoot ({place} says so)"
        if theirs == ours:
            yield ok(says)
        else:
            yield warning(
                f"{says}, but {ours} is looked at: what is told here of projects, their disk and ACL is about {ours}",
                f'write `projects_root = "{theirs}"` into the inventory, or correct projectRoot',
            )


REQUIREMENT = Requirement(
    "project-root",
    "projectRoot",
    "002",
    _evaluate,
    (Role.COMPUTE,),
    ("requirement:projectRoot", "file:/projects", "000 file:/projects", "004 file:/projects"),
)
