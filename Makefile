# Daybook: every task of the house. `make` alone lists them.
#
# There is one build configuration, release with tests, so that `make build`, `make serve` and
# `make test` share every object file and dependencies are compiled once.

SWIFT_FLAGS := -c release
SOURCES := Sources Tests Package.swift

# Where `make serve` keeps its sample: a configuration, and a data folder beside it.
SAMPLE ?= sample

# What `make crashes` and `make fuzz` run: so many lives from a seed on; so many seconds each.
RUNS ?= 1000000
SEED ?= 0
SECONDS_EACH ?= 600

.DEFAULT_GOAL := help
.PHONY: help setup build serve test lint format bench mutants fuzz crashes clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sort \
		| awk -F ':.*## ' '{ printf "make %-8s %s\n", $$1, $$2 }'

setup: ## Install what is missing on Debian 12 (apt-get), and check the Swift version
	@sh scripts/setup.sh

build: setup ## Build everything, tests included, in release
	@sh scripts/phase.sh "build" swift build $(SWIFT_FLAGS) --build-tests

serve: build ## Run the engine on a sample configuration, in the foreground
	@bin=$$(swift build $(SWIFT_FLAGS) --show-bin-path) || exit 1; \
	if [ ! -e "$(SAMPLE)/config" ]; then \
		"$$bin/daybook" init "$(SAMPLE)" || exit 1; \
	fi; \
	exec "$$bin/daybook" serve --config "$(SAMPLE)/config" --data "$(SAMPLE)/data"

test: setup ## Run the gate: lint, build, all tests, proof that all ran, X12 files validated
	@sh scripts/phase.sh "lint" $(MAKE) --no-print-directory lint
	@sh scripts/phase.sh "build" swift build $(SWIFT_FLAGS) --build-tests
	@sh scripts/phase.sh "tests" sh scripts/run-tests.sh $(SWIFT_FLAGS) --skip-build
	@sh scripts/phase.sh "x12" sh scripts/x12-validate.sh

lint: ## Check the format, strictly
	@swift format lint --strict --parallel --recursive $(SOURCES)

format: ## Format the sources in place
	@swift format --in-place --parallel --recursive $(SOURCES)

bench: build ## Measure appending and replaying; figures as JSON
	@bin=$$(swift build $(SWIFT_FLAGS) --show-bin-path) || exit 1; \
	"$$bin/daybook" bench append --writers 64 --record-bytes 200 --seconds 5 --json \
		&& "$$bin/daybook" bench replay --events 2000000 --json

mutants: setup ## Apply small wrong changes to the log, one by one: the tests must catch each
	@sh scripts/mutants.sh $(MUTANTS)

fuzz: build ## Fuzz the readers and parsers, SECONDS_EACH=600 each, from SEED=0 on
	@DAYBOOK_FUZZ_SECONDS=$(SECONDS_EACH) DAYBOOK_FUZZ_SEED=$(SEED) \
		swift test $(SWIFT_FLAGS) --skip-build --disable-xctest --filter '(EventLogTests|TimetableTests|X12Tests)\.Fuzz'

crashes: build ## Crash the log at random, RUNS=1000000 lives from SEED=0 on
	@DAYBOOK_CRASH_RUNS=$(RUNS) DAYBOOK_CRASH_SEED=$(SEED) \
		swift test $(SWIFT_FLAGS) --skip-build --disable-xctest --filter 'EventLogTests\.CrashTests'

clean: ## Remove what was built
	@swift package clean
