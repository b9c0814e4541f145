# Y1: Dey and Donoho 2024, mean and median of a normal law, 100 generations, three workflows: the
# squared error of fit n over that of fit 1 is n when old data are discarded, sum 1/k^2 -> pi^2/6
# when they are kept (augment).  A subsample of the first size (constant derived for winnow): 1 +
# the sums below -> pi^2/2 - 2.  All for large M.
. "$(dirname "$0")/lib.sh"

error() { # NAME POLICY FIT M: M E mean^2 and its standard error, mean normal
    calc "$4 * ($(pick "$1" "$2" "$3" mean sd) ^ 2 * (1 - 1 / $runs) + $(pick "$1" "$2" "$3" mean) ^ 2)"
}
ratio() { # QUANTITY EXACT NAME POLICY FIT M
    y=$(error "$3" "$4" "$5" "$6")
    within "$1" "$2" "$y" "$(calc "$y * sqrt(2 / $runs)")" "$runs"
}
runs=20000
sim y1 -n 1000000 -g 100 -s $runs --seed 61 --at 1,10,100 replace accumulate
for n in 10 100; do
    ratio "M x squared error of the mean at fit $n, discard, M 1e6" "$n" y1 replace $n 1000000
    ratio "M x squared error of the mean at fit $n, augment, M 1e6" \
        "$(calc "r = 0; for (k = 1; k <= $n; k++) r += 1 / (k * k)")" y1 accumulate $n 1000000
done
runs=800
sim sub -n 100 -g 40 -s $runs --seed 61 --at 10,40 subsample
for n in 10 40; do
    # The exact recursion of K1 for M = 100; its limit for large M and n is pi^2/2 - 2 = 2.93.
    ratio "M x squared error of the mean at fit $n, subsample, M 100" \
        "$(calc "m = 100; x = 1 / m; for (k = 1; ; k++) { s = (1 - x) * k * m / (k * m - 1); if (k == $n) break
            x += s * (2 - 1 / k - 1 / m) / (m * (k + 1) ^ 2) }; r = m * (1 - (1 - 1 / m) * s)")" sub subsample $n 100
done
finish
