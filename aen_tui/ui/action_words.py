"""What follows `:restart`, `:start` and `:stop`: TARGETs, and for a rolling plan its options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from aen_tui.errors import AenError
from aen_tui.model.inventory import RollingSettings

_SIZES = {"--canary": "canary", "--batch": "batch", "--max-failures": "max_failures"}


@dataclass(frozen=True, slots=True)
class ActionWords:
    """A line, understood."""

    targets: tuple[str, ...]
    rolling: bool
    sizes: RollingSettings

    @classmethod
    def parse(cls, words: Sequence[str], sizes: RollingSettings) -> Self:
        """`TARGET... --rolling --batch 3`, `--batch=3`; options anywhere.

        Args:
            words: after the command.
            sizes: what holds where the line says nothing.

        Raises:
            AenError: no such option, no number after it, no target.
        """
        targets: list[str] = []
        given: dict[str, int] = {}
        is_rolling = idle_only = False
        left = list(words)
        while left:
            word, sign, value = left.pop(0).partition("=")
            if word == "--rolling" and not sign:
                is_rolling = True
            elif word == "--idle-only" and not sign:
                idle_only = True
            elif word in _SIZES:
                given[_SIZES[word]] = _number(word, value if sign else left.pop(0) if left else "")
            elif word.startswith("--"):
                raise AenError(f"no option `{word}`", hint="--rolling, --idle-only, " + ", ".join(_SIZES))
            else:
                targets.append(f"{word}{sign}{value}")
        if not targets:
            raise AenError("no target", hint="NODE/SERVICE, @compute/SERVICE")
        if (given or idle_only) and not is_rolling and not any(target.endswith("/everything") for target in targets):
            raise AenError(f"{', '.join(_SIZES)} and --idle-only want --rolling")
        return cls(tuple(targets), is_rolling, replace(sizes, idle_only=idle_only, **given))


def _number(option: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise AenError(f"{option} wants a number")
    return int(text)
