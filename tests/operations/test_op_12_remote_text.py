"""12: whatever a node says, nothing that a terminal obeys comes out, on any way out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.lab import Lab
from tests.lab.machine import LabNode
from tests.whole.test_status import command

DOCUMENT = "/opt/wakari/wakari-gateway/var/run/document.json"
LOG = "/opt/wakari/wakari-gateway/var/log/wakari/gateway.application.log"
CONF = "/opt/wakari/wakari-gateway/etc/supervisord/conf.d/hostile.conf"
HOSTILE = "A\x1b]0;owned\x07B\x9b2JC\u202eD\u2066E\u200bF\u2028G\x7fH\ud800I" + "J" + "\u0301" * 9 + "K"
HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]|\u0301{5}"
)
BYTES = HOSTILE.encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def hostile(lab: Lab) -> Iterator[LabNode]:
    """A gateway whose document, log and programs are full of it."""
    node = lab.nodes["gateway2"]
    node.path(DOCUMENT).write_text(json.dumps({"status": HOSTILE, "messages": [HOSTILE, {"x": HOSTILE}]}))
    node.append(LOG, b"2026-11-21T10:00:00.000Z - error: " + BYTES + b"\n" + BYTES + b"\n")
    yield node
    node.path(DOCUMENT).unlink()


def check(text: str) -> None:
    found = HARMFUL.search(text)
    assert found is None, ascii(text[max(0, found.start() - 40) : found.end() + 10])


@pytest.mark.parametrize(
    "words",
    [
        ["status", "gateway2", "--wait", "60"],
        ["status", "gateway2", "--wait", "60", "--json"],
        ["logs", f"gateway2:{LOG}", "-n", "40"],
        ["logs", f"gateway2:{LOG}", "-n", "40", "--json"],
        ["logs", "gateway2:/no\u202e/such\x1bfile"],
        ["do", "restart", "gateway2/wk-\x1b]0;x\x07gateway", "--dry-run"],
        ["do", "restart", "gateway2/wk-gateway", "--dry-run"],
    ],
)
def test_nothing_harmful_comes_out(hostile: LabNode, inventory_file: Path, words: list[str]) -> None:
    done = command(inventory_file, *words)
    said = done.stdout + done.stderr
    check(said)
    if words[-1] == "--json" and words[0] == "status":
        (node,) = json.loads(said)["nodes"]
        (document,) = [answer["document"] for answer in node["http"]]
        check(document["status"] + "".join(document["messages"]))
        assert document["status"].startswith("A") and "owned" in document["messages"][0]
    elif words[-1] == "--json":
        for line in done.stdout.splitlines():
            check(json.loads(line)["text"])
    if words[0] == "logs" and "-n" in words:
        assert done.stdout.count("owned") == 2
