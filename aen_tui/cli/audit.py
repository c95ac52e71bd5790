"""`aen-tui audit`."""

from __future__ import annotations

import sys

import click

from aen_tui.cli.options import WholeOptions, whole_options


@click.command("audit")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--verify", is_flag=True, help="Whether the records are as they were written: 0 yes, 1 doubt, 2 no.")
@click.option("--no-reads", is_flag=True, help="Without probes that only read, under sudo.")
@whole_options
def COMMAND(as_json: bool, verify: bool, no_reads: bool, whole: WholeOptions) -> int:  # noqa: N802
    """Who did what, with what result."""
    from aen_tui.errors import ConfigError
    from aen_tui.headless.audit import run_audit, run_verify

    if verify:
        return run_verify(as_json=as_json, stdout=sys.stdout)
    lease_dir = None
    try:
        lease_dir = whole.load().actions.lease_dir
    except ConfigError:
        if whole.inventory is not None:
            raise  # else: what was done can be read without an inventory
    return run_audit(as_json=as_json, stdout=sys.stdout, lease_dir=lease_dir, with_reads=not no_reads)
