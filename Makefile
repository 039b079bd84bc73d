# What you need is Python 3.10 or newer; everything else goes into .venv and node_modules. The
# web page is built by Node.js; where the machine has none, that too goes into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?=
# With dev,ldap the tests of LDAP run too: python-ldap is built on the spot, which takes gcc and, on
# Debian and Ubuntu, python3-dev, libldap2-dev and libsasl2-dev.
EXTRAS ?= dev
# Much of the tests is waiting, so there are more of them than cores.
WORKERS ?= 3
INSTALLED := $(VENV)/installed-$(EXTRAS)
FIGURES := build/chaos.jsonl
FUZZ_REQUESTS ?= 20000
AUDIT := build/audit

PAGE := ndscheduler/static/dist/manifest.json
# The directories too: they change when a file is deleted.
PAGE_SOURCES := $(wildcard *page*.mjs) package.json $(shell find ndscheduler/static/js ndscheduler/static/css)
# npm writes this file once all libraries are installed.
LIBRARIES := node_modules/.package-lock.json
NODE_RUN := $(BIN)/python -m page_build

.DEFAULT_GOAL := help
.PHONY: help install static simple screenshots test fuzz chaos bench bench-full lint audit clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

install: $(INSTALLED) ## Make .venv with ndscheduler and what its tests need

static: $(PAGE) ## Build the web page, if it is not newer than its sources

simple: $(PAGE) $(VENV)/installed ## Run the example scheduler on http://localhost:8888
	NDSCHEDULER_SETTINGS_MODULE=simple_scheduler.settings $(BIN)/python -m simple_scheduler.scheduler

screenshots: $(PAGE) $(INSTALLED) ## Draw the pictures of the documentation anew
	$(BIN)/python -m tests.ui.screenshots

test: lint $(PAGE) ## Check the code and run the tests
	$(NODE_RUN) npm test --silent
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(PYTEST_ARGS)

fuzz: $(INSTALLED) ## Send the API at least 20,000 requests of all kinds as every role
	NDSCHEDULER_TEST_FUZZ_REQUESTS=$(FUZZ_REQUESTS) \
		NDSCHEDULER_TEST_FUZZ_SEED=$${NDSCHEDULER_TEST_FUZZ_SEED:-$$(date +%s)} \
		$(BIN)/python -m pytest tests/security/test_fuzz.py --show-capture=no $(PYTEST_ARGS)

chaos: $(INSTALLED) ## Try every fault in full (an hour or so) and print what was measured
	@mkdir -p build && rm -f $(FIGURES)
	NDSCHEDULER_CHAOS=full NDSCHEDULER_CHAOS_FIGURES=$(FIGURES) \
		$(BIN)/python -m pytest tests/chaos $(PYTEST_ARGS); \
		status=$$?; $(BIN)/python -m tests.chaos.summary $(FIGURES); exit $$status

bench: $(PAGE) $(INSTALLED) ## Measure the speed and that of other schedulers (some minutes)
	$(BIN)/python -m benchmarks

bench-full: $(PAGE) $(INSTALLED) ## The same for figures to be told: all sizes, five runs (hours)
	$(BIN)/python -m benchmarks --full

lint: $(INSTALLED) ## Check style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive ndscheduler simple_scheduler
	$(NODE_RUN) npm run --silent lint

audit: lint ## Ask which libraries have known holes
	@$(BIN)/python -m venv $(AUDIT)
	-@$(AUDIT)/bin/python -m pip install --quiet pip-audit
	@$(BIN)/python -m tests.security.audit $(AUDIT)/bin/pip-audit

clean: ## Delete .venv and what builds and tests leave behind
	rm -rf $(VENV) node_modules ndscheduler/static/dist build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
		|| { echo "ndscheduler needs Python 3.10 or newer: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python's venv module is missing; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(LIBRARIES): package-lock.json | $(VENV)/bin/python
	@echo 'Installing the libraries of the web page into node_modules.'
	@$(NODE_RUN) libraries

$(PAGE): $(LIBRARIES) $(PAGE_SOURCES)
	$(NODE_RUN)

# pip would build the page as well, with a Node.js of its own.
$(VENV)/installed: $(VENV)/bin/python pyproject.toml requirements.lock | $(PAGE)
	@echo 'Installing ndscheduler into $(VENV), which takes a while.'
	@$(BIN)/python -m pip install --quiet --constraint requirements.lock --editable .
	@touch $@

$(INSTALLED): $(VENV)/bin/python pyproject.toml requirements.lock | $(PAGE)
	@echo 'Installing ndscheduler and the tools of its tests into $(VENV), which takes a while.'
	@$(BIN)/python -m pip install --quiet --constraint requirements.lock --editable '.[$(EXTRAS)]'
	@touch $@ $(VENV)/installed
