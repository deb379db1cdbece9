# Two commands do everything: `make run` and `make test`. Both need Python 3.11+, git and the package index.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test lint setup lock bench prove clean

run: setup
	$(BIN)/hanpack build configs/gov_reports.yaml -o dist/gov_reports
	$(BIN)/hanpack inspect dist/gov_reports

test: setup lint
	$(BIN)/pytest --numprocesses auto --dist worksteal

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: .venv/.ready

.venv/.ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "hanpack needs Python 3.11 or newer; name one with make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# The lock holds a hash for every file of every dependency and names no host.
lock:
	uv pip compile pyproject.toml --extra dev --extra docs --extra sign --extra fast --extra html --extra hf --extra models --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --no-annotate --output-file requirements.lock

bench: setup
	$(BIN)/python benchmarks/encodings.py
	$(BIN)/python benchmarks/script.py

# The slow proofs, of which `make test` has smaller versions.
prove: setup
	$(BIN)/python benchmarks/prove_publication.py
	$(BIN)/python benchmarks/read_while_published.py
	$(BIN)/python benchmarks/full_disk.py
	$(BIN)/python benchmarks/rebuild.py
	$(BIN)/python benchmarks/prove_verify.py

clean:
	rm -rf .venv dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
