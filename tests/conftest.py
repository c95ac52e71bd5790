"""Fixtures of tests in several folders."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # how long an example takes says how busy the machine is
settings.load_profile("steady")


@pytest.fixture
def dev_log(tmp_path: Path) -> Iterator[socket.socket]:
    """A syslog's socket at `log`; whoever reads waits for a minute."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(str(tmp_path / "log"))
        made.settimeout(60)
        yield made
