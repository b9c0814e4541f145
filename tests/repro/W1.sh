# W1: free-running ML bigram on the text of R5 (WikiText-2, 512,615 words), a run of our own by
# another program, 3 seeds: types, unigram entropy (nats) and distinct bigrams of the training text.
# WikiText-2 does not come with winnow, so this row takes the human documents of `make human`: fewer
# words, more types a word, no <unk>.  What is checked is what should not depend on the corpus:
# order of the policies, entropy far slower than bigrams, and that all fall.
. "$(dirname "$0")/lib.sh"
need_human

sim w1 -e bigram --corpus "$HUMAN" -n 5000 -g 11 -s 3 --seed 56 --at 1,2,6,10,11 replace accumulate first10 first50
tokens=320000                          # 5000 blocks of 64
share() { calc "$(pick w1 "$1" "$2" "$3") / $(pick w1 "$1" 1 "$3")"; }
table() { # WHAT POLICY FIT TYPES ENTROPY BIGRAMS: the training text of FIT over the real one, beside theirs
    t=$(share "$2" "$3" types) e=$(share "$2" "$3" unigram_entropy) b=$(share "$2" "$3" distinct_bigrams)
    differs "types, entropy, bigrams of the text of fit $3 over the real text, $1" \
        "$(num "$(calc "$4 / 23070")" 3), $(num "$(calc "$5 / 7")" 3), $(num "$(calc "$6 / 212.8")" 3)" \
        "$(num "$t" 3), $(num "$e" 3), $(num "$b" 3) (R 3)" \
        "$t < 1 && $e < 1 && $b < $t && $e > $t && 1 - $e < 0.25 * (1 - $b)" "same direction; corpus differs"
}
line "types, entropy, distinct bigrams of the real text" "23070, 7.000, 212.8k" \
    "$(num "$(pick w1 replace 1 types)" 6), $(num "$(pick w1 replace 1 unigram_entropy)"),\
 $(num "$(pick w1 replace 1 distinct_bigrams)" 6)" "other corpus"
table replace replace 2 20400 6.976 151.9
table replace replace 6 15000 6.904 78.1
table replace replace 11 11700 6.829 50.6
table "10 % real" first10 11 14700 6.884 80
table "50 % real" first50 11 18000 6.940 119
# Under accumulate the training text keeps every real word for good, so the text that the model of
# fit 10 wrote is measured; it has the size of the real one.
t=$(calc "$(pick w1 accumulate 10 distinct_1) * $tokens / $(pick w1 accumulate 1 types)")
b=$(calc "$(pick w1 accumulate 10 distinct_2) * $tokens / $(pick w1 accumulate 1 distinct_bigrams)")
differs "types, bigrams of what fit 10 wrote over the real text, accumulate" \
    "$(num "$(calc "19.5 / 23.07")" 3), $(num "$(calc "136 / 212.8")" 3)" "$(num "$t" 3), $(num "$b" 3) (R 3)" \
    "$t < 1 && $t > $(share replace 11 types) + 0.1 && $b > $(share replace 11 distinct_bigrams) + 0.1" \
    "same direction; corpus differs"
r=$(share replace 11 distinct_bigrams) f=$(share first10 11 distinct_bigrams) h=$(share first50 11 distinct_bigrams)
holds "distinct bigrams left at fit 11: replace, 10 % real, 50 % real" "0.238 < 0.376 < 0.559" \
    "$(num "$r" 3) < $(num "$f" 3) < $(num "$h" 3)" "$r < $f - 0.03 && $f < $h - 0.03"
finish
