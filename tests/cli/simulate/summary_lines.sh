# Statistics instead of runs: the same for any number of jobs, and the report reads them.
winnow simulate -q --summary -j $JOBS "$ROOT/corpus/policies/replace.yaml" -g 20 --at 5,20 -s 30 -n 50 -o s.jsonl || exit
sed -E 's/.*"kind":"([a-z]*)".*/\1/' s.jsonl | sort | uniq -c | tr -s ' '
grep '"metric":"variance"' s.jsonl | sed -E 's/(\.[0-9]{4})[0-9]*/\1/g'
winnow report -q s.jsonl -o r.html && grep -c 'What theory says beforehand' r.html
