"""`python -m tests.lab`: starts a lab, prints where its inventory is, and waits for ^C, SIGTERM or a hangup."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from contextlib import suppress

from tests.lab.lab import Lab
from tests.lab.requirements import skip_reason


def main() -> int:
    """Exit 0 after ^C, 2 when the lab cannot run here."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description=__doc__)
    parser.add_argument("--gateways", type=int, default=2)
    parser.add_argument("--computes", type=int, default=4, help="in all, dealt out among the data centers")
    parser.add_argument("--single-box", action="store_true", help="one node with all roles")
    arguments = parser.parse_args()
    reason = skip_reason()
    if reason:
        print(reason, file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    began = time.monotonic()
    with (
        suppress(KeyboardInterrupt),
        Lab.start(gateways=arguments.gateways, computes=arguments.computes, single_box=arguments.single_box) as lab,
    ):
        inventory = lab.write_inventory(lab.folder / "inventory.toml")
        print(f"{len(lab.nodes)} nodes up in {time.monotonic() - began:.1f} s", file=sys.stderr)
        print(f"try: ssh -F {lab.jumping_ssh_config} {next(reversed(lab.nodes))}", file=sys.stderr)
        print(inventory, flush=True)
        signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main())
