"""Text from nodes: nothing that acts on a terminal gets through."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aen_tui.model.command import shell_line
from aen_tui.model.secret import Secret
from aen_tui.model.text import visible, visible_line

HOSTILE = [
    "\x1b]0;title\x07",
    "\x1b[2J\x1b[H",
    "\x1b]52;c;aGVsbG8=\x07",
    "\x1bP+q544e\x1b\\",
    "\x9b31m",
    "\u202egnirts",
    "a\u200bb\u2028c\u2066d",
    "\x7f\x00\r\b",
    "e" + "\u0301" * 50,
    "\ud800",
    "\ufeff\u00ad",
    "\U000e0041\ue000",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_made_visible(text: str) -> None:
    assert_harmless(visible(text))


@given(st.one_of(st.text(), st.binary().map(lambda data: data.decode("utf-8", "surrogateescape"))))
def test_nothing_harmful_survives(text: str) -> None:
    assert_harmless(visible(text))


@given(st.binary())
def test_bytes_too(data: bytes) -> None:
    assert_harmless(visible_line(data))
    assert "\n" not in visible_line(data)


def assert_harmless(shown: str) -> None:
    combining = 0
    for char in shown:
        assert char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"), repr(
            char
        )
        combining = combining + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        assert combining <= 4


def test_ordinary_text_is_left_alone() -> None:
    assert visible("ordinary\ttext – Grüße 漢字\n") == "ordinary\ttext – Grüße 漢字\n"


def test_long_lines_are_capped() -> None:
    assert len(visible_line(b"x" * 10_000_000)) < 20_000


def test_arguments_are_quoted() -> None:
    assert shell_line(["echo", "a b", "$(rm)", "'", ";"]) == """echo 'a b' '$(rm)' ''"'"'' ';'"""
    with pytest.raises(ValueError, match="NUL"):
        shell_line(["a\0b"])


def test_a_secret_masks_itself() -> None:
    secret = Secret("hunter2")
    assert "hunter2" not in f"{secret} {secret!r} {secret:>20} {[secret]}"
    assert secret.reveal() == "hunter2"
