"""Asks for passphrases, passwords and codes on the terminal, without echo."""

from __future__ import annotations

import sys

from aen_tui.headless.terminal_answer import ask, ask_masked
from aen_tui.model.secret import Secret
from aen_tui.model.text import visible_line


class TerminalPrompter:
    """Where there is a terminal; elsewhere every question is answered with None."""

    async def ask(self, node: str, text: str, *, secret: bool = True) -> Secret | None:
        """Ask one question; None where nobody can answer."""
        if not sys.stdin.isatty():
            return None
        question = f"{visible_line(node, 100)}: {visible_line(text, 300)}: "
        return Secret(await (ask_masked if secret else ask)(question, sys.stdin, sys.stderr))
