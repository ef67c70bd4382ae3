# The verbs of the house. python3 (3.10 or newer), pip and cargo are all they need; everything else goes
# into .venv and target. One profile and one target folder serve the demo, the tests and CI, and every cargo
# call covers the whole workspace, so that polars is compiled once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python

INSTALLED := $(VENV)/.stamp-installed
BUILT := $(VENV)/.stamp-built
RUST := $(shell find src python/src -name '*.rs') Cargo.toml Cargo.lock python/Cargo.toml

export VIRTUAL_ENV := $(CURDIR)/$(VENV)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_QUIET := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-rust test-python check format bench bench-ingest bench-gate build clean

help: ## what each verb does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(BUILT) ## simulate a platform, analyse it, show tables and write Parquet to out/
	$(BIN)/kohort demo --out out/demo

test: test-rust test-python ## every test: Rust, Python, examples in the documentation, notebooks

test-rust: $(BUILT)
	cargo test --workspace -- --quiet

test-python: $(BUILT)
	$(PY) -m pytest -q -rs

check: $(BUILT) ## format, lints, types, stubs and documentation, with warnings denied
	cargo fmt --all --check
	cargo clippy --quiet --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --quiet --no-deps --workspace
	$(BIN)/ruff format --quiet --check .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(PY) -m mypy.stubtest kohort._core
	@if command -v cargo-deny >/dev/null; then cargo deny check; \
	 else echo 'cargo-deny is not installed, its check is left out (cargo install --locked cargo-deny)'; fi

format: $(BUILT) ## rewrite the sources in the form that check asks for
	cargo fmt --all
	$(BIN)/ruff format --quiet .
	$(BIN)/ruff check --quiet --fix .

bench: $(INSTALLED) ## the personal summary against the best peers (a release build first: slow)
	@rm -f $(BUILT)  # the release build takes the place of the other one
	$(PY) -m pip install numpy duckdb chdb
	$(BIN)/maturin develop --release --extras dev
	$(PY) benches/summary.py $(BENCH)

bench-ingest: $(INSTALLED) ## xAPI statements against json.loads and polars (a release build first: slow)
	@rm -f $(BUILT)  # the release build takes the place of the other one
	$(BIN)/maturin develop --release --extras dev
	$(PY) benches/ingest.py $(BENCH)

bench-gate: ## the gate and the ledger with a million learners and 1,000 releases (optimized, some minutes)
	cargo test --lib group::ledger::cost -- --ignored --nocapture

build: $(BUILT) ## compile and install kohort into .venv

clean: ## remove .venv, target and everything else that was made
	rm -rf $(VENV) target out .pytest_cache .mypy_cache .ruff_cache .hypothesis python/kohort/_core*.so
	find python tests notebooks benches -name __pycache__ -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("kohort needs Python 3.10 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 10) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet 'maturin>=1.10,<2'
	@touch $@

$(BUILT): $(INSTALLED) $(RUST)
	$(BIN)/maturin develop --extras dev
	@touch $@
