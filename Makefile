# `make demo` and `make test` set up what they need; the rest is for contributors.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
RUN_READY := $(VENV)/.ready-run

.PHONY: help setup run demo crawl check docs notebook format test test-pythons test-newest test-lowest slow soak endurance bench bench-long bench-regress lock clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## Make .venv with the locked packages

# A lock holds every package with its hashes; uv only makes it quick.
define install
	@$(PYTHON) -c 'import sys; sys.exit("newsbot needs Python 3.11 or newer; try: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	@echo "setting up $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r $(1)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
endef

$(READY): requirements.txt pyproject.toml
	$(call install,requirements.txt)
	@touch $(READY) $(RUN_READY)

# What crawls, without what tests it.
$(RUN_READY): requirements-run.txt pyproject.toml
	$(call install,requirements-run.txt)
	@touch $(RUN_READY)

run: demo  ## Set up without development tools, show the demo, say what comes next
	@printf '\nReady to crawl, in $(VENV). Next: your own site or ANTARA, see README.md.\n'

demo: $(RUN_READY)  ## Crawl the bundled synthetic site twice, in demo/, and show what was found
	@$(BIN)/newsbot demo

crawl: $(RUN_READY)  ## Crawl ANTARA, live; read "Lawful use" in the README first
	$(BIN)/scrapy crawl antara

check: $(READY) docs  ## Lint, format, types, layers, dead code, docs, and names of tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/python -m tests.collected_twice

notebook: $(READY)  ## Make docs/notebooks/python.ipynb from docs/python.md
	$(BIN)/jupytext --quiet --to notebook --output docs/notebooks/python.ipynb docs/python.md

# The variable silences a notice on every build: docs/decisions/0059-docs-site.md says what it says.
docs: $(READY)  ## Build the documentation into site/, strictly
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

format: $(READY)  ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# With -m, the working directory comes first on the path: pywb brings a package named tests.
test: $(READY)  ## The tests (about 6 minutes on 2 cores)
	$(BIN)/python -m pytest -n auto --dist loadfile $(TESTS)

# Each Python has a virtual environment of its own, with the same locked packages.
test-pythons:  ## The tests on every Python from 3.11 up that this machine has
	@pythons=$$(.ci/pythons) && test -n "$$pythons" && for python in $$pythons; do \
	  echo "testing on $$python ..." && \
	  $(MAKE) test PYTHON=$$python VENV=.venvs/$${python##*/} || exit; done

# Of the crawls by command line, a third of the time, those of test_c*.py but test_crawl.py stand for
# all, and texts, the doctor's small sites, the replica, damaged stores and S3 as it is sold are left
# out: what Python changes shows in the others. `make test-pythons` leaves none out.
test-newest: $(READY)  ## Most tests on the newest Python, unless `make test` runs on that
	@newest=$$(.ci/pythons | tail -n 1) && test -n "$$newest" && \
	  if test "$${newest##*/}" = "$$($(BIN)/python -c 'import sys; print("python%d.%d" % sys.version_info[:2])')"; \
	  then echo "$(VENV) has the newest Python of this machine"; \
	  else echo "testing on $$newest ..." && \
	  $(MAKE) test PYTHON=$$newest VENV=.venvs/$${newest##*/} \
	  TESTS="--ignore-glob='*/acceptance/test_[!c]*' --ignore=tests/acceptance/test_crawl.py \
	  --ignore=tests/docs --ignore=tests/doctor --ignore=tests/replica --ignore=tests/compat \
	  --ignore=tests/extract/test_robustness.py --ignore=tests/stores/test_as_sold.py \
	  --ignore-glob='*/archive/test_[dov]*'"; fi

# What newsbot needs is installed anew at its lower bounds; all else stays as it is locked.
LOWEST := .venvs/lowest
test-lowest: $(READY)  ## The tests with the lower bounds of the dependencies
	@echo "setting up $(LOWEST) ..."
	@$(BIN)/python -m venv --clear $(LOWEST)
	@$(BIN)/uv pip install --quiet --python $(LOWEST)/bin/python --require-hashes -r requirements.txt
	@$(BIN)/uv pip uninstall --quiet --python $(LOWEST)/bin/python $$($(BIN)/python -c \
	  'import re; from importlib.metadata import requires; print(*(re.match(r"[\w-]+", one)[0] for one in requires("newsbot")))')
	@$(BIN)/uv pip install --quiet --python $(LOWEST)/bin/python --resolution lowest-direct --editable '.[parquet]'
	$(LOWEST)/bin/python -m pytest -n auto --dist loadfile

slow: $(READY)  ## The tests of many crawls or a browser (about 5 minutes)
	$(BIN)/python -m pytest -n auto -m "slow and not long and not endurance"

soak: $(READY)  ## Long fault and load tests (at most 5 minutes)
	$(BIN)/python -m pytest -n auto -m long

endurance: $(READY)  ## Kills, outages, a simulated week, 200 pages in a browser, real publishing systems (about an hour)
	$(BIN)/python -m pytest -m endurance

bench: $(READY)  ## Measure newsbot beside plain Scrapy and an assembled stack (under 5 minutes)
	$(BIN)/python -m benchmarks throughput growth transfer reprocess

bench-long: $(READY)  ## The same with more rounds and larger sizes; writes docs/performance.md
	$(BIN)/python -m benchmarks --long throughput growth transfer reprocess

bench-regress: $(READY)  ## Fail where newsbot got more than 15 % slower than the committed ratios (12 minutes)
	$(BIN)/python -m benchmarks regress

lock: $(READY)  ## Choose new versions for requirements.txt and requirements-run.txt
	$(BIN)/uv pip compile --quiet --upgrade pyproject.toml --group dev --generate-hashes --universal --no-header -p 3.11 -o requirements.txt
	$(BIN)/uv pip compile --quiet pyproject.toml --constraint requirements.txt --generate-hashes --universal --no-header --no-annotate -p 3.11 -o requirements-run.txt

clean:  ## Remove the virtual environments and caches; archive/, var/ and demo/ stay
	rm -rf $(VENV) .venvs site .pytest_cache .mypy_cache .ruff_cache .hypothesis
