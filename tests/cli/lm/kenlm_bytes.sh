# ARPA files of reference texts equal lmplz's, byte for byte; so do exports of the models.
V=$ROOT/tests/vectors/ngram
while read -r id text order options; do
    # shellcheck disable=SC2086
    winnow lm build -q -j $JOBS --tokens whitespace --order $order $options "$V/text/$text.txt" -o m.wlm --arpa m.arpa 2>/dev/null || echo "$id failed"
    cmp m.arpa "$V/arpa/$id.arpa" && echo "$id equal"
    winnow lm export m.wlm | cmp - m.arpa || echo "$id: export differs"
done <<E
t1_o1_fb t1_toy 1
t1_o3_fb t1_toy 3 --kenlm-compat
t1_o5_fb t1_toy 5
t1_o3_p1 t1_toy 3 --prune 0,1
t1_o3_fbx t1_toy 3 --discount-fallback 0.3,0.8,1.2
t1_o3_iu0 t1_toy 3 --interpolate-unigrams 0
t1_o3_pad t1_toy 3 --vocab-pad 1000
t2_o3 t2_phrases 3
t2_o5_p0012 t2_phrases 5 --prune 0,0,1,2
t2_o3_lvp t2_phrases 3 --prune 0,0,1 --limit-vocab $V/text/t2_limit_vocab.txt
t3_o5 t3_unicode 5
t4_o5_p001 t4_zipf 5 --prune 0,0,1
t5_o3 t5_edges 3
t7_o5 t7_oneword 5
t8_o3 t8_repeat 3
t9_o2_skip t9_special 2 --skip-symbols
t11_o2 t11_blankline 2
E
winnow lm build -q --tokens whitespace --order 3 "$V/text/t1_toy.txt" --arpa - 2>/dev/null | cmp - "$V/arpa/t1_o3_fb.arpa" && echo "standard output equal"
winnow lm build -q --tokens whitespace --order 3 "$V/text/t1_toy.txt" --arpa m.arpa.gz 2>/dev/null && gzip -dc m.arpa.gz | cmp - "$V/arpa/t1_o3_fb.arpa" && echo "gzip equal"
ls
winnow lm build -q --tokens whitespace --order 3 --strict-discounts "$V/text/t1_toy.txt" -o n.wlm 2>/dev/null; echo "strict: exit $?"
winnow lm build -q --tokens whitespace --order 3 "$V/text/t1_toy.txt" -o t.wlm 2>/dev/null
winnow lm info t.wlm | head -1 | sed 's/, [0-9.]* MB//'
