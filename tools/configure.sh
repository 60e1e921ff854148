#!/bin/sh
# Prepares a Meson build folder, or brings it up to date with its options and with the folders of the tree.
#
# Usage: tools/configure.sh FOLDER [MESON OPTION...]     CC names the compiler
#
# Meson notices changed build files but not new folders; so the list of them is kept beside the build.
set -eu

folder=$1
shift

state=$(echo "${CC:-} $*"; find src tests examples -name meson.build | LC_ALL=C sort; ls src/main.c docs/*.1 2>/dev/null || true)
if [ ! -e "$folder/build.ninja" ]; then
    rm -rf "$folder"
    meson setup "$folder" "$@"
elif [ "$state" != "$(cat "$folder/configured" 2>/dev/null)" ]; then
    meson setup --reconfigure "$folder" "$@"
fi
echo "$state" >"$folder/configured"
