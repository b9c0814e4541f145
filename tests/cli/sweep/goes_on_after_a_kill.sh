# A sweep that is killed and started again ends in the bytes of one that ran through.
set -- "$ROOT/corpus/policies/fresh.yaml" --real 0.01:0.5:x8 --sizes 20:200:x8 -g 1000 -s 60 --tprs 0.5,0.9
winnow sweep -q -j $JOBS "$@" -o whole.jsonl || exit
for how in KILL TERM KILL; do
    timeout --foreground -s $how 0.2 winnow sweep -q -j $JOBS "$@" -o parts.jsonl >/dev/null 2>&1
    [ -e parts.jsonl ] && break
done
winnow sweep -q -j $JOBS "$@" -o parts.jsonl || exit
cmp whole.jsonl parts.jsonl && echo same
ls
# From a part that is there; rows of another sweep are not mixed in.
head -20 whole.jsonl >stop.jsonl.partial
winnow sweep -q -j $JOBS "$@" --seed 2 -o stop.jsonl 2>&1; echo "exit $?"
winnow sweep -q -j $JOBS "$@" -o stop.jsonl && cmp whole.jsonl stop.jsonl && echo same
