# K1: Kazdan et al. 2024 (Collapse or Thrive), normal laws, mle: d in 1, 3, 10, 31, 100, M in
# 10..1000, 100 fits, 100 seeds; replace collapses, accumulate plateaus, a subsample of fixed size
# lies between.  Exact: E tr Sigma is d (1-1/M)^n under replace and d prod (1-1/(M k^2)) under
# accumulate, for every d.  Compared also with the run histories published with their code (d = 1;
# mean over about 100 runs of the variance of fit n, with its standard error). Run here: d = 1 with
# M 10, 100, 316; d = 3, 10, 31 with M 100; d = 100 with M 316.
. "$(dirname "$0")/lib.sh"

product() { calc "r = 1; for (k = 1; k <= $2; k++) r *= 1 - 1 / ($1 * k * k)"; }
theirs() { # M N REPLACE SE ACCUMULATE SE
    exact "variance at fit $2, replace, M $1, their runs" "$3" k1 replace "$2" variance "$4"
    exact "variance at fit $2, accumulate, M $1, their runs" "$5" k1 accumulate "$2" variance "$6"
}
for m in 10 100 316; do
    sim k1 -n $m -g 100 -s 20000 --seed "41$m" --at 1,10,100 replace accumulate
    [ $m -eq 10 ] || exact "variance at fit 100, replace, d 1, M $m" "$(calc "(1 - 1 / $m) ^ 100")" k1 replace 100 \
        variance
    exact "variance at fit 10, replace, d 1, M $m" "$(calc "(1 - 1 / $m) ^ 10")" k1 replace 10 variance
    exact "variance at fit 100, accumulate, d 1, M $m" "$(product $m 100)" k1 accumulate 100 variance
    case $m in
    10) theirs 10 10 0.31976 0.04584 0.86474 0.04611 ;;
    100) theirs 100 10 0.89139 0.04184 0.98861 0.01766 && theirs 100 100 0.31784 0.04450 0.98979 0.01776 ;;
    316) theirs 316 10 0.97788 0.03758 0.99910 0.01413 && theirs 316 100 0.74015 0.08393 1.00131 0.01506 ;;
    esac
done

# x_1 = 1/M; S = (1-x_n) nM/(nM-1); E v_n = (1-1/M) S; x_{n+1} = x_n + S (2-1/n-1/M)/(M(n+1)^2)
sub() {
    calc "m = $1; x = 1 / m; for (k = 1; ; k++) { s = (1 - x) * k * m / (k * m - 1); if (k == $2) break
        x += s * (2 - 1 / k - 1 / m) / (m * (k + 1) ^ 2) }; r = (1 - 1 / m) * s"
}
sim sub -n 10 -g 50 -s 2000 --seed 4110 --at 2,10,50 subsample
for n in 2 10 50; do
    exact "variance at fit $n, subsample, d 1, M 10" "$(sub 10 $n)" sub subsample $n variance
done

for s in "3 100" "10 100" "31 100" "100 316"; do
    set -- $s
    sim nd -e gaussian-nd --dims "$1" -n "$2" -g 100 -s 40 --seed 41 --at 10,100 replace accumulate
    exact "tr Sigma at fit 10, replace, d $1, M $2" "$(calc "$1 * (1 - 1 / $2) ^ 10")" nd replace 10 trace
    exact "tr Sigma at fit 100, replace, d $1, M $2" "$(calc "$1 * (1 - 1 / $2) ^ 100")" nd replace 100 trace
    exact "tr Sigma at fit 100, accumulate, d $1, M $2" "$(calc "$1 * $(product "$2" 100)")" \
        nd accumulate 100 trace
done
finish
