"""The argument of `:maintenance`: `TARGET… 2h REASON`, `TARGET… off`."""

from __future__ import annotations

import re

from aen_tui.config.targets import Target, parse_targets
from aen_tui.errors import AenError
from aen_tui.model.inventory import Inventory
from aen_tui.model.maintenance import parse_length
from aen_tui.ui.messages import MaintenanceRequested

_USAGE = ":maintenance TARGET 2h REASON, or :maintenance TARGET off"
END = "off"
_LENGTH = re.compile(r"[0-9]+[a-z]?\Z")


def maintenance_request(argument: str, inventory: Inventory) -> MaintenanceRequested:
    """What is asked for.

    Raises:
        AenError: no target, no length, no reason.
    """
    words = argument.split()
    for at, word in enumerate(words):
        if at and word == END and at == len(words) - 1:
            return MaintenanceRequested(_targets(words[:at], inventory), None)
        if at and _LENGTH.match(word):
            try:
                seconds = parse_length(word)
            except ValueError as error:
                raise AenError(str(error), hint=_USAGE) from None
            reason = " ".join(words[at + 1 :])
            if not reason:
                raise AenError("a maintenance wants a reason", hint=_USAGE)
            return MaintenanceRequested(_targets(words[:at], inventory), seconds, reason)
    raise AenError("it wants a time and a reason", hint=_USAGE)


def _targets(words: list[str], inventory: Inventory) -> list[Target]:
    found = parse_targets(words, inventory)
    for target in found:
        if target.path is not None:
            raise AenError(f"`{target.node}:{target.path}` is a path: no maintenance is of one", hint=_USAGE)
    return found
