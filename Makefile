# Everything runs in an environment of its own, made from pinned and hashed requirements.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help venv dev demo run test test-full check format bench pictures messages lock-requirements clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 20

.venv/.made: requirements/base.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q deskcrm
	@touch $@

.venv/.made-dev: .venv/.made requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

venv: .venv/.made ## make .venv/ with the deskcrm command in it

dev: .venv/.made-dev ## the same with everything for tests and checks

demo: venv ## open the app on an encrypted demo branch made on the spot
	$(BIN)/deskcrm demo

run: venv ## open the app on your own vault
	$(BIN)/deskcrm

test: dev check ## every check and every test, in their quick sizes
	$(BIN)/python -m pytest -n 2 --dist worksteal

test-full: dev check ## the same with the slow suites in their full sizes
	$(BIN)/python -m pytest -n 2 --dist worksteal --full

check: dev ## format, lint, types, import contracts, message catalogues
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/messages.py check

format: dev ## put the code into the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

messages: dev ## extract messages, merge them into the catalogues, compile these
	$(BIN)/python tools/messages.py update

bench: dev ## measure, print ratios, write benchmarks/results/
	$(BIN)/python -m benchmarks

pictures: dev ## take the pictures of the guide from the running app
	$(BIN)/python -m tools.pictures

lock-requirements: dev ## resolve and hash the requirements anew
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links -o requirements/base.txt pyproject.toml requirements/build.in
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links -o requirements/dev.txt requirements/dev.in

clean: ## remove what the targets made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
