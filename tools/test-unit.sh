#!/bin/sh
# Runs the unit tests of a build folder and adds up what its programs counted.
#
# Usage: tools/test-unit.sh FOLDER [MESON TEST OPTION...]
set -eu

folder=$1
shift
status=0
suppressions=$(pwd)/tools/tsan.supp
export TSAN_OPTIONS="suppressions=$suppressions${TSAN_OPTIONS:+ $TSAN_OPTIONS}"
meson test -C "$folder" --suite unit --no-rebuild --print-errorlogs "$@" </dev/null || status=$?

# A program that ended without counting is one failure more.
awk -v status="$status" '
    /^[0-9]+ passed, [0-9]+ failed$/ { passed += $1; failed += $3 }
    END {
        if (status != 0 && failed == 0) failed = 1
        printf "unit tests in %s: %d passed, %d failed\n", FOLDER, passed, failed
        exit failed > 0
    }' FOLDER="$folder" "$folder/meson-logs/testlog.txt"
