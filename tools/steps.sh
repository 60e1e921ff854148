#!/bin/sh
# Runs steps of testing one after the other, all of them even when one fails, and adds up what they counted.
#
# Usage: tools/steps.sh STEP...
#        tools/steps.sh --list test | more      the steps of `make test`, and those that `make test-all` adds
#
# A step that counts ends with a line "[...: ]N passed, N failed"; one that does not is itself counted. The last line
# is the sum, and the exit status says whether anything failed. `make TARGET` is a step too.
set -u
cd "$(dirname "$0")/.." || exit

if [ "${1:-}" = --list ]; then
    case $2 in
    test) echo release asan integration ;;
    more) echo clang tsan integration-asan integration-tsan fuzz ;;
    *) exit 2 ;;
    esac
    exit 0
fi

# Runs the integration tests against a build, and says pytest's last line in our words. A test that could not be set
# up has failed.
integration() { # flavour, folder, marks
    tools/build.sh "$1" || return 1
    {
        GATEHOUSE_BUILD=$2 tools/test-integration.sh -m "$3"
        echo $? >"$log.pytest"
    } 2>&1 | tee "$log.out"
    awk -v build="$2" '
        /^=+ .* in [0-9.]+s.* =+$/ {
            passed = failed = skipped = 0
            for (i = 2; i <= NF; i++) {
                if ($i ~ /^passed/) passed = $(i - 1)
                if ($i ~ /^failed/ || $i ~ /^errors?/) failed += $(i - 1)
                if ($i ~ /^skipped/) skipped = $(i - 1)
            }
        }
        END {
            if (skipped) printf "%d integration tests were skipped\n", skipped
            printf "integration tests of %s: %d passed, %d failed\n", build, passed, failed
        }' "$log.out"
    return "$(cat "$log.pytest")"
}

# A sanitizer has nothing to find in other people's programs, and nothing is installed from its build.
sanitizable='not reference and not release'

step() {
    case $1 in
    make\ *) make --no-print-directory "${1#make }" ;;
    lint) tools/lint.sh ;;
    release) tools/build.sh release && tools/test-unit.sh build ;;
    clang) tools/build.sh clang && tools/test-unit.sh build-clang ;;
    asan) tools/build.sh asan && tools/test-unit.sh build-asan ;;
    tsan) tools/build.sh tsan && tools/test-unit.sh build-tsan ;;
    integration) integration release build '' ;;
    integration-asan) integration asan build-asan "$sanitizable" ;;
    integration-tsan) integration tsan build-tsan "$sanitizable" ;;
    fuzz) tools/fuzz.sh "${FUZZ_SECONDS:-60}" ;;
    *) echo "steps: unknown step '$1'" >&2 && return 2 ;;
    esac
}

log=$(mktemp)
trap 'rm -f "$log" "$log".*' EXIT
n_passed=0
n_failed=0
summary=

for name in "$@"; do
    echo "== $name"
    started=$(date +%s)
    {
        step "$name" </dev/null
        echo $? >"$log.status"
    } 2>&1 | tee "$log"
    status=$(cat "$log.status")
    seconds=$(($(date +%s) - started))

    # shellcheck disable=SC2046 # two words
    set -- $(sed -n 's/^\(.*: \)*\([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed$/\2 \3/p' "$log" | tail -n 1)
    passed=${1:-0}
    failed=${2:-0}
    if [ "$status" != 0 ] && [ "$failed" = 0 ]; then
        failed=1
    elif [ "$status" = 0 ] && [ "$passed" = 0 ]; then
        passed=1
    fi
    n_passed=$((n_passed + passed))
    n_failed=$((n_failed + failed))
    summary="$summary$(printf '%-18s %5d passed %5d failed %5d s' "$name" "$passed" "$failed" "$seconds")
"
done

printf '\n%s%d passed, %d failed\n' "$summary" "$n_passed" "$n_failed"
[ "$n_failed" = 0 ]
