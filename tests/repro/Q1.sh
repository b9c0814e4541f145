# Q1: Qiao et al., biased selection: normal law, mixtures, Laplace; n in 100, 300, 500; 200
# iterations; dispersion at the end over that at the start.  Published, n = 300, mixture: accumulate
# 1.016, accumulate and select 0.073, replace 0.580, replace and select 0.000.  Exact (derived for
# winnow): when every model writes only within 1 sd of its mean, accumulation decays like
# n^-(1-kappa). Shape: an unequal mixture (weights 0.9 and 0.1), the better half by density of the
# truth.
. "$(dirname "$0")/lib.sh"

sim law -n 1000 --truncate 1 -g 60 -s 10 --seed 62 --at 1,2,5,20,60 accumulate
# kappa = 1 - 2 phi(1)/(2 Phi(1) - 1); v_n = prod_{k=2}^n (1 - (1-kappa)/k), times 1 - O(1/M)
kappa=0.29112509477
for n in 2 5 20 60; do
    exact "variance at fit $n, accumulate, each model cut at 1 sd, M 1000" \
        "$(calc "r = 1 - 1 / 1000; for (k = 2; k <= $n; k++) r *= 1 - (1 - $kappa) / k - $kappa / (1000 * k * k)")" \
        law accumulate $n variance
done
slope=$(calc "log($(pick law accumulate 60 variance) / $(pick law accumulate 20 variance)) / log(3)")
holds "slope of log variance on log n, fits 20 to 60" "-(1-kappa) = -0.709" "$(num "$slope" 3)" \
    "($slope + 0.709) ^ 2 < 0.03 ^ 2"

sim mix -e gmm --truth unequal -d 1 -n 300 -g 200 -s 4 --seed 62 --at 1,200 \
    accumulate accumulate-best replace replace-best
left() { calc "$(pick mix "$1" 200 total_variance) / $(pick mix "$1" 1 total_variance)"; }
a=$(left accumulate) s=$(left accumulate-best) r=$(left replace) b=$(left replace-best)
holds "dispersion at fit 200 over fit 1: accumulate, replace, accumulate+select, replace+select, n 300 (R 4)" \
    "1.016 > 0.580 > 0.073 > 0.000" "$(num "$a"), $(num "$r" 3), $(num "$s" 3), $(num "$b" 2)" \
    "$a > 0.85 && $a < 1.15 && $r < $a && $s < 0.15 && $s < $r && $b < 0.1 * $s"
finish
