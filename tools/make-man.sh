#!/bin/sh
# Writes the man pages from the tool's own option tables.  usage: make-man.sh TOOL DIR
set -eu
tool=$1
dir=$2
mkdir -p "$dir"
"$tool" --man >"$dir/winnow.1"
for c in tag train eval lm watermark mix simulate sweep report demo; do
    "$tool" "$c" --man >"$dir/winnow-$c.1"
done
