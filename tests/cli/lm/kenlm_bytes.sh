# The ARPA file of a reference text equals lmplz's, byte for byte.
winnow lm build -q --tokens whitespace --order 3 "$ROOT/tests/vectors/ngram/text/t1_toy.txt" -o m.wlm --arpa m.arpa 2>/dev/null || exit
cmp m.arpa "$ROOT/tests/vectors/ngram/arpa/t1_o3_fb.arpa" && echo equal
winnow lm export m.wlm | cmp - m.arpa && echo "export equals too"
winnow lm info m.wlm | head -1 | sed 's/, [0-9.]* MB//'
