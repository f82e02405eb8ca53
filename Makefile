# `make ask Q="..."` and `make test` do all the set-up themselves, in .venv.
PYTHON ?= python3
VENV ?= .venv
# On Linux a plain `torch` brings gigabytes of CUDA; set TORCH to choose another build.
TORCH ?= torch==2.13.0
BIN := $(VENV)/bin
WEB := api/web/source
INPUTS := pyproject.toml hatch_build.py $(wildcard kg/gazetteer/*.py) $(wildcard catalogue/places/*.yaml) \
  $(wildcard $(WEB)/*.mjs) $(wildcard $(WEB)/*.json) $(wildcard $(WEB)/pages/*) $(wildcard $(WEB)/parts/*) $(wildcard $(WEB)/styles/*)
export Q
# the tests start hundreds of Pythons, and every `ask` is one: without bytecode each compiles all that it imports again
unexport PYTHONDONTWRITEBYTECODE

.PHONY: ask test check docs wheel bench clean

ask: $(VENV)/.ask
	@$(BIN)/earthdex ask "$$Q"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ask: $(BIN)/python $(INPUTS)
	@echo "installing earthdex into $(VENV) (about a minute, once)" >&2
	@# Python compiles what it imports itself: most of what is installed never is.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --editable . >&2
	@touch $@

$(VENV)/.test: $(BIN)/python $(INPUTS)
	@echo "installing earthdex, its extras and torch into $(VENV) (a few minutes, once)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile "$(TORCH)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --editable '.[train,adapters,spark,dev,docs]' >&2
	@touch $@ $(VENV)/.ask

test: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.test
	$(BIN)/mkdocs build --strict --quiet

wheel: $(VENV)/.test
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean:
	rm -rf dist site build
