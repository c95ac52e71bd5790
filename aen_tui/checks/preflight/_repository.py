"""The repository that packages come from: an on-site one, which is optional (seed 004), or the public ones."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.model.node_facts import SettingsFacts, TextSettings
from aen_tui.model.urls import host_of, place_of

_PUBLIC = ("anaconda.org", "anaconda.com", "binstar.org", "continuum.io")
_UNFILLED = ("<", ">")


def first(settings: TextSettings | None, key: str) -> str | None:
    """The first value of a key; None where the file does not set it."""
    return next(iter(settings.values.get(key, ())), None) if settings else None


def own(urls: Iterable[str | None]) -> str | None:
    """The first URL that leads to a repository on site, or is meant to; None where all are public."""
    return next((url for url in urls if url and "://" in url and not is_public(url)), None)


def is_public(url: str) -> bool:
    """Whether a URL leads to one of the public repositories."""
    host = host_of(url) or ""
    return any(host == name or host.endswith(f".{name}") for name in _PUBLIC)


def on_site(settings: SettingsFacts | None) -> str | None:
    """The URL by which channel_alias or anaconda-client name a repository on site; None where neither does."""
    return own((first(settings.condarc, "channel_alias"), first(settings.client, "url"))) if settings else None


def broken(urls: Iterable[str]) -> str | None:
    """What is wrong with the first URL that leads nowhere, in words; None where none is."""
    for url in urls:
        if any(mark in url for mark in _UNFILLED):
            return f"{url} was never filled in"
        if url.lower().startswith(("http://", "https://")) and place_of(url) is None:
            return f"{url} is no URL: a name that was never filled in, or a slip"
    return None
