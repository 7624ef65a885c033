# `make run` and `make test` do all their own set-up; `make help` lists the rest.
VENV := .venv
CONSTRAINTS := constraints/tfx-1.16-python-3.10.txt
READY := $(VENV)/.ready
ARGS :=

.PHONY: help run test env clean
.DELETE_ON_ERROR:

help:  ## Lists what can be made.
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

run: $(READY)  ## Runs the sample end to end. Other runs: make run ARGS="seed"
	$(VENV)/bin/python -m pipeline run $(ARGS)

test: $(READY)  ## Passes all tests. Some: make test ARGS="tests/pipeline"
	$(VENV)/bin/python -m pytest $(ARGS)

env: $(READY)  ## Makes the virtual environment from the pinned versions.

$(READY): $(CONSTRAINTS) setup.py
	@python="$(PYTHON)"; \
	[ -n "$$python" ] || python=$$(constraints/find_python.sh) || exit 2; \
	echo "Setting up $(VENV) with $$python: about 5 minutes and 3.5 GB."; \
	"$$python" -m venv --clear $(VENV)
	$(VENV)/bin/python -m pip install --quiet --no-input \
	  --disable-pip-version-check --constraint $(CONSTRAINTS) \
	  --editable '.[test]'
	@touch $@

clean:  ## Removes the virtual environment and build leftovers; keeps runs.
	rm -rf $(VENV) build dist *.egg-info .pytest_cache
