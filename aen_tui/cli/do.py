"""`aen-tui do`."""

from __future__ import annotations

import asyncio
import sys

import click

from aen_tui.cli.options import WholeOptions, whole_options
from aen_tui.model.plans import ActionName


@click.command("do")
@click.argument("action", type=click.Choice([action.value for action in ActionName]))
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@click.option("--dry-run", is_flag=True, help="Show the plan, do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--settle", is_flag=True, help="Wait out the settle time before saying verified.")
@click.option("--reason", metavar="TEXT", help="Why; goes to the audit.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@whole_options
def COMMAND(  # noqa: N802
    action: str,
    targets: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    settle: bool,
    reason: str | None,
    as_json: bool,
    whole: WholeOptions,
) -> int:
    """Restart, start or stop a service: the same plans as the dashboard's cards."""
    from aen_tui.cli.session import runtime_for
    from aen_tui.config.targets import parse_targets
    from aen_tui.headless.do import DoOptions, run_do

    inventory = whole.load()
    options = DoOptions(dry_run=dry_run, yes=yes, settle=settle, reason=reason, as_json=as_json)
    parsed = parse_targets(targets, inventory)
    runtime = runtime_for(inventory, whole)
    return asyncio.run(run_do(runtime, ActionName(action), parsed, options, sys.stdout, sys.stderr, sys.stdin))
