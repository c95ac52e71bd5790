"""A runtime for one command: inventory, targets, and the terminal that may be asked for secrets."""

from __future__ import annotations

from collections.abc import Collection

from aen_tui.cli.options import WholeOptions
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName
from aen_tui.runtime.cluster import Runtime
from aen_tui.transports.credentials import Prompter


def runtime_for(
    inventory: Inventory,
    whole: WholeOptions,
    prompter: Prompter | None = None,
    *,
    folds: bool = False,
    only: Collection[NodeName] | None = None,
    first: Collection[NodeName] = (),
) -> Runtime:
    """The runtime of a command; secrets are asked on the terminal, where there is one, unless another way is given.

    Args:
        inventory: what is looked at.
        whole: options of the whole program.
        prompter: the other way.
        folds: as `Runtime` takes it.
        only: as `Runtime` takes it.
        first: as `Runtime` takes it.
    """
    from aen_tui.cli.terminal_prompter import TerminalPrompter
    from aen_tui.diagnostics import harden_process, start_diagnostics

    harden_process()
    start_diagnostics()
    prompter = prompter or TerminalPrompter()
    return Runtime(inventory, read_only=whole.read_only, prompter=prompter, folds=folds, only=only, first=first)
