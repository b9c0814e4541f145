# A trace that was cut at the end of a line: a run is missing, then half a run, then half a summary.
winnow simulate -q "$ROOT/corpus/policies/replace.yaml" "$ROOT/corpus/policies/accumulate.yaml" -g 3 -s 3 -n 20 -o t.jsonl || exit
winnow simulate -q --summary "$ROOT/corpus/policies/replace.yaml" "$ROOT/corpus/policies/accumulate.yaml" -g 3 -s 3 -n 20 -o s.jsonl || exit
grep -v '"run":"accumulate/2"' t.jsonl >run.jsonl
grep -v '"run":"accumulate/2".*"generation":3' t.jsonl >half.jsonl
sed '$d' s.jsonl >summary.jsonl
for f in t run half s summary; do
    winnow report $f.jsonl -o $f.html 2>$f.err || exit
    for said in $f.err $f.html; do
        echo "$said: $(grep -o "The trace is not finished: [^.]*\." $said | sed 's/&#39;/|/g' | tr "'" '|' | sort -u)"
    done
done
grep -o 'A summary does not .*' s.err
