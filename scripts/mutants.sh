#!/bin/sh
# Applies small wrong changes to the log's sources, one by one, and sees whether the tests notice.
#
# A mutant is a file scripts/mutants/NAME.mutant: what it does wrong, the file, the text to search
# (it must stand there exactly once) and its replacement. Each is applied to a copy of the tree
# outside the work tree, built, and tested: first with the suites that should notice (`first:`), then,
# if they did not, with all tests of the log. The first failure ends it, and so does a crash, or the
# time limit of a mutant that is known to hang.
#
# Usage: scripts/mutants.sh [NAME...]       all of them, or those that are named
#
#   MUTANTS_FOLDER    where the copy and its build are kept (default: a folder of the temporary one)
#   MUTANT_SECONDS    the time limit of a run of all tests (default: 600); a mutant that hangs says how
#                     long is enough for it (`seconds:`); no other is caught by that
#
# The results stand in MUTANTS_FOLDER/results, a line each. Exit code 1 if a mutant survived, no
# longer applies or does not build, or if the tests fail without any.
set -eu
cd "$(dirname "$0")/.."
source=$PWD
begin=$(date +%s)
folder=${MUTANTS_FOLDER:-${TMPDIR:-/tmp}/daybook-mutants}
limit=${MUTANT_SECONDS:-600}
tree=$folder/tree
mkdir -p "$tree"
export DAYBOOK_SLICE=log
# What 2,000 crashes do not show is not shown by 20,000 either, as a rule; 600 are too few.
export DAYBOOK_CRASH_RUNS=2000
# As in run-tests.sh: memory of a test is used again, and not given back to the system each time.
export MALLOC_MMAP_THRESHOLD_=268435456 MALLOC_TRIM_THRESHOLD_=1073741824

# Optimised, but file by file and not as whole modules: a changed file costs seconds.
build() {
    (cd "$tree" && swift build --build-tests -Xswiftc -O) >"$folder/build.log" 2>&1
}

# run_tests FILTER SECONDS: runs the tests that match within so many seconds; fails, and sets `why`,
# as soon as one of them does.
run_tests() {
    binary=$(cd "$tree" && ls .build/debug/*PackageTests.xctest)
    # Before the tests start, not as they do: what the last ones failed with must not be read again.
    : >"$folder/output"
    (cd "$tree" && exec timeout -k 5 "$2" "$binary" \
        --testing-library swift-testing --filter "$1") >"$folder/output" 2>&1 &
    pid=$!
    found=no
    while kill -0 "$pid" 2>/dev/null; do
        if grep -q ' recorded an issue' "$folder/output"; then
            found=yes
            kill "$pid" 2>/dev/null || true
            break
        fi
        sleep 0.2
    done
    status=0
    wait "$pid" 2>/dev/null || status=$?
    if [ "$found" = yes ] || grep -q ' recorded an issue' "$folder/output"; then
        why=$(sed -nE 's/^.* [Tt]est (case )?(.*) recorded an issue.*/\2/p' "$folder/output" \
            | head -n 1 | sed -E 's/ with [0-9]+ arguments?.*//' | cut -c 1-100)
        return 1
    elif [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
        why="the time limit of $2 s"
        return 1
    elif [ "$status" -ne 0 ] && [ "$status" -ne 69 ]; then  # 69: no test matches.
        why="a crash, exit code $status"
        return 1
    fi
    return 0
}

run_first() { run_tests "EventLogTests\.($1)" "${2:-$limit}"; }
run_all() { run_tests EventLogTests "$limit"; }

# The copy: what changed since the last run, with its times, so that only that is built again.
git ls-files -co --exclude-standard -- Package.swift Package.resolved Sources Tests docs/format docs/verify \
    | while read -r file; do [ -f "$file" ] && echo "$file"; done | sort >"$folder/files"
(cd "$tree" && find . -path ./.build -prune -o -type f -print | sed 's|^\./||' | sort) \
    | comm -13 "$folder/files" - | (cd "$tree" && xargs -r rm -f)
while read -r file; do
    cmp -s "$file" "$tree/$file" && continue
    mkdir -p "$tree/$(dirname "$file")"
    cp -p "$file" "$tree/$file"
done <"$folder/files"

echo "mutants: building and testing without any, in $tree"
build || { tail -n 30 "$folder/build.log" >&2; exit 1; }
# Once is enough for the same files.
state=$(cd "$tree" && xargs sha256sum <"$folder/files" | sha256sum)
if [ "$state" != "$(cat "$folder/good" 2>/dev/null)" ]; then
    if ! run_all; then
        echo "mutants: the tests fail without a mutant: $why" >&2
        exit 1
    fi
    echo "$state" >"$folder/good"
fi

[ $# -gt 0 ] || set -- $(cd scripts/mutants && ls -- *.mutant | sed 's/\.mutant$//')
: >"$folder/results"
caught=0
bad=0
for name in "$@"; do
    mutant=$source/scripts/mutants/$name.mutant
    file=$(sed -n 's/^file: //p' "$mutant")
    first=$(sed -n 's/^first: //p' "$mutant")
    seconds=$(sed -n 's/^seconds: //p' "$mutant")
    start=$(date +%s)
    verdict=survived
    why=
    cp "$tree/$file" "$folder/original"
    if ! perl scripts/mutants/apply.pl "$mutant" "$folder/original" >"$folder/mutated"; then
        verdict="does not apply"
    else
        cp "$folder/mutated" "$tree/$file"
        if ! build; then
            verdict="does not build"
            cp "$folder/build.log" "$folder/$name.build.log"
        elif [ -n "$first" ] && ! run_first "$first" "$seconds"; then
            verdict=caught
        elif ! run_all; then
            verdict="caught late"  # By none of the suites that it names.
        fi
        case $why in "the time limit"*) [ -n "$seconds" ] || verdict="too slow" ;; esac
        cp "$folder/original" "$tree/$file"
    fi
    case $verdict in caught*) caught=$((caught + 1)) ;; *) bad=$((bad + 1)) ;; esac
    echo "$verdict | $name | $(($(date +%s) - start)) s | $why" | tee -a "$folder/results"
done
echo "mutants: $caught caught, $bad not, in $((($(date +%s) - begin) / 60)) min"
[ "$bad" -eq 0 ]
