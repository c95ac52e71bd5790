"""Options that concern the whole program: accepted before and after the command, the later one wins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import update_wrapper
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from aen_tui.model.inventory import Inventory

EXIT_USAGE = 64

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class WholeOptions:
    """What the command line says of the whole program."""

    inventory: Path | None = None
    read_only: bool = False
    theme: str | None = None
    keymap: str | None = None
    no_mouse: bool = False

    def load(self) -> Inventory:
        """The inventory that is meant.

        Raises:
            ConfigError: it is wrong or not there.
        """
        from aen_tui.config.load import load_inventory
        from aen_tui.config.paths import inventory_file

        return load_inventory(self.inventory or inventory_file())


_OPTIONS = (
    click.option("--inventory", type=click.Path(path_type=Path), metavar="FILE", help="The installation's inventory."),
    click.option("--read-only", is_flag=True, help="Nothing in this run can change a node."),
    click.option("--theme", metavar="NAME", help="Colours, such as aen-light; a wrong name lists them all."),
    click.option("--keymap", type=click.Choice(["default", "less", "plain"]), help="Which keys do what."),
    click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal."),
)


def whole_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of the whole program; they arrive as one `whole: WholeOptions`."""

    @click.pass_context
    def merged(context: click.Context, /, *args: Any, **kwargs: Any) -> Any:
        before = context.obj if isinstance(context.obj, WholeOptions) else WholeOptions()
        given = {name: kwargs.pop(name) for name in ("inventory", "read_only", "theme", "keymap", "no_mouse")}
        whole = replace(before, **{name: value for name, value in given.items() if value})
        context.obj = whole
        return context.invoke(command, *args, whole=whole, **kwargs)

    wrapped: Callable[..., Any] = update_wrapper(merged, command)
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped
