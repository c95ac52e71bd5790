"""`aen-tui logs`."""

from __future__ import annotations

import asyncio
import sys

import click

from aen_tui.cli.options import WholeOptions, whole_options


@click.command("logs")
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("-f", "--follow", is_flag=True, help="Go on until ^C.")
@click.option("-n", "--lines", type=click.IntRange(min=0), default=10, show_default=True, help="Lines per source.")
@click.option("--grep", metavar="RE", help="Only lines that match.")
@click.option(
    "--level",
    type=click.Choice(["debug", "info", "warning", "error", "critical"]),
    help="Records with a line of at least this level, whole.",
)
@click.option("--since", metavar="T", help="From a time on (14:05, -15m).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--raw", is_flag=True, help="One source: the file's bytes and nothing else.")
@whole_options
def COMMAND(  # noqa: N802
    targets: tuple[str, ...],
    follow: bool,
    lines: int,
    grep: str | None,
    level: str | None,
    since: str | None,
    as_json: bool,
    raw: bool,
    whole: WholeOptions,
) -> int:
    """Logs to stdout, merged by time."""
    from aen_tui.cli.session import runtime_for
    from aen_tui.config.policy import load_policy
    from aen_tui.config.targets import parse_targets
    from aen_tui.headless.logs import LogOptions, run_logs
    from aen_tui.runtime.log_sources import guessed_keys, log_keys, telling_nodes

    inventory = load_policy().within(whole.load())
    wanted = parse_targets(targets, inventory)
    sources, guessed = log_keys(wanted, inventory), guessed_keys(wanted, inventory)
    telling = {} if raw else telling_nodes(wanted, inventory)
    options = LogOptions(follow, lines, grep, level, since, as_json, raw, guessed, telling)
    runtime = runtime_for(inventory, whole, only={key.node for key in sources})
    return asyncio.run(run_logs(runtime, sources, options, sys.stdout.buffer, sys.stderr))
