"""The `lab` fixture, for the conftest of every folder whose tests want it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NoReturn

import pytest

from tests.lab.lab import Lab
from tests.lab.requirements import skip_reason


def need_lab() -> None:
    """Skips the test by the name of what is missing; in CI (CI=true) it fails instead."""
    reason = skip_reason()
    if reason:
        lacking(reason)


def lacking(reason: str) -> NoReturn:
    """Skips the test by name, or fails it in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """Seven ordinary nodes: a server, two gateways, four computes."""
    need_lab()
    with Lab.start(gateways=2, computes=4) as started:
        yield started
