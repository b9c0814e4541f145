# Outputs: none destroys an input or is lost in another, and those of one run appear together
# or not at all.
cp "$ROOT/tests/vectors/ngram/text/t1_toy.txt" c.txt
try() { "$@" 2>&1; echo "exit $?"; }
B="winnow lm build -q -j $JOBS --tokens whitespace"
$B c.txt -o m.wlm --arpa m.arpa --counts m.wlc 2>/dev/null || exit
winnow lm export m.wlm -o - | cmp - m.arpa && echo 'the same ARPA'

echo '# an input of an option is an input'
echo the cat >words.txt; printf 'percentile,en\n30,5\n60,9\n' >cut.csv
try $B c.txt --limit-vocab words.txt -o words.txt
try winnow lm merge m.wlc --limit-vocab words.txt --arpa ./words.txt
try winnow lm score m.wlm c.txt --ccnet-cutoffs cut.csv -o cut.csv
try winnow watermark detect --lm m.wlm -o m.wlm c.txt
try winnow watermark embed --lm m.wlm -o m.wlm
try winnow tag --watermark-key 1 --watermark-lm m.wlm -o m.wlm c.txt
try winnow eval --rules words.txt -o words.txt c.txt
try winnow train --rules words.txt -o words.txt c.txt
echo '{}' >point.json; echo 'policy: x' >p.yaml
try winnow simulate --engine gaussian --operating-point point.json -o point.json p.yaml
cat words.txt point.json; wc -l <cut.csv

echo '# a pipe gets everything, once'
mkfifo pipe; cat pipe >got & try winnow lm export m.wlm -o pipe; wait; cmp got m.arpa
echo '# a limit on the size of files is an error like others'
head -c 300000 /dev/zero | tr '\0' 'a' >long.txt
(ulimit -f 100; try $B long.txt -o none.wlm --arpa none.arpa)

echo '# older outputs stay, all of them'
for f in o.wlm o.wlc o.arpa o.json; do echo OLD >$f; done
try $B c.txt -o o.wlm --counts o.wlc --arpa /dev/full 2>&1 | tail -2
try $B c.txt -o o.wlm --counts o.wlc --arpa o.arpa --json /dev/full 2>&1 | tail -2
try winnow lm merge -q m.wlc -o o.wlm --counts /dev/full --arpa o.arpa 2>&1 | tail -2
try winnow lm prune m.wlm -q -o o.wlm --arpa /dev/full
try winnow lm mix m.wlm m.wlm -q -o o.wlm --arpa o.arpa --json /dev/full
cat o.wlm o.wlc o.arpa o.json

echo '# what is asked for is written'
winnow lm build -q --tokens whitespace c.txt --counts c2.wlc --json - | sed -E 's/,"seconds.*//'
winnow lm merge -q m.wlc --counts c3.wlc --json j.json; sed -E 's/,"seconds.*//' j.json
cmp m.wlc c2.wlc; cmp m.wlc c3.wlc
try winnow lm score m.wlm c.txt --per none -o rows.jsonl

echo '# one kind of data on standard output'
winnow lm score m.wlm c.txt --per none --summary-json - 2>err | cut -c1-14; grep -c . err
$B c.txt --arpa /dev/stdout --json - 2>err | cat; cat err

echo '# no file'
try winnow lm count -q c.txt -o -
try $B c.txt --counts -
try winnow lm merge -
try $B c.txt -o /dev/null
try winnow lm import m.arpa -o /dev/null
try winnow lm mix m.wlm m.wlm -o -
ls -- - 2>/dev/null

echo '# one place under two names, and a link that leads nowhere'
try $B c.txt -o new/s --arpa new/../new/s
try $B c.txt -o new/s --arpa ./new//s
try $B c.txt -o here --arpa "$PWD/x/../here" | sed "s|$PWD|.|"
ln -s nowhere link
try $B c.txt -o link
try winnow lm count -q c.txt -o link
try winnow lm export m.wlm -o link
ls
