"""The command group: without a command, the dashboard."""

from __future__ import annotations

import click

from aen_tui import __version__
from aen_tui.cli.options import WholeOptions, whole_options


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="aen-tui")
@whole_options
@click.pass_context
def root(context: click.Context, whole: WholeOptions) -> int | None:
    """Every node of an Anaconda Enterprise Notebooks installation, live, in a terminal."""
    if context.invoked_subcommand is not None:
        return None
    from aen_tui.cli.dashboard import open_dashboard

    return open_dashboard(whole.load(), whole)


def _add_commands() -> None:
    from aen_tui.cli import audit, check, dashboard, demo, do, info, logs, status

    for module in (demo, status, check, logs, dashboard, do, audit, info):
        root.add_command(module.COMMAND)


_add_commands()
