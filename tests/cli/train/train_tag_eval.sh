# Two artificial sources that differ by construction: what is learnt can be checked.
winnow lm build -q "$ROOT/corpus/machine-en-a.jsonl" -o a.wlm || exit
winnow lm build -q "$ROOT/corpus/machine-fr-a.jsonl" "$ROOT/corpus/machine-fr-b.jsonl" -o b.wlm || exit
winnow lm sample a.wlm -n 500 --min-tokens 60 --max-tokens 120 --id-prefix a- -o a.jsonl || exit
winnow lm sample b.wlm -n 500 --min-tokens 60 --max-tokens 120 --id-prefix b- -o b.jsonl || exit
winnow train -q -j $JOBS --human a.jsonl --synthetic b.jsonl --fpr 0.02 -o m.wnm --summary train.json || exit
winnow eval -q -j $JOBS -m m.wnm --human a.jsonl --synthetic b.jsonl -o eval.json | head -4
winnow tag -q -j $JOBS -m m.wnm a.jsonl b.jsonl -o t.jsonl
grep -o '"verdict":"[a-z]*"' t.jsonl | sort | uniq -c
winnow train -q -j 1 --human a.jsonl --synthetic b.jsonl --fpr 0.02 -o one.wnm && cmp m.wnm one.wnm && echo 'the same model for any jobs'
