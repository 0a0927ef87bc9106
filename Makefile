# Everything a developer types. `make` alone lists it.
#
# The environment lives in $(VENV). Stamp files in it say which locks it was installed from, so that
# nothing is installed twice: .runtime-installed (enough to serve), .dev-installed (tests and checks
# too) and .docs-installed (the site of the documentation).

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV ?= .venv
PYTHON ?= $(firstword $(shell command -v python3 python3.13 python3.12 python3.11))
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check
HOST ?= 127.0.0.1
PORT ?= 8000
PYTEST_ARGS ?=
BENCH_ARGS ?=

.PHONY: demo run test check types format bench bench-engine bench-first-use bench-peers bench-quality bench-scaling bench-service bench-streams bench-prediction bench-big-data docs docs-serve lock openapi api-types reference clean help

demo: $(VENV)/.runtime-installed ## Train on real data through the HTTP API and predict, from nothing
	$(BIN)/trainyard demo

run: $(VENV)/.runtime-installed ## Serve the API on $(HOST):$(PORT) and run its jobs
	$(BIN)/trainyard serve --host $(HOST) --port $(PORT)

test: $(VENV)/.dev-installed ## Run the tests on all cores (PYTEST_ARGS="-k adam" for some)
	$(BIN)/pytest --numprocesses auto --dist worksteal $(PYTEST_ARGS)

check: $(VENV)/.dev-installed ## Format, lint, types, import contracts, generated files
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest --quiet tests/architecture
	@if command -v npm > /dev/null; then $(MAKE) --no-print-directory types; \
	else echo 'SKIPPED: the types of the dashboard, because there is no npm' >&2; fi

types: tests/browser/node_modules/.package-lock.json ## Check the types of the dashboard, and that those of the API are generated from it
	npm run --silent --prefix tests/browser types

format: $(VENV)/.dev-installed ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: bench-engine bench-service ## Time the engine beside its peers, and the service beside the engine

bench-engine: $(VENV)/.dev-installed ## Time the engine beside whichever peers are installed (BENCH_ARGS="--quick")
	$(BIN)/python -m benchmarks.engine $(BENCH_ARGS)

bench-scaling: $(VENV)/.dev-installed ## Show how time per epoch grows with rows, width, depth and batch size
	$(BIN)/python -m benchmarks.scaling $(BENCH_ARGS)

bench-peers: $(VENV)/.dev-installed ## Install the peers of the engine and what draws the results
	$(INSTALL) --editable ".[bench]"

bench-first-use: $(VENV)/.dev-installed ## Time the first epoch on a machine that has compiled nothing yet
	$(BIN)/python -m benchmarks.first_use

bench-quality: $(VENV)/.dev-installed ## Compare what networks learn with scikit-learn's; writes docs/quality.md
	$(BIN)/python -m benchmarks.quality

bench-service: $(VENV)/.dev-installed ## Time the service beside the bare engine and an empty endpoint
	$(BIN)/python -m benchmarks.service

bench-streams: $(VENV)/.dev-installed ## Time an epoch's way to a thousand open streams
	$(BIN)/python -m benchmarks.streams

bench-prediction: $(VENV)/.dev-installed ## Time predictions beside the matrix products alone
	$(BIN)/python -m benchmarks.prediction

bench-big-data: $(VENV)/.dev-installed ## Train on ten million rows, and see how much memory it takes
	$(BIN)/python -m benchmarks.big_data

docs: $(VENV)/.docs-installed ## Build the documentation as a site in build/site; a warning is an error
	$(BIN)/zensical build --strict --clean
	@! grep -rnE '<(script|link|img|iframe)[^>]+(src|href)="?https?:' build/site --include='*.html' \
		|| { echo 'The site must not load anything from elsewhere' >&2; exit 1; }

docs-serve: $(VENV)/.docs-installed ## Serve the documentation on 127.0.0.1:8001, built anew with every change
	$(BIN)/zensical serve --dev-addr 127.0.0.1:8001

openapi: $(VENV)/.dev-installed ## Write docs/openapi.json anew, and the dashboard's types of the API
	$(BIN)/trainyard openapi --output docs/openapi.json
	@if command -v npm > /dev/null; then $(MAKE) --no-print-directory api-types; \
	else echo 'SKIPPED: tests/browser/types/openapi.d.ts, because there is no npm' >&2; fi

api-types: tests/browser/node_modules/.package-lock.json ## Write tests/browser/types/openapi.d.ts anew
	npm run --silent --prefix tests/browser openapi

reference: openapi ## Write docs/reference and docs/cli.md anew, and docs/openapi.json before them
	$(BIN)/python -m service.reference docs/openapi.json docs/reference
	$(BIN)/python -m trainyard.cli.reference docs/cli.md

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate $(UPGRADE)
lock: $(VENV)/.dev-installed ## Lock the dependencies anew (UPGRADE=--upgrade to move them)
	$(COMPILE) --extra dev --output-file requirements/dev.lock pyproject.toml
	$(COMPILE) --constraint requirements/dev.lock --extra server \
		--output-file requirements/runtime.lock pyproject.toml
	$(COMPILE) --constraint requirements/dev.lock --extra server --extra postgres --extra s3 \
		--output-file requirements/production.lock pyproject.toml
	$(COMPILE) --constraint requirements/dev.lock --extra docs \
		--output-file requirements/docs.lock pyproject.toml
	printf 'editables\nhatchling\n' | $(COMPILE) --constraint requirements/dev.lock \
		--output-file requirements/build.lock -

clean: ## Remove the environment and everything generated
	rm -rf $(VENV) build dist .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage htmlcov
	rm -rf tests/browser/node_modules tests/browser/screenshots
	rm -rf examples/react/node_modules examples/react/dist examples/react/src/schema.d.ts
	find engine service trainyard tests benchmarks examples -name __pycache__ -prune \
		-exec rm -rf {} +

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(BIN)/python:
	@if [ -z "$(PYTHON)" ] || ! "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; \
	then echo 'Trainyard needs Python 3.11 or newer: make PYTHON=/path/to/python3' >&2; exit 1; fi
	"$(PYTHON)" -m venv $(VENV)

$(VENV)/.runtime-installed: requirements/runtime.lock requirements/build.lock pyproject.toml \
		| $(BIN)/python
	@echo 'Installing Trainyard and what it needs into $(VENV) (once, about a minute)'
	@$(INSTALL) --require-hashes -r requirements/build.lock -r requirements/runtime.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

tests/browser/node_modules/.package-lock.json: tests/browser/package-lock.json
	npm ci --silent --prefix tests/browser
	@touch $@

$(VENV)/.dev-installed: requirements/dev.lock pyproject.toml | $(BIN)/python
	@echo 'Installing Trainyard, its tests and its checks into $(VENV) (once, about a minute)'
	@$(INSTALL) --require-hashes -r requirements/dev.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $(VENV)/.runtime-installed $@

$(VENV)/.docs-installed: requirements/docs.lock | $(VENV)/.runtime-installed
	@$(INSTALL) --require-hashes -r requirements/docs.lock
	@touch $@
