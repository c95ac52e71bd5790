"""Keys: every binding has an id and a tooltip, can be moved, and two never want one key."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.binding import Binding

from aen_tui.errors import ConfigError
from aen_tui.ui.app import AenApp
from aen_tui.ui.keymap import _our_classes, all_bindings, load_keymap, split_keys
from aen_tui.ui.panels.fleet import FleetPanel
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime

HARMLESS_ONLY = {f"ctrl+{letter}" for letter in "dufbhjklwrszk"} | {"backspace", "delete", "k", "d", "x"}
CHANGING = ("restart", "rolling", "actions", "confirm")


def keymap(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "keymap.toml"
    file.write_text(text)
    file.chmod(0o600)
    return file


def test_every_binding_has_an_id_and_a_tooltip() -> None:
    for owner in _our_classes():
        for binding in owner.__dict__.get("BINDINGS", ()):
            assert isinstance(binding, Binding), owner
            assert binding.id, (owner, binding.key)
            assert binding.tooltip, (owner, binding.key)


def test_no_changing_key_is_one_that_fingers_hit_by_habit() -> None:
    for one in all_bindings():
        if one.id.partition(".")[2] in CHANGING:
            assert not HARMLESS_ONLY & set(one.keys), one


@pytest.mark.parametrize("preset", ["default", "less", "plain"])
def test_presets_have_no_clash(preset: str, tmp_path: Path) -> None:
    load_keymap(preset, tmp_path / "none.toml")


def test_a_clash_names_both(tmp_path: Path) -> None:
    file = keymap(tmp_path, '[keys]\n"fleet.logs" = "x"\n')
    with pytest.raises(ConfigError) as caught:
        load_keymap("default", file)
    for words in ("fleet.logs", "fleet.problems", "x", str(file)):
        assert words in str(caught.value)


def test_a_clash_with_a_key_of_everywhere_is_one_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"app\.back"):
        load_keymap("default", keymap(tmp_path, '[keys]\n"fleet.logs" = "q"\n'))


def test_two_may_change_places(tmp_path: Path) -> None:
    found = load_keymap("default", keymap(tmp_path, '[keys]\n"fleet.logs" = "x"\n"fleet.problems" = "l"\n'))
    assert found == {"fleet.logs": "x", "fleet.problems": "l"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[keys]\n"fleet.lgos" = "b"\n', "fleet.logs"),
        ('[keys]\n"fleet.fly-to-the-moon" = "b"\n', r"known of `fleet`: .*fleet\.logs"),
        ('[keys]\n"fly" = "b"\n', r"areas: .*fleet"),
        ('[kes]\n"fleet.logs" = "b"\n', "keys"),
        ('[keys]\n"fleet.logs" = 3\n', "text of keys"),
        ("[keys\n", "keymap.toml"),
    ],
)
def test_a_wrong_keymap_is_told(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        load_keymap("default", keymap(tmp_path, text))


def test_a_keymap_that_others_can_write_is_refused(tmp_path: Path) -> None:
    file = keymap(tmp_path, "[keys]\n")
    file.chmod(0o666)
    with pytest.raises(ConfigError, match="writable"):
        load_keymap("default", file)


def test_no_such_preset() -> None:
    with pytest.raises(ConfigError, match="emacs"):
        load_keymap("emacs")


def test_keys_as_characters() -> None:
    assert split_keys("?, f1,x") == ("question_mark", "f1", "x")


async def test_moved_keys_work_and_the_old_ones_do_not(tmp_path: Path) -> None:
    moved = load_keymap("default", keymap(tmp_path, '[keys]\n"fleet.problems" = "b,f6"\n"fleet.down" = "n"\n'))
    app = AenApp(FakeRuntime(), keymap=moved)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "gateway2" in screen_text(app))
        fleet = app.main.panel
        assert isinstance(fleet, FleetPanel)
        await pilot.press("x")
        assert not fleet.problems_only
        await pilot.press("b")
        assert fleet.problems_only
        await pilot.press("f6")
        assert not fleet.problems_only
        await pilot.press("j")
        assert fleet.view.cursor == "aen-server"
        await pilot.press("n")
        assert fleet.view.cursor == "gateway1"
        await until(pilot, lambda: "b problems" in screen_text(app))


async def test_the_less_preset_has_no_key_that_changes_anything(tmp_path: Path) -> None:
    app = AenApp(FakeRuntime(), keymap=load_keymap("less", tmp_path / "none.toml"))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "gateway2" in screen_text(app))
        await pilot.press("r", "R", "a")
        assert app.screen is app.main
        assert "restart" not in screen_text(app).split("\n")[-1]
        await pilot.press("question_mark")
        await until(pilot, lambda: "In this view" in screen_text(app))
        assert "Restart a service" not in screen_text(app)
