# A1: Alemohammad et al. 2024 (MAD), Fig. 10 left, the fresh data loop: d = 100, 100 new real and
# 900 synthetic points a fit, the first fit on 100 or 1000 real points, unbiased estimators, lambda
# 1 or 0.8, 40 generations.  Published: the distance converges to a limit that does not depend on
# the first fit.  The numbers compared with are an independent simulation with Wishart sums (12
# runs); E tr Sigma follows an exact recursion.
. "$(dirname "$0")/lib.sh"

mad() { # LAMBDA FIRST, then W2^2 and its standard error at fits 1, 5, 40, then tr at 40
    sim mad -e gaussian-nd --dims 100 --estimator unbiased --lambda "$1" -n 1000 --first "$2" -g 40 -s 40 \
        --seed 21 --at 1,5,40 fresh10
    for fit in 1 5 40; do
        case $fit in 1) v=$3 s=$4 ;; 5) v=$5 s=$6 ;; 40) v=$7 s=$8 ;; esac
        exact "W2^2 at fit $fit, lambda $1, first fit on $2" "$v" mad fresh10 $fit w2_squared "$s"
    done
    exact "tr Sigma at fit 40, lambda $1, first fit on $2" "$9" mad fresh10 40 trace
    limit=$(pick mad fresh10 40 w2_squared) limit_se=$(pick mad fresh10 40 w2_squared se)
}

mad 1 100 31.8507 0.1925 17.0640 0.1184 12.3832 0.0707 100.475919
a=$limit s=$limit_se
mad 1 1000 2.66134 0.01435 8.69004 0.06044 12.2927 0.0990 100.461068
holds "limit, lambda 1: first fit on 100 against 1000" "the same limit" "$(num "$a"), $(num "$limit")" \
    "($a - $limit) ^ 2 <= 16 * ($s ^ 2 + $limit_se ^ 2)"
mad 0.8 100 31.7659 0.1691 16.4965 0.0419 20.6534 0.0496 35.775122
a=$limit s=$limit_se
mad 0.8 1000 2.67002 0.01077 12.7405 0.0463 20.6283 0.0493 35.775122
holds "limit, lambda 0.8: first fit on 100 against 1000" "the same limit" "$(num "$a"), $(num "$limit")" \
    "($a - $limit) ^ 2 <= 16 * ($s ^ 2 + $limit_se ^ 2)"
finish
