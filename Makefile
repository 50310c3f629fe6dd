# The two commands are `make demo` and `make test`. Both build once, in one profile.

CARGO ?= cargo
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c

.PHONY: demo test build lint contracts artifacts fixtures fuzz bench clean

build:
	$(CARGO) build --release --locked

# A local chain, the contracts, two aggregators and three provers as processes: collisions, a rescue, a lost root, and a table.
# Built as the tests are, so that neither builds anything twice.
demo: contracts/node_modules
	$(CARGO) build --release --locked --workspace --bins --examples
	target/release/examples/demo

# Formatting, lints and docs first: they fail fast. The runner's closing lines come last.
test: lint contracts fuzz
	$(CARGO) test --release --locked --workspace --lib --bins --tests

lint:
	@if $(CARGO) fmt --version >/dev/null 2>&1; then $(CARGO) fmt --all --check; else echo "rustfmt is not installed: formatting not checked"; fi
	@if $(CARGO) clippy --version >/dev/null 2>&1; then $(CARGO) clippy --release --locked --workspace --all-targets -- -D warnings; else echo "clippy is not installed: lints not checked"; fi
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --release --locked --workspace --no-deps --document-private-items

# The committed artifacts are those of the sources; formatting, lints, unit, fuzz and invariant tests; gas and sizes are those of
# contracts/snapshots.
contracts: contracts/node_modules
	cd contracts && npm run --silent check
	cd contracts && npm run --silent lint
	cd contracts && npm run --silent test

# After a change of the decider or of a contract: constants of the development keys, then the artifacts.
artifacts: build contracts/node_modules
	rm -rf target/development
	target/release/notefold params generate --out target/development
	target/release/notefold setup --params target/development --out target/development
	target/release/notefold verifier-contract --decider target/development
	cd contracts && npm run --silent build

contracts/node_modules: contracts/package-lock.json
	cd contracts && npm ci --no-audit --no-fund --silent
	touch contracts/node_modules

# A short run of every fuzz target, where cargo-fuzz is installed; the same decoders are always covered by property
# tests that mutate valid encodings.
fuzz:
	@if $(CARGO) fuzz --version >/dev/null 2>&1; then \
		for target in $$(cd tests/fuzz && $(CARGO) fuzz list --fuzz-dir .); do \
			echo "fuzzing $$target"; \
			$(CARGO) fuzz run --fuzz-dir tests/fuzz --sanitizer none $$target -- -max_total_time=10 -rss_limit_mb=4096; \
		done; \
	else echo "cargo-fuzz is not installed: decoders are covered by property tests"; fi

# Real settlements for the tests of the contracts, after a change of the circuit or of its keys.
fixtures:
	$(CARGO) test --release --locked -p notefold-wrapper --test settlement fixtures::write -- --ignored --nocapture

bench: build contracts/node_modules
	target/release/notefold bench step
	target/release/notefold bench fold
	target/release/notefold bench wrap
	target/release/notefold bench settle
	target/release/notefold bench e2e --steps 200

clean:
	$(CARGO) clean
