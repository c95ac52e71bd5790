"""Project folders are as documented: owner rwx, group rwx, others --x, rwx by ACL for every other team member.

What start-project sets at each start it does not set on what root or the service account owns (seed 002).
"""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role

_RESTART = "have the owner stop and start the project: start-project sets its permissions again"
_OWNER = "give the folder back to its owner, then have the owner start the project"
_WORDS = {
    "service-owner": ("belong to root or the service account: start-project does not repair them", _OWNER),
    "no-owner": ("belong to a uid without an account", "restore the account, or give them to another owner"),
    "other-owner": ("belong to another account than their folder says", _OWNER),
    "owner-mode": ("are not rwx for their owner", _RESTART),
    "group-mode": ("are not rwx for the owner's group", _RESTART),
    "others-more": ("can be listed or written by everybody", _RESTART),
    "others-less": ("cannot be passed by others: their public folder cannot be reached", _RESTART),
    "member-acl": ("have team members whose ACL is not rwx", _RESTART),
    "public-closed": ("have a public folder that others may not open", _RESTART),
    "public-inside": ("have files in their public folder that others may not read", _RESTART),
    "inside-open": ("have files outside their public folder that everybody may write", _RESTART),
    "no-folder": ("are no folders", "find out who put them there"),
}
_NAMED = 3


def _evaluate(look: Look) -> Iterable[Verdict]:
    root, folders = look.spec.projects_root, look.part("folders").value
    if folders is None:
        yield unknown(f"{root} could not be looked at", look.facts.folders.error or "")
        return
    if folders.error is not None:
        yield unknown(f"{root} may not be read by {folders.user}: {folders.error}")
        return
    for word, part in folders.departures.items():
        if part.count and word in _WORDS:
            says, remedy = _WORDS[word]
            more = f" and {part.count - _NAMED} more" if part.count > _NAMED else ""
            yield warning(f"{part.count} projects {says}: {', '.join(part.projects[:_NAMED])}{more}", remedy)
    if folders.closed_count:
        names = ", ".join(folders.closed[:_NAMED])
        yield unknown(f"{folders.closed_count} owners' folders may not be listed by {folders.user}: {names}")
    if folders.names_error is not None:
        yield unknown(f"owners' names are not all known: {folders.names_error}")
    if not folders.departures and not folders.closed_count:
        inside = f", {folders.insides} of them inside too" if folders.insides else ""
        yield ok(f"{folders.projects} projects of {folders.owners} owners are as documented{inside}")


REQUIREMENT = Requirement(
    "project-folder",
    "project folders",
    "002",
    _evaluate,
    (Role.COMPUTE,),
    ("requirement:project-permissions", "requirement:public-folder"),
)
