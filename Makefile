# The same words in README, CI and habit. Needs make and Python 3.11 or later; all else goes to .venv.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: help run test lab lint bench clean

help:
	@echo "make run    run the Bash tour, print its outputs, leave the notebook and an HTML page in build/"
	@echo "make test   run all tests that this machine's toolchains allow"
	@echo "make lab    open the tour in JupyterLab"
	@echo "make lint   check style, types and the layers' direction"
	@echo "make bench  measure against other kernels, side by side"

run: $(VENV)/.with-batch
	$(BIN)/python -m mykernel.install bash --sys-prefix
	$(BIN)/python -m mykernel run notebooks/bash.ipynb --output-dir build

test: $(VENV)/.with-test
	$(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST_ARGS)

lab: $(VENV)/.with-lab
	$(BIN)/python -m mykernel.install --sys-prefix
	$(BIN)/jupyter lab notebooks/bash.ipynb

lint: $(VENV)/.with-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.with-test
	$(BIN)/python -m benchmarks $(BENCH_ARGS)
	$(BIN)/python -m benchmarks.languages $(BENCH_ARGS)
	$(BIN)/python -m benchmarks.compiled $(BENCH_ARGS)

$(VENV)/.with-%: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	@touch $@

# Debian splits venv's pip off into a package of its own.
$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or later on PATH" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "make: $(PYTHON) cannot make an environment; on Debian: apt-get install python3-venv" >&2; exit 1; }

clean:
	rm -rf $(VENV) .venv-bench build dist
