"""A JSON line in the words of a log line: time, level, message first, and then what else it says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from aen_tui.model.log_levels import level_of_json
from aen_tui.model.logs import Level
from aen_tui.model.text import visible_line
from aen_tui.model.timestamps import from_epoch

READ_BYTES = 32 * 1024
"""Longer lines stand as they are."""
_TIMES = ("time", "timestamp", "@timestamp", "ts", "asctime", "date")
_LEVELS = ("level", "levelname", "severity", "lvl")
_MESSAGES = ("msg", "message", "event")
_NAMES = ("name", "logger", "component")
_SILENT = ("v", "@version")
_VALUE_CHARACTERS = 300


class JsonLine(NamedTuple):
    """The parts of a line, made visible; empty where it does not say."""

    time: str
    level: str
    message: str
    """With the program's or logger's name before it."""
    rest: str
    """The other fields as `key=value`."""


def read_json(raw: bytes) -> JsonLine | None:
    """The parts of a line that is a JSON object with a message; None where it is not."""
    if raw.lstrip()[:1] != b"{" or len(raw) > READ_BYTES:
        return None
    try:
        return _parts(raw, json.loads(raw))
    except (ValueError, RecursionError):  # nested so deep that it is read, but cannot be written again
        return None


def _parts(raw: bytes, fields: Any) -> JsonLine | None:
    if not isinstance(fields, dict) or not any(isinstance(fields.get(name), str) for name in _MESSAGES):
        return None
    when, level, message, name = (_take(fields, names) for names in (_TIMES, _LEVELS, _MESSAGES, _NAMES))
    said = level_of_json(raw)
    word = said.name if said is not Level.NONE else "" if level is None else str(level).upper()
    text = f"{_shown(name)}: {_shown(message, 8192)}" if isinstance(name, str) else _shown(message, 8192)
    rest = " ".join(f"{_shown(key)}={_shown(value)}" for key, value in fields.items() if key not in _SILENT)
    return JsonLine(_time(when), visible_line(word, 12), text, rest)


def _take(fields: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((fields.pop(name) for name in names if name in fields), None)


def _time(value: Any) -> str:
    if isinstance(value, str):
        return visible_line(value, 40)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return ""
    try:
        at = datetime.fromtimestamp(from_epoch(str(value).encode()).seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return visible_line(str(value), 40)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def _shown(value: Any, limit: int = _VALUE_CHARACTERS) -> str:
    if isinstance(value, Mapping) and isinstance(value.get("message"), str):
        value = value["message"]  # an error object: its stack is in the detail
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return visible_line(text, limit)
