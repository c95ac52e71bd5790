"""Elasticsearch >= 1.7.2 where it lives: behind the search box. What answers counts before what is installed."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown
from aen_tui.checks.preflight._installed import carrier, in_range, missing
from aen_tui.checks.preflight._versions import numbers
from aen_tui.model.node import Role

_LEAST, _REMEDY = (1, 7, 2), "install Elasticsearch 1.7.2"


def _evaluate(look: Look) -> Iterable[Verdict]:
    if (running := _answered(look)) is not None:
        yield in_range("Elasticsearch", running, _LEAST, None, _REMEDY)
    elif look.host is None:
        yield unknown("programs could not be looked at")
    elif (program := look.host.programs.get("elasticsearch")) is not None:
        version = numbers(program.path, r"elasticsearch-(\d+(?:\.\d+)+)")
        yield in_range("Elasticsearch", version, _LEAST, None, _REMEDY)
    elif where := carrier(look, "elasticsearch", look.inventory.elasticsearch_url):
        yield ok(f"Elasticsearch lives on {where}")
    else:
        yield from missing(look, "Elasticsearch", "server.elasticsearch_url")


def _answered(look: Look) -> tuple[int, ...] | None:
    """What it says over HTTP: that runs, wherever it is installed."""
    store = look.node.stores.get("elasticsearch")
    return numbers(store.version) if store is not None and store.state == "up" else None


REQUIREMENT = Requirement(
    "elasticsearch-version",
    "Elasticsearch",
    "000",
    _evaluate,
    (Role.SERVER, Role.STORE),
    ("requirement:elasticsearch", "004 requirement:elasticsearch"),
)
