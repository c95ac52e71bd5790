"""The fixture of the odd lab, for the conftest of every folder whose tests want it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.fixtures import need_lab
from tests.lab.lab import Lab
from tests.whole import odd


@pytest.fixture(scope="session")
def odd_lab() -> Iterator[Lab]:
    """A lab in which hardly a node is ordinary; see odd.py."""
    need_lab()
    with odd.start() as started:
        yield started
