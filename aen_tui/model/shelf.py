"""Shelves: folders in which each file is one thing of a kind, found by listing the folder."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeVar

T = TypeVar("T")


def shelved(package: str, export: str, kind: type[T]) -> Iterator[T]:
    """What each file of a package exports under one name, by file name; folders and `_files` are passed over.

    Raises:
        TypeError: a file exports none; the program must not start without it.
    """
    for module in sorted(iter_modules(import_module(package).__path__), key=lambda info: info.name):
        if module.ispkg or module.name.startswith("_"):
            continue
        thing = getattr(import_module(f"{package}.{module.name}"), export, None)
        if not isinstance(thing, kind):
            raise TypeError(f"{package}.{module.name} exports no {export}")
        yield thing
