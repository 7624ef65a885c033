# `make run` and `make test` do all their own set-up; `make help` lists the rest.
STACK :=
PYTHON :=
ARGS :=
TARGET := cpu
IMAGE := latent-labels:$(TARGET)
INSTALLER :=
# Prints the folder of the virtual environment, which it makes if need be.
SET_UP = STACK="$(STACK)" PYTHON="$(PYTHON)" INSTALLER="$(INSTALLER)" \
  constraints/set_up.sh
# Of other projects: what Python finds and does, and what pytest is told.
unexport PYTHONBREAKPOINT PYTHONCASEOK PYTHONDEVMODE PYTHONEXECUTABLE \
  PYTHONHOME PYTHONINSPECT PYTHONOPTIMIZE PYTHONPATH PYTHONPLATLIBDIR \
  PYTHONPYCACHEPREFIX PYTHONSAFEPATH PYTHONSTARTUP PYTHONUSERBASE \
  PYTHONWARNINGS PYTEST_ADDOPTS PYTEST_PLUGINS
export PYTHONNOUSERSITE := 1

.PHONY: help run test test-all coverage faults conformance bench audit checks docs env image clean

help:  ## Lists what can be made.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12
	@echo 'STACK=1.16 or STACK=1.21 chooses a stack; else the newest that fits.'
	@echo 'INSTALLER=pip installs with pip instead of uv.'

run:  ## Runs the sample end to end. Other runs: make run ARGS="seed"
	@venv=$$($(SET_UP)) && exec $$venv/bin/python -m pipeline run $(ARGS)

# A process a core, each with files of its own.
IN_PARALLEL = -n auto --dist loadfile --no-loadscope-reorder
test:  ## Tests what takes minutes. Some: make test ARGS="tests/pipeline"
	@venv=$$($(SET_UP)) && exec $$venv/bin/python -m pytest \
	  $(or $(ARGS),$(IN_PARALLEL))

test-all:  ## The same, and whole pipelines in all their ways.
	@venv=$$($(SET_UP)) && exec $$venv/bin/python -m pytest -m "not long" \
	  $(IN_PARALLEL) $(ARGS)

coverage:  ## Which lines of the product the tests of `make test` reach.
	@venv=$$($(SET_UP)) && export PATH="$$PWD/$$venv/bin:$$PATH" && \
	  coverage erase && coverage run -m pytest $(IN_PARALLEL) $(ARGS) && \
	  coverage combine --quiet && coverage report

faults:  ## Kills, full disks, hostile files, sabotage: the long tests.
	@venv=$$($(SET_UP)) && exec $$venv/bin/python -m pytest -m "" \
	  $(or $(ARGS),tests/faults)

# DRIVER and LAUNCHER: Kubeflow's programs. FOLDER keeps the cluster from run to
# run. RECORD=2.17.0 keeps what they gave to each step; ARGS=--fast runs no step.
DRIVER :=
LAUNCHER :=
FOLDER := output/conformance
RECORD :=
conformance:  ## Kubeflow's own driver and launcher run the sample, small.
	@if [ -z "$(DRIVER)" ] || [ -z "$(LAUNCHER)" ]; then \
	  echo "skipped: name Kubeflow's programs, DRIVER=... LAUNCHER=... (docs/kubeflow.md)"; \
	else \
	  venv=$$($(SET_UP)) && exec $$venv/bin/python -m devtools.conformance \
	    --driver "$(DRIVER)" --launcher "$(LAUNCHER)" --folder "$(FOLDER)" \
	    $(if $(RECORD),--record $(RECORD)) $(ARGS); \
	fi

bench:  ## Measures the stages here. Some: make bench ARGS="facenet decode"
	@venv=$$($(SET_UP)) && exec $$venv/bin/python -m pipeline bench $(ARGS)

audit:  ## Holds the pinned versions against known advisories.
	@venv=$$($(SET_UP)) && exec $$venv/bin/python constraints/audit.py $(ARGS)

checks:  ## Rules, format, layers and types, by ruff, import-linter and mypy.
	@venv=$$($(SET_UP)) && $$venv/bin/ruff check . && \
	  $$venv/bin/ruff format --check . && \
	  $$venv/bin/lint-imports --no-cache --no-logo && exec $$venv/bin/mypy

docs:  ## Writes the generated pages of docs/.
	@venv=$$($(SET_UP)) && exec $$venv/bin/python -m devtools.docs

env:  ## Makes the virtual environment from the pinned versions.
	@$(SET_UP)

# Podman leaves health checks out of images in its own format.
image:  ## Builds the container image; TARGET=gpu, IMAGE=registry/name:tag
	@for engine in docker podman; do \
	  $$engine info >/dev/null 2>&1 || continue; \
	  BUILDAH_FORMAT=docker exec $$engine build --target $(TARGET) \
	    --tag $(IMAGE) $(ARGS) .; \
	done; \
	echo "error: neither Docker nor Podman answers here; start one, or carry" \
	  "out the same steps as root with .ci/build_image $(TARGET) FOLDER" >&2; \
	exit 2

clean:  ## Removes the environments and build leftovers; keeps runs.
	@constraints/clean.sh
