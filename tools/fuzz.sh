#!/bin/sh
# Runs every fuzz target with libFuzzer for a while, from its checked-in corpus.
#
# Usage: tools/fuzz.sh SECONDS [NAME...]     JOBS says how many targets run at once
#
# New inputs stay in build-fuzz/corpus; `build-fuzz/tests/fuzz_x -merge=1 tests/fuzz/corpus/x build-fuzz/corpus/x`
# moves the useful ones into the tree. An input that fails is kept in build-fuzz/findings.
set -eu
cd "$(dirname "$0")/.."

seconds=$1
shift
names=${*:-$(find tests/fuzz -name 'fuzz_*.c' | sed 's/.*fuzz_\(.*\)\.c$/\1/' | LC_ALL=C sort)}
tools/build.sh fuzz
mkdir -p build-fuzz/findings build-fuzz/logs

# One target, with its own folder for what it finds on the way.
# shellcheck disable=SC2016 # the inner shell expands it
run_target='
    name=$1 seconds=$2
    mkdir -p build-fuzz/corpus/$name
    if build-fuzz/tests/fuzz_$name -max_total_time=$seconds -timeout=10 -rss_limit_mb=2048 -max_len=16384 \
        -print_final_stats=1 -artifact_prefix=build-fuzz/findings/$name- \
        build-fuzz/corpus/$name tests/fuzz/corpus/$name >build-fuzz/logs/$name 2>&1 </dev/null
    then
        echo "ok      $name: $(sed -n "s/^stat::number_of_executed_units: *//p" build-fuzz/logs/$name) inputs"
    else
        echo "FAILED  $name"
        tail -n 60 build-fuzz/logs/$name
    fi'
for name in $names; do echo "$name"; done |
    xargs -P "${JOBS:-$(nproc)}" -I NAME sh -c "$run_target" fuzz NAME "$seconds" >build-fuzz/logs/all

cat build-fuzz/logs/all
awk '/^ok / { passed++ } /^FAILED / { failed++ }
    END { printf "fuzz targets: %d passed, %d failed\n", passed, failed; exit failed > 0 }' build-fuzz/logs/all
