"""Whatever stands where a URL ought to is a URL or none, and never an exception."""

from __future__ import annotations

import pytest

from aen_tui.model.urls import Place, host_of, place_of


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("http://AEN.example.com:8080/conda", Place("http", "aen.example.com", 8080)),
        ("ldaps://ldap.example.com", Place("ldaps", "ldap.example.com", None)),
        ("https://[fe80::1]:443/", Place("https", "fe80::1", 443)),
        ("http://user:secret@repo/conda", Place("http", "repo", None)),
        ("http://[your-server]:8080/conda", None),
        ("http://[x", None),
        ("ldaps://ldap:abc", None),
        ("http://repo:99999/", None),
        ("http://repo:-1/", None),
        ("http://", None),
        ("repo.example.com", None),
        ("", None),
        ("http://\u2100.example.com/", None),
        ("\x00", None),
    ],
)
def test_any_text_is_a_place_or_none(text: str, place: Place | None) -> None:
    assert place_of(text) == place
    assert host_of(text) == (place.host if place else None)
