"""Pages are told apart by what a browser shows of them: no document has the license page's own words."""

from __future__ import annotations

import re

import pytest

from aen_tui.model.pages import RULES, kind_of

FORM = "<form action=/login><input name=user><input type='password' name=pw></form>"
LICENSE = [
    "License expired",
    "<h1>Your license has expired</h1>",
    "Your AEN license is expired",
    "License file expired",
    "License&nbsp;expired",
    "License\xa0expired",
    "<h1>License</h1><p>Expired on 2016-01-01</p>",
    "The license for this server (aen-1.example.com) expired on 2016-01-01.",
    "license <b>expired</b>",
    "License has already expired",
    "License expiration: this installation has expired",
    "License: this license, your license file, has expired",
    "Update the settings to install, then choose a license",
    "There is no license. No license for this license server was found",
    "1 << 2: <b>license expired</b>",
    "License is no longer valid; <a href='/login'>log in</a>",
    "Invalid license",
    "Your licence could not be found.",
    "No valid license found",
    "No license file was found",
    "Please upload a license file",
    "Upload license file <input type=file> <a href=/login>",
    "Upload your new <i>license</i>",
    "Submit your license file",
    "Update the license",
    "A license is required",
    f"<h1>License expired</h1>{FORM}",
    "<!-- <p> --><p title='a > b'>License expired",
]
LOGIN = [
    FORM,
    f"<style>.license-expired{{display:none}}</style>{FORM}",
    f"<script>if (x) show('Your license has expired')</script>{FORM}",
    f"<!-- license expired -->{FORM}",
    f"<body class='license expired' data-x=\"license expired\">{FORM}",
    f"<div id=l style='display: none'>Your license has expired</div>{FORM}",
    f"<p hidden>Your license has expired</p>{FORM}",
    f"<template><p>License expired</p></template>{FORM}",
    f"<a href=/license>License</a> <div>Your session has expired</div>{FORM}",
    f"License. Session expired.{FORM}",
    f"<p>Session expired</p><a>License agreement</a>{FORM}",
    f"The license expires on 2099-01-01{FORM}",
    f"The license has not expired{FORM}",
    f"Your license will be expired in ten days{FORM}",
    f"<a>License</a><p>Invalid password</p>{FORM}",
    f"<p>Enter your name. By going on you accept the license</p>{FORM}",
    "<h1>Sign in</h1>",
]
OTHER = ["", "<h1>Welcome to nginx!</h1>", "<p title='license expired'>", "<script>license expired", "Lizenz"]


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        *((page, "license") for page in LICENSE),
        *((page, "login") for page in LOGIN),
        *((page, "other") for page in OTHER),
    ],
)
def test_a_page_is_what_it_shows(page: str, kind: str) -> None:
    assert kind_of(page) == kind
    assert kind_of(page.upper()) == kind


HOSTILE = [
    "<", "<a ", "<div ", "<script ", "</script ", "='", "<p a=", "<!", "license ", "no license ", "license.x ",
    "install", "upload ", f"license{' x' * 29} ", "a.",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_big_page_is_gone_through_once(piece: str) -> None:
    assert kind_of(piece * (65_536 // len(piece)) + "</p><h1>sign in</h1>") in ("login", "other")


@pytest.mark.parametrize("piece", HOSTILE)
def test_words_without_end_are_cut_before_they_are_judged(piece: str) -> None:
    words = piece * (65_536 // len(piece))
    for pattern, instead in RULES.blanked:
        words = re.sub(pattern, instead, words)
    assert len(words) <= 8192


def test_what_is_said_far_down_on_a_long_page_is_not_judged() -> None:
    said = "<p>License expired</p>"
    assert (kind_of("<p>word</p>" * 500 + said), kind_of("<p>word</p>" * 5000 + said)) == ("license", "other")
