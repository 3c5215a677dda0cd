# One place for every command. On Windows see the lines in README.md.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo warm test lint types check bench study clean

demo: .venv/installed  ## one real neighbourhood, two arms, a page with figures
	rm -rf demo
	$(BIN)/intsim compare place=bi_borough 'place.neighbourhoods=[W4]' int=frailty experiment=demo experiment.output=demo

warm: .venv/installed  ## the model compiled, one to two minutes the first time
	$(BIN)/python -m sim.warm

# Tests start Python some hundred times: with its bytecode kept, whatever the shell says, each starts sooner.
test: .venv/installed warm  ## every test
	PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/installed
	$(BIN)/mypy

check: lint types test  ## what has to pass before a change lands

bench: .venv/installed  ## speed beside other libraries: the quick set
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[bench]"
	$(BIN)/python -m benchmarks quick

study: .venv/installed  ## a simulation study in full: make study NAME=staggered, or NAME=all
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 nice $(BIN)/python -m benchmarks.studies $(NAME)

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	touch .venv/installed

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis demo
