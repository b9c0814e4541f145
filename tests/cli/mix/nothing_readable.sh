# An input that cannot be read does not replace an older output by an empty one.
echo 'older output' >out.jsonl
winnow mix -q -j $JOBS "$ROOT/corpus/policies/accumulate.yaml" --real no-such-file.jsonl -o out.jsonl 2>/dev/null; echo "exit $?"
cat out.jsonl
winnow lm build -q "$ROOT/corpus/machine-en-a.jsonl" --order 1 -o m.wlm 2>/dev/null
winnow lm score -q -j $JOBS m.wlm no-such-file.jsonl -o out.jsonl 2>/dev/null; echo "exit $?"
winnow watermark detect -q -j $JOBS --lm m.wlm no-such-file.jsonl -o out.jsonl 2>/dev/null; echo "exit $?"
cat out.jsonl
ls
