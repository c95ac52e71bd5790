"""argv -> one command. One file a command; each imports what it needs only when it runs.

Exit codes (design 4): `status` and `check` 0 ok, 1 warning, 2 critical, 3 unknown; `do` 0 verified, 1 failed,
2 usage or refused, 3 unverified; a wrong command line or inventory is 64 elsewhere. Interrupted: 130, `do` 2 before
anything was begun and 3 after it.
"""

from __future__ import annotations

import gc
import sys

import click

from aen_tui.cli.options import EXIT_USAGE
from aen_tui.errors import AenError, ConfigError

EXIT_INTERRUPTED = 130


def main(argv: list[str] | None = None) -> None:
    """Run the command line and exit."""
    # Collecting while everything is imported and connected finds nothing; `Runtime.running` goes on with it.
    gc.disable()
    from aen_tui.cli.root import root

    words = sys.argv[1:] if argv is None else argv
    sys.exit(_run(root, words))


def _run(root: click.Group, words: list[str]) -> int:
    command = next((word for word in words if word in root.commands), None)
    usage, interrupted = (2, 2) if command == "do" else (EXIT_USAGE, EXIT_INTERRUPTED)
    try:
        result = root.main(words, prog_name="aen-tui", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        return interrupted
    except click.ClickException as error:
        error.show()
        return usage
    except AenError as error:
        click.echo(f"aen-tui: {error if isinstance(error, ConfigError) else error.whole}", err=True)
        return usage
    return result if isinstance(result, int) else 0
