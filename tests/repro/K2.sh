# K2: Kazdan et al. 2024, kernel densities: blobs, circles, moons, swiss roll in the plane, Gaussian
# and top-hat kernels, h 0.1, 0.5, 1 and rules of thumb, M in 10..1000, 100 fits, negative
# log-likelihood of 500 points.  Published: replace rises, accumulate is flat or falls, a subsample
# lies between. Run here: M 100, 100 fits, 5 seeds; exact (1-D): the variance of the model.
. "$(dirname "$0")/lib.sh"

sim one -e kde --truth normal --bandwidth 0.5 -n 50 -g 50 -s 2000 --seed 42 --at 1,10,50 replace
for n in 1 10 50; do
    exact "E variance at fit $n, 1-D normal, h 0.5, M 50, replace" \
        "$(calc "v = 1 - 1 / 50; for (k = 1; k < $n; k++) v = (1 - 1 / 50) * (v + 0.25); r = v + 0.25")" \
        one replace $n variance
done

for truth in blobs circles moons swiss-roll; do
    for h in scott 0.1; do
        sim nll -e kde --truth $truth --bandwidth $h -n 100 -g 100 -s 5 --seed 42 --at 1,100 replace accumulate \
            subsample
        a=$(pick nll replace 1 heldout_nll) r=$(pick nll replace 100 heldout_nll)
        c=$(pick nll accumulate 100 heldout_nll) s=$(pick nll subsample 100 heldout_nll)
        holds "NLL at fit 1; at fit 100 replace, subsample, accumulate: $truth, h $h" \
            "replace rises; subsample between" "$(num "$a"); $(num "$r"), $(num "$s"), $(num "$c")" \
            "$r > $a + 1 && $r > $s && $s > $c"
        said='differs: a slow rise'
        [ "$(calc "$c < $a + 0.05")" -eq 0 ] || said=agrees
        percent=$(calc "100 * ($c - $a) / ($r - $a)" | awk '{ printf "%.0f", $1 }')
        differs "accumulate: NLL at fit 100 less that at fit 1: $truth, h $h" "flat or falls" \
            "$(num "$c") - $(num "$a") = $percent % of the rise under replace" "$c - $a < 0.15 * ($r - $a)" "$said"
    done
done
sim hat -e kde --truth circles --kernel tophat --bandwidth 0.5 -n 100 -g 100 -s 5 --seed 42 --at 1,100 \
    replace accumulate subsample
a=$(pick hat replace 1 impossible_share) r=$(pick hat replace 100 impossible_share)
c=$(pick hat accumulate 100 impossible_share) s=$(pick hat subsample 100 impossible_share)
holds "share of test points of density 0, top-hat kernel: fit 1; fit 100 replace, subsample, accumulate" \
    "(NLL infinite)" "$(num "$a" 3); $(num "$r" 3), $(num "$s" 3), $(num "$c" 3)" \
        "$r > $s && $r > 2 * $c && $c <= $a + 0.01"
finish
