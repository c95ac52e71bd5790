"""`[notify]` of an inventory: bell, notifications, commands and webhooks, checked before anything happens."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from aen_tui.config.schema import NotifyTable
from aen_tui.errors import ConfigError
from aen_tui.model.notify import NotifySettings
from aen_tui.model.secret import Secret
from aen_tui.model.severity import Severity

_MOST_PER_MINUTE = 60


def notify_settings(written: NotifyTable, file: Path) -> NotifySettings:
    """The table resolved.

    Raises:
        ConfigError: a command that is no absolute path, a webhook that is not https or holds a password, a rate
            out of 1 to 60.
    """
    if not 1 <= written.most_per_minute <= _MOST_PER_MINUTE:
        raise ConfigError(f"is not from 1 to {_MOST_PER_MINUTE}", file=str(file), key="notify.most_per_minute")
    commands: dict[Severity, tuple[str, ...]] = {}
    webhooks: dict[Severity, Secret] = {}
    for severity in Severity:
        if severity is Severity.UNKNOWN:
            continue
        argv = getattr(written.command, severity.word)
        if argv is not None:
            commands[severity] = _command(argv, severity, file)
        url = getattr(written.webhook, severity.word)
        if url is not None:
            webhooks[severity] = _webhook(url, severity, file)
    return NotifySettings(_severity(written.bell), _severity(written.osc9), written.most_per_minute, commands, webhooks)


def _severity(word: str | None) -> Severity | None:
    return None if word is None else Severity[word.upper()]


def _command(argv: list[str], severity: Severity, file: Path) -> tuple[str, ...]:
    key = f"notify.command.{severity.word}"
    if not argv or not argv[0].startswith("/"):
        hint = 'such as ["/usr/local/bin/page", "--aen"]; no shell reads it'
        raise ConfigError("does not begin with an absolute path", file=str(file), key=key, hint=hint)
    if any("\0" in word for word in argv):
        raise ConfigError("holds a NUL", file=str(file), key=key)
    return tuple(argv)


def _webhook(url: str, severity: Severity, file: Path) -> Secret:
    """The error never repeats the URL: it may hold a token."""
    key = f"notify.webhook.{severity.word}"
    try:
        parts = urlsplit(url)
        is_well = parts.scheme == "https" and bool(parts.hostname) and (parts.port or 443) > 0
    except ValueError:
        is_well = False
    if not is_well or not url.isascii() or not url.isprintable() or " " in url:
        raise ConfigError("is no https URL", file=str(file), key=key)
    if "@" in parts.netloc:
        raise ConfigError("holds a user or a password", file=str(file), key=key, hint="a token belongs into the path")
    return Secret(url)
