# The commands of Beside. Needed: make and Python 3.11 or newer; `make PYTHON=/path/to/python run` chooses one.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PY := .venv/bin/python
LOCK := $(PY) -m uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-strip-extras

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile

run: export DEMO = 1
run: .venv/requirements.stamp  ## the demo practice: web, worker, beat and mailbox on PORT (8000)
	@$(PY) manage.py prepare
	@$(PY) manage.py demo
	@$(PY) manage.py start

test: .venv/requirements-dev.stamp  ## every test, on SQLite and on PostgreSQL; ARGS goes to pytest
	@$(PY) -m tests.run $(ARGS)

scan: .venv/requirements-dev.stamp  ## a public scanner (wapiti, fetched for this) against a demo practice; 10 minutes
	@$(PY) -m tests.scan

check: .venv/requirements-dev.stamp  ## format, lint, types, layers, templates, settings
	@$(PY) -m tests.check

format: .venv/requirements-dev.stamp  ## lay out code and pages as check wants them
	@$(PY) -m tests.check format

bench: .venv/requirements-dev.stamp  ## measurements, each beside a peer or a limit
	@$(PY) -m bench.run $(ARGS)

lock: .venv/requirements-dev.stamp  ## both lock files again; ARGS=--upgrade takes newer releases
	@$(LOCK) $(ARGS) pyproject.toml --output-file requirements.lock
	@$(LOCK) $(ARGS) pyproject.toml --output-file requirements-dev.lock --extra dev --constraint requirements.lock

# A virtualenv that holds what a lock file names, built again only when that file changed.
.venv/%.stamp: %.lock
	@test -n "$(PYTHON)" || { echo "Beside needs Python 3.11 or newer: install it, or run make PYTHON=/path/to/it" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Beside needs Python 3.11 or newer; $(PYTHON) is not" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make a virtualenv: install its venv package (Debian, Ubuntu: apt-get install python3-venv)" >&2; exit 1; }
	@$(PY) -c '' 2>/dev/null || "$(PYTHON)" -m venv --clear .venv
	@echo "Installing what $< names (once; a minute or so)"
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --requirement $<
	@touch $@

.PHONY: help run test scan check format bench lock
