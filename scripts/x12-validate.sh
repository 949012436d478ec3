#!/bin/sh
# Has two other programs validate the X12 interchanges that Daybook writes.
#
# pyx12 reads 277CA, 834, 835, 999 and TA1; linuxforhealth-x12 reads 271. Each has a virtual
# environment of its own, since the second needs an older pydantic; their versions are pinned in
# scripts/x12-validate/. Anything that either reports fails, but for these false alarms:
#
#   pyx12, 835: "err_st.vriic was not set": it cannot write its own acknowledgment of a set without
#     ST03, and an 835 has none. Its verdict on the file stands all the same.
#   pyx12, TA1: "Mandatory loop ... GS_LOOP missing": an interchange that only carries a TA1 has no
#     group, and IEA01 is 0.
#   linuxforhealth-x12, AAA: it allows the reasons of a provider's AAA03 in a subscriber's too, so
#     72 and 75 of 2100C are refused; counting the segments of SE then fails as well.
#
# Usage: scripts/x12-validate.sh [FOLDER ...]    the interchanges; by default the tests' goldens
# X12_VALIDATE_ENVIRONMENTS                  where the environments are kept (.build/x12-validate)
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
if [ $# -eq 0 ]; then
    set -- "$root/Tests/Fixtures/x12/built" "$root/Tests/Fixtures/x12/composed"
fi
environments=${X12_VALIDATE_ENVIRONMENTS:-$root/.build/x12-validate}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# environment NAME: made once; made again when its pins change.
environment() {
    place=$environments/$1
    pins=$root/scripts/x12-validate/$1.txt
    if ! cmp -s "$pins" "$place/pins.txt"; then
        rm -rf "$place"
        mkdir -p "$environments"
        /usr/bin/python3 -m venv "$place"
        "$place/bin/pip" install --quiet --disable-pip-version-check --requirement "$pins"
        cp "$pins" "$place/pins.txt"
    fi
}

fail() {
    echo "x12-validate: $1"
    sed 's/^/    /' "$2"
    failures=$((failures + 1))
}

environment pyx12
environment linuxforhealth
failures=0
count=0
# What a folder without .edi files leaves of its pattern is no file.
for file in $(for folder in "$@"; do printf '%s\n' "$folder"/*.edi; done); do
    [ -e "$file" ] || continue
    name=$(basename "$file")
    # The validators write beside what they read.
    cp "$file" "$work/$name"
    count=$((count + 1))
    case $name in
    271*)
        if ! "$environments/linuxforhealth/bin/lfhx12" -m "$work/$name" >"$work/out" 2>&1; then
            # Each error is a line that names the place, and a line that says what it is.
            grep -A1 -E '^(loop_|__root__|[a-z_]+_segment)' "$work/out" >"$work/errors" || true
            places=$(grep -c -E '^(loop_|__root__|[a-z_]+_segment)' "$work/errors" || true)
            alarms=$(grep -c -E 'loop_2100[cd] -> aaa_segment -> [0-9]+ -> reject_reason_code' \
                "$work/errors" || true)
            segments=$(grep -c 'SE segment count' "$work/errors" || true)
            if [ "$alarms" -eq 0 ] || [ $((alarms + segments)) -ne "$places" ]; then
                fail "linuxforhealth-x12 refuses $name" "$work/out"
            fi
        fi
        ;;
    *)
        "$environments/pyx12/bin/x12valid" "$work/$name" >"$work/out" 2>&1 || true
        grep -E ' ERROR |EngineError' "$work/out" >"$work/errors" || true
        case $name in
        835*) grep -v -E 'err_st.vriic was not set|Failed to create 999 response' "$work/errors" >"$work/left" || true ;;
        ta1*) grep -v 'Mandatory loop .*(GS_LOOP) missing' "$work/errors" >"$work/left" || true ;;
        *) cp "$work/errors" "$work/left" ;;
        esac
        if [ -s "$work/left" ] || ! grep -q "$name: OK" "$work/out"; then
            fail "pyx12 refuses $name" "$work/out"
        fi
        ;;
    esac
done
if [ "$count" -eq 0 ]; then
    echo "x12-validate: no .edi files in $*; name a folder that holds some"
    exit 2
fi
echo "x12-validate: $count interchanges, $failures refused"
[ "$failures" -eq 0 ]
