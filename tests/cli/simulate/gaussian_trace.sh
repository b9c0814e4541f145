winnow simulate -q -j $JOBS "$ROOT/corpus/policies/replace.yaml" "$ROOT/corpus/policies/accumulate.yaml" -g 3 -s 2 -n 20 -o t.jsonl || exit
grep -c . t.jsonl
grep '"metric":"variance"' t.jsonl | sed -E 's/(\.[0-9]{5})[0-9]*/\1/g'
