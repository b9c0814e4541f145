# R1: Suresh et al. 2024, normal law: 100 points a fit, 2500 fits, 25 paths, sd with ddof 1: sigma
# -> 0 on a scale of n.  Exact: E log sigma^2 = 2500 (psi(99/2) - log(99/2)).  Their bound follows
# from Markov: P(sigma_k > e) <= c4^k / e with c4 = E sd of 100 points.
. "$(dirname "$0")/lib.sh"

rows r1 --estimator unbiased -n 100 -g 2500 -s 4000 --seed 51 --at 500,1000,2500 replace
for k in 500 1000 2500; do
    set -- $(values r1 replace $k log_variance | awk '{ s += $1; q += $1 * $1; n++ }
        END { m = s / n; printf "%.10g %.10g %d", m, sqrt((q / n - m * m) / (n - 1)), n }')
    within "E log sigma^2 after $k fits, M 100, unbiased" "$(calc "$k * (digamma(99 / 2) - log(99 / 2))")" "$1" \
        "$2" "$3"
done
c4=0.9974779761                        # sqrt(2/99) Gamma(50)/Gamma(99/2)
for e in 0.1 0.5; do
    for k in 1000 2500; do
        share=$(values r1 replace $k variance | awk -v e=$e '$1 > e * e { k++ } END { print k / NR }')
        bound=$(calc "$c4 ^ $k / $e")
        holds "P(sigma > $e) after $k fits, M 100 (R 4000)" "at most $(num "$bound" 3)" "$(num "$share" 3)" \
            "$share <= $bound"
    done
done
finish
