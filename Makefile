# `make` alone lists what there is. Every command installs what it lacks first.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MART := PYTHONPATH=plugins:. $(BIN)/python -m marketing_mart
PORT ?= 8765
SEED ?= 7
SIZE ?= demo
AS_OF ?=
Q ?=
RUN ?=
FROM ?=
TO ?=
DRY_RUN ?=

# Airflow, dbt and Great Expectations are a hundred thousand lines: compiled again by each process, they cost more time
# than the work. So bytecode is kept, even where the caller's shell says not to.
unexport PYTHONDONTWRITEBYTECODE

export MART_DATE MART_START MART_SOURCES MART_HOME MART_INBOX MART_CONFIG MART_CURRENCY MART_TIMEZONE MART_ENGINE MART_UMASK

.PHONY: help install run test lint bench sql metrics up rollback history backfill late quarantine erase retain simulator env lock licences clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 14

$(VENV)/installed: requirements.lock
	@echo "installing into $(VENV) (once)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON="; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock $(VENV)/installed
	@echo "installing what the tests need into $(VENV) (once)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock -r requirements-dev.lock
	@touch $@

install: $(VENV)/installed ## install what `make run` needs

run: $(VENV)/installed ## run the daily DAG once and publish (MART_DATE=…, MART_START=…, MART_SOURCES=…)
	@$(MART) run

sql: $(VENV)/installed ## SQL on the current release, read-only (Q="select …" prints and exits)
	@$(MART) sql $(if $(Q),--query "$$Q")
sql: export Q := $(Q)

metrics: $(VENV)/installed-dev ## MetricFlow on the current release (Q="--metrics cac --group-by metric_time__day,channel")
	@$(MART) metrics $(if $(Q),--query "$$Q")
metrics: export Q := $(Q)

up: $(VENV)/installed ## Airflow with its UI on loopback, everything scheduled (AIRFLOW_PORT=8080)
	@$(MART) up

rollback: $(VENV)/installed ## serve the release before the current one
	@$(MART) rollback

history: $(VENV)/installed ## what ran when, with what result (RUN=… tells one run's stages, loads, checks, nodes)
	@$(MART) history $(if $(RUN),--run "$$RUN")
history: export RUN := $(RUN)

erase: $(VENV)/installed ## take a person out of everything kept (EMAIL=…, PHONE=…, CUSTOMER=…, PERSON=…)
	@$(MART) erase --email "$$EMAIL" --phone "$$PHONE" --customer "$$CUSTOMER" --person "$$PERSON"
erase: export EMAIL := $(EMAIL)
erase: export PHONE := $(PHONE)
erase: export CUSTOMER := $(CUSTOMER)
erase: export PERSON := $(PERSON)

quarantine: $(VENV)/installed ## what was rejected and why (SHOW=<id>; RELEASE=<id> or DROP=<id>, with WHY="…")
	@$(MART) quarantine --show "$$SHOW" --release "$$RELEASE" --drop "$$DROP" --why "$$WHY"
quarantine: export SHOW := $(SHOW)
quarantine: export RELEASE := $(RELEASE)
quarantine: export DROP := $(DROP)
quarantine: export WHY := $(WHY)

retain: $(VENV)/installed ## remove what the retention policy lets go, lay old loads together
	@$(MART) retain

backfill: $(VENV)/installed ## a range of days, the newest first, beside `make up` (FROM=2025-06-01 TO=2025-06-30, DRY_RUN=1)
	@$(MART) backfill --from "$$FROM" --to "$$TO" $(if $(DRY_RUN),--dry-run)
backfill: export FROM := $(FROM)
backfill: export TO := $(TO)

late: $(VENV)/installed ## alert if no release of the day stands by alerts.release_by (for cron; docs/alerts.md)
	@$(MART) late

simulator: $(VENV)/installed ## serve the simulated vendors (PORT=8765 SEED=7 SIZE=demo AS_OF=2025-06-30)
	@$(BIN)/python -m simulator --port $(PORT) --seed $(SEED) --size $(SIZE) $(if $(AS_OF),--as-of $(AS_OF))

test: $(VENV)/installed-dev ## every test
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/installed-dev ## ruff, sqlfluff, the docs' own checks
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/sqlfluff lint --processes 2 dbt_project/models dbt_project/tests
	@$(BIN)/python -m pytest -q tests/test_docs.py

bench: $(VENV)/installed-dev ## measure extract, build, gates (SIZE=small for minutes)
	@PYTHONPATH=plugins:. $(BIN)/python -m bench $(if $(filter command line,$(origin SIZE)),--size $(SIZE))

env: ## write .env for docker-compose.yml, with fresh passwords
	@$(PYTHON) docker/make_env.py

lock: ## resolve requirements*.in again into the two lock files
	uv pip compile --quiet --generate-hashes --no-annotate --python-version 3.11 requirements.in -o requirements.lock
	uv pip compile --quiet --generate-hashes --no-annotate --python-version 3.11 requirements-dev.in -o requirements-dev.lock

licences: $(VENV)/installed-dev ## write docs/licences.md from what is locked and installed
	@$(BIN)/python docs/licences.py

clean: ## remove .venv (never MART_HOME)
	rm -rf $(VENV)
