# Everything a person needs; each target does its own set-up in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: run demo test test-fast check fmt pictures lock benchmarks keys clean

run: $(VENV)/.done ## start the program; ARGS="pods -n payments" for arguments
	@$(BIN)/pilothouse $(ARGS)

demo: $(VENV)/.done ## start it on the world inside: no Docker and no cluster needed
	@$(BIN)/pilothouse demo $(ARGS)

test: test-fast ## all tests; those that need real engines start them, or are skipped with the reason
	@$(BIN)/python -m pytest -m real -n 2 --dist loadgroup $(ARGS)

test-fast: $(VENV)/.done ## all tests but those on real engines
	@$(BIN)/python -m pytest -m "not real" -n 4 --dist loadgroup --no-loadscope-reorder $(ARGS)

check: $(VENV)/.done ## style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

fmt: $(VENV)/.done ## mend the style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

pictures: $(VENV)/.done ## make the pictures of the papers anew, from the demo
	@$(BIN)/python -m tests.pictures docs/pictures

lock: $(VENV)/.done ## solve the dependencies anew, with hashes
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --generate-hashes --upgrade -o requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache

$(VENV)/.done: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@
