"""`themes/*.toml` to Textual themes: checked, reported by file and key, with a fall-back.

A theme names colour *roles*; code names roles too and never a colour. A role becomes two Textual
variables, `aen-<role>` (the colour) and `aen-<role>-is` (bold, dim, reverse …), which
`widgets.palette` reads; Textual's own names (primary, surface, error …) follow from the roles.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from textual.color import Color, ColorParseError
from textual.theme import BUILTIN_THEMES, Theme

from aen_tui.config.paths import config_folder, refuse_if_writable_by_others
from aen_tui.errors import ConfigError

DEFAULT_THEME = "aen-dark"
NO_COLOR_THEME = "aen-mono"

ROLES = (
    *("background", "surface", "pane", "cursor", "header", "text", "muted", "faint", "accent", "chip"),
    *("selection", "hit", "ok", "unknown", "warning", "critical", "stale"),
    *(f"series-{n}" for n in range(1, 7)),
    *(f"label-{n}" for n in range(1, 9)),
)
"""Every theme names all of them."""

_ATTRIBUTES = ("bold", "dim", "italic", "underline", "reverse")
_KEYS = ("title", "dark", "ansi", "roles")


def shipped_folder() -> Path:
    """Where our themes are: in the wheel beside this package's modules, else at the top of the checkout."""
    package = Path(__file__).resolve().parents[1]
    in_wheel = package / "_themes"
    return in_wheel if in_wheel.is_dir() else package.parent / "themes"


def load_themes(folders: Iterable[Path] | None = None) -> tuple[dict[str, Theme], list[ConfigError]]:
    """Every theme that is right, by name (the file's stem), and what is wrong with the others.

    Args:
        folders: later ones win; our own and the user's `themes` beside the inventory where None.
    """
    themes: dict[str, Theme] = {}
    problems: list[ConfigError] = []
    own = shipped_folder()
    for folder in (own, config_folder() / "themes") if folders is None else folders:
        for file in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
            try:
                if folder != own:
                    refuse_if_writable_by_others(file)
                themes[file.stem] = read_theme(file)
            except ConfigError as error:
                problems.append(error)
    return themes, problems


def choose(themes: Mapping[str, Theme], wanted: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """The name of the theme to start with: what was asked for, mono under NO_COLOR, else the default.

    Raises:
        ConfigError: `wanted` is none of them.
    """
    if wanted is not None and wanted not in themes:
        near = difflib.get_close_matches(wanted, themes, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "known: " + ", ".join(sorted(themes))
        raise ConfigError(f"no theme `{wanted}`", file="--theme", hint=hint)
    if no_color(environment):
        return NO_COLOR_THEME if NO_COLOR_THEME in themes else next(iter(themes))
    return wanted or (DEFAULT_THEME if DEFAULT_THEME in themes else next(iter(themes)))


def no_color(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether NO_COLOR asks for no colour (set and not empty)."""
    return bool(environment.get("NO_COLOR"))


def read_theme(file: Path) -> Theme:
    """One theme file.

    Raises:
        ConfigError: it is not TOML, lacks a role, or a value is no colour; with file and key.
    """
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(str(error), file=str(file)) from error
    _refuse_unknown(table, _KEYS, file, "")
    flags = {key: table.get(key, default) for key, default in (("dark", True), ("ansi", False))}
    for key, value in flags.items():
        if not isinstance(value, bool):
            raise ConfigError("is neither true nor false", file=str(file), key=key)
    roles = table.get("roles")
    if not isinstance(roles, dict):
        raise ConfigError("is missing", file=str(file), key="roles", hint="a table of colours")
    _refuse_unknown(roles, ROLES, file, "roles.")
    variables: dict[str, str] = {}
    for role in ROLES:
        color, words = _role(roles, role, file)
        variables[f"aen-{role}"] = color
        if words:
            variables[f"aen-{role}-is"] = words
    return _theme(file.stem, variables, dark=flags["dark"], ansi=flags["ansi"])


def _refuse_unknown(table: Mapping[str, Any], known: Iterable[str], file: Path, where: str) -> None:
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            raise ConfigError(
                "is not a word of a theme",
                file=str(file),
                key=f"{where}{key}",
                hint=f"did you mean `{near[0]}`?" if near else None,
            )


def _role(roles: Mapping[str, Any], role: str, file: Path) -> tuple[str, str]:
    value = roles.get(role)
    if not isinstance(value, str) or not value.strip():
        problem = "is missing" if value is None else "is not a colour"
        raise ConfigError(problem, file=str(file), key=f"roles.{role}", hint='such as "#82aaff bold"')
    color, *words = value.split()
    try:
        Color.parse(color)
    except ColorParseError as error:
        raise ConfigError(f"`{color}` is not a colour", file=str(file), key=f"roles.{role}") from error
    for word in words:
        if word not in _ATTRIBUTES:
            known = ", ".join(_ATTRIBUTES)
            raise ConfigError(f"`{word}` is not one of {known}", file=str(file), key=f"roles.{role}")
    return color, " ".join(words)


def _theme(name: str, variables: dict[str, str], *, dark: bool, ansi: bool) -> Theme:
    def color(role: str) -> str:
        return variables[f"aen-{role}"]

    chrome = {
        "border": color("faint"),
        "border-blurred": color("faint"),
        "scrollbar": color("faint"),
        "scrollbar-hover": color("muted"),
        "scrollbar-active": color("accent"),
        "scrollbar-background": color("background"),
        "scrollbar-background-hover": color("background"),
        "scrollbar-background-active": color("background"),
        "scrollbar-corner-color": color("background"),
        "input-selection-background": color("selection"),
    }
    if ansi:  # Textual's own style sheets name variables that only its ansi themes bring
        chrome = BUILTIN_THEMES["ansi-dark" if dark else "ansi-light"].variables | chrome
    else:
        chrome |= {
            "block-cursor-background": color("cursor"),
            "block-cursor-foreground": color("text"),
            "block-cursor-blurred-background": color("pane"),
            "block-hover-background": color("pane"),
        }
    return Theme(
        name=name,
        primary=color("accent"),
        secondary=color("unknown"),
        accent=color("accent"),
        warning=color("warning"),
        error=color("critical"),
        success=color("ok"),
        foreground=color("text"),
        background=color("background"),
        surface=color("surface"),
        panel=color("pane"),
        boost=color("cursor"),
        dark=dark,
        ansi=ansi,
        variables=chrome | variables,
    )
