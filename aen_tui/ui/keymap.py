"""Which keys do what: presets, the user's `keymap.toml`, and the refusal of clashes.

Every binding has an id `<area>.<verb>`. `keymap.toml` holds `[keys]` with ids and keys, as Textual
names them or as characters, several with commas; an empty string leaves the id without a key:

    [keys]
    "fleet.restart" = "ctrl+x"
    "app.quit-now" = "ctrl+q,f10"
    "fleet.shell" = ""

Bindings that are on the screen together (the app's and those of one view or screen) may not share a key
where one of them was moved; the error names both.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import _character_to_key  # the rule by which Textual names keys; it has no public name
from textual.screen import ModalScreen

from aen_tui.config.paths import config_folder, refuse_if_writable_by_others
from aen_tui.errors import ConfigError
from aen_tui.ui.widgets.footer import NO_KEY

_SHARED = ("app", "main", "frame")
"""Areas whose keys work in every view."""

LETTERS_OF_CHANGE = (
    "fleet.restart",
    "fleet.rolling",
    "fleet.actions",
    "node.restart",
    "node.rolling",
    "node.actions",
    "jobs.resume",
)
PRESETS: Mapping[str, Mapping[str, str]] = {
    "default": {},
    # a pager's keys: what changes something is reached by `:` and the palette only
    "less": dict.fromkeys(LETTERS_OF_CHANGE, ""),
    # arrows, function keys and menus, for hands without vi's habits
    "plain": {
        "app.help": "f1",
        "app.back": "f12",
        "app.quit-now": "ctrl+q,f10",
        "app.command": "f9,colon",
        "fleet.filter": "f3,slash",
        "fleet.problems": "f4",
        "fleet.logs": "f6",
        "fleet.zoom": "f7",
        "fleet.restart": "f8",
        "fleet.actions": "",
        "fleet.rolling": "",
        "fleet.shell": "",
        "fleet.zoom-auto": "",
        "fleet.details": "",
        "fleet.sort": "",
        "fleet.unmark": "",
        "fleet.down": "down",
        "fleet.up": "up",
        "fleet.left": "left",
        "fleet.right": "right",
        "fleet.first": "home",
        "fleet.last": "end",
    },
}


@dataclass(frozen=True, slots=True)
class BoundKeys:
    """A binding as its class declares it."""

    id: str
    keys: tuple[str, ...]
    owner: str
    """The class, for the error."""
    words: str
    """What it does."""
    is_modal: bool = False
    """Whether it belongs to a modal screen, where the keys of everywhere do not work."""

    @property
    def area(self) -> str:
        """What it works in."""
        return self.id.partition(".")[0]


def keymap_file() -> Path:
    """Where the user's keys are."""
    return config_folder() / "keymap.toml"


def load_keymap(preset: str = "default", file: Path | None = None) -> dict[str, str]:
    """Binding id -> keys, for `App.set_keymap`: the preset, and over it the user's file.

    Raises:
        ConfigError: no such preset, an unknown id, a key that is no key, or two bindings on one key.
    """
    if preset not in PRESETS:
        raise ConfigError(f"no keymap `{preset}`", file="--keymap", hint="known: " + ", ".join(PRESETS))
    file = keymap_file() if file is None else file
    written = _read(file) if file.exists() else {}
    if not written and not PRESETS[preset]:
        return {}
    bound = {one.id: one for one in all_bindings()}
    for key in written:
        if key not in bound:
            raise ConfigError("is no command", file=str(file), key=key, hint=_meant(key, bound))
    moved = {key: value for key, value in PRESETS[preset].items() if key in bound} | written
    _refuse_clashes(bound, {key: split_keys(value) for key, value in moved.items()}, file)
    return {key: ",".join(split_keys(value)) or f"{NO_KEY}{key}" for key, value in moved.items()}


def _meant(key: str, bound: Mapping[str, BoundKeys]) -> str:
    """What an unknown id may stand for: the nearest one, else all of its area, else the areas that there are."""
    if near := difflib.get_close_matches(key, bound, n=1, cutoff=0.75):  # the area alone is much of an id
        return f"did you mean `{near[0]}`?"
    areas = sorted({one.area for one in bound.values()})
    area = (difflib.get_close_matches(key.partition(".")[0], areas, n=1) or [""])[0]
    if area:
        return f"known of `{area}`: " + ", ".join(sorted(one.id for one in bound.values() if one.area == area))
    return "an id is `<area>.<verb>`; the areas: " + ", ".join(areas)


def _read(file: Path) -> dict[str, str]:
    refuse_if_writable_by_others(file)
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(str(error), file=str(file)) from error
    for key in table:
        if key != "keys":
            raise ConfigError("is not a word of a keymap", file=str(file), key=key, hint="did you mean `keys`?")
    keys = table.get("keys", {})
    for key, value in keys.items() if isinstance(keys, dict) else [("keys", keys)]:
        if not isinstance(value, str):
            raise ConfigError("is not a text of keys", file=str(file), key=key, hint='such as "ctrl+x"')
    return dict(keys)


def split_keys(text: str) -> tuple[str, ...]:
    """`"?,f1"` as Textual names keys: `question_mark`, `f1`. A comma is `comma`."""
    found = (word.strip() for word in text.split(","))
    return tuple(_character_to_key(word) if len(word) == 1 else word for word in found if word)


def _refuse_clashes(bound: Mapping[str, BoundKeys], moved: Mapping[str, tuple[str, ...]], file: Path) -> None:
    for key in moved:
        here = bound[key]
        for other in bound.values():
            if other.id == key or not _are_together(here, other):
                continue
            shared = set(moved[key]) & set(moved.get(other.id, other.keys))
            if shared:
                message = f"`{key}` ({here.words}) and `{other.id}` ({other.words}) both want {min(shared)}"
                raise ConfigError(message, file=str(file), key=key, hint="give one of them another key")


def _are_together(one: BoundKeys, other: BoundKeys) -> bool:
    """Whether both can be meant by one key press."""
    if one.area == other.area:
        return True
    return (one.area in _SHARED and not other.is_modal) or (other.area in _SHARED and not one.is_modal)


def all_bindings() -> Sequence[BoundKeys]:
    """Every binding of ours, each id once, as declared."""
    found: dict[str, BoundKeys] = {}
    for owner in _our_classes():
        for binding in owner.__dict__.get("BINDINGS", ()):
            if isinstance(binding, Binding) and binding.id is not None:
                keys = split_keys(binding.key)
                if binding.id in found:
                    keys = tuple(dict.fromkeys((*found[binding.id].keys, *keys)))
                words = binding.tooltip or binding.description
                found[binding.id] = BoundKeys(binding.id, keys, owner.__name__, words, issubclass(owner, ModalScreen))
    return tuple(found.values())


def _our_classes() -> Iterator[type[DOMNode]]:
    for package in ("panels", "screens", "widgets"):
        root = importlib.import_module(f"aen_tui.ui.{package}")
        for module in pkgutil.iter_modules(root.__path__):
            importlib.import_module(f"aen_tui.ui.{package}.{module.name}")
    importlib.import_module("aen_tui.ui.app")
    seen: set[type[DOMNode]] = set()
    waiting: list[type[DOMNode]] = [DOMNode]
    while waiting:
        one = waiting.pop()
        for child in one.__subclasses__():
            if child not in seen:
                seen.add(child)
                waiting.append(child)
    yield from sorted(
        (one for one in seen if one.__module__.startswith("aen_tui.ui.")), key=lambda one: one.__qualname__
    )


def help_sections(app: App[Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The keys that work on the screen as it is: those of the view first, then those of everywhere."""
    here: dict[str, list[str]] = {}
    everywhere: dict[str, list[str]] = {}
    words: dict[str, str] = {}
    for _node, binding, _enabled, tooltip in app.active_bindings.values():
        if binding.id is None or binding.key.startswith(NO_KEY):
            continue
        place = everywhere if binding.id.partition(".")[0] in _SHARED else here
        place.setdefault(binding.id, []).append(app.get_key_display(binding))
        words[binding.id] = tooltip or binding.tooltip or binding.description
    sections = (("In this view", here), ("Everywhere", everywhere))
    return [
        (heading, [(" ".join(dict.fromkeys(keys)), words[key]) for key, keys in rows.items()])
        for heading, rows in sections
        if rows
    ]
