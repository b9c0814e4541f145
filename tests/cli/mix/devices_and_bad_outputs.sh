# A device takes the documents and no manifest; an output that cannot be is refused first.
echo '{"id":"a","text":"one"}' >a.jsonl
winnow mix -q -j $JOBS "$ROOT/corpus/policies/accumulate.yaml" --real a.jsonl -o /dev/null; echo "exit $?"
ls /dev/null.manifest.json 2>/dev/null
winnow mix -q -j $JOBS "$ROOT/corpus/policies/accumulate.yaml" --real a.jsonl -o /dev/full; echo "exit $?"
winnow mix -q -j $JOBS "$ROOT/corpus/policies/accumulate.yaml" --real a.jsonl -o a.jsonl/x.jsonl; echo "exit $?"
