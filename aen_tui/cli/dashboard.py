"""The dashboard, and `aen-tui view`: the dashboard opened on some logs."""

from __future__ import annotations

import asyncio

import click

from aen_tui.cli.options import WholeOptions, whole_options
from aen_tui.errors import AenError
from aen_tui.model.inventory import Inventory
from aen_tui.model.logs import LogKey


def open_dashboard(inventory: Inventory, whole: WholeOptions, logs: list[LogKey] | None = None) -> int:
    """Run the dashboard until it is left."""
    import sys

    if not sys.stdout.isatty():
        raise AenError("the dashboard wants a terminal", hint="`aen-tui status` and `aen-tui logs` do not")
    # loaded before the loop begins, which then is free from its first moment on
    from aen_tui.cli.session import runtime_for
    from aen_tui.ui.prompter import ScreenPrompter
    from aen_tui.ui.run import DashboardOptions, run_dashboard

    prompter = ScreenPrompter()
    options = DashboardOptions(
        theme=whole.theme, keymap=whole.keymap or "default", mouse=not whole.no_mouse, logs=logs, prompter=prompter
    )
    first = {key.node for key in logs or ()}
    runtime = runtime_for(inventory, whole, prompter, folds=True, first=first)
    return asyncio.run(run_dashboard(runtime, options))


@click.command("view")
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@whole_options
def COMMAND(targets: tuple[str, ...], whole: WholeOptions) -> int:  # noqa: N802
    """The dashboard, opened on these logs (NODE:/any/path works)."""
    from aen_tui.config.policy import load_policy
    from aen_tui.config.targets import parse_targets
    from aen_tui.runtime.log_sources import log_keys

    inventory = load_policy().within(whole.load())
    return open_dashboard(inventory, whole, log_keys(parse_targets(targets, inventory), inventory))
