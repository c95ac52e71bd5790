"""Themes: checked, reported by file and key, readable, never colour alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from textual.color import Color

from aen_tui.errors import ConfigError
from aen_tui.ui.app import AenApp
from aen_tui.ui.presentation.severity import ASCII, UNICODE, Glyphs, glyphs_for
from aen_tui.ui.presentation.spark import spark
from aen_tui.ui.theming import DEFAULT_THEME, NO_COLOR_THEME, ROLES, choose, load_themes, read_theme, shipped_folder
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime

SHIPPED = sorted(shipped_folder().glob("*.toml"))


def changed(tmp_path: Path, old: str, new: str) -> Path:
    file = tmp_path / "mine.toml"
    text = (shipped_folder() / "aen-dark.toml").read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    file.chmod(0o600)
    return file


def test_what_is_shipped() -> None:
    names = {file.stem for file in SHIPPED}
    assert {"aen-dark", "aen-light", "aen-ansi", "aen-mono", "aen-safe"} <= names
    themes, problems = load_themes([shipped_folder()])
    assert problems == []
    assert set(themes) == names


@pytest.mark.parametrize("name", ["aen-dark", "aen-light", "aen-safe"])
def test_words_stand_out_from_every_background(name: str) -> None:
    variables = read_theme(shipped_folder() / f"{name}.toml").variables
    for role in ("text", "muted", "accent", "chip", "ok", "unknown", "warning", "critical", "stale"):
        for behind in ("background", "surface", "pane", "cursor", "header"):
            contrast = _contrast(Color.parse(variables[f"aen-{role}"]), Color.parse(variables[f"aen-{behind}"]))
            assert contrast >= 4.0, f"{role} on {behind}: {contrast:.1f}"


@pytest.mark.parametrize("name", ["aen-dark", "aen-light", "aen-safe"])
def test_what_is_faint_can_be_read(name: str) -> None:
    """Ages, uptimes, latencies, titles of columns and DEBUG lines are faint: on what is painted behind them."""
    variables = read_theme(shipped_folder() / f"{name}.toml").variables
    faint, muted = (Color.parse(variables[f"aen-{role}"]) for role in ("faint", "muted"))
    least = {"background": 4.5, "surface": 4.5, "pane": 4.5, "header": 4.5, "cursor": 3.5, "selection": 3.0}
    for behind, wanted in least.items():
        on = Color.parse(variables[f"aen-{behind}"])
        assert _contrast(faint, on) >= wanted, f"faint on {behind}: {_contrast(faint, on):.2f}"
        assert _contrast(muted, on) > 1.15 * _contrast(faint, on), "and it is fainter than what is muted"


def _contrast(one: Color, other: Color) -> float:
    def luminance(color: Color) -> float:
        parts = [part / 255 for part in color.rgb]
        red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ('accent = "#82aaff"', 'accent = "bluish"', "roles.accent", "not a colour"),
        ('accent = "#82aaff"', 'acent = "#82aaff"', "roles.acent", "accent"),
        ('accent = "#82aaff"', "", "roles.accent", "missing"),
        ('accent = "#82aaff"', 'accent = "#82aaff loud"', "roles.accent", "loud"),
        ("dark = true", "dark = 3", "dark", "true nor false"),
        ("dark = true", "dork = true", "dork", "dark"),
    ],
)
def test_a_wrong_theme_is_named_by_file_and_key(tmp_path: Path, old: str, new: str, key: str, words: str) -> None:
    file = changed(tmp_path, old, new)
    with pytest.raises(ConfigError) as caught:
        read_theme(file)
    assert caught.value.key == key
    assert str(file) in str(caught.value)
    assert words in str(caught.value)


def test_one_wrong_theme_does_not_take_the_others_along(tmp_path: Path) -> None:
    changed(tmp_path, 'ok = "#7ecb94"', 'ok = "x"')
    themes, problems = load_themes([shipped_folder(), tmp_path])
    assert DEFAULT_THEME in themes
    assert "mine" not in themes
    assert len(problems) == 1


def test_a_theme_that_others_can_write_is_refused(tmp_path: Path) -> None:
    file = changed(tmp_path, "Calm", "Mine")
    file.chmod(0o666)
    _themes, problems = load_themes([shipped_folder(), tmp_path])
    assert "writable by others" in str(problems[0])


def test_which_theme_is_worn() -> None:
    themes, _ = load_themes([shipped_folder()])
    assert choose(themes, None, {}) == DEFAULT_THEME
    assert choose(themes, "aen-light", {}) == "aen-light"
    assert choose(themes, "aen-light", {"NO_COLOR": "1"}) == NO_COLOR_THEME
    with pytest.raises(ConfigError, match="aen-light"):
        choose(themes, "aen-ligth", {})


async def test_a_wrong_theme_is_told_on_the_screen_and_the_default_worn(tmp_path: Path) -> None:
    changed(tmp_path, 'ok = "#7ecb94"', 'ok = "x"')
    app = AenApp(FakeRuntime(), themes=load_themes([shipped_folder(), tmp_path]))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: "roles.ok" in screen_text(app))
        assert app.theme == DEFAULT_THEME


@pytest.mark.parametrize("name", [file.stem for file in SHIPPED])
async def test_every_theme_can_be_worn_and_changed_live(name: str) -> None:
    app = AenApp(FakeRuntime(), theme=name)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "aen-server" in screen_text(app))
        before = screen_text(app)
        app.choose_theme("aen-light" if name != "aen-light" else "aen-dark")
        await pilot.pause()
        await pilot.press("9", "1", "question_mark", "escape")
        await until(pilot, lambda: "aen-server" in screen_text(app))
        assert screen_text(app).split("\n")[5] == before.split("\n")[5], "colour carries nothing of its own"


async def test_mono_has_no_colour_at_all() -> None:
    app = AenApp(FakeRuntime(), theme=NO_COLOR_THEME)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "aen-server" in screen_text(app))
        for strip in app.screen._compositor.render_strips():
            for segment in strip:
                for color in (segment.style.color, segment.style.bgcolor) if segment.style else ():
                    assert color is None or color.is_default, segment


def test_ascii_where_the_locale_is_not_utf8() -> None:
    assert glyphs_for({"LC_ALL": "C.UTF-8"}) is UNICODE
    assert glyphs_for({"LANG": "en_US.utf8"}) is UNICODE
    assert glyphs_for({"LC_ALL": "de_DE.ISO-8859-1"}) is ASCII
    assert glyphs_for({"LANG": "C.UTF-8", "AEN_TUI_ASCII": "1"}) is ASCII
    for plain in ("C", "POSIX"):
        for name in ("LC_ALL", "LC_CTYPE", "LANG"):
            assert glyphs_for({name: plain}) is ASCII
        assert glyphs_for({"LC_ALL": plain, "LANG": "en_US.UTF-8"}) is ASCII
        assert glyphs_for({"LANG": plain, "LC_CTYPE": "de_DE.UTF-8"}, is_coerced=False) is UNICODE
    for field in ASCII.__slots__:
        value = getattr(ASCII, field)
        assert isinstance(value, bool) or value.isascii()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [("LC_ALL", "C", ASCII), ("LANG", "POSIX", ASCII), ("LANG", "C.UTF-8", UNICODE), ("TERM", "xterm", UNICODE)],
)
def test_what_python_makes_of_the_locale_is_not_what_was_asked_for(name: str, value: str, expected: Glyphs) -> None:
    code = "from aen_tui.ui.presentation.severity import glyphs_for; print(glyphs_for().is_ascii)"
    kept = {key: one for key, one in os.environ.items() if not key.startswith(("LC_", "LANG", "PYTHON", "AEN_"))}
    told = subprocess.run([sys.executable, "-c", code], env=kept | {name: value}, capture_output=True, check=True)
    assert told.stdout.decode().strip() == str(expected is ASCII)


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@pytest.mark.parametrize("values", [[], [0.0], [5.0, 50.0, 100.0], [50.0] * 100, [-1.0, 1e9]])
def test_a_history_is_exactly_as_wide_as_asked(glyphs: object, values: list[float]) -> None:
    for width in (0, 1, 7):
        assert len(spark(values, width, glyphs=glyphs)) == width  # type: ignore[arg-type]


def test_every_role_is_named_in_every_theme() -> None:
    for file in SHIPPED:
        assert {f"aen-{role}" for role in ROLES} <= set(read_theme(file).variables)
