"""`aen-tui info`: versions, paths, and what was written where."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

import click

from aen_tui import __version__
from aen_tui.cli.options import WholeOptions, whole_options

_PACKAGES = ("textual", "plotext", "asyncssh", "cryptography", "pymongo", "httpx", "psutil", "msgspec", "ClusterShell")


@click.command("info")
@click.option("--probe", is_flag=True, help="Print the probe's source, as it is sent to nodes, and its hash.")
@click.option("--sudoers", is_flag=True, help="Print the lines of sudoers that actions need, and nothing more.")
@click.option("--coverage", is_flag=True, help="Print what AEN's documents name, and what looks after it.")
@click.option("--json", "as_json", is_flag=True, help="With --coverage: one JSON document.")
@whole_options
def COMMAND(probe: bool, sudoers: bool, coverage: bool, as_json: bool, whole: WholeOptions) -> int:  # noqa: N802
    """Versions, paths, what was written where."""
    if coverage:
        from aen_tui.headless.coverage import write_coverage

        write_coverage(sys.stdout, as_json=as_json)
        return 0
    if probe:
        return _print_probe()
    if sudoers:
        return _print_sudoers(whole)
    from aen_tui.config.paths import cache_folder, config_folder, inventory_file, state_folder
    from aen_tui.config.policy import load_policy

    click.echo(f"aen-tui {__version__}")
    click.echo(f"Python {platform.python_version()} ({sys.executable})")
    for package in _PACKAGES:
        try:
            click.echo(f"  {package} {version(package)}")
        except PackageNotFoundError:
            click.echo(f"  {package} is not installed")
    click.echo(f"inventory  {whole.inventory or inventory_file()}")
    click.echo(f"config     {config_folder()}")
    policy = load_policy()
    said = policy.error or ("is kept to" if policy.file.exists() else "is not there")
    click.echo(f"policy     {policy.file}: {said}")
    click.echo(f"cache      {cache_folder()}")
    click.echo(f"state      {state_folder()}")
    for folder in (cache_folder(), state_folder()):
        for path in sorted(folder.glob("*")):
            click.echo(f"  {path}  {path.stat().st_size} bytes")
    return 0


def _print_sudoers(whole: WholeOptions) -> int:
    from aen_tui.actions.sudoers import sudoers_text
    from aen_tui.transports.logins import logins_of

    inventory = whole.load()
    click.echo(sudoers_text(inventory, logins_of(inventory)), nl=False)
    return 0


def _print_probe() -> int:
    from aen_tui.transports.payload import errand_names, errand_source, probe_sha256, probe_source

    click.echo(f"# sha256 {probe_sha256()}")
    click.echo(probe_source().decode("ascii"))
    for name in errand_names():
        click.echo(f"# errand {name}, sent when it is wanted; its SHA-256 stands in ERRANDS above")
        click.echo(errand_source(name))
    return 0
