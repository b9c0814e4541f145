# What theory says stands beside what the runs did, for people and for programs.
winnow simulate -j $JOBS "$ROOT/corpus/policies/replace.yaml" "$ROOT/corpus/policies/accumulate.yaml" -g 400 -s 40 -n 10 \
  --estimator unbiased --at last -o t.jsonl 2>err || exit
sed -E 's/ in [0-9.]+ s$//' err
grep '"kind":"prediction"' t.jsonl | sed -E 's/(\.[0-9]{5})[0-9]*/\1/g'
winnow simulate --json -q -j $JOBS "$ROOT/corpus/policies/replace.yaml" -g 3 -s 4 -n 20 -o t.jsonl 2>&1 | sed -E 's/(\.[0-9]{5})[0-9]*/\1/g'
