# The handbook's commands. `make help` lists them.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
# The theme prints a notice about the future of MkDocs at every start; requirements.txt pins what we use.
export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.PHONY: help serve build offline release check test new lab lab-accept lab-test lab-record lab-mutants bench lock clean

# The lab: free software that plays scanners, archive, worklist and interface engine.
LAB_PACKAGES := $(shell cat tests/lab/packages.txt)
PAGES := $(if $(PAGE),docs/runbooks/$(PAGE).md,$(filter-out docs/runbooks/index.md,$(wildcard docs/runbooks/*.md)))
SYSTEM_PACKAGES := PATH="$$PATH:/usr/sbin" scripts/system-packages.sh

serve: $(VENV)/ready ## read the handbook at http://127.0.0.1:8000 while you edit it (other port: PORT=8001)
	$(BIN)/python scripts/build.py --check
	$(BIN)/mkdocs serve --dev-addr 127.0.0.1:$(PORT)

test: $(VENV)/ready-test ## prove it: records, rules, pages, and the site in a real browser
	$(SYSTEM_PACKAGES) chromium nginx
	$(SYSTEM_PACKAGES) $(LAB_PACKAGES) || echo "Without them the runbooks are not run, and their tests are skipped."
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pytest -rs

build: $(VENV)/ready ## check everything and build the site into site/
	$(BIN)/python scripts/build.py

offline: $(VENV)/ready ## build the site with its offline copy, a zip that opens from a file share
	$(BIN)/python scripts/build.py --offline

release: $(VENV)/ready-test ## make dist/: site and offline copy as archives, bill of materials, sums
	$(BIN)/python scripts/release.py

check: $(VENV)/ready ## check records and pages only (seconds)
	$(BIN)/python scripts/build.py --check

new: $(VENV)/ready ## begin a record and its page: make new KIND=task TITLE="Retire a scanner"
	$(BIN)/python scripts/new.py $(if $(KIND),--kind "$(KIND)") $(if $(TITLE),--title "$(TITLE)") $(if $(ID),--id "$(ID)")

lab: $(VENV)/ready-test ## a shell in the learner's lab; FAULT=3 breaks what the third lesson breaks
	$(SYSTEM_PACKAGES) $(LAB_PACKAGES)
	$(BIN)/python tests/lab/runner.py --shell $(if $(FAULT),--fault $(FAULT))

lab-accept: $(VENV)/ready-test ## write what the commands of a runbook print into it: make lab-accept PAGE=storage-full
	$(SYSTEM_PACKAGES) $(LAB_PACKAGES)
	$(BIN)/python tests/lab/runner.py --accept $(PAGES)

lab-test: $(VENV)/ready-test ## run runbooks as they are, without their faults and without their fixes: all, or PAGE=…
	$(SYSTEM_PACKAGES) $(LAB_PACKAGES)
	$(BIN)/pytest tests/test_lab.py -rs -k "$(or $(PAGE),test) and not proven_with"

lab-record: $(VENV)/ready-test ## run all runbooks and write down what they were proven with
	$(SYSTEM_PACKAGES) $(LAB_PACKAGES)
	$(BIN)/pytest tests/test_lab.py --record

lab-mutants: $(VENV)/ready-test ## count the faults in the text of the runbooks that their run would not notice
	$(SYSTEM_PACKAGES) $(LAB_PACKAGES)
	$(BIN)/python tests/lab/mutants.py

bench: $(VENV)/ready-test ## measure check, build, pages and growth, against the theme as it comes (writes bench.json)
	scripts/system-packages.sh chromium
	$(BIN)/python scripts/bench.py $(BENCH)

lock: $(VENV)/ready ## renew the locked requirements from requirements*.in
	$(BIN)/pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --upgrade --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links \
	  --no-emit-trusted-host --output-file requirements.txt requirements.in
	$(BIN)/pip-compile --quiet --upgrade --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links \
	  --no-emit-trusted-host --allow-unsafe --constraint requirements.txt --output-file requirements-test.txt requirements-test.in

clean: ## remove everything that can be made again
	rm -rf $(VENV) site dist .site-* .pytest_cache .ruff_cache

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/ready: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

$(VENV)/ready-test: requirements-test.txt $(VENV)/ready
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.txt
	touch $@
