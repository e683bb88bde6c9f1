.DEFAULT_GOAL := help
SHELL := /bin/sh

# The first Python on PATH that is new enough, else plain python3, so that the check can complain.
CANDIDATES := python3 python3.14 python3.13 python3.12 python3.11 python
ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
ifndef PYTHON
PYTHON := $(shell for p in $(CANDIDATES); do "$$p" -c '$(ENOUGH)' >/dev/null 2>&1 && echo "$$p" && exit; done; echo python3)
endif
VENV_PYTHON := .venv/bin/python
BOOTSTRAP = $(PYTHON) scripts/bootstrap.py
# Where Node.js comes from PyPI, it lies beside Python.
BIOME = PATH="$$PATH:$(CURDIR)/.venv/bin" node_modules/.bin/biome

.PHONY: help run test coverage lint audit format demo docs bench soak screenshots requirements clean python bootstrap bootstrap-dev

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

python:
	@"$(PYTHON)" -c '$(ENOUGH)' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed; $(PYTHON) is $$("$(PYTHON)" -V 2>&1 | tail -n 1). Set PYTHON=/path/to/python3." >&2; exit 1; }

bootstrap: python
	@$(BOOTSTRAP)

bootstrap-dev: python
	@$(BOOTSTRAP) --dev

run: bootstrap ## Install what is missing and run everything; Ctrl-C stops it
	@exec $(VENV_PYTHON) app.py

test: bootstrap-dev ## Run all tests; PYTEST_ARGS="-k name" for some
	$(VENV_PYTHON) -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not soak" $(PYTEST_ARGS)

coverage: bootstrap-dev ## Run all tests and report what they run of the code; takes longer than `make test`
	$(VENV_PYTHON) -m coverage erase
	$(VENV_PYTHON) -m coverage run -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not soak" $(PYTEST_ARGS)
	$(VENV_PYTHON) -m coverage combine --quiet
	$(VENV_PYTHON) -m coverage report

lint: bootstrap-dev ## Check style, formatting and types
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m mypy
	$(BIOME) ci --error-on-warnings
	.venv/bin/lint-imports --no-logo

audit: bootstrap-dev ## Look the pinned packages up for known vulnerabilities
	$(VENV_PYTHON) -m pip_audit --require-hashes --disable-pip \
		-r requirements.txt -r requirements-dev.txt -r requirements-node.txt
	$(VENV_PYTHON) -m pip_audit --require-hashes --disable-pip -r requirements-docs.txt

format: bootstrap-dev ## Format the code and fix what can be fixed
	$(VENV_PYTHON) -m ruff format .
	$(VENV_PYTHON) -m ruff check --fix .
	$(BIOME) check --write

demo: bootstrap ## Five orders at once against the running system, live in the terminal
	@exec $(VENV_PYTHON) -m orders.local.demo $(DEMO_ARGS)

docs: python ## Build the pages of /docs now; `make run` does it in the background
	@$(PYTHON) -m scripts.docs_site

bench: bootstrap-dev ## Measure throughput and latency on this machine
	$(VENV_PYTHON) -m bench $(BENCH_ARGS)

soak: bootstrap-dev ## The long fault-injection runs; prints the seed that replays them
	$(VENV_PYTHON) -m pytest -m soak -s $(PYTEST_ARGS)

screenshots: bootstrap-dev ## Renew the pictures of the page
	$(VENV_PYTHON) -m scripts.screenshots

requirements: bootstrap-dev ## Pin newer versions of every dependency
	for name in requirements requirements-dev requirements-node requirements-docs; do \
		CUSTOM_COMPILE_COMMAND="make requirements" $(VENV_PYTHON) -m piptools compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras \
			--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
			--output-file $$name.txt $$name.in || exit 1; \
	done

clean: ## Remove what was installed and built; the data in .data stays
	rm -rf .venv .docs node_modules static/vendor .pytest_cache .mypy_cache .ruff_cache .hypothesis .bootstrap.lock
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
