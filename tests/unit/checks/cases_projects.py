"""Project folders that are not as documented."""

from __future__ import annotations

from aen_tui.model.node import Role
from aen_tui.model.projects import Departed
from aen_tui.model.severity import Severity
from tests.support.preflight_cases import Case

W, U = Severity.WARNING, Severity.UNKNOWN
MANY = tuple(f"u{number}/p" for number in range(20))


def departs(word: str, says: str, *projects: str, count: int | None = None) -> Case:
    part = Departed(count or len(projects), projects)
    return Case("project-folder", Role.COMPUTE, W, says, folders={"departures": {word: part}})


CASES = [
    departs("service-owner", "root or the service account", "alice/churn"),
    departs("no-owner", "uid without an account", "gone/churn"),
    departs("other-owner", "another account", "alice/churn"),
    departs("owner-mode", "not rwx for their owner", "alice/churn"),
    departs("group-mode", "2 projects are not rwx for the owner's group: a/b, c/d", "a/b", "c/d"),
    departs("others-more", "u0/p, u1/p, u2/p and 4997 more", *MANY, count=5000),
    departs("others-less", "public folder", "alice/churn"),
    departs("member-acl", "ACL is not rwx", "alice/churn"),
    departs("public-closed", "may not open", "alice/churn"),
    departs("public-inside", "may not read", "alice/churn"),
    departs("inside-open", "everybody may write", "alice/churn"),
    departs("no-folder", "are no folders", "alice/churn"),
    Case(
        "project-folder", Role.COMPUTE, U, "may not be listed by ops", folders={"closed_count": 1, "closed": ("bob",)}
    ),
    Case("project-folder", Role.COMPUTE, U, "permission denied", folders={"error": "permission denied"}),
    Case("project-folder", Role.COMPUTE, U, "5 s", folders={"names_error": "getent passwd did not answer within 5 s"}),
]
