# make run: install and serve.  make test: install everything and run every check.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TORCH ?= torch==2.13.0

.PHONY: run test check lint bench schemas lock clean

run: $(VENV)/served
	$(BIN)/madoguchi serve

test: $(VENV)/developed lint
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow"
	$(BIN)/madoguchi check
	$(BIN)/python -m pytest -m slow

check: $(VENV)/served
	$(BIN)/madoguchi check

lint: $(VENV)/developed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/developed
	$(BIN)/python -m benchmarks.serving
	$(BIN)/python -m benchmarks.quality
	$(BIN)/python -m benchmarks.telephone
	$(BIN)/python -m benchmarks.event_log
	$(BIN)/python -m benchmarks.analytics
	$(BIN)/python benchmarks/widget.py --out benchmarks/results/widget.json

schemas: $(VENV)/served
	$(BIN)/python -m bot.knowledge.schema faq/.schema

# Pinned for every platform and Python we support; needs uv. Left out: PyTorch, whose build depends on the machine, and a
# dictionary of 193 MB that the Japanese speech names but does not need (docs/decisions/0008), and what the system voice of a
# Mac wants (800 lines here; a Mac can install it by name).
lock:
	printf '%s\n' 'torch ; python_version < "3"' 'sudachidict-core ; python_version < "3"' \
	  'pyobjc ; python_version < "3"' > build-override.txt
	uv pip compile pyproject.toml --universal --python-version 3.11 --no-emit-index-url --quiet --extra telephone --extra report \
	  --override build-override.txt -o requirements.lock
	uv pip compile pyproject.toml --universal --python-version 3.11 --no-emit-index-url --quiet --all-extras \
	  --constraint requirements.lock --override build-override.txt -o requirements-dev.lock
	rm build-override.txt

$(VENV)/served: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 以上が必要です。" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	$(BIN)/madoguchi index
	touch $@

# PyTorch first and alone: the lock file leaves its build (CPU or not) to the machine.
$(VENV)/developed: $(VENV)/served requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check $(TORCH)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r requirements-dev.lock
	tests/install_system_packages.sh
	touch $@

clean:
	rm -rf $(VENV) var
