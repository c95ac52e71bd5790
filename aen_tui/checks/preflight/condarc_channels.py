"""The compute's condarc leads to the local repository, if there is one, and to no names that were never filled in."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.checks.preflight._repository import broken, on_site
from aen_tui.model.node import Role
from aen_tui.model.urls import place_of


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
    problem, repository = broken(urls), on_site(look.settings)
    if problem is not None:
        yield warning(problem, f"write the repository's name into {condarc.path}")
        return
    if repository is not None and "defaults" in values.get("channels", ()) and not values.get("default_channels"):
        yield warning(
            "channels has `defaults`, but there are no default_channels: packages come from repo.continuum.io, "
            f"not from {repository}",
            f"add default_channels of the local repository to {condarc.path}",
        )
        return
    places = [place for url in urls if "://" in url and (place := place_of(url)) is not None]
    hosts = sorted({f"{one.host}:{one.port}" if one.port else one.host for one in places})
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
    ("file:/opt/wakari/anaconda/.condarc", "requirement:default_channels"),
)
