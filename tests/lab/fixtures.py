"""The `lab` fixture, for the conftest of every folder whose tests want it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest

from tests.lab.errors import LabError
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


def need_fetched(fetch: Callable[[], object]) -> None:
    """Runs `fetch`; where that fails (no network) the test is skipped, or failed in CI, by what it says."""
    try:
        fetch()
    except LabError as error:
        lacking(str(error))


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """Seven ordinary nodes: a server, two gateways, four computes."""
    need_lab()
    with Lab.start(gateways=2, computes=4) as started:
        yield started
