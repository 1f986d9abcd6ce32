# Each target is a line or two that a person could type.
PYTHON ?= python3
PORT ?= 8000
SECONDS ?= 60
BIN = .venv/bin
PARTS = tests/figures
# What Python compiled once it takes again, whatever the machine asks for: a server of the tests starts a fifth sooner.
export PYTHONDONTWRITEBYTECODE =

.PHONY: run test setup check figures soak bench histories scorers mutate hostile fuzz lock clean

run: export MESOTRAIN_PUBLIC_URL ?= http://localhost:$(PORT)
run: setup  ## the service on localhost:8000, with demo people; PORT=8001 for another
	@$(BIN)/flask --app app db upgrade
	@$(BIN)/mesotrain demo
	@$(BIN)/mesotrain serve --port $(PORT)

test: OTHERS = --ignore tests/browser --ignore tests/figures
test: .venv/dev  ## every test, on both engines and in a browser, three parts beside one another
	@$(BIN)/python tests/machine.py
	@$(BIN)/python -m pytest $(OTHERS) -k "not postgresql" & others=$$!; \
	    $(BIN)/python -m pytest $(OTHERS) -k postgresql & postgresql=$$!; \
	    $(BIN)/python -m pytest tests/browser; browser=$$?; wait $$others && wait $$postgresql && exit $$browser

figures: .venv/dev  ## what is promised of sitting, seen: a quarter of an hour at most
	@$(BIN)/python tests/machine.py
	@$(BIN)/python -m pytest -s $(PARTS)/test_kill.py & kills=$$!; \
	    $(BIN)/python -m pytest -s $(PARTS) --ignore $(PARTS)/test_kill.py --ignore $(PARTS)/test_day.py --ignore $(PARTS)/test_cost.py; others=$$?; \
	    wait $$kills && $(BIN)/python -m pytest -s $(PARTS)/test_day.py && exit $$others

soak: export SOAK = 1
soak: figures  ## the same in the sizes of a soak, for hours; goes on where it was stopped, at the same commit

check: .venv/dev  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/dev  ## what each page costs, against a bare page
	$(BIN)/python -m tests.bench
	$(BIN)/python -m pytest -s $(PARTS)/test_cost.py

histories: .venv/dev  ## two implementations of standing, clearance and certification, written apart, on 100,000 histories
	@$(BIN)/python -m tests.core.histories 100000
	@$(BIN)/python -m tests.core.certified_histories 100000

scorers: .venv/dev  ## two scorers, written apart, on a million answers
	@$(BIN)/python -m tests.core.scorers 1000000

mutate: .venv/mutate/done  ## each rule of marking, timing and access changed in turn: which changes no test of the rules sees
	PATH="$(CURDIR)/.venv/mutate/bin:$$PATH" mutmut run
	.venv/mutate/bin/python -m tests.mutants

hostile: export CASES = 20000
hostile: .venv/dev  ## a file of each format cut behind every byte, and 20,000 edited anyhow: an hour or two
	@$(BIN)/python -m pytest -s tests/formats/exchange/test_hostile.py -k "cut or edited"

fuzz: .venv/fuzz/done  ## files that nobody wrote, for SECONDS a format: which one a reader breaks on
	@.venv/fuzz/bin/python -m tests.fuzz $(SECONDS)

setup: .venv/run  ## .venv with the mesotrain command

.venv/run: requirements.txt pyproject.toml
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

.venv/dev: .venv/run requirements-dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

.venv/mutate/done: .venv/run requirements-mutate.txt
	@$(PYTHON) -m venv .venv/mutate
	@.venv/mutate/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-mutate.txt
	@.venv/mutate/bin/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

.venv/fuzz/done: .venv/run requirements-fuzz.txt
	@$(PYTHON) -m venv .venv/fuzz
	@.venv/fuzz/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-fuzz.txt
	@.venv/fuzz/bin/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

lock:  ## pins every dependency by hash; needs uv
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	    --custom-compile-command "make lock" pyproject.toml -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	    --custom-compile-command "make lock" --extra dev pyproject.toml -o requirements-dev.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	    --custom-compile-command "make lock" --extra dev --extra mutate pyproject.toml -o requirements-mutate.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	    --custom-compile-command "make lock" --extra dev --extra fuzz pyproject.toml -o requirements-fuzz.txt

clean:  ## forgets the environment and the embedded database
	rm -rf .venv instance
