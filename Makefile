# `make demo` and `make test` create what they need: a venv, and for the tests, as root on Debian, the lab's packages.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test test-long check format bench screenshots lock packages clean

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
NODES ?= 7

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

$(VENV)/run.stamp: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "aen-tui needs Python 3.11 or newer: install python3.11 (Debian: apt install python3 python3-venv)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "the venv module is missing (Debian: apt install python3-venv)"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/run.stamp  ## an AEN installation on this machine, and the dashboard on it
	@$(BIN)/aen-tui demo

packages:
	@tests/lab/install-packages

test: $(VENV)/dev.stamp packages  ## every test but the long ones
	$(BIN)/python -m pytest -q -m "not long" -n 3 --dist loadfile

test-long: $(VENV)/dev.stamp packages  ## what takes minutes: soaks, many cuts
	$(BIN)/python -m pytest -q -m long --timeout 1800

check: $(VENV)/dev.stamp  ## format, lint, types, contracts
	$(BIN)/ruff format --check aen_tui tests
	$(BIN)/ruff check aen_tui tests
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev.stamp  ## write the code in its format
	$(BIN)/ruff format aen_tui tests
	$(BIN)/ruff check --fix aen_tui tests

bench: $(VENV)/dev.stamp packages  ## every budget, next to its peers (NODES=7 or 53)
	$(BIN)/python -m tests.bench --nodes $(NODES)

screenshots: $(VENV)/dev.stamp  ## screenshots/*.svg, from the demo
	$(BIN)/python -m tests.screenshots

lock: $(VENV)/dev.stamp  ## pin every dependency anew
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --group build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --group dev --group build pyproject.toml -o requirements-dev.lock

clean:  ## remove what the targets made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache bench-results
