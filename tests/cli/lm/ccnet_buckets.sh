# CCNet's head, middle and tail.
winnow lm build -q --tokens whitespace "$ROOT/tests/vectors/ngram/text/t1_toy.txt" -o m.wlm 2>/dev/null || exit
cat >d.jsonl <<'D'
{"id":"a","lang":"en","text":"The cat\nsat"}
{"id":"b","lang":"en","text":"the cat sat on the mat"}
{"id":"c","lang":"fr","text":"zz yy"}
{"id":"d","lang":"xx","text":"the"}
{"id":"e","lang":"en","text":""}
D
printf 'percentile,en,fr\n10,1,1\n30,5,1\n60,9,2.5\n' >cutoff.csv
show() { sed -E 's/"log10_p".*"ccnet/"ccnet/; s/"perplexity.*//'; }
winnow lm score -q -j $JOBS m.wlm d.jsonl --ccnet-cutoffs 5,9 | show
winnow lm score -q -j $JOBS m.wlm d.jsonl --ccnet-cutoffs cutoff.csv --ccnet-normalise --summary-json s.json | show
sed -E 's/.*("buckets":[^}]*\}).*/\1/' s.json
winnow lm score -q -j $JOBS m.wlm d.jsonl --ccnet-cutoffs cutoff.csv --lang fr | show | tail -1
winnow lm score -j $JOBS m.wlm d.jsonl --per none --ccnet-percentiles 25,75 2>/dev/null | tail -1
try() { "$@" 2>&1; echo "exit $?"; }
try winnow lm score m.wlm d.jsonl --ccnet-cutoffs 9,5
try winnow lm score m.wlm d.jsonl --ccnet-cutoffs cutoff.csv --ccnet-percentiles 31,60
try winnow lm score m.wlm d.jsonl --ccnet-percentiles 60,30
try winnow lm score m.wlm d.jsonl --lang en
printf 'no,table\nhere,5\n' >bad.csv; try winnow lm score m.wlm d.jsonl --ccnet-cutoffs bad.csv
