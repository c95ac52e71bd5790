"""What no package of Debian has: MongoDB 2.6.10, and supervisor 3.x on Python 2.7. Fetched once into a cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cramjam

from tests.lab.errors import LabError

MONGOD_PACKAGE = "mongodb-mock@0.1.3"
"""An npm package that carries the generic Linux build, in snappy's framing format; never committed (AGPL)."""
MONGOD_TARBALL_URL = "https://registry.npmjs.org/mongodb-mock/-/mongodb-mock-0.1.3.tgz"
MONGOD_TARBALL_SHA256 = "cd7b868bd1e0855cbfaec8690360650bcf3016488745a1ef66ed64508a7592de"
MONGOD_MEMBER = "package/versions/mongod-linux-x86_64-2.6.10.sz"
MONGOD_SHA256 = "7627f6e3bc3da4f5e0528049331af33e09a38743e23e540dfd54eac159ddef7b"
MELD3 = "meld3==1.0.2"
"""The last meld3 that Python 2.7 and every supervisor 3.x take."""
FETCH_SECONDS = 300


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/aen-tui-lab`, made where missing."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(base) / "aen-tui-lab"
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    return folder


def mongod() -> Path:
    """The mongod 2.6.10 program, checked by its hash.

    Raises:
        LabError: it cannot be fetched, or is not what it should be.
    """
    place = cache_folder() / "mongod-2.6.10"
    if place.exists() and _sha256(place.read_bytes()) == MONGOD_SHA256:
        return place
    with tempfile.TemporaryDirectory(dir=cache_folder()) as folder:
        tarball = _fetch_tarball(Path(folder))
        if _sha256(tarball.read_bytes()) != MONGOD_TARBALL_SHA256:
            raise LabError(f"{MONGOD_PACKAGE}: the archive's sha256 is not {MONGOD_TARBALL_SHA256}")
        with tarfile.open(tarball) as archive:
            member = archive.extractfile(MONGOD_MEMBER)
            assert member is not None
            program = bytes(cramjam.snappy.decompress(member.read()))
        if _sha256(program) != MONGOD_SHA256:
            raise LabError(f"{MONGOD_MEMBER}: the program's sha256 is not {MONGOD_SHA256}")
        unpacked = Path(folder) / "mongod"
        unpacked.write_bytes(program)
        unpacked.chmod(0o755)
        unpacked.replace(place)
    return place


def python27_prefix() -> Path | None:
    """The installation prefix of a Python 2.7 on PATH, under ~/.pyenv/versions or in $AEN_TUI_PYTHONS, or None."""
    candidates = [*_named_pythons(), *sorted(Path.home().glob(".pyenv/versions/2.7*/bin/python2.7"), reverse=True)]
    found = shutil.which("python2.7")
    if found is not None:
        candidates.append(Path(found))
    for candidate in candidates:
        if not candidate.exists():
            continue
        ask = "import sys; sys.stdout.write('%d.%d %s' % (sys.version_info[0], sys.version_info[1], sys.prefix))"
        done = subprocess.run([candidate, "-c", ask], capture_output=True, text=True, check=False)
        version, _, prefix = done.stdout.partition(" ")
        if done.returncode == 0 and version == "2.7":
            return Path(prefix)
    return None


def supervisor_3(version: str) -> Path:
    """A folder that, on Python 2.7's module path, holds supervisor `version` and meld3.

    Raises:
        LabError: there is no Python 2.7, or its pip could not install.
    """
    prefix = python27_prefix()
    if prefix is None:
        raise LabError("supervisor 3.x needs a Python 2.7 on PATH, under ~/.pyenv/versions or in $AEN_TUI_PYTHONS")
    place = cache_folder() / f"supervisor-{version}"
    if place.exists():
        return place
    with tempfile.TemporaryDirectory(dir=cache_folder()) as folder, _named("supervisor", version):
        target = Path(folder) / "site"
        command = [f"{prefix}/bin/python2.7", "-m", "pip", "install", "--quiet", "--target", str(target)]
        subprocess.run(
            [*command, f"supervisor=={version}", MELD3],
            check=True,
            capture_output=True,
            text=True,
            timeout=FETCH_SECONDS,
        )
        # The namespace .pth beside it is not read from a PYTHONPATH.
        (target / "supervisor" / "__init__.py").touch()
        target.chmod(0o755)
        target.replace(place)
    return place


def _named_pythons() -> list[Path]:
    return [Path(name) for name in os.environ.get("AEN_TUI_PYTHONS", "").replace(",", ":").split(":") if name]


def _fetch_tarball(folder: Path) -> Path:
    """By npm where it is there (it knows the site's registry and proxy), else straight."""
    place = folder / "mongodb-mock-0.1.3.tgz"
    if shutil.which("npm"):
        command = ["npm", "pack", "--silent", MONGOD_PACKAGE]
    elif shutil.which("curl"):
        command = [
            "curl",
            "--fail",
            "--silent",
            "--show-error",
            "--location",
            "--output",
            str(place),
            MONGOD_TARBALL_URL,
        ]
    else:
        raise LabError("MongoDB 2.6.10 is fetched by npm or curl, and neither is here")
    with _named(*MONGOD_PACKAGE.split("@")):
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=FETCH_SECONDS)
    return place


@contextmanager
def _named(name: str, version: str) -> Iterator[None]:
    try:
        yield
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise LabError(f"{name} {version} could not be fetched: {error.stderr or error!s}") from error


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
