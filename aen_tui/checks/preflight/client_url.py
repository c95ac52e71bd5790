"""anaconda-client's url for all users: the repository of condarc, with /api."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.checks.preflight._repository import broken, first, is_public
from aen_tui.model.node import Role
from aen_tui.model.urls import host_of

_REMEDY = "`sudo /opt/wakari/anaconda/bin/anaconda config --set url http://YOUR-SERVER:8080/api -s`"


def _evaluate(look: Look) -> Iterable[Verdict]:
    client = look.settings.client if look.settings else None
    if client is None or client.state not in ("read", "absent"):
        yield unknown("it was not read" if client is None else f"{client.path}: {client.problem}")
        return
    alias = first(look.settings.condarc if look.settings else None, "channel_alias") or ""
    url = first(client, "url")
    if url is None and alias and not is_public(alias):
        yield warning(f"condarc leads to {alias}, but {client.path} sets no url: users publish elsewhere", _REMEDY)
    elif url is None:
        yield ok("anaconda-client uses Anaconda.org")
    elif problem := broken([url]):
        yield warning(f"url in {client.path}: {problem}", _REMEDY)
    elif not url.rstrip("/").endswith("/api") and not is_public(url):
        yield warning(f"url {url} in {client.path} does not end in /api", _REMEDY)
    elif alias and not broken([alias]) and _leads_elsewhere(alias, url):
        yield warning(f"anaconda-client goes to {url}, conda to {alias}", _REMEDY)
    else:
        yield ok(f"anaconda-client goes to {url}")


def _leads_elsewhere(alias: str, url: str) -> bool:
    """Whether two URLs lead to different repositories; the public one has several hosts."""
    return host_of(alias) != host_of(url) and not (is_public(alias) and is_public(url))


REQUIREMENT = Requirement(
    "client-url", "anaconda-client", "004", _evaluate, (Role.COMPUTE,), ("file:/etc/xdg/binstar/config.yaml",)
)
