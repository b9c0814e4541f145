# What an estimate came to: counts and discounts as lmplz prints them (manifest of the vectors).
V=$ROOT/tests/vectors/ngram/text
winnow lm build -q -j $JOBS --tokens whitespace --order 5 --prune 0,0,1,2 "$V/t2_phrases.txt" --arpa m.arpa --json - 2>/dev/null | sed -E 's/,"seconds.*//; s/(\.[0-9]{5})[0-9]*/\1/g; s/\{"order/\n&/g'
winnow lm build -j $JOBS --tokens whitespace --order 2 --discount-fallback 0.4 "$V/t1_toy.txt" -o m.wlm 2>&1 | sed -E 's/types, .*/types/; /^(records|files)/d'
winnow lm build -q -j $JOBS --tokens whitespace --order 3 --exact-last "$V/t1_toy.txt" --arpa exact.arpa 2>/dev/null && sed -n '2,4p' exact.arpa
ls
