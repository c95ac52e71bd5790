"""What is asked of a node's probe, and its answer as facts; pure, one source a file.

A source has up to two functions: `request`, its part of the probe's configuration, and `decode`, a section of a
frame -> model. Every text that comes in passes `model.text` here, so that no later room has to think of it.
"""
