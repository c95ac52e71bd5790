"""Configurations as their component sees them: merged key by key, the last file wins (seed 002)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from aen_tui.model.node_facts import ConfigFile, SettingsFacts


@dataclass(frozen=True, slots=True)
class Setting:
    """A key's value and where it comes from."""

    text: str
    """As JSON."""
    path: str
    overridden: tuple[tuple[str, str], ...] = ()
    """(path, value as JSON) of files read before that say otherwise or the same."""

    @property
    def value(self) -> object:
        """The value; its text where it was cut."""
        try:
            return json.loads(self.text)
        except ValueError:
            return self.text


def files_of(settings: SettingsFacts | None, component: str) -> tuple[ConfigFile, ...]:
    """A component's files in the order in which they are read."""
    return tuple(one for one in settings.files if one.component == component) if settings else ()


def merged(settings: SettingsFacts | None, component: str) -> dict[str, Setting]:
    """Every top-level key of a component: a shallow merge, as AEN does it (aen.md 5)."""
    found: dict[str, Setting] = {}
    for file in files_of(settings, component):
        for key, text in file.keys.items():
            before = found.get(key)
            overridden = (*before.overridden, (before.path, before.text)) if before else ()
            found[key] = Setting(text, file.path, overridden)
    return found


def hidden(settings: SettingsFacts | None, component: str) -> str | None:
    """Why a component's settings are not wholly known; None where they are."""
    if settings is None:
        return "the configuration was not read"
    for file in files_of(settings, component):
        if file.state not in ("read", "absent"):
            return f"{file.path}: {file.problem or file.state}"
    return None


def word(settings: SettingsFacts | None, component: str, key: str) -> str | None:
    """A key's value as text; None where it is not set or no text."""
    setting = merged(settings, component).get(key)
    value = setting.value if setting else None
    return value if isinstance(value, str) else None


def base(path: str) -> str:
    """A path's last part."""
    return path.rpartition("/")[2]


def ldap_urls(settings: SettingsFacts | None) -> tuple[str, ...]:
    """The directory servers that the server's `LDAP` names (aen.md 5)."""
    setting = merged(settings, "server").get("LDAP")
    value = setting.value if setting else None
    uri = value.get("URI") if isinstance(value, dict) else None
    return tuple(uri.split()) if isinstance(uri, str) else ()
