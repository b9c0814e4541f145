# Every way of sampling gives the same documents for any number of jobs, and other ones than plain sampling.
winnow lm build -q "$ROOT/corpus/machine-en-a.jsonl" -o m.wlm 2>/dev/null || exit
for o in '--temperature 1' '--min-p 0.1' '--typical 0.5' '--repetition-penalty 1.5' '--repetition-penalty 1.5 --repetition-window 5' \
    '--temperature 0.8 --top-k 50 --top-p 0.9 --min-p 0.01 --typical 0.95 --min-tokens 20'; do
    # shellcheck disable=SC2086
    winnow lm sample -j $JOBS m.wlm -n 30 --seed 3 --max-tokens 60 $o >s.jsonl || exit
    echo "$o: $(wc -l <s.jsonl) $(cut -c1-70 s.jsonl | sed -n 2p)"
done
winnow lm sample m.wlm --beam 4 --min-tokens 5 --max-tokens 20
winnow lm sample -q m.wlm --beam 1 --length-penalty 1 --max-tokens 20 | wc -l
try() { "$@" 2>&1; echo "exit $?"; }
try winnow lm sample m.wlm --min-tokens 5 --max-tokens 4
try winnow lm sample m.wlm --min-p 2
try winnow lm sample
