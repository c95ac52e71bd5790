"""`python -m aen_tui`."""

from __future__ import annotations

from aen_tui.cli import main

if __name__ == "__main__":
    main()
