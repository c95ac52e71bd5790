"""The compute's condarc leads to the local repository, and not to names that were never filled in."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role


def _evaluate(look: Look) -> Iterable[Verdict]:
    condarc = look.settings.condarc if look.settings else None
    if condarc is None or condarc.state not in ("read", "absent"):
        yield unknown("condarc was not read" if condarc is None else f"{condarc.path}: {condarc.problem}")
        return
    if condarc.state == "absent":
        yield ok(f"there is no {condarc.path}")
        return
    values = condarc.values
    urls = [*values.get("channels", ()), *values.get("default_channels", ()), *values.get("channel_alias", ())]
    unfilled = [url for url in urls if "<" in url or ">" in url]
    if unfilled:
        yield warning(f"{unfilled[0]} was never filled in", f"write the repository's name into {condarc.path}")
        return
    if "defaults" in values.get("channels", ()) and not values.get("default_channels"):
        yield warning(
            "channels has `defaults`, but there are no default_channels: packages come from repo.continuum.io",
            f"add default_channels of the local repository to {condarc.path}",
        )
        return
    hosts = sorted({urlsplit(url).netloc for url in urls if "://" in url})
    if len(hosts) > 1:
        yield warning(f"channels lead to several repositories: {' '.join(hosts)}", "use one, or know why not")
    else:
        yield ok(f"channels lead to {hosts[0] if hosts else 'no URL'}")


REQUIREMENT = Requirement(
    "condarc-channels",
    "condarc channels",
    "004",
    _evaluate,
    (Role.COMPUTE,),
    ("file:/opt/wakari/anaconda/.condarc",),
)
