# S1: Seddik et al. 2024, softmax on one-hot contexts = ratios of counts; fully synthetic: E sum
# p_i^2 after m regenerations is 1 - (1-1/n)^m (1-S_0), so total collapse is certain.  Partially
# synthetic: bounded. The paper's p is free; here 5 states, p_i ~ 1/i, n = 50, S_0 = 0.2807.
# Partial: 50 real of 550, kept for good; E|p^(m) - p^(1)|^2 follows D <- a^2 ((1-1/n) D +
# (1-S_1)/n), a = n_s/(n_r + n_s), 1 - S_1 = (1-1/50)(1-S_0).
. "$(dirname "$0")/lib.sh"

s0=$(calc 'h = 0; q = 0; for (i = 1; i <= 5; i++) { h += 1 / i; q += 1 / (i * i) } r = q / (h * h)')
sim s1 -e discrete --states 5 --zipf 1 -n 50 -g 400 -s 20000 --seed 57 --at 1,5,20,100,400 replace
for m in 1 5 20 100 400; do
    # simpson is 1 - S
    exact "1 - E S after $m fits, n 50" "$(calc "(1 - 1 / 50) ^ $m * (1 - $s0)")" s1 replace $m simpson
done
policy partial "regime: fixed_real
fixed_real: {share: $(calc '1 / 11')}"
sim s1p -e discrete --states 5 --zipf 1 -n 550 --first 50 -g 100 -s 20000 --seed 57 --at 2,5,20,100 partial
for m in 2 5 20 100; do
    exact "E of the squared distance to fit 1 at fit $m, 50 real kept, 500 synthetic" \
        "$(calc "a = 10 / 11; s = 0.98 * (1 - $s0); d = 0
            for (k = 2; k <= $m; k++) d = a * a * ((1 - 1 / 500) * d + s / 500); r = d")" \
        s1p partial $m l2_first
done
finish
