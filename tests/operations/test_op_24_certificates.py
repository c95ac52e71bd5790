"""24: the certificate that is served and the one on disk, with dates and names; bundles; the license's days."""

from __future__ import annotations

import http.server
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aen_tui.checks.preflight import Look, Verdict
from aen_tui.checks.preflight.certificate_dates import REQUIREMENT
from aen_tui.checks.preflight.license import REQUIREMENT as LICENSE
from aen_tui.model.node import HttpTarget
from aen_tui.model.node_facts import NodeFacts
from aen_tui.model.reading import Reading
from aen_tui.sources import requirements_reach
from tests.probe.test_preflight_errands import errand, settings_of
from tests.support.states import cluster_state, inventory

CERTIFICATE = "nginx.crt"


def make(folder: Path, name: str, days: int) -> None:
    """A key and a certificate, anew."""
    words = f"openssl req -x509 -newkey rsa:2048 -nodes -days {days} -subj /CN={name} -keyout key -out {CERTIFICATE}"
    subprocess.run(
        [*words.split(), "-addext", f"subjectAltName=DNS:{name}"], cwd=folder, check=True, capture_output=True
    )


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """A server that has read the certificate once, as nginx does."""
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / CERTIFICATE, folder / "key")
    running.socket = context.wrap_socket(running.socket, server_side=True)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    try:
        yield running.server_port
    finally:
        running.shutdown()
        thread.join()
        running.server_close()


def look_at(facts: NodeFacts, url: str = "http://aen.example.com") -> Look:
    """The server of a made-up installation, today."""
    node = next(iter(cluster_state(problems=False).nodes.values()))
    target = HttpTarget("server", url, ("/",), node.name, node.name, wants_document=True)
    node = replace(node, spec=replace(node.spec, http=(target,)))
    return Look(node, facts, inventory(), datetime.now(UTC).timestamp())


def judged(folder: Path, port: int) -> list[Verdict]:
    """What is said after a look by the probe, at the file and at the server."""
    settings = errand(sys.executable, "settings", {"certificates": [str(folder / "*.crt"), str(folder / "*.pem")]})
    reach = errand(sys.executable, "reach", {"tls": [["aen.example.com", "127.0.0.1", port]]})
    facts = NodeFacts(
        settings=Reading(settings_of(settings), 1.0),
        reach=Reading(requirements_reach.decode(reach), 1.0),
    )
    return list(REQUIREMENT.evaluate(look_at(facts, f"https://aen.example.com:{port}")))


def day_in(days: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


def test_a_certificate_that_was_renewed_and_not_reloaded(tmp_path: Path) -> None:
    ends = {day_in(5)}
    make(tmp_path, "old.example.com", 5)
    ends.add(day_in(5))  # it may be another by then
    with serving(tmp_path) as port:
        before = judged(tmp_path, port)
        assert [one.severity.word for one in before] == ["warning", "warning"], "both expire very soon"
        assert all("very soon" in one.message for one in before)
        make(tmp_path, "new.example.com", 90)
        (tmp_path / "ca.pem").write_bytes((tmp_path / CERTIFICATE).read_bytes() * 2)
        after = judged(tmp_path, port)
    assert sum("days left (new.example.com)" in one.message for one in after) == 3, "the file, and two of the bundle"
    (differs,) = [one for one in after if "another certificate" in one.message]
    said = {f"old.example.com until {day}; on disk new.example.com until" for day in ends}
    assert any(words in differs.message for words in said), differs.message
    assert (differs.severity.word, differs.remedy) == ("warning", "reload the service that serves")


@pytest.mark.parametrize(("days", "word"), [(-1, "critical"), (12, "warning"), (200, "ok")])
def test_the_license_counts_down(days: int, word: str) -> None:
    look = look_at(NodeFacts())
    day = datetime.fromtimestamp(look.now, UTC).date() + timedelta(days=days)
    look = replace(look, inventory=replace(look.inventory, license_expires=day))
    (verdict,) = [one for one in LICENSE.evaluate(look) if str(day) in one.message]
    assert verdict.severity.word == word
    assert days < 0 or f"{days} days" in verdict.message
