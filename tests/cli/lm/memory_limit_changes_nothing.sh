# A small --memory makes the work go through temporary files, with the same bytes.
T=$ROOT/tests/vectors/ngram/text/t2_phrases.txt
i=0; while [ $i -lt 40 ]; do sed "s/a/a$i/g" "$T"; i=$((i + 1)); done >big.txt
mkdir tmp
winnow lm build -q -j $JOBS --tokens whitespace --order 4 big.txt --arpa free.arpa 2>/dev/null || exit
for m in 48M 64M 96M; do
    winnow lm build -q -j $JOBS --tokens whitespace --order 4 --memory $m --tmp tmp big.txt --arpa tight.arpa 2>/dev/null || exit
    cmp free.arpa tight.arpa && echo "$m: same"
done
ls tmp
winnow lm build -q -j $JOBS --tokens whitespace --order 4 --memory 100K --tmp tmp big.txt --arpa no.arpa 2>err; echo "exit $?"
grep -c -i 'memory' err
winnow lm build -q --tokens whitespace --order 4 --memory 48M --tmp no/such/folder big.txt --arpa no.arpa 2>/dev/null; echo "exit $?"
ls
