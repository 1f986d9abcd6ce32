# Each target is a line or two that a person could type.
PYTHON ?= python3
BIN = .venv/bin

.PHONY: run test setup check bench lock clean

run: setup  ## the service on 127.0.0.1:8000, with demo people
	@$(BIN)/flask --app app db upgrade
	@$(BIN)/mesotrain demo
	@$(BIN)/mesotrain serve

test: .venv/dev  ## every test, on both engines and in a browser
	@$(BIN)/python tests/chromium.py
	$(BIN)/python -m pytest

check: .venv/dev  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/dev  ## what each page costs, against a bare page
	$(BIN)/python -m tests.bench

setup: .venv/run  ## .venv with the mesotrain command

.venv/run: requirements.txt pyproject.toml
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

.venv/dev: .venv/run requirements-dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

lock:  ## pins every dependency by hash; needs uv
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	    --custom-compile-command "make lock" pyproject.toml -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	    --custom-compile-command "make lock" --extra dev pyproject.toml -o requirements-dev.txt

clean:  ## forgets the environment and the embedded database
	rm -rf .venv instance
