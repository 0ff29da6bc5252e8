# Everything here needs python3 and make, nothing else; the rest goes into .venv, locked by hash.
# Another interpreter has its own environment: make test PYTHON=python3.12
PYTHON ?= python3
VENV   ?= $(if $(filter python3,$(PYTHON)),.venv,.venv-$(notdir $(PYTHON)))
BENCH  := .venv-bench
WORKERS ?= 2
# A file stays with one worker, and the files in the order of tests/conftest.py.
PYTEST  = $(VENV)/bin/python -m pytest -o cache_dir=$(VENV)/.pytest_cache
MANY    = -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# An editable install must be made again when the metadata it was made from changes.
INPUTS := pyproject.toml scripts/bootstrap

export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

.DEFAULT_GOAL := help
.PHONY: help venv demo test quick again mutants lint format types docs pages wheel bench lock clean

help: ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1\t/' | expand -t 16

venv: $(VENV)/.made ## the environment that all others make by themselves

$(VENV)/.made: requirements/dev.txt $(INPUTS)
	@scripts/bootstrap $(VENV) $(PYTHON) $<

$(BENCH)/.made: requirements/bench.txt $(INPUTS)
	@scripts/bootstrap $(BENCH) $(PYTHON) $<

demo: venv ## the bundled service against the bundled checklist, on this machine alone
	@$(VENV)/bin/readiness demo

test: venv ## all tests, with branch coverage
	@$(PYTEST) $(MANY) --cov --cov-report=term:skip-covered $(ARGS)

quick: venv ## the tests without coverage and without those marked slow
	@$(PYTEST) $(MANY) -q -m "not slow" $(ARGS)

again: venv ## the tests that failed last time, one after the other
	@$(PYTEST) -q --last-failed --last-failed-no-failures none $(ARGS)

mutants: venv ## defects that the default checklist catches, and correct services that it accuses
	@$(VENV)/bin/python -m tests.mutants $(ARGS)

lint: types docs ## ruff, mypy, pyright, and whether the generated pages are fresh
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/ruff format --quiet --check .

types: venv
	@$(VENV)/bin/mypy --no-error-summary
	@$(VENV)/bin/pyright --warnings

docs: venv
	@$(VENV)/bin/python scripts/coverage.py --check
	@$(VENV)/bin/python scripts/docs.py --check

pages: venv ## the pages that the code writes: coverage, check kinds, commands
	@$(VENV)/bin/python scripts/coverage.py
	@$(VENV)/bin/python scripts/docs.py

format: venv ## what ruff can repair
	@$(VENV)/bin/ruff check --quiet --fix .
	@$(VENV)/bin/ruff format --quiet .

wheel: venv ## dist/: the wheel and the source distribution
	@$(VENV)/bin/python -m build --no-isolation --outdir dist .

bench: $(BENCH)/.made ## speed, each figure beside a named peer doing the same work
	@$(BENCH)/bin/python -m benchmarks.bench $(ARGS)

lock: venv ## requirements/*.txt anew; ARGS=--upgrade for newer versions
	@scripts/lock $(ARGS)

clean: ## remove what was made here
	@rm -rf .venv .venv-* dist build htmlcov .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache
