"""A real mongod 2.6.10, one a module: what a test breaks it mends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import fetched
from tests.lab.fixtures import need_fetched
from tests.support.mongod import Mongod, running


@pytest.fixture(scope="session")
def mongod_program() -> Path:
    need_fetched(fetched.mongod)
    return fetched.mongod()


@pytest.fixture
def mongod(mongod_program: Path, tmp_path: Path) -> Iterator[Mongod]:
    with running(tmp_path / "node") as daemon:
        yield daemon
