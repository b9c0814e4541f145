# N1: Shumailov et al. 2024 (Nature), normal laws: M points a fit, 1000 fits, sd with ddof 0. Each
# fit multiplies the variance by chi2_{M-1}/M, so after n fits E log sigma^2 = n (psi((M-1)/2) -
# log(M/2)), and exp(E log sigma) is a typical sigma.
. "$(dirname "$0")/lib.sh"

last=0
for m in 100 500 1000 10000; do
    sim n1 -n $m -g 1000 -s 3000 --seed "11$m" --at 1,1000 replace
    exact "E log sigma^2 after 1000 fits, M $m" "$(calc "1000 * (digamma(($m - 1) / 2) - log($m / 2))")" \
        n1 replace 1000 log_variance
    sigma=$(calc "exp($(pick n1 replace 1000 log_variance) / 2)")
    holds "typical sigma after 1000 fits, M $m" "1 at fit 0; collapse is slower for larger M" "$(num "$sigma" 3)" \
        "$sigma < 0.97 && $sigma > 2 * $last - (($m > 500) ? $last : 0)"
    last=$sigma
done
finish
