# N2: Shumailov et al. 2024 (Nature), one fit of a normal law: 1000 repeats for each M (here 4000).
# The fitted mean is N(0, 1/M), so E|mu| = sqrt(2/(pi M)).
. "$(dirname "$0")/lib.sh"

for m in 10 30 100 500 1000 10000 100000 1000000 10000000; do
    rows n2 -n $m -g 1 -s 4000 --seed "12$m" replace
    set -- $(values n2 replace 1 mean | awk '{ x = $1 < 0 ? -$1 : $1; s += x; q += x * x; n++ }
        END { m = s / n; printf "%.10g %.10g %d", m, sqrt((q / n - m * m) / (n - 1)), n }')
    within "E abs(mu) of one fit, M $m" "$(calc "sqrt(2 / (pi * $m))")" "$1" "$2" "$3"
done
finish
