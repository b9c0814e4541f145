# R5: Suresh et al. 2024, bigrams: WikiText-2 sample of 512,615 words, ML bigram, sentences of up to
# 50 words from a random context, 10 fits.  Published: the vocabulary shrinks steadily.  Here: the
# human documents of `make human` (another corpus), one free-running stream, 11 fits.
. "$(dirname "$0")/lib.sh"
need_human

sim r5 -e bigram --corpus "$HUMAN" -n 5000 -g 11 -s 3 --seed 55 --at 1:11:1 replace
said= ok=1 before=1e9
for k in 1 2 3 4 5 6 7 8 9 10 11; do
    v=$(pick r5 replace $k types)
    case $k in 1 | 2 | 6 | 11) said="$said $(num "$v" 5)" ;; esac
    ok=$(calc "$ok && $v < 0.98 * $before")
    before=$v
done
holds "types at fits 1, 2, 6, 11 (every fit at least 2 % below the last; R 3)" "shrinks steadily" "$(echo $said)" "$ok"
finish
