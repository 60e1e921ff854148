#!/bin/sh
# Prepares a Meson build folder, or brings it up to date with its options and with the folders of the tree.
#
# Usage: tools/configure.sh FOLDER [MESON OPTION...]     CC names the compiler
#
# Meson notices changed build files but not new ones; so the list of them is kept beside the build. Another compiler, or
# an option more or less, means another build; another value of one does not.
set -eu

folder=$1
shift

state=$(
    echo "${CC:-} $(echo "$*" | sed 's/=[^ ]*//g')"
    echo "$*"
    find src tests examples -name meson.build | LC_ALL=C sort
    ls src/main.c include docs/*.1 2>/dev/null || true
)
known=$(cat "$folder/configured" 2>/dev/null || true)
if [ "$state" = "$known" ] && [ -e "$folder/build.ninja" ]; then
    exit 0
fi

# Its long report is only of interest when it fails.
report() {
    "$@" >"$folder/configure.log" 2>&1 || {
        cat "$folder/configure.log" >&2
        exit 1
    }
}

if [ -e "$folder/build.ninja" ] && [ "$(echo "$state" | head -n 1)" = "$(echo "$known" | head -n 1)" ]; then
    report meson setup --reconfigure "$folder" "$@"
else
    rm -rf "$folder"
    mkdir -p "$folder"
    report meson setup "$folder" "$@"
fi
echo "$state" >"$folder/configured"
