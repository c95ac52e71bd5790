"""anaconda-client's url for all users: the repository of condarc, with /api."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role

_REMEDY = "`sudo /opt/wakari/anaconda/bin/anaconda config --set url http://YOUR-SERVER:8080/api -s`"


def _evaluate(look: Look) -> Iterable[Verdict]:
    client = look.settings.client if look.settings else None
    if client is None or client.state not in ("read", "absent"):
        yield unknown("it was not read" if client is None else f"{client.path}: {client.problem}")
        return
    condarc = look.settings.condarc if look.settings else None
    alias = next(iter(condarc.values.get("channel_alias", ())), "") if condarc else ""
    url = next(iter(client.values.get("url", ())), None)
    if url is None and alias:
        yield warning(f"condarc leads to {alias}, but {client.path} sets no url: users publish elsewhere", _REMEDY)
    elif url is None:
        yield ok("anaconda-client uses Anaconda.org")
    elif not url.rstrip("/").endswith("/api"):
        yield warning(f"url {url} in {client.path} does not end in /api", _REMEDY)
    elif alias and "<" not in alias and urlsplit(alias).hostname != urlsplit(url).hostname:
        yield warning(f"anaconda-client goes to {url}, conda to {alias}", _REMEDY)
    else:
        yield ok(f"anaconda-client goes to {url}")


REQUIREMENT = Requirement(
    "client-url", "anaconda-client", "004", _evaluate, (Role.COMPUTE,), ("file:/etc/xdg/binstar/config.yaml",)
)
