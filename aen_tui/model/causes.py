"""What explains what: a cause, and the troubles that follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity


class Part(StrEnum):
    """Which part of a node is not well."""

    CONNECTION = "connection"
    SERVICE = "service"
    HTTP = "http"
    FINDING = "finding"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is not well. Equal where it is the same thing, however bad it is at the moment."""

    node: NodeName
    part: Part
    name: str = ""
    """The service, the URL's name, the check; empty for the connection."""
    words: str = ""
    """A finding's message, because a check may find several things; a service's supervisord."""
    severity: Severity = field(default=Severity.CRITICAL, compare=False)


@dataclass(frozen=True, slots=True)
class Cause:
    """A trouble that explains others."""

    root: Trouble
    check: str
    """The id of the finding that tells it."""
    message: str
    explains: tuple[Trouble, ...]

    @property
    def severity(self) -> Severity:
        """At least as bad as what it explains."""
        return max((self.root.severity, *(one.severity for one in self.explains)))

    @property
    def words(self) -> str:
        """`connection on gateway1: refused: nothing listens …`."""
        return f"{self.check} on {self.root.node}: {self.message}"


Explained = Mapping[Trouble, Cause]


def by_trouble(causes: Iterable[Cause]) -> dict[Trouble, Cause]:
    """What explains each trouble: of several causes the one that nothing explains."""
    found: dict[Trouble, Cause] = {}
    listed = list(causes)
    followed = {one for cause in listed for one in cause.explains}
    for cause in sorted(listed, key=lambda one: one.root in followed):
        for one in cause.explains:
            found.setdefault(one, cause)
    return found
