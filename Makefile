# Everything one does with this project. `make` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run demo test check bench fuzz screenshots lock clean manage environment tools

BIN := .venv/bin
MANAGE := $(BIN)/python manage.py

# A checkout runs as a demo on SQLite, with all data in var/. A .env file, or the environment,
# says otherwise; .env.example lists the variables.
ifeq ($(wildcard .env),)
run demo manage: export DEBUG ?= 1
run demo manage: export DEMO ?= 1
ifndef SECRET_KEY
run demo manage: export SECRET_KEY_FILE ?= var/secret-key
endif
endif

help: ## List the commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

run: environment ## Start web server and worker with demo data [PORT=8000] [TLS=1]; Ctrl-C stops
	@exec $(MANAGE) up $(if $(PORT),--port $(PORT)) $(if $(TLS),--tls)

demo: environment ## One release from files to announcement, in the terminal [FILES=dir KEYS=file]
	@exec $(MANAGE) demo $(if $(FILES),--files "$(FILES)") $(if $(KEYS),--keys "$(KEYS)")

test: tools ## All tests, on SQLite and on PostgreSQL, with a browser [T=path] [COVERAGE=1]
	@.ci/test $(T)

check: tools ## Lint, format, layers, types, migrations, deployment checks, house rules
	@.ci/check

bench: tools ## Measure on both databases [ONLY=name] [JSON=1]
	@exec $(BIN)/python -m tests.bench $(if $(ONLY),--only "$(ONLY)") $(if $(JSON),--json)

# The fuzzer is built for some platforms only, and nothing else needs it: it has a place of its own.
fuzz: tools ## Feed all that reads uploads with made-up bytes [SECONDS=600] [ONLY=name]
	@[ -d var/fuzz/atheris ] || uv pip install -q --python $(BIN)/python --target var/fuzz/atheris atheris==3.0.0
	@PYTHONPATH=var/fuzz/atheris exec nice -n 15 $(BIN)/python -m tests.fuzz $(if $(SECONDS),--seconds $(SECONDS)) $(if $(ONLY),--only "$(ONLY)")

screenshots: tools ## The pictures of the guides, from the running product; every page with [ALL=dir]
	@exec $(BIN)/python -m tests.screenshots $(if $(ALL),--all "$(ALL)")

lock: ## Compile requirements*.in with hashes
	uv pip compile -q --python-version 3.11 --generate-hashes --no-strip-markers --no-header requirements.in -o requirements.txt
	uv pip compile -q --python-version 3.11 --generate-hashes --no-strip-markers --no-header requirements-dev.in -o requirements-dev.txt

manage: environment ## Any command of manage.py, on the data of `make run` [DO="shell"]
	@exec $(MANAGE) $(DO)

clean: ## Remove what can be made again; var/ with its data stays
	rm -rf .venv staticfiles htmlcov .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

environment:
	@deploy/bootstrap.sh run
	@if [ -n "$${SECRET_KEY_FILE:-}" ] && [ ! -s "$$SECRET_KEY_FILE" ]; then \
	    umask 077; mkdir -p "$$(dirname "$$SECRET_KEY_FILE")"; \
	    $(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))' > "$$SECRET_KEY_FILE"; \
	fi

tools:
	@deploy/bootstrap.sh test
