# Every command of the project. Each sets up what it needs; `make` alone lists them.

PYTHON ?= python3
ARGS ?=
export PYTHON

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup setup-test ui run test check bench lock screenshots clean

help: ## what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## set up .venv with what the product needs (PYTHON=… for a new one's interpreter)
	@bin/setup

setup-test:
	@bin/setup test

ui: setup ## build the page (ui/) into todo/app
	@bin/build_ui

# `exec`: no shell stays between make and the program, so a signal meant for it reaches it, and it alone decides
# in which order its own parts stop.
run: ui ## run TaskOverflow on http://localhost:6400 (ARGS="--port 8000")
	@exec .venv/bin/taskoverflow up $(ARGS)

test: setup-test ## run the tests against real servers (ARGS="tests/unit -k feed")
	@bin/build_ui
	@bin/install_test_servers
	@exec .venv/bin/pytest --numprocesses 2 --dist loadfile $(ARGS)

check: setup-test ## look for mistakes: ruff, mypy, and in the page tsc, prettier
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/mypy
	@bin/build_ui check

bench: setup-test ## print the figures of docs/benchmarks.md, measured here (ARGS=… narrows them)
	@bin/build_ui
	@bin/install_test_servers wrk
	@exec .venv/bin/python -m benchmarks $(ARGS)

screenshots: setup-test ## make docs/images anew, and the page's icons
	@bin/build_ui
	@bin/install_test_servers
	@exec .venv/bin/python -m tests.pictures

# Without any address in the files: they are installed from whatever index pip is told to use. Run in their folder,
# so that the names of the .in files in the comments are the same wherever the checkout lies.
UV_COMPILE = uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	--python-version 3.11 --universal
lock: ## pin requirements/*.in anew, needs uv (ARGS=--upgrade for the newest versions)
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	@cd requirements && $(UV_COMPILE) $(ARGS) base.in --output-file base.txt
	@cd requirements && $(UV_COMPILE) $(ARGS) node.in --output-file node.txt
	@cd requirements && $(UV_COMPILE) $(ARGS) test.in --output-file test.txt
	@bin/lock_ui

clean: ## remove .venv, the built page and every cache; the data stays
	@rm -rf .venv todo/app ui/node_modules build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find todo tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
