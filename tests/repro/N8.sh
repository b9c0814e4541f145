# N8: Shumailov et al. 2024 (Nature), theorems.  Discrete: absorbed at a state with its original
# probability.  Normal: Sigma_n -> 0 almost surely while E W2^2 grows without bound.
. "$(dirname "$0")/lib.sh"

# Two states; zipf log2(9) makes them 0.9 and 0.1.
sim half -e discrete --states 2 -n 50 -g 1000 -s 5000 --seed 18 --at last replace
sim tenth -e discrete --states 2 --zipf 3.169925001442312 -n 50 -g 1000 -s 5000 --seed 18 --at last replace
exact "states left after 1000 fits of M 50, p 0.5" 1 half replace 1000 states
exact "P(absorbed at a state of p 0.5), M 50" 0.5 half replace 1000 p_first
exact "P(absorbed at a state of p 0.9), M 50" 0.9 tenth replace 1000 p_first

sim w2 --estimator unbiased -n 10 -g 100 -s 20000 --seed 18 --at 1,2,5,100 replace
c4=0.9726592741215884                # sqrt(2/9) Gamma(5)/Gamma(9/2): E sd of 10 points
for n in 1 2 5; do
    exact "E W2^2 after $n fits, M 10, unbiased" "$(calc "$n / 10 + 2 - 2 * $c4 ^ $n")" w2 replace $n w2_squared
done
exact "E log sigma^2 after 100 fits, M 10, unbiased" "$(calc '100 * (digamma(4.5) - log(4.5))')" w2 replace 100 \
    log_variance

for d in 2 5 10; do
    m=$((10 * d))
    sim nd -e gaussian-nd --dims $d --estimator unbiased -n $m -g 10 -s 2000 --seed 18 --at 10 replace
    exact "E log det Sigma after 10 fits, d $d, M $m, unbiased" \
        "$(calc "r = 0; for (i = 1; i <= $d; i++) r += 10 * (digamma(($m - i) / 2) + log(2 / ($m - 1)))")" \
        nd replace 10 log_det
done
finish
