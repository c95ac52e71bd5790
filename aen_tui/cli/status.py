"""`aen-tui status`."""

from __future__ import annotations

import asyncio
import sys

import click

from aen_tui.cli.options import WholeOptions, whole_options


@click.command("status")
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option(
    "--wait", "wait_seconds", type=click.FloatRange(min=0), metavar="SECONDS", help="Keep trying until all are up."
)
@whole_options
def COMMAND(targets: tuple[str, ...], as_json: bool, wait_seconds: float | None, whole: WholeOptions) -> int:  # noqa: N802
    """One look; exit 0 ok, 1 warning, 2 critical, 3 unknown."""
    from aen_tui.cli.session import runtime_for
    from aen_tui.config.targets import nodes_of, parse_targets
    from aen_tui.headless.status import looked_at, run_status

    inventory = whole.load()
    wanted = nodes_of(parse_targets(targets, inventory))
    runtime = runtime_for(inventory, whole, only=looked_at(inventory, wanted))
    return asyncio.run(run_status(runtime, wanted, as_json=as_json, wait_seconds=wait_seconds, stdout=sys.stdout))
