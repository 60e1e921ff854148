#!/bin/sh
# Runs every bench/*.sh against the release build and prints what each measured.
set -eu
cd "$(dirname "$0")/.."

for bench in bench/*.sh; do
    [ -e "$bench" ] || continue
    echo "== $bench"
    "$bench" build
done
