#!/bin/sh
# Builds one flavour of the tree, quietly unless something is wrong.
#
# Usage: tools/build.sh FLAVOUR [MESON OPTION...]
#
# CC names the compiler of `release`, PREFIX where it will be installed; JOBS says how many compilers run at once.
#
#   release   build           optimised and hardened: what is installed
#   asan      build-asan      AddressSanitizer and UndefinedBehaviorSanitizer
#   tsan      build-tsan      ThreadSanitizer
#   clang     build-clang     as release, by clang, which warns about other things
#   analyze   build-analyze   gcc -fanalyzer, the product's sources only
#   fuzz      build-fuzz      libFuzzer with clang's sanitizers
set -eu
cd "$(dirname "$0")/.."

flavour=$1
shift
jobs=${JOBS:-$(nproc)}

# The other flavours are gcc's or clang's own: CC is not theirs to follow.
case $flavour in
release) folder=build && set -- -Dprefix="${PREFIX:-/usr/local}" "$@" ;;
asan) folder=build-asan CC=gcc && set -- -Db_sanitize=address,undefined -Doptimization=1 "$@" ;;
tsan) folder=build-tsan CC=gcc && set -- -Db_sanitize=thread -Doptimization=1 "$@" ;;
clang) folder=build-clang CC=clang ;;
analyze) folder=build-analyze CC=gcc && set -- -Danalyze=true -Dwerror=true "$@" ;;
fuzz) folder=build-fuzz CC=clang && set -- -Db_sanitize=address,undefined -Doptimization=1 -Dfuzz=true "$@" ;;
*) echo "build: unknown flavour '$flavour'" >&2 && exit 2 ;;
esac
export CC="${CC:-gcc}"

tools/configure.sh "$folder" "$@" </dev/null

# What it did is of interest when it failed; then the warnings stand at the end.
ninja -C "$folder" -j"$jobs" --quiet -k 0 </dev/null >"$folder/build.log" 2>&1 || {
    cat "$folder/build.log"
    echo "build: $folder failed"
    exit 1
}
