# SPDX-License-Identifier: Apache-2.0
# Needs Python 3.11 or newer with venv, and make. Everything else is installed
# into .venv from requirements/*.txt, where each file is pinned by its hash.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
WORKERS ?= 3
PYTEST := $(PY) -m pytest -n $(WORKERS) --dist loadfile
# A browser keeps an event loop in its process, and the operations of the API share
# one test name, of which xdist would run one: these go one after another.
ALONE := tests/e2e tests/functional/api/test_description.py
# Pages, commands and the desk's rooms ask the same verbs: PostgreSQL sees them in `make test-e2e`.
PAGES := tests/functional/console tests/functional/outside tests/functional/care tests/functional/portal \
	tests/functional/matters tests/functional/packages tests/functional/reports \
	tests/functional/search_day tests/functional/vault tests/functional/cli \
	tests/functional/orders tests/functional/gateway_desk
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --extra postgres

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_REQUIRE_VIRTUALENV := 1
export VIGIE_LITELLM ?= $(CURDIR)/.venv-litellm/bin/python

.PHONY: help
help: ## List what make can do
	@grep -hE '^[a-z][a-z0-9-]*:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' \
		| while IFS=$$'\t' read -r name text; do printf '  make %-16s %s\n' "$$name" "$$text"; done

$(VENV)/.run: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Vigie needs Python 3.11 or newer; set PYTHON=...") if sys.version_info < (3, 11) else None'
	[ -x $(PY) ] || $(PYTHON) -m venv $(VENV)
	@echo 'Installing into $(VENV): half a minute to a few, once'
	$(PY) -m pip install --quiet --require-hashes -r requirements/run.txt
	$(PY) -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(PY) -m pip install --quiet --require-hashes -r requirements/dev.txt
	touch $@

.venv-litellm/.ready: requirements/litellm.txt
	[ -x .venv-litellm/bin/python ] || $(PYTHON) -m venv .venv-litellm
	.venv-litellm/bin/python -m pip install --quiet --require-hashes -r requirements/litellm.txt
	touch $@

.PHONY: peer
peer: .venv-litellm/.ready ## Install litellm beside, for its guardrail's test and the gateway's benchmark

.PHONY: install
install: $(VENV)/.run ## Create .venv and install Vigie

.PHONY: demo
demo: $(VENV)/.run ## Start a server and play One day at Agora
	@exec $(PY) -m demo $(if $(PORT),--port $(PORT)) $(ARGS)

.PHONY: test
test: lint types imports test-postgresql test-alone test-sqlite ## Lint, types, imports, tests on both databases, a part of those in a browser

.PHONY: lint
lint: $(VENV)/.dev ## Ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: format
format: $(VENV)/.dev ## Let ruff format and mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: types
types: $(VENV)/.dev ## mypy --strict on the whole tree
	$(BIN)/mypy

.PHONY: imports
imports: $(VENV)/.dev ## Import rules between the rooms
	$(BIN)/lint-imports

.PHONY: test-sqlite
test-sqlite: $(VENV)/.dev ## All tests but those that run alone, the store on SQLite
	$(PYTEST) -m 'not whole' $(ALONE:%=--ignore=%)

.PHONY: test-postgresql
test-postgresql: $(VENV)/.dev ## The tests of the store again, on a private PostgreSQL
	VIGIE_TEST_DATABASE=postgresql $(PYTEST) -m 'database and not whole' $(ALONE:%=--ignore=%) $(PAGES:%=--ignore=%)

.PHONY: test-alone
test-alone: $(VENV)/.dev ## One day at Agora, the main pages in a browser, the API against its description
	$(PY) -m pytest -m 'not whole' $(ALONE)

.PHONY: test-e2e
test-e2e: $(VENV)/.dev .venv-litellm/.ready ## From outside, all of it: every page, long stories, the API on PostgreSQL too
	$(PY) -m pytest $(ALONE)
	$(PYTEST) -m whole $(ALONE:%=--ignore=%)
	VIGIE_TEST_DATABASE=postgresql $(PY) -m pytest tests/functional/api/test_description.py
	VIGIE_TEST_DATABASE=postgresql $(PYTEST) -m database $(PAGES)

.PHONY: pictures
pictures: $(VENV)/.dev ## Draw the pictures of docs/images from pages with made-up content
	$(PY) -m tests.e2e.pictures

.PHONY: test-faults
test-faults: $(VENV)/.dev ## The long series of faults, in full
	VIGIE_CAMPAIGN=full $(PY) -m pytest -m campaign --timeout 3600

.PHONY: test-tamper
test-tamper: $(VENV)/.dev ## More than 10,000 changes to evidence packages: none is verified
	VIGIE_CAMPAIGN=full $(PY) -m pytest tests/faults/test_tamper.py --timeout 3600

.PHONY: bench
bench: $(VENV)/.dev .venv-litellm/.ready ## Benchmarks with a calibration line
	$(PY) -m benchmarks

.PHONY: docs
docs: $(VENV)/.dev ## Write the generated pages of docs/reference
	$(PY) -m tests.docs.generate

.PHONY: lock
lock: $(VENV)/.run ## Resolve the dependencies anew into requirements/*.txt
	$(PY) -m pip install --quiet uv
	$(COMPILE) --upgrade pyproject.toml requirements/build.in -o requirements/run.txt
	$(COMPILE) --upgrade pyproject.toml requirements/build.in --group dev -c requirements/run.txt -o requirements/dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --upgrade requirements/litellm.in -o requirements/litellm.txt

.PHONY: clean
clean: ## Remove .venv and what tools left behind; never the data
	rm -rf $(VENV) .venv-litellm build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests demo benchmarks training -name __pycache__ -prune -exec rm -rf {} +
