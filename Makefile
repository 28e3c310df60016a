# Everything a newcomer types. Works with make 3.81 and a POSIX shell; needs Python >= 3.11 and git.

.PHONY: run test check bench measure pictures services services-down format lock clean
.DEFAULT_GOAL := run
.SUFFIXES:

VENV := .venv
BIN := $(VENV)/bin
RUN_READY := $(VENV)/.ready-run
DEV_READY := $(VENV)/.ready-dev
LEARN_READY := $(VENV)/.ready-learn

# The newest suitable Python, unless PYTHON says otherwise.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

run: $(RUN_READY)
	@$(BIN)/tertulia models fetch </dev/null
	@$(BIN)/tertulia source add example files --replace \
		--path "$(CURDIR)/knowledge/examples/handbook" </dev/null
	@$(BIN)/tertulia refresh example </dev/null
	@$(BIN)/tertulia chat

test: $(LEARN_READY)
	@$(BIN)/python -m docker.services run $(BIN)/python -m pytest \
		--numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder \
		--cov --cov-report=term:skip-covered --cov-fail-under=95 $(ARGS)

check: $(DEV_READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/test_house_rules.py
	@sh .ci/audit $(BIN)

# Elasticsearch and Ollama on this machine, in the background, until services-down.
services: $(DEV_READY)
	@$(BIN)/python -m docker.services up

services-down: $(DEV_READY)
	@$(BIN)/python -m docker.services down

# In an environment of its own: what we compare with brings plugins that do not belong into tests.
bench:
	@$(MAKE) --no-print-directory VENV=.venv-bench measure ONLY=$(ONLY)

measure: $(LEARN_READY)
	@$(UV) --group pyproject.toml:bench
	@$(BIN)/python -m tests.benchmarks $(if $(ONLY),--only $(ONLY))

# What people see on Slack and Discord, played by the process as it ships and drawn anew.
pictures: $(DEV_READY)
	@$(BIN)/python -m tests.pictures

format: $(DEV_READY)
	$(BIN)/ruff check --fix --select I .
	$(BIN)/ruff format .

# All lock files anew, from pyproject.toml. The last one holds what the extra `learn` adds.
COMPILE := $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-header --upgrade
SERVES := $(foreach extra,discord elastic examples ollama postgres slack,--extra $(extra))
lock: $(DEV_READY)
	$(COMPILE) $(SERVES) --group pyproject.toml:build -o requirements.lock pyproject.toml
	$(COMPILE) $(SERVES) --group pyproject.toml:build --group pyproject.toml:dev \
		-c requirements.lock -o requirements-dev.lock pyproject.toml
	$(LEARNS) | $(COMPILE) -c requirements-dev.lock -o requirements-learn.lock -

# What the extra `learn` names, one a line.
LEARNS := $(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["learn"], sep="\n")'

clean:
	rm -rf $(VENV) .venv-bench build dist

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Tertulia needs Python 3.11 or newer, and found none. Install it, or name it: make PYTHON=/path/to/python3 run" >&2; exit 1; fi
	@if command -v uv >/dev/null 2>&1; then uv venv -q --python "$(PYTHON)" $(VENV); \
		else "$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); exit 1; }; fi

# What is asked of uv is the same wherever uv comes from; where it is nowhere, pip brings it.
UV_READY = command -v uv >/dev/null 2>&1 || [ -x $(BIN)/uv ] || { \
	$(BIN)/python -m ensurepip >/dev/null 2>&1; \
	$(BIN)/python -m pip install -q --disable-pip-version-check uv; }
UV = $$(command -v uv || echo $(BIN)/uv) pip install -q --compile-bytecode --python $(BIN)/python

$(RUN_READY): $(BIN)/python requirements.lock pyproject.toml
	@echo "Setting up Tertulia in $(VENV) ..."
	@$(UV_READY)
	@$(UV) --require-hashes -r requirements.lock
	@$(UV) --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q bot pipelines knowledge
	@touch $@

$(DEV_READY): $(RUN_READY) requirements-dev.lock
	@$(UV_READY)
	@$(UV) --require-hashes -r requirements-dev.lock
	@touch $@

# Tuning models takes torch. Its build for processors alone is a twentieth of the usual one; where
# its publisher offers it to us, that is taken, in the locked version. Else what the lock says.
$(LEARN_READY): $(DEV_READY) requirements-learn.lock
	@echo "Adding what tunes models, 0.5 to 6 GB ..."
	@$(LEARNS) | $(UV) --torch-backend cpu --no-verify-hashes -c requirements-learn.lock -r - \
		>/dev/null 2>&1 || $(UV) --require-hashes -r requirements-learn.lock
	@touch $@
