#!/bin/sh
# Runs every test of a finished build, and proves that every test ran.
#
# `swift test` exits 0 when it finds nothing to run, so three numbers must agree: the tests that
# are written (@Test in the sources), those that the build holds, and those that ran. A test that
# is skipped or disabled, a target that Package.swift forgot and a filter left behind all fail.
#
# Usage: scripts/run-tests.sh SWIFT-TEST-OPTIONS...        such as: -c release --skip-build
set -eu
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

swift test list "$@" >"$work/list" 2>"$work/list.err" || {
    cat "$work/list.err" >&2
    echo "tests: the build's tests cannot be listed; build first: make build" >&2
    exit 1
}
listed=$(grep -c '^[A-Za-z0-9_]*\.' "$work/list" || true)
written=$(grep -rhE --include='*.swift' '^[[:space:]]*@Test([^A-Za-z]|$)' Tests | wc -l)

# The log's readers take a megabyte at a time: memory that is used again, instead of given back to
# the system each time, makes the tests of the log three times as quick.
export MALLOC_MMAP_THRESHOLD_=268435456 MALLOC_TRIM_THRESHOLD_=1073741824

# Runs the tests that the options choose; adds to `ran`, and keeps the first exit code that is not 0.
ran=0
status=0
run() {
    # A pipe would hide the exit code, hence the file.
    ( swift test --disable-xctest "$@" 2>&1; echo $? >"$work/status" ) | tee "$work/output" \
        | grep -vE '(^. |^)(Test|Suite) .* (started|passed after .*)\.?$' || true
    [ "$status" -ne 0 ] || status=$(cat "$work/status")
    count=$(sed -nE 's/.*Test run with ([0-9]+) tests?( in [0-9]+ suites?)? (passed|failed).*/\1/p' \
        "$work/output" | tail -n 1)
    # The line above counts those that are disabled, too.
    skipped=$(grep -cE '^[^ ]* ?Test .* skipped(\.$|: )' "$work/output" || true)
    ran=$((ran + ${count:-0} - skipped))
}

# The targets that run the whole program, and wait for it, have the machine to themselves.
whole_program='^(CommandTests|ServiceTests)\.'
run --skip "$whole_program" "$@"
run --filter "$whole_program" "$@"

if [ "$status" -ne 0 ]; then
    echo "tests: FAILED (exit code $status)" >&2
    exit "$status"
fi
if [ "$written" -eq 0 ] || [ "$written" != "$listed" ] || [ "$listed" != "$ran" ]; then
    echo "tests: FAILED: $written are written, $listed are in the build, $ran ran" >&2
    for folder in Tests/*Tests; do
        target=$(basename "$folder")
        count=$(grep -c "^$target\." "$work/list" || true)
        echo "    $target: $count in the build" >&2
    done
    exit 1
fi
echo "tests: $ran of $written ran and passed"
