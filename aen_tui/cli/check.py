"""`aen-tui check`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from aen_tui.cli.options import WholeOptions, whole_options


@click.command("check")
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("--json", "as_json", is_flag=True, help="One JSON document, passed findings included.")
@click.option(
    "--diff",
    "before",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Tell what differs from an earlier `check --json`: before and after an upgrade.",
)
@whole_options
def COMMAND(targets: tuple[str, ...], as_json: bool, before: Path | None, whole: WholeOptions) -> int:  # noqa: N802
    """Preflight against AEN's documented requirements; exit 0 ok, 1 warning, 2 critical, 3 unknown."""
    from aen_tui.cli.session import runtime_for
    from aen_tui.config.targets import nodes_of, parse_targets
    from aen_tui.headless.check import looked_at_too, run_check
    from aen_tui.headless.check_diff import earlier_document

    if as_json and before is not None:
        raise click.UsageError("--json is the whole document, --diff tells differences: choose one")

    inventory = whole.load()
    wanted = nodes_of(parse_targets(targets, inventory))
    runtime = runtime_for(inventory, whole, only=looked_at_too(inventory, wanted))
    earlier = None if before is None else earlier_document(before)
    return asyncio.run(run_check(runtime, wanted, as_json=as_json, stdout=sys.stdout, before=earlier))
