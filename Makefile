# What you need is Python 3.10 or newer; everything else goes into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?=
FIGURES := build/chaos.jsonl

.DEFAULT_GOAL := help
.PHONY: help install simple test lint chaos clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

install: $(VENV)/installed-dev ## Make .venv with ndscheduler and what its tests need

simple: $(VENV)/installed ## Run the example scheduler on http://localhost:8888
	NDSCHEDULER_SETTINGS_MODULE=simple_scheduler.settings $(BIN)/python -m simple_scheduler.scheduler

test: lint ## Check the code and run the tests
	$(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST_ARGS)

chaos: $(VENV)/installed-dev ## Try every fault in full (an hour or so) and print what was measured
	@mkdir -p build && rm -f $(FIGURES)
	NDSCHEDULER_CHAOS=full NDSCHEDULER_CHAOS_FIGURES=$(FIGURES) \
		$(BIN)/python -m pytest tests/chaos $(PYTEST_ARGS); \
		status=$$?; $(BIN)/python -m tests.chaos.summary $(FIGURES); exit $$status

lint: $(VENV)/installed-dev ## Check style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean: ## Delete .venv and what builds and tests leave behind
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
		|| { echo "ndscheduler needs Python 3.10 or newer: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python's venv module is missing; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml requirements.lock
	@echo 'Installing ndscheduler into $(VENV), which takes a while.'
	@$(BIN)/python -m pip install --quiet --constraint requirements.lock --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/bin/python pyproject.toml requirements.lock
	@echo 'Installing ndscheduler and the tools of its tests into $(VENV), which takes a while.'
	@$(BIN)/python -m pip install --quiet --constraint requirements.lock --editable '.[dev]'
	@touch $@ $(VENV)/installed
