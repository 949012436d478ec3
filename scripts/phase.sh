#!/bin/sh
# Runs one phase of a longer job and says how long it took.
#
# Usage: scripts/phase.sh NAME COMMAND...
set -u
name=$1
shift
echo "== $name"
start=$(date +%s)
"$@"
status=$?
end=$(date +%s)
if [ "$status" -eq 0 ]; then
    echo "== $name: ok, $((end - start)) s"
else
    echo "== $name: FAILED with exit code $status after $((end - start)) s" >&2
fi
exit "$status"
