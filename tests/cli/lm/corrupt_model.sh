winnow lm build -q "$ROOT/corpus/machine-en-a.jsonl" -o m.wlm || exit
head -c 5000 m.wlm >short.wlm
printf 'not a model at all, but long enough to be looked at by a curious reader of files' >foreign.wlm
{ head -c 6000 m.wlm; printf 'X'; tail -c +6002 m.wlm; } >flipped.wlm
for f in short foreign flipped no-such; do winnow lm info $f.wlm 2>err; echo "exit $?"; sed "s/winnow: .*'$f.wlm'/named/; s/:.*//" err; done
