# What would have no effect is refused, and so is a list that is not one.
cp "$ROOT/tests/vectors/ngram/text/t1_toy.txt" c.txt
try() { "$@" 2>&1; echo "exit $?"; }
B="winnow lm build -q -j $JOBS --tokens whitespace"
$B c.txt -o m.wlm --arpa m.arpa 2>/dev/null || exit
try winnow lm sample m.wlm --beam 4 -n 3
try winnow lm sample m.wlm --beam 4 --temperature 2
try winnow lm sample m.wlm --beam 4 --top-k 3
try winnow lm sample m.wlm --length-penalty 1
try winnow lm score m.wlm c.txt --per token --ccnet-cutoffs 3,5
try winnow lm score m.wlm c.txt --per token --ccnet-percentiles 30,60
try winnow lm score m.wlm - -
for list in '' 0, ,; do try $B c.txt --prune "$list"; done
for list in '' .5, ,; do try $B c.txt --discount-fallback "$list"; done
echo zebra >words.txt
try $B c.txt --limit-vocab words.txt -o x.wlm 2>&1 | grep -v 'too few'
try winnow lm build --nosuch
try winnow tag --nosuch
try winnow watermark detect --nosuch

echo '# not one record, and no text at all'
printf '{"text":1}\n{"text":[]}\n' >bad.jsonl; : >empty
try winnow lm build bad.jsonl -o y.wlm | sed 's/;.*//'
try winnow lm build empty -o y.wlm | sed 's/;.*//'
ls y.wlm 2>/dev/null

echo '# import tells what the file holds'
winnow lm import m.arpa -o i.wlm 2>&1 | grep holds
winnow lm import m.arpa --for scoring -o i.wlm 2>&1 | grep holds
winnow lm import m.arpa --for sampling -o i.wlm 2>&1 | grep holds

echo '# tables of cutoffs'
cut() { printf "$1" >cut.csv; try winnow lm score -q m.wlm c.txt --per none --ccnet-cutoffs cut.csv; }
cut 'p,en\n30,9\n60,5\n'
cut 'p,en\n30,-9\n60,5\n'
cut 'p,en\n30,nan\n60,5\n'
cut 'p,en\n30,1\n60,inf\n'
cut 'p,en,en\n30,1,1\n60,5,5\n'
cut 'p,,en\n30,1,1\n60,5,5\n'
cut 'p,en\n30,1\n30,2\n60,5\n'
cut 'p,en\n30,1,2\n60,5\n'
cut ''
for spec in nan,inf 1e400,2e400 '' 1,2,3; do try winnow lm score m.wlm c.txt --ccnet-cutoffs "$spec"; done
printf 'p,en\n30,5\n60,9\n' >cut.csv
try winnow lm score m.wlm c.txt --ccnet-cutoffs cut.csv --lang fr
winnow lm score -q m.wlm c.txt --per none --ccnet-cutoffs cut.csv --lang en | tail -1
