"""A real mongod 2.6.10, one a module: what a test breaks it mends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aen_tui.model.secret import Secret
from tests.lab import fetched
from tests.lab.fixtures import need_fetched
from tests.support.mongod import Mongod, running


class Person:
    """Types what the test says, and counts."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.asked: list[str] = []

    async def ask(self, node: str, text: str, *, secret: bool = True) -> Secret | None:
        assert secret
        self.asked.append(text)
        return Secret(self.text)


@pytest.fixture(scope="session")
def mongod_program() -> Path:
    need_fetched(fetched.mongod)
    return fetched.mongod()


@pytest.fixture
def mongod(mongod_program: Path, tmp_path: Path) -> Iterator[Mongod]:
    with running(tmp_path / "node") as daemon:
        yield daemon
