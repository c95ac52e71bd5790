"""channel_alias of the compute's condarc ends in /conda: users' own channels are looked for there.

The service account's ~/.condarc goes before it, key by key (seed 004: users override it so).
"""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import LOOK_AS_ROOT, Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.checks.preflight._repository import first, is_public, own
from aen_tui.model.node import Role


def _evaluate(look: Look) -> Iterable[Verdict]:
    condarc = look.settings.condarc if look.settings else None
    mine = look.settings.own_condarc if look.settings else None
    if condarc is None:
        yield unknown("condarc was not read")
        return
    unseen = [one for one in (mine, condarc) if one is not None and one.state not in ("read", "absent")]
    for one in unseen:
        if one.state == "hung":
            yield unknown(
                f"{one.path}: its filesystem does not answer", "look at its server and at the network between"
            )
        else:
            yield unknown(f"{one.path}: {one.problem}", LOOK_AS_ROOT if one is mine else "")
    read = [one for one in (mine, condarc) if one is not None and one.state == "read"]
    alias, said_in = next(((word, one.path) for one in read if (word := first(one, "channel_alias"))), (None, ""))
    general = first(condarc, "channel_alias")
    channels = [
        (key, one.path) for one in read for key in ("channels", "default_channels") if own(one.values.get(key, ()))
    ]
    if alias is None and channels and not unseen:
        key, path = channels[0]
        yield warning(f"{path} has {key}, but no channel_alias", "add `channel_alias: http://YOUR-SERVER:8080/conda`")
    elif alias is not None and not alias.rstrip("/").endswith("/conda") and not is_public(alias):
        yield warning(f"channel_alias {alias} in {said_in} does not end in /conda", f"write {alias.rstrip('/')}/conda")
    elif alias is not None and general is not None and alias.rstrip("/") != general.rstrip("/"):
        yield warning(f"{said_in} has channel_alias {alias}, {condarc.path} {general}", f"take it out of {said_in}")
    elif alias is not None:
        yield ok(f"channel_alias is {alias}")
    elif not unseen:
        yield ok(
            "condarc sets no channel_alias" if read else f"there is no {condarc.path}: conda uses the public channels"
        )


REQUIREMENT = Requirement(
    "condarc-alias",
    "condarc alias",
    "004",
    _evaluate,
    (Role.COMPUTE,),
    ("requirement:condarc-alias", "requirement:channel_alias"),
)
