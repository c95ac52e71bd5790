"""Shelf: errands of the probe, one file each (how they are sent and run: aen_tui/probe/__init__.py). Not shipped.

Python 2.6 to 3.14, standard library only; what the probe's parts define is there without an import, and what they
import is imported; `_shared.py` goes before each. An errand defines `run(order, say)` and says in its docstring what is
in the order and the rows. Paths of the node go through `at()`, what it says through `text()`. It changes nothing on
the node.
"""
