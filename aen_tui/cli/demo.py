"""`aen-tui demo`: an installation on this machine, without root, and the dashboard on it."""

from __future__ import annotations

import click

from aen_tui.cli.options import WholeOptions, whole_options


@click.command("demo")
@click.option("--computes", type=click.IntRange(0, 60), default=6, show_default=True, help="Computes, in total.")
@click.option("--gateways", type=click.IntRange(1, 8), default=2, show_default=True, help="Gateways (data centers).")
@click.option("--serve", is_flag=True, help="No dashboard: print the inventory's path, run until ^C.")
@click.option(
    "--scenario", type=click.Choice(["living", "none"]), default="living", show_default=True, help="What happens."
)
@whole_options
def COMMAND(computes: int, gateways: int, serve: bool, scenario: str, whole: WholeOptions) -> int:  # noqa: N802
    """An AEN installation on this machine, without root, and the dashboard on it."""
    from aen_tui.demo import DemoOptions, installation
    from aen_tui.demo import serve as serve_demo

    options = DemoOptions(computes=computes, gateways=gateways, scenario=scenario)
    if serve:
        return serve_demo(options)
    from aen_tui.cli.dashboard import open_dashboard
    from aen_tui.config.load import load_inventory

    click.echo("starting an installation on this machine ...", err=True)
    with installation(options) as path:
        return open_dashboard(load_inventory(path), whole)
