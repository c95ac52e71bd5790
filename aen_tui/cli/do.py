"""`aen-tui do`."""

from __future__ import annotations

import asyncio
import sys

import click

from aen_tui.cli.options import WholeOptions, whole_options
from aen_tui.model.plans import ActionName

_EPILOG = """\b
TARGET is NODE/SERVICE, compute1-[1-25]/SERVICE, @server @gateway @compute @all or @dc:NAME with /SERVICE.
try-acl and try-clone want NODE alone: they make something on a compute node, look at it, and remove it again.
NODES/everything is every service of AEN's own on those nodes in the order of dependence: computes, gateways, nginx
and the server go down, and come up in reverse; mongod and elasticsearch only where they are named beside it:
  aen-tui do restart @all/everything aen-server/mongod
"""


@click.command("do", epilog=_EPILOG)
@click.argument("action", required=False, type=click.Choice([action.value for action in ActionName]))
@click.argument("targets", nargs=-1, metavar="TARGET...")
@click.option("--rolling", is_flag=True, help="In batches, the least busy node first, with a gate between batches.")
@click.option(
    "--canary", type=click.IntRange(0), metavar="N", help="Rolling: so many first, else as the inventory says."
)
@click.option("--batch", type=click.IntRange(1), metavar="N", help="Rolling: so many at a time after them.")
@click.option("--max-failures", type=click.IntRange(0), metavar="N", help="Rolling: more than these end it.")
@click.option("--idle-only", is_flag=True, help="Rolling: leave out nodes on which an app runs, or may run.")
@click.option("--resume", metavar="ID", help="Go on with a rolling job that was broken off; without ACTION and TARGET.")
@click.option("--dry-run", is_flag=True, help="Show the plan, do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--settle", is_flag=True, help="Wait out the settle time before saying verified; rolling always does.")
@click.option("--reason", metavar="TEXT", help="Why; goes to the audit.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@whole_options
def COMMAND(  # noqa: N802
    action: str | None,
    targets: tuple[str, ...],
    rolling: bool,
    canary: int | None,
    batch: int | None,
    max_failures: int | None,
    idle_only: bool,
    resume: str | None,
    dry_run: bool,
    yes: bool,
    settle: bool,
    reason: str | None,
    as_json: bool,
    whole: WholeOptions,
) -> int:
    """Restart, start or stop a service: the same plans as the dashboard's cards."""
    from aen_tui.cli.session import runtime_for
    from aen_tui.config.targets import nodes_of, parse_targets
    from aen_tui.headless.do import DoOptions, run_do
    from aen_tui.headless.do_rolling import RollingOptions, means_everything, run_resume, run_rolling
    from aen_tui.headless.status import looked_at

    sizes = RollingOptions(canary, batch, max_failures, idle_only)
    _refuse_wrong_usage(action, targets, resume, rolling=rolling, has_sizes=sizes != RollingOptions())
    inventory = whole.load()
    options = DoOptions(dry_run=dry_run, yes=yes, settle=settle, reason=reason, as_json=as_json)
    streams = (sys.stdout, sys.stderr, sys.stdin)
    if resume is not None:
        return asyncio.run(run_resume(runtime_for(inventory, whole), resume, options, *streams))
    parsed = parse_targets(targets, inventory)
    only = looked_at(inventory, nodes_of(parsed))  # each probe is a login, and under sudo a record, on a node
    name, runtime = ActionName(action or ""), runtime_for(inventory, whole, only=only)
    if rolling or means_everything(parsed):
        return asyncio.run(run_rolling(runtime, name, parsed, sizes, options, *streams))
    return asyncio.run(run_do(runtime, name, parsed, options, *streams))


def _refuse_wrong_usage(
    action: str | None, targets: tuple[str, ...], resume: str | None, *, rolling: bool, has_sizes: bool
) -> None:
    if resume is not None:
        if action is not None or targets or rolling or has_sizes:
            raise click.UsageError("--resume goes on with a job as it was: no ACTION, TARGET or sizes beside it")
        return
    if action is None:
        raise click.UsageError("Missing argument 'ACTION'.")
    if not targets:
        raise click.UsageError("Missing argument 'TARGET...'.")
    if has_sizes and not rolling and not any(target.endswith("/everything") for target in targets):
        raise click.UsageError("--canary, --batch, --max-failures and --idle-only want --rolling")
