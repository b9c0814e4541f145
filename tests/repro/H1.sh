# H1: He, Xu, Cheng 2025, golden ratio: n = 100 new real and m synthetic points a round, mean and
# variance of both averaged with weight w on the real ones, 200 rounds, error averaged over rounds
# 150-199. Published: w = 0.618 is best for n = m.  Exact fixed points of both errors for every w;
# the best w for the mean is (sqrt(k^2+4k)-k)/2 with k = n/m.
. "$(dirname "$0")/lib.sh"

golden() { # NAME W SHARE SIZE: the mean squared errors of mean and variance, with standard errors
    policy "$1" "regime: weighted
weighted: {share: $3, weight: $2}"
    sim "out-$1" --estimator by-source -n "$4" --first 100 -g 199 -s 2000 --seed 58 --at 150:199:7 "$1"
    # E x^2 = sd^2 (R-1)/R + mean^2; the standard error is that of a normal x, rounds taken as independent.
    set -- $(awk '/^[{]"kind":"summary".*"metric":"(mean|variance)"/ {
            m = $0; sub(/.*,"mean":/, "", m); sub(/,.*/, "", m)
            s = $0; sub(/.*,"sd":/, "", s); sub(/,.*/, "", s)
            v = index($0, "\"metric\":\"variance\"") > 0
            d = m - v; e[v] += s * s * 1999 / 2000 + d * d; n[v]++
        }
        END { for (v = 0; v < 2; v++) printf "%.10g %.10g ", e[v] / n[v], e[v] / n[v] * sqrt(2 / (2000 * n[v])) }' \
            "$W/out-$1")
    mean_err=$1 mean_se=$2 var_err=$3 var_se=$4
}
check() { # W M
    within "mean error, n 100, m $2, w $1" "$(calc "($1 ^ 2 / 100 + (1 - $1) ^ 2 / $2) / (1 - (1 - $1) ^ 2)")" \
        "$mean_err" "$mean_se" 2000
    within "variance error, n 100, m $2, w $1" \
        "$(calc "(2 * $1 ^ 2 / 99 + 2 * (1 - $1) ^ 2 / ($2 - 1)) / (1 - (1 - $1) ^ 2 * (1 + 2 / ($2 - 1)))")" \
        "$var_err" "$var_se" 2000
}
best() { # M SHARE EXPECTED GRID...: the w of the grid with the least error of the mean
    least=1 m=$1 part=$2 want=$3
    shift 3
    for w in "$@"; do
        golden "w$w" "$w" "$part" "$((100 + m))"
        check "$w" "$m"
        [ "$(calc "$mean_err < $least")" -eq 0 ] || { least=$mean_err; at=$w; }
    done
    holds "best w of $(echo "$@"), n 100, m $m" "$want" "$at" "$at == $want"
}
best 100 0.5 0.618 0.2 0.4 0.618 0.8 0.95
best 50 0.66666666666666667 0.732 0.5 0.732 0.95
best 200 0.33333333333333333 0.5 0.3 0.5 0.732
finish
