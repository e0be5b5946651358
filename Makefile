# `make serve` and `make test` are all that a fresh machine needs: Python 3.11 or newer, make and git suffice.

VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip --quiet --quiet --disable-pip-version-check install
PYTHONS := python3.11 python3.12 python3.13 python3.14 python3 python
UV := $(VENV)/bin/uv
COMPILE := $(UV) pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	--universal --python-version 3.11
WORKERS := logical
ARGS :=

.NOTPARALLEL:
.PHONY: help serve test check test-permissions test-permissions-sample web screenshots lock clean

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-24s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: $(VENV)/.serve web ## Serve the demo, or what PURSER_* settings say (docs/settings.md)
	@exec $(RUN) -m purser serve

test: $(VENV)/.test web ## Run the tests; ARGS="-k word" runs some, WORKERS=0 in one process
	@$(RUN) -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: $(VENV)/.test ## Check format, lint, types and the direction of imports
	@$(RUN) -m ruff format --check
	@$(RUN) -m ruff check
	@$(RUN) -m mypy
	@$(VENV)/bin/lint-imports

test-permissions: $(VENV)/.test web ## Take each permission away in turn: the tests must fail each time
	@$(RUN) -m tests.mutate_access

test-permissions-sample: $(VENV)/.test web ## The same for a sample of the permissions
	@$(RUN) -m tests.mutate_access --sample

screenshots: $(VENV)/.test web ## Take the pictures of docs/images anew, with chromium
	@$(RUN) -m tests.screenshots

lock: $(UV) ## Pin what pyproject.toml asks for; UPGRADE=--upgrade takes newer releases
	@$(COMPILE) $(UPGRADE) pyproject.toml --output-file requirements/runtime.lock
	@$(COMPILE) $(UPGRADE) pyproject.toml --group test --output-file requirements/test.lock
	@$(COMPILE) $(UPGRADE) --group pyproject.toml:build --output-file requirements/build.lock

clean: ## Remove what was installed and built; the data in var/ stays
	@rm -rf $(VENV) web/dist web/node_modules .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Whichever of the next two was installed last stands in the same environment: the test lock holds all of the other.
$(VENV)/.serve: requirements/runtime.lock requirements/build.lock | $(VENV)/.made
$(VENV)/.test: requirements/test.lock requirements/build.lock | $(VENV)/.made
$(VENV)/.serve $(VENV)/.test:
	@echo "Installing dependencies (a minute or two the first time) ..."
	@$(PIP) --require-hashes $(addprefix -r ,$(filter %.lock,$^))
	@touch $@

web: | $(VENV)/.made
	@$(RUN) -m scripts.build_web

$(UV): | $(VENV)/.made
	@$(PIP) uv

$(VENV)/.made:
	@for python in $(PYTHONS); do \
		if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Making $(VENV) with `$$python --version` ..." && $$python -m venv $(VENV) && touch $@ && exit; \
		fi; \
	done; \
	if [ ! -e $@ ]; then \
		echo "Purser needs Python 3.11 or newer with its venv module (Debian: apt install python3-venv)." >&2; exit 1; \
	fi
