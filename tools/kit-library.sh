#!/bin/sh
# Makes one library of several, in which only the kit's public functions can be seen: a program's own log() or map_get()
# stays its own.
#
# Usage: tools/kit-library.sh OUTPUT LIBRARY...
set -eu

output=$1
shift
object=${output%.a}.o
ld -r -o "$object" --whole-archive "$@"
objcopy --localize-hidden "$object"
rm -f "$output"
ar rcs "$output" "$object"
rm -f "$object"
