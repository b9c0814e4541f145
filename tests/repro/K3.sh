# K3: Kazdan et al. 2024, linear regression, d in 1, 3, 10, 32, 100, the same X in all generations:
# three-way ordering replace > subsample > accumulate.  Exact: replace n d/(T-d-1), accumulate with
# sum 1/i^2.
. "$(dirname "$0")/lib.sh"

for s in "1 10" "3 32" "10 100" "32 316"; do
    set -- $s
    sim k3 -e linreg --dims "$1" -n "$2" --same-design -g 20 -s 200 --seed 43 --at 1,20 replace accumulate subsample
    one=$(calc "$1 / ($2 - $1 - 1)")
    exact "test error at fit 20, replace, d $1, T $2" "$(calc "20 * $one")" k3 replace 20 test_error
    exact "test error at fit 20, accumulate, d $1, T $2" \
        "$(calc "r = 0; for (i = 1; i <= 20; i++) r += $one / (i * i)")" k3 accumulate 20 test_error
    r=$(pick k3 replace 20 test_error) a=$(pick k3 accumulate 20 test_error) u=$(pick k3 subsample 20 test_error)
    holds "test error at fit 20: replace, subsample, accumulate, d $1, T $2 (R 200)" \
        "replace > subsample > accumulate" \
        "$(num "$r" 3), $(num "$u" 3), $(num "$a" 3)" "$r > 2 * $u && $u > 1.2 * $a"
done
finish
