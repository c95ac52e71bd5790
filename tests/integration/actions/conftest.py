"""A supervisord with two programs, and a terminal."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.integration.actions.supervisord import Rig
from tests.integration.actions.test_do import Terminal, ready


@pytest.fixture
async def made() -> AsyncIterator[Rig]:
    """`wk-server` and `worker`, both RUNNING."""
    async with ready() as found:
        yield found


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """The operator's side types."""
    with contextlib.closing(Terminal()) as opened:
        yield opened
