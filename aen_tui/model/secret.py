"""Secrets that mask themselves."""

from __future__ import annotations

from typing import NoReturn


class Secret:
    """A password or passphrase, in memory only.

    Not a `str`, so that no format, join or log line can show it by accident; `reveal` is the one
    way to the text and is called only where it is written to a terminal or a crypto library.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return id(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not written anywhere")
