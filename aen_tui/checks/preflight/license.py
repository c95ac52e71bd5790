"""The license: what the server shows to browsers, and the date that the inventory gives."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from aen_tui.checks.license_page import LICENSE_REMEDY, said_of
from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, warning
from aen_tui.model.node import Role
from aen_tui.model.node_facts import Page
from aen_tui.model.reading import Reading, newest

_SOON_DAYS = 30


def _evaluate(look: Look) -> Iterable[Verdict]:
    found = said_of(_page(look))
    yield Verdict(found.severity, found.message, found.remedy)
    expires = look.inventory.license_expires
    if expires is None:
        return
    days = (expires - datetime.fromtimestamp(look.now, UTC).date()).days
    if days < 0:
        yield critical(f"the license expired on {expires}", LICENSE_REMEDY)
    elif days < _SOON_DAYS:
        yield warning(f"the license expires in {days} days, on {expires}", "ask for a new license file now")
    else:
        yield ok(f"the license holds until {expires}, {days} days")


def _page(look: Look) -> Reading[Page]:
    """The newest look: the live one, which alone is for https, or preflight's own."""
    live, reach = look.node.page, look.facts.reach
    pages = reach.value.pages if reach.value else ()
    newer = newest(live, Reading(pages[0], reach.seen_at)) if pages else live
    if newer is not live:
        look.part("reach")
    return newer


REQUIREMENT = Requirement(
    "license", "license", "004", _evaluate, (Role.SERVER,), ("requirement:license", "requirement:login-page")
)
