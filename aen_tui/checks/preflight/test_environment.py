"""The environment that the installation's last test makes, /opt/wakari/test_default, was taken away again."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role


def _evaluate(look: Look) -> Iterable[Verdict]:
    path = f"{look.spec.install_prefix}/test_default"
    place = look.install.paths.get(path) if look.install else None
    if place is None or place.kind == "unknown":
        yield unknown(f"{path} was not looked for")
    elif place.kind == "absent":
        yield ok(f"there is no {path}")
    else:
        yield warning(f"{path} is left from a test of the installation: gigabytes of packages", f"`rm -rf {path}`")


REQUIREMENT = Requirement(
    "test-environment", "test environment", "004", _evaluate, (Role.COMPUTE,), ("file:/opt/wakari/test_default",)
)
