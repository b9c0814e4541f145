# G1: Gerstgrasser et al. 2024, linear regression with d features, T points, noise 1. Same design in
# all generations: replace n d/(T-d-1), accumulate d/(T-d-1) sum_{i<=n} 1/i^2, so at most pi^2/6 of
# the first error.  New designs (constants derived for winnow): replace the same, accumulate d sum
# 1/(i(iT-d-1)), and a synthetic set grown to nT points d sum 1/(iT-d-1).
. "$(dirname "$0")/lib.sh"

sum() { calc "r = 0; for (i = 1; i <= $1; i++) r += $2"; }
for s in "3 20" "5 30" "20 60"; do
    set -- $s
    sim same -e linreg --dims "$1" -n "$2" --same-design -g 20 -s 4000 --seed 31 --at 1,5,20 replace accumulate
    one=$(calc "$1 / ($2 - $1 - 1)")
    for n in 1 5 20; do
        exact "test error at fit $n, replace, same X, d $1, T $2" "$(calc "$n * $one")" same replace $n test_error
        exact "test error at fit $n, accumulate, same X, d $1, T $2" "$(calc "$one * $(sum $n "1 / (i * i)")")" \
            same accumulate $n test_error
    done
    holds "the last over the first, accumulate, same X, d $1, T $2" "at most pi^2/6 = 1.645" \
        "$(num "$(calc "$(pick same accumulate 20 test_error) / $(pick same accumulate 1 test_error)")")" \
        "$(pick same accumulate 20 test_error) <= 1.644934 * $(pick same accumulate 1 test_error)"
done
sim new -e linreg --dims 5 -n 30 -g 20 -s 4000 --seed 31 --at 1,5,20 replace accumulate grown
for n in 5 20; do
    exact "test error at fit $n, replace, new X, d 5, T 30" "$(calc "$n * 5 / 24")" new replace $n test_error
    exact "test error at fit $n, accumulate, new X, d 5, T 30" "$(sum $n "5 / (i * (i * 30 - 6))")" \
        new accumulate $n test_error
    exact "test error at fit $n, replace by a grown set, d 5, T 30" "$(sum $n "5 / (i * 30 - 6)")" new grown $n \
        test_error
done
finish
