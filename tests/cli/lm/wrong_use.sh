# Every mistake is named, with what to do; nothing is written then.
T=$ROOT/tests/vectors/ngram/text/t1_toy.txt
: >empty; printf '{"text":"a"}\n' >one.jsonl; mkdir folder; cp "$T" folder
try() { "$@" 2>&1 | sed "s|'$ROOT[^']*/|'|g"; }
B="winnow lm build -q --tokens whitespace"
try $B empty
try $B no-such
try $B "$T" --order 9
try $B "$T" --prune 1,0
try $B "$T" --prune 0,x
try $B "$T" --limit-vocab empty
try $B "$T" --limit-vocab no-such
try $B "$T" --discount-fallback 2
try $B "$T" --discount-fallback 0.5,1,1.5,2
try $B "$T" --kenlm-compat --exact-last
try $B "$T" --arpa - --json -
try $B "$T" --arpa x --counts x
try $B "$T" --memory 1M -j 1 -o x
try winnow lm build --odrer 3
try winnow lm sampel
try winnow lm merge
try winnow lm merge "$T"
try winnow lm score
try winnow lm score no-such "$T"
try winnow lm score "$T" "$T"
try winnow lm import folder -o x
try winnow lm import empty -o x
try winnow lm import no-such -o x
try winnow lm import "$T" -o -
try winnow lm prune
try winnow lm joint
try winnow lm info
ls
