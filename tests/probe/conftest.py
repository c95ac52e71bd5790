"""Interpreters: each one at hand for what must hold everywhere, the oldest and newest for the rest; a certificate."""

from __future__ import annotations

import subprocess
from pathlib import Path
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


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate of 20 days, its key, and a bundle that has it twice."""
    folder = tmp_path_factory.mktemp("tls")
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 20 -subj /CN=aen.example.com -keyout key -out crt"
    make += " -addext subjectAltName=DNS:aen.example.com"
    subprocess.run(make.split(), cwd=folder, check=True, capture_output=True)
    (folder / "crt-bundle.pem").write_bytes((folder / "crt").read_bytes() * 2)
    return folder
