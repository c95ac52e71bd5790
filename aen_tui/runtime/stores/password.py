"""MongoDB's password: from the user's own file, or asked of a person once; in memory only."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

from aen_tui.errors import StoreDeniedError
from aen_tui.model.inventory import MongoTarget
from aen_tui.model.secret import Secret
from aen_tui.transports.credentials import Prompter
from aen_tui.transports.mongo import MongoLogin

_LIMIT_BYTES = 4096


class PasswordSource:
    """Gives the login, and asks a person no second time until somebody wants another try.

    Args:
        target: who logs in.
        node: named in the question.
        prompter: who asks; None where nobody is there.
    """

    def __init__(self, target: MongoTarget, node: str, prompter: Prompter | None) -> None:
        self._target = target
        self._node = node
        self._prompter = prompter
        self._typed: Secret | None = None
        self._was_asked = False

    async def login(self) -> MongoLogin | None:
        """The login; None where the inventory names no user.

        Raises:
            StoreDeniedError: there is a user, and no password for him.
        """
        user = self._target.user
        if user is None:
            return None
        if self._target.password_file is not None:
            password = await asyncio.to_thread(read_password, self._target.password_file)
            return MongoLogin(user, password, self._target.database)
        if not self._was_asked and self._prompter is not None:
            self._was_asked = True
            self._typed = await self._prompter.ask(self._node, f"MongoDB password of {user}")
        if not self._typed:
            raise StoreDeniedError(f"no password for {user}: name a mongo_password_file, or type it when asked")
        return MongoLogin(user, self._typed, self._target.database)

    def ask_again(self) -> None:
        """Somebody wants another try: what was typed is forgotten."""
        self._typed, self._was_asked = None, False


def _at_once(path: str, flags: int) -> int:
    """A pipe would be waited for; given as a number, a folder would stay open."""
    return os.open(path, flags | os.O_NONBLOCK)


def read_password(file: Path) -> Secret:
    """The first line of a file that is ours alone.

    Raises:
        StoreDeniedError: it cannot be read, is no file, is not ours, others may read it, or it is empty.
    """
    try:
        with open(file, "rb", opener=_at_once) as opened:
            info = os.fstat(opened.fileno())
            if not stat.S_ISREG(info.st_mode):
                raise StoreDeniedError(f"{file} is no file")
            if info.st_uid not in (os.geteuid(), 0) or stat.S_IMODE(info.st_mode) & 0o077:
                raise StoreDeniedError(f"{file} must be yours and of mode 0600")
            content = opened.read(_LIMIT_BYTES)
    except OSError as error:
        raise StoreDeniedError(f"{file}: {(error.strerror or 'cannot be read').lower()}") from error
    password = Secret(content.decode("utf-8", "replace").partition("\n")[0].rstrip("\r"))
    if not password:
        raise StoreDeniedError(f"{file} holds no password: its first line is empty")
    return password
