# Scores of held-out texts against what KenLM's query printed.
V=$ROOT/tests/vectors/ngram
check() {
    awk -F'\t' -v text="$1" '
    FNR == NR { if (FNR > 1 && $2 != "-") { want[++n] = $4; len[n] = $3 } next }
    {
        match($0, /"log10_p":[-0-9.e]*/); p = substr($0, RSTART + 10, RLENGTH - 10)
        match($0, /"matched":[0-9]/); m = substr($0, RSTART + 10, 1)
        d = p - want[++k]; if (d < 0) d = -d
        if (d > 1e-5 || m != len[k]) { print text ": token " k ": " p " instead of " want[k] ", length " m; bad = 1 }
    }
    END { if (k != n) print text ": " k " tokens instead of " n; else if (!bad) print text ": " k " tokens agree" }' "$2" "$3"
}
while read -r id text order options; do
    # shellcheck disable=SC2086
    winnow lm build -q --tokens whitespace --order $order $options "$V/text/${text}.txt" -o m.wlm 2>/dev/null || exit
    held=${text%_*}_heldout
    winnow lm score -q -j $JOBS --per token m.wlm "$V/text/$held.txt" -o rows.jsonl || exit
    check $id "$V/query/${id}__$held.tsv" rows.jsonl
    winnow lm score -q -j $JOBS --no-markers --per token m.wlm "$V/text/$held.txt" -o rows.jsonl || exit
    check "$id -n" "$V/query/${id}__${held}__n.tsv" rows.jsonl
    winnow lm score -q -j $JOBS --per none m.wlm "$V/text/$held.txt" >figures
    awk -v id=$id -v held=$held.txt -F'\t' '
        FNR == NR { if ($1 == id && $2 == held && $3 == 0) { want["i"] = $4; want["e"] = $5; want["o"] = $6; want["t"] = $7 } next }
        { k = /including/ ? "i" : /excluding/ ? "e" : /OOVs:/ ? "o" : "t"
          d = $2 - want[k]; if (want[k]) d /= want[k]
          if (want[k] == "" || d > 1e-4 || d < -1e-4) print id, $0, "instead of", want[k]; else n++ }
        END { print id ": " n " figures agree" }' "$V/query/summary.tsv" figures
done <<E
t1_o3_fb t1_toy 3
t1_o3_p1 t1_toy 3 --prune 0,1
t2_o3 t2_phrases 3
t2_o5_p0012 t2_phrases 5 --prune 0,0,1,2
t3_o3 t3_unicode 3
E
winnow lm build -q --tokens whitespace "$V/text/t1_toy.txt" -o m.wlm 2>/dev/null
cut='s/(\.[0-9]{4})[0-9]*/\1/g; s|"id":"[^"]*/|"id":"|'
winnow lm score -q -j $JOBS m.wlm "$V/text/t1_heldout.txt" "$V/text/t1_toy.txt" | sed -E "$cut"
winnow lm score -q -j $JOBS --per sentence m.wlm "$V/text/t1_heldout.txt" | head -3 | sed -E "$cut"
winnow lm score -q -j $JOBS --per token m.wlm "$V/text/t1_heldout.txt" | head -4 | sed -E "$cut"
printf '{"id":"x","text":"the cat\\nsat"}\n{"id":"y","text":""}\n' >d.jsonl
winnow lm score -q -j $JOBS --per sentence m.wlm d.jsonl | sed -E "$cut"
winnow lm score -q -j $JOBS m.wlm d.jsonl --summary-json s.json | sed -E "$cut"
sed -E "$cut; s/\"account.*//" s.json; echo
