for e in gaussian gmm; do
    winnow simulate -q -e $e -j 1 "$ROOT/corpus/policies/replace.yaml" "$ROOT/corpus/policies/filtered.yaml" -g 4 -s 5 -n 60 -o one.jsonl || exit
    winnow simulate -q -e $e -j $JOBS "$ROOT/corpus/policies/replace.yaml" "$ROOT/corpus/policies/filtered.yaml" -g 4 -s 5 -n 60 -o two.jsonl || exit
    cmp one.jsonl two.jsonl && echo "$e: same"
done
