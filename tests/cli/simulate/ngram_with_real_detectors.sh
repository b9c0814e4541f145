# The tagger that tags a scrape tags every generation's text.
cat "$ROOT"/corpus/machine-en-*.jsonl >base.jsonl
winnow lm build -q base.jsonl -o m.wlm || exit
winnow simulate -q -j $JOBS -e ngram -c base.jsonl --watermark-key 9 --watermark-lm m.wlm --watermark-share 1 --watermark-delta 5 --no-marks \
  "$ROOT/corpus/policies/filtered.yaml" "$ROOT/corpus/policies/replace.yaml" -g 3 -s 1 -n 60 -o t.jsonl || exit
grep '"generation":2' t.jsonl | grep -E '"metric":"(achieved_tpr|achieved_fpr|real_share)"' | sed -E 's/(\.[0-9]{5})[0-9]*/\1/g'
