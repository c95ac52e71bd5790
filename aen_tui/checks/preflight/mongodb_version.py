"""MongoDB >= 2.6.8 and < 3.0 where it lives."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown
from aen_tui.checks.preflight._installed import carrier, in_range, missing
from aen_tui.checks.preflight._versions import numbers, seed_of
from aen_tui.model.node import Role


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.host is None:
        yield unknown("programs could not be looked at")
    elif (program := look.host.programs.get("mongod")) is not None:
        version = numbers(program.text, r"db version v(\d+(?:\.\d+)+)")
        verdict = in_range("MongoDB", version, (2, 6, 8), (3, 0), "install mongodb-org 2.6.8 or a later 2.6")
        yield verdict.by(seed_of(look.version))
    elif where := carrier(look, "mongod", look.inventory.mongo_url):
        yield ok(f"MongoDB lives on {where}")
    else:
        yield from missing(look, "MongoDB", "server.mongo_url")


REQUIREMENT = Requirement(
    "mongodb-version",
    "MongoDB",
    "000",
    _evaluate,
    (Role.SERVER, Role.STORE),
    ("requirement:mongodb", "004 requirement:mongodb"),
)
