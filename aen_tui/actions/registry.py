"""Every action of the shelf, found by listing its folder."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from aen_tui.actions.scene import Action
from aen_tui.model.plans import ActionName


@cache
def actions() -> Mapping[ActionName, Action]:
    """Name -> action."""
    found: dict[ActionName, Action] = {}
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name != "registry":
            action = getattr(importlib.import_module(f"aen_tui.actions.{module.name}"), "ACTION", None)
            if action is not None:
                found[action.name] = action
    return found
