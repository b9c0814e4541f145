# A joint model gives the scores of its two models.
winnow lm build -q "$ROOT/corpus/machine-en-a.jsonl" -o a.wlm 2>/dev/null || exit
winnow lm build -q "$ROOT/corpus/machine-en-b.jsonl" --order 2 -o b.wlm 2>/dev/null || exit
winnow lm build -q "$ROOT/corpus/machine-en-b.jsonl" --tokens folded -o c.wlm 2>/dev/null || exit
winnow lm joint -q a.wlm b.wlm -o j.wlm || exit
winnow lm info j.wlm | sed 's/, [0-9.]* MB//'
winnow lm score -q -j $JOBS j.wlm "$ROOT/corpus/machine-en-b.jsonl" -o j.jsonl
winnow lm score -q -j $JOBS a.wlm "$ROOT/corpus/machine-en-b.jsonl" -o a.jsonl
winnow lm score -q -j $JOBS b.wlm "$ROOT/corpus/machine-en-b.jsonl" -o b.jsonl
paste j.jsonl a.jsonl b.jsonl | awk '
function num(s, at,   p) { p = substr(s, at); match(p, /-?[0-9.]+(e[-+][0-9]+)?/); return substr(p, RSTART, RLENGTH) + 0 }
{
    split($0, part, "\t")
    h = num(part[1], index(part[1], "log10_p")); rest = substr(part[1], index(part[1], "synthetic"))
    s = num(rest, index(rest, "log10_p")); a = num(part[2], index(part[2], "log10_p")); b = num(part[3], index(part[3], "log10_p"))
    if ((h / a - 1)^2 > 1e-8 || (s / b - 1)^2 > 1e-8) { print "document " NR ": " h " " a " " s " " b; bad = 1 }
}
END { print NR " documents" (bad ? "" : ", all near") }'
head -1 j.jsonl | sed -E 's/(\.[0-9])[0-9]*/\1/g'
winnow lm score -q -j $JOBS --per token j.wlm "$ROOT/corpus/machine-en-b.jsonl" | head -1 | sed -E 's/(\.[0-9])[0-9]*/\1/g'
winnow lm score -q -j $JOBS --per none j.wlm "$ROOT/corpus/machine-en-b.jsonl" | grep -c .
try() { "$@" 2>&1; echo "exit $?"; }
try winnow lm joint a.wlm -o x.wlm
try winnow lm joint a.wlm c.wlm -o x.wlm
try winnow lm joint a.wlm j.wlm -o x.wlm
try winnow lm sample j.wlm
