"""channel_alias of the compute's condarc ends in /conda: users' own channels are looked for there."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.checks.preflight._repository import first, is_public, own
from aen_tui.model.node import Role


def _evaluate(look: Look) -> Iterable[Verdict]:
    condarc = look.settings.condarc if look.settings else None
    if condarc is None:
        yield unknown("condarc was not read")
    elif condarc.state == "absent":
        yield ok(f"there is no {condarc.path}: conda uses the public channels")
    elif condarc.state != "read":
        yield unknown(f"{condarc.path}: {condarc.problem}")
    else:
        alias = first(condarc, "channel_alias")
        if alias is None and own(condarc.values.get("default_channels", ())):
            yield warning(
                f"{condarc.path} has default_channels, but no channel_alias",
                "add `channel_alias: http://YOUR-SERVER:8080/conda`",
            )
        elif alias is not None and not alias.rstrip("/").endswith("/conda") and not is_public(alias):
            yield warning(f"channel_alias {alias} does not end in /conda", f"write {alias.rstrip('/')}/conda")
        else:
            yield ok(f"channel_alias is {alias}" if alias else "condarc sets no channel_alias")


REQUIREMENT = Requirement(
    "condarc-alias",
    "condarc alias",
    "004",
    _evaluate,
    (Role.COMPUTE,),
    ("requirement:condarc-alias", "requirement:channel_alias"),
)
