"""An inventory file read: syntax and shape, with errors that name file, key, line and the nearest word."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from aen_tui.config.paths import refuse_if_writable_by_others
from aen_tui.config.resolve import resolve
from aen_tui.config.schema import InventoryFile
from aen_tui.errors import ConfigError
from aen_tui.model.inventory import Inventory

_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>.*?)`(?: - at `(?P<path>.*)`)?$")
_AT = re.compile(r"(?P<what>.*?) - at `(?P<path>.*)`$")
_ENUM = re.compile(r"Invalid enum value '(?P<word>.*)'")


def load_inventory(file: Path) -> Inventory:
    """Read, check and resolve an inventory.

    Raises:
        ConfigError: it cannot be read, is writable by others, has a wrong key or value, or contradicts itself.
    """
    try:
        refuse_if_writable_by_others(file)
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            "there is no inventory", file=str(file), hint="write one, name one with --inventory, or try `aen-tui demo`"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", file=str(file)) from None
    return resolve(parse_inventory(text, str(file)), file)


def parse_inventory(text: str, file: str) -> InventoryFile:
    """The text of an inventory as its tables; `file` is named in errors."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not TOML: {error}", file=file) from None
    try:
        return msgspec.convert(tables, InventoryFile)
    except msgspec.ValidationError as error:
        raise _explain(str(error), text, tables, file) from None


def _explain(message: str, text: str, tables: dict[str, Any], file: str) -> ConfigError:
    if match := _UNKNOWN.match(message):
        field = match["field"]
        path = _key_path(match["path"] or "$", tables)
        key = f"{path}.{field}" if path else field
        near = difflib.get_close_matches(field, _fields_at(path), n=1, cutoff=0.5)
        known = f"did you mean `{near[0]}`?" if near else "known here: " + ", ".join(_fields_at(path))
        return ConfigError("unknown key", file=_with_line(file, text, field), key=key, hint=known)
    what, path = message, ""
    if match := _AT.match(message):
        what, path = match["what"], _key_path(match["path"], tables)
    last = path.rsplit(".", 1)[-1].split("[")[0]
    hint: str | None = None
    if match := _ENUM.match(what):
        words = _words_at(path)
        near = difflib.get_close_matches(match["word"], words, n=1, cutoff=0.4)
        hint = f"did you mean `{near[0]}`?" if near else None
        what = f"`{match['word']}` is none of {', '.join(words)}"
    return ConfigError(what[0].lower() + what[1:], file=_with_line(file, text, last), key=path or None, hint=hint)


def _key_path(path: str, tables: dict[str, Any]) -> str:
    """The path `$.ssh.config` of msgspec as the user's `ssh.config`; `[...]` becomes the node's key."""
    path = path.removeprefix("$").removeprefix(".")
    if "[...]" in path and path.startswith("node"):
        names = ", ".join(f'"{name}"' for name in tables.get("node", {}))
        path = path.replace("[...]", f"[{names}]", 1)
    return path


def _type_at(path: str) -> Any:
    here: Any = InventoryFile
    for part in re.sub(r"\[.*?\]", "", path).split("."):
        if not part:
            continue
        info = {field.name: field.type for field in msgspec.structs.fields(here)}
        here = info.get(part, here)
        for inner in _inner(here):
            here = inner
    return here


def _inner(annotation: Any) -> list[Any]:
    """The struct inside `list[X]`, `dict[str, X]` or `X | None`."""
    found = [
        arg for arg in getattr(annotation, "__args__", ()) if isinstance(arg, type) and issubclass(arg, msgspec.Struct)
    ]
    return found[-1:]


def _fields_at(path: str) -> list[str]:
    here = _type_at(path)
    return [field.encode_name for field in msgspec.structs.fields(here)] if isinstance(here, type) else []


def _words_at(path: str) -> list[str]:
    parent, _, field = path.rpartition(".")
    here = _type_at(parent)
    for info in msgspec.structs.fields(here):
        if info.name == field:
            return [word for arg in (info.type, *getattr(info.type, "__args__", ())) for word in _literal(arg)]
    return []


def _literal(annotation: Any) -> list[str]:
    return [word for word in getattr(annotation, "__args__", ()) if isinstance(word, str)]


def _with_line(file: str, text: str, key: str) -> str:
    """`file:line` where the key can be found."""
    pattern = re.compile(rf"""(?:^|[\s{{,."\[]){re.escape(key)}["']?\s*[=\].]""")
    for number, line in enumerate(text.splitlines(), 1):
        if pattern.search(line):
            return f"{file}:{number}"
    return file
