"""Interpreters: every one at hand for what must hold everywhere, the oldest and the newest for the rest."""

from __future__ import annotations

from typing import Any

import pytest

from tests.probe.harness import interpreters

EVERY = interpreters()
ENDS = [EVERY[0], EVERY[-1]] if len(EVERY) > 1 else EVERY


@pytest.fixture(params=EVERY, ids=lambda path: "-".join(path.split("/")[-3:]))
def every_python(request) -> Any:
    """Each interpreter at hand, one a version."""
    return request.param


@pytest.fixture(params=ENDS, ids=lambda path: "-".join(path.split("/")[-3:]))
def python(request) -> Any:
    """The oldest and the newest interpreter."""
    return request.param
