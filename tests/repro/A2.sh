# A2: Alemohammad et al. 2024 (MAD), Figs. 11 and 12: the effective sample size of the fresh data
# loop. n_e is the number of real points whose fit is as far from the truth as the limit of the
# loop; synthetic data are admissible while n_e/n_r >= 1.  Published: for lambda < 1 a threshold in
# n_s, nearly constant for large n_r; for lambda = 1 none.  Here d = 10. A fit to n real points has
# W2^2 proportional to 1/n but for terms of order 1/n^2, so n_e/n_r is estimated as W2^2(n_r real
# points) / W2^2(limit).
. "$(dirname "$0")/lib.sh"

ratio() { # LAMBDA N_R N_S: n_e/n_r
    policy loop "regime: fresh_real
fresh_real: {share: $(calc "$2 / ($2 + $3)")}"
    sim loop -e gaussian-nd --dims 10 --estimator unbiased --lambda "$1" -n $(($2 + $3)) --first "$2" -g "$fits" -s \
        "$runs" \
        --seed 22 --at last loop
    calc "$real / $(pick loop loop "$fits" w2_squared)"
}
real_only() {
    sim real -e gaussian-nd --dims 10 --estimator unbiased -n "$1" -g 1 -s 40000 --seed 22 replace
    real=$(pick real replace 1 w2_squared)
}

fits=600 runs=400
real_only 100
a=$(ratio 1 100 100) b=$(ratio 1 100 1000) c=$(ratio 1 100 10000)
holds "n_e/n_r at n_s 100, 1000, 10000; n_r 100, lambda 1" "no threshold: above 1" \
    "$(num "$a" 3), $(num "$b" 3), $(num "$c" 3)" "$a > 1.1 && $b > 1.1 && $c > 1.1"

fits=30
least=1e9 most=0 all=
for nr in 100 400 1600 6400; do
    runs=$((nr > 400 ? 4000 : 1000))
    real_only $nr
    below=0
    for ns in 100 150 200 250 300 350 400 500; do
        q=$(ratio 0.8 $nr $ns)
        if [ $below -eq 0 ] && [ "$(calc "$q < 1")" -eq 1 ]; then
            below=$ns
            at=$(calc "$was + ($ns - $was) * ($last - 1) / ($last - $q)")
        fi
        was=$ns last=$q
        [ $ns -ne 100 ] || first=$q
    done
    holds "n_e/n_r at n_s 100, 500; n_r $nr, lambda 0.8" "above 1, then below" "$(num "$first" 3), $(num "$q" 3)" \
        "$first > 1 && $q < 1 && $below > 0"
    all="$all $(num "$at" 3)"
    least=$(calc "$at < $least ? $at : $least") most=$(calc "$at > $most ? $at : $most")
done
holds "threshold in n_s for n_r 100, 400, 1600, 6400; lambda 0.8" "nearly constant in n_r" "$(echo $all)" \
    "$most / $least < 2"
finish
