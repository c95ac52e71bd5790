"""The license: what the server shows to browsers, and the date that the inventory gives."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown, warning
from aen_tui.model.node import Role
from aen_tui.model.node_facts import Page
from aen_tui.model.reading import Reading, newest

_REMEDY = "upload a license file on that page, or in Admin > Site Admin > License"
_SOON_DAYS = 30


def _evaluate(look: Look) -> Iterable[Verdict]:
    seen = _page(look)
    page = seen.value
    if page is not None and page.kind == "license":
        yield critical(f"{page.url} shows the page that wants a license", _REMEDY)
    elif page is None or seen.error is not None:
        yield unknown(f"the server's page was not seen: {seen.error or 'not asked yet'}")
    elif page.error or (page.code or 599) >= 500:
        yield unknown(f"{page.url} shows no page: {page.error or f'answer {page.code}'}")
    else:
        yield ok(f"{page.url} shows {'the login page' if page.kind == 'login' else 'no license page'}")
    expires = look.inventory.license_expires
    if expires is None:
        return
    days = (expires - datetime.fromtimestamp(look.now, UTC).date()).days
    if days < 0:
        yield critical(f"the license expired on {expires}", _REMEDY)
    elif days < _SOON_DAYS:
        yield warning(f"the license expires in {days} days, on {expires}", "ask for a new license file now")
    else:
        yield ok(f"the license holds until {expires}, {days} days")


def _page(look: Look) -> Reading[Page]:
    """The newest look: the live one, which alone is for https, or preflight's own."""
    live, reach = look.node.page, look.facts.reach
    pages = reach.value.pages if reach.value else ()
    return newest(live, Reading(pages[0], reach.seen_at)) if pages else live


REQUIREMENT = Requirement(
    "license", "license", "004", _evaluate, (Role.SERVER,), ("requirement:license", "requirement:login-page")
)
