#!/bin/sh
# Documentation must be true: the man pages equal what the tool prints now and are
# clean roff, and every ```sh block of README.md and docs/ runs.
# usage: check-docs.sh TOOL [HUMAN.jsonl]
#
# The blocks of one file run in order, in one scratch folder that holds what a reader has
# at that point (rules/, corpus/, and some real documents as human.jsonl).  A block
# that starts with ```sh (not run) is shown to readers but needs a network or a long time.
set -eu
tool=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "$0")/.."
root=$(pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT INT TERM

tools/make-man.sh "$tool" "$scratch/man"
for page in "$scratch"/man/*.1; do
    name=$(basename "$page")
    if ! cmp -s "$page" "docs/man/$name"; then
        echo "docs/man/$name is not what the tool says now: run 'make docs'" >&2
        diff "docs/man/$name" "$page" | head -10 >&2 || true
        exit 1
    fi
    if command -v mandoc >/dev/null 2>&1; then
        mandoc -T lint -W warning "$page" >"$scratch/lint" || { cat "$scratch/lint" >&2; exit 1; }
    fi
done
echo "docs: $(ls "$scratch"/man/*.1 | wc -l) man pages are current"

human=${2:-}
if [ ! -f "$human" ]; then
    echo "docs: examples SKIPPED, no human documents: run 'make human' first" >&2
    exit 0
fi
awk 'NR % 5 == 1' "$human" >"$scratch/human.jsonl"

n_examples=0
for source in docs/examples/*.c; do
    program=$scratch/$(basename "$source" .c)
    ${CC:-cc} -std=gnu11 -Wall -Wextra -Werror -Iinclude "$source" "$(dirname "$tool")/libwinnow.a" \
        -lpcre2-8 -lutf8proc -lcjson -lm -pthread ${CFLAGS:-} -o "$program"
    echo "As an AI language model, I cannot do that." | "$program" rules | grep -q synthetic
    n_examples=$((n_examples + 1))
done
echo "docs: $n_examples example programs build and run"

n_blocks=0
for doc in README.md $(find docs -name '*.md' | sort); do
    [ -f "$doc" ] || continue
    blocks=$(grep -c '^```sh$' "$doc" || true)
    [ "$blocks" -gt 0 ] || continue
    dir=$scratch/$(echo "$doc" | tr / -)
    mkdir -p "$dir/bin"
    ln -s "$tool" "$dir/bin/winnow"
    ln -s "$root/rules" "$root/corpus" "$dir/"
    cp "$scratch/human.jsonl" "$dir/human.jsonl"
    {
        echo 'set -eu'
        awk '/^```sh$/ { on = 1; next } /^```/ { on = 0 } on { print }' "$doc"
    } >"$dir/run.sh"
    if ! (cd "$dir" && PATH=$dir/bin:$PATH sh -x run.sh >"$dir/out" 2>"$dir/err" </dev/null); then
        echo "an example of $doc failed:" >&2
        tail -15 "$dir/err" >&2
        exit 1
    fi
    n_blocks=$((n_blocks + blocks))
done
echo "docs: $n_blocks example blocks ran"
