# `make up` is the quickstart; every other line below is one chore. What each one keeps is in .tools, .venv and .state.
STACK ?= dev
SYNCED := .venv/.synced
RUN := tools/run

.PHONY: help up preview down test test-cluster soak soak-cluster pythons newest wheels dist sdk release-states docs screenshots lint bench tools env webhook-header
.DEFAULT_GOAL := help

help: ## these lines
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: tools $(SYNCED) ## deploy the quickstart, train and evaluate its model, print the URLs
	@tools/stack $(STACK)
	@$(RUN) pulumi up --yes --stack $(STACK)
	@$(RUN) python examples/quickstart/finish.py --stack $(STACK)

preview: tools $(SYNCED) ## what `make up` would change
	@tools/stack $(STACK)
	@$(RUN) pulumi preview --stack $(STACK)

down: ## delete all that `make up` deployed; what is left is in .state
	@if [ -e .state/config/Pulumi.$(STACK).yaml ]; then $(RUN) pulumi destroy --yes --stack $(STACK); else echo "Nothing is deployed from this folder."; fi

test: $(SYNCED) ## every test that this machine can run, and why it skipped the others
	@tools/build --all
	@$(RUN) pytest -v -n 2 --dist loadgroup

test-cluster: $(SYNCED) ## the tests on real pods: Linux, root, Debian 12; what it needs is built once, about 40 minutes
	@$(RUN) python -m tests.kubernetes.cluster check
	@tools/build
	@tools/build --cluster
	@$(RUN) python -m tests.kubernetes.cluster test -v -n 2 --dist loadgroup

soak: $(SYNCED) ## the long forms: hours of random requests, deaths and load; docs/soak.md has the last results
	@$(RUN) pytest -s -m "soak and not cluster"

soak-cluster: $(SYNCED) ## the long forms on real pods: 100 edits, 50 surroundings, 200 rotations; docs/soak.md has the last results
	@$(RUN) python -m tests.kubernetes.cluster test -v -rP -n 2 -m "cluster and soak"

pythons: tools ## the runtime library's tests on every Python from 3.10 that this machine has
	@$(RUN) tools/pythons

newest: tools $(SYNCED) ## the tests that meet Flyte, Pulumi and uvicorn, against their newest releases; docs/compatibility.md
	@$(RUN) python tools/newest.py

wheels: tools $(SYNCED) ## an app deployed with our wheels in a fresh environment, for every Python that this machine has
	@$(RUN) python tools/wheels.py

dist: tools $(SYNCED) ## the files of a release in dist/, reproducible: wheels, the plugin's archives, packages for npm and Go
	@$(RUN) python tools/dist.py

sdk: tools $(SYNCED) ## sdk/schema.json, and from it the packages for TypeScript, Go and C#
	@tools/build --sdk
	@$(RUN) python tools/sdks.py

release-states: $(SYNCED) ## tests/upgrades/VERSION: the schema and the states of this version, before it is released
	@tools/build --all
	@$(RUN) python -m tests.upgrades.recording

docs: $(SYNCED) ## the reference in docs/reference and the components' docstrings, from declarations, signatures and the schema
	@$(RUN) python tools/docstrings.py
	@$(RUN) python tools/reference.py

screenshots: $(SYNCED) ## the pictures of docs/screenshots, by the tests in the browser
	@SCREENSHOTS=$(CURDIR)/docs/screenshots $(RUN) pytest -q tests/local/console/test_browser.py tests/quickstart/test_dashboard_browser.py tests/examples/test_browser.py tests/examples/test_ci_browser.py

lint: $(SYNCED) ## ruff (lint, format) and mypy --strict
	@$(RUN) ruff check
	@$(RUN) ruff format --check
	@$(RUN) mypy

bench: tools $(SYNCED) ## the ratios of docs/benchmarks.md on this machine
	@$(RUN) python -m benchmarks

tools: ## the pinned Pulumi and uv in .tools, where they are not installed (once, about 9 minutes)
	@tools/build

env: ## shell variables for plain `pulumi`: eval "$(make -s env)"
	@tools/env

webhook-header: ## the header that authorises a webhook call, key in clear: … | curl -H @-
	@printf 'Authorization: Bearer %s\n' "$$($(RUN) pulumi config get webhookKey --stack $(STACK))"

# uv writes nothing where the environment already is what uv.lock says.
$(SYNCED): pyproject.toml uv.lock runtime/pyproject.toml local/pyproject.toml
	@tools/build --uv
	@echo "Installing the Python environment into .venv …" >&2
	@VIRTUAL_ENV= PATH="$$PATH:$(CURDIR)/.tools/bin" uv sync --frozen --quiet --all-packages --all-groups --no-group soak
	@touch $@
