"""`aen-tui audit`."""

from __future__ import annotations

import sys

import click

from aen_tui.cli.options import WholeOptions, whole_options


@click.command("audit")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@whole_options
def COMMAND(as_json: bool, whole: WholeOptions) -> int:  # noqa: N802
    """Who did what, with what result."""
    from aen_tui.headless.audit import run_audit

    return run_audit(as_json=as_json, stdout=sys.stdout)
