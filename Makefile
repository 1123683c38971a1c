# The one tool to learn. `make` alone lists the targets. Works with GNU make 3.81 and BSD tools, so on macOS too.

PYTHON ?= python3
VENV   := .venv
TRAIN  := .venv-train
BIN    := $(VENV)/bin
PIP    := -m pip --disable-pip-version-check -qq
LOCK   := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
          --custom-compile-command 'make lock' pyproject.toml
PYTEST := $(BIN)/python -m pytest -n 2
DATA   ?= ../shared/data/flickr8k

.PHONY: help demo test test-long test-train check format bench weights lock docs clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.runtime ## add the demo media to a library, search it in every way, write a contact sheet
	$(BIN)/python demo/run.py

test: check ## everything: format, lint, types, imports, then all tests but the long ones
	$(PYTEST) -m "not long"

test-long: $(VENV)/.dev ## the tests that take minutes
	$(PYTEST) -m long

test-train: $(TRAIN)/.train ## the tests that need torch, in an environment of their own
	$(TRAIN)/bin/python -m pytest tests/unit/training tests/parity src/sensorium/training

check: $(VENV)/.dev ## format, lint, types and the rules between rooms
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## write the format that `check` asks for
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only .

bench: $(VENV)/.dev ## measure, and write benchmarks/results.md
	$(BIN)/python -m benchmarks

weights: $(TRAIN)/.train ## regenerate the built-in encoder from DATA (captioned pictures) and PARALLEL (a table of translations)
	$(TRAIN)/bin/python -m sensorium.training compact --data $(DATA) --parallel $(PARALLEL) --work .work/compact \
	  --out src/sensorium/encoders/weights/compact

docs: $(VENV)/.dev ## regenerate the pages that are made from code
	$(BIN)/python docs/generate.py

lock: $(VENV)/.dev ## resolve the pinned requirements anew
	$(BIN)/$(LOCK) --extra serve --group build --output-file requirements/runtime.txt
	$(BIN)/$(LOCK) --extra serve --group dev --output-file requirements/dev.txt

clean: ## remove everything that was made, environments too
	rm -rf $(VENV) $(TRAIN) .demo build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# -- environments: a stamp in each says that it is complete ------------------------------------------------------------

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Sensorium needs Python 3.11 or later, and '$(PYTHON)' is older or missing."; \
	  echo "Name another one: make PYTHON=python3.12 demo"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what Sensorium needs into $(VENV) ..."
	@$(BIN)/python $(PIP) install --require-hashes -r requirements/runtime.txt
	@$(BIN)/python $(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@echo "Installing what its tests need ..."
	@$(BIN)/python $(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

$(TRAIN)/.train: requirements/train.in pyproject.toml
	$(PYTHON) -m venv $(TRAIN)
	@echo "Installing what training needs into $(TRAIN), torch among it ..."
	@$(TRAIN)/bin/python $(PIP) install -r requirements/train.in --editable .
	@$(TRAIN)/bin/python $(PIP) install --no-deps aisfx==0.1.2 # weights alone; its code asks for an old numpy
	@touch $@
