# Six words: run, install, test, bench, check, clean. All set-up happens in .venv and var/.

PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
# A stamp names the sum of what it was made from, so an unchanged lock costs nothing.
BASE := $(VENV)/.base-$(shell cksum < requirements/base.txt | tr -d ' ')
DEV := $(VENV)/.dev-$(shell cksum < requirements/dev.txt | tr -d ' ')
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: run install test bench check clean

run: $(BASE)
	@DEMO=1 LOG_LEVEL=$${LOG_LEVEL:-WARNING} PORT=$(PORT) PUBLIC_URL=$${PUBLIC_URL:-http://localhost:$(PORT)} $(BIN)/python manage.py quickstart
	@DEMO=1 LOG_LEVEL=$${LOG_LEVEL:-WARNING} PORT=$(PORT) PUBLIC_URL=$${PUBLIC_URL:-http://localhost:$(PORT)} exec $(BIN)/python manage.py dev

install: $(BASE)

test: $(DEV)
	@$(BIN)/python manage.py compile_catalogues
	@$(BIN)/python -m pytest -n auto --dist loadgroup

bench: $(DEV)
	@$(BIN)/python -m benchmarks.run

check: $(DEV)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy schools contacts campaigns completion config
	@$(BIN)/lint-imports
	@SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(60))') \
		DEBUG=0 DEMO=0 PUBLIC_URL=https://aid.example.org ALLOWED_HOSTS=aid.example.org \
		$(BIN)/python manage.py check --deploy --fail-level WARNING
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python manage.py check_catalogues

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(BASE): $(BIN)/python
	@echo "Installing what Aidbeacon runs on (once) ..."
	@$(PIP) --requirement requirements/base.txt
	@rm -f $(VENV)/.base-* && touch $@

$(DEV): $(BIN)/python
	@echo "Installing what Aidbeacon is built and tested with (once) ..."
	@$(PIP) --requirement requirements/dev.txt
	@rm -f $(VENV)/.dev-* && touch $@

# The first Python of 3.11 or later that can make a virtual environment.
$(BIN)/python:
	@found=; plain=; \
	for candidate in python3.13 python3.12 python3.11 python3; do \
		if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			plain=$$candidate; \
			if $$candidate -c 'import ensurepip, venv' 2>/dev/null; then found=$$candidate; break; fi; \
		fi; \
	done; \
	if [ -z "$$plain" ]; then \
		echo "Aidbeacon needs Python 3.11 or later, and found none."; \
		echo "  Debian, Ubuntu: sudo apt-get install python3 python3-venv"; \
		echo "  macOS:          brew install python@3.13"; \
		exit 1; \
	elif [ -z "$$found" ]; then \
		echo "$$plain is here, but cannot make virtual environments."; \
		echo "  Debian, Ubuntu: sudo apt-get install python3-venv"; \
		exit 1; \
	fi; \
	echo "Making $(VENV) with $$found ..."; \
	$$found -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
