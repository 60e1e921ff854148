#!/bin/sh
# Finds faults without running the program: all checks, or those that are named.
#
# Usage: tools/lint.sh [CHECK...]     JOBS says how many files are looked at at once
#
# Prints what each check found and ends with how many passed and failed.
set -u
cd "$(dirname "$0")/.." || exit

jobs=${JOBS:-$(nproc)}

# Includes point the way tools/layers.txt says.
check_layers() {
    # shellcheck disable=SC2046 # a list of files
    awk -f tools/check-layers.awk tools/layers.txt $(git ls-files 'src/*.[ch]')
}

# By one version only: each sees some lines its own way.
check_format() {
    if ! clang-format --version | grep -q 'version 14\.'; then
        echo "format: not checked, for this is not clang-format 14"
        return 0
    fi
    git ls-files -z '*.[ch]' | xargs -0 -P "$jobs" -n 16 clang-format --dry-run -Werror
}

# Things that are never written here: what starts a shell, hosts that something is downloaded from, and places on
# somebody's own machine.
check_words() {
    found=0
    ! git grep -nE '\b(system|popen|wordexp)[[:space:]]*\(' -- src include examples || found=1
    ! git grep -nIE '(registry\.npmjs|registry\.yarnpkg|pypi|pythonhosted|(deb|ftp)[.a-z]*\.debian|(archive|security)\.ubuntu)\.(org|com)' -- \
        ':!tools/lint.sh' || found=1
    ! git grep -nIE '(^|[^[:alnum:]_.:/])/(home|root|Users|work|workspace|mnt)/[a-z]' -- ':!tools/lint.sh' |
        grep -v '/home/ada' || found=1 # a home in tests
    return "$found"
}

check_shell() {
    git grep -lE '^#!/bin/(ba)?sh' -- . | xargs shellcheck -x
}

# Python that does not parse; with ruff, where somebody has it, much more.
check_python() {
    git ls-files '*.py' | xargs -r python3 -m py_compile || return
    ruff=$(command -v ruff || ls .venv/bin/ruff 2>/dev/null) || return 0
    "$ruff" check --no-cache tests tools
}

# Our macros stay closed to it: TAKE and LOG it cannot parse, and it does not see that CHECK ends the program.
# readdir_r, which it would like, is what the C library has taken back.
check_cppcheck() {
    cppcheck --enable=warning,performance,portability --std=c11 --library=posix,openssl --inline-suppr --quiet \
        --error-exitcode=1 -j "$jobs" -UCHECK -UTAKE -ULOG -Isrc -Iinclude --suppress=missingIncludeSystem \
        --suppress=readdirCalled src examples
}

# One file at a time: the analyzer of clang 14 takes the va_list of a second file for uninitialized.
check_tidy() {
    tools/build.sh clang || return
    # shellcheck disable=SC2016 # the inner shell expands it
    git ls-files -z 'src/*.c' 'examples/*.c' |
        xargs -0 -P "$jobs" -n 1 sh -c 'clang-tidy -p build-clang --quiet "$0" 2>/dev/null'
}

check_analyzer() {
    tools/build.sh analyze
}

run() {
    started=$(date +%s)
    if "check_$1" </dev/null; then
        result=ok n_passed=$((n_passed + 1))
    else
        result=FAILED n_failed=$((n_failed + 1))
    fi
    printf '%-7s %s (%d s)\n' "$result" "$1" $(($(date +%s) - started))
}

n_passed=0
n_failed=0
[ $# -gt 0 ] || set -- layers format words shell python cppcheck tidy analyzer
for check in "$@"; do
    run "$check"
done
printf 'lint checks: %d passed, %d failed\n' "$n_passed" "$n_failed"
[ "$n_failed" = 0 ]
