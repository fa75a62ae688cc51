# Every target installs what it needs on a machine with Python 3.11 or newer; `make PYTHON=python3.12 test` selects another Python.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
STAMP := $(VENV)/.ready

.PHONY: setup cv demo demo-study test test-versions lint fuzz docs clean

setup: $(STAMP)

# uv installs torch and torchvision from one index as a matching pair; plain pip may combine two builds that do not work together.
$(STAMP): pyproject.toml constraints.txt tools/check_setup.py
	@$(PYTHON) -c 'import sys; sys.exit("seqfer needs Python 3.11 or newer; found %d.%d: make PYTHON=python3.11 ..." % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check uv
	$(RUN) -m uv pip install --quiet --python $(RUN) -c constraints.txt -e ".[dev]"
	$(RUN) tools/check_setup.py
	@touch $(STAMP)

cv: setup
	$(VENV)/bin/seqfer cv --folds 5 $(ARGS)

demo: setup
	$(RUN) tools/demo.py $(ARGS)

demo-study: setup
	$(RUN) tools/demo_study.py $(ARGS)

test: setup
	$(RUN) -m pytest -n auto --dist worksteal $(ARGS)

# The main job with the oldest and the newest allowed versions of the requirements, in environments that are thrown away; takes minutes.
test-versions: setup
	$(RUN) tools/test_versions.py $(ARGS)

lint: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

# Hostile files for all readers, an hour by default: make fuzz ARGS="--minutes 5 --kinds videos,weights".
fuzz: setup
	OMP_NUM_THREADS=1 $(RUN) tools/fuzz.py $(ARGS)

# The generated pages of docs/, then the site, strictly: a dead link ends it. Open site/index.html.
docs: setup
	$(RUN) tools/make_command_docs.py
	$(RUN) tools/make_licence_register.py
	NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --quiet $(ARGS)

clean:
	rm -rf $(VENV) build dist site *.egg-info
