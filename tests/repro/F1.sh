# F1: Feng et al. 2024, verification: a share p of the synthetic labels is wrong; the verifier keeps
# right ones with probability phi, wrong ones with psi.  Selected data train a good classifier iff
# most of them are right, which is p < 1/(1+psi/phi).  Loop: each fit adds the error e and copies
# the rest, so p_1 = e, p <- e + (1-e) p psi/(p psi + (1-p) phi) (derived for winnow).
. "$(dirname "$0")/lib.sh"

step() { calc "$1 * 0.5 / ($1 * 0.5 + (1 - $1) * 0.95)"; }
for p in 0.62 0.64 0.67 0.69; do
    sim f1 -e labels --rate $p -n 20000 -g 2 -s 20 --seed 60 verify
    exact "wrong share of the selected labels, p $p, phi 0.95, psi 0.5" "$(step $p)" f1 verify 2 data_wrong
    q=$(pick f1 verify 2 data_wrong)
    if [ "$(calc "$p < 1 / (1 + 0.5 / 0.95)")" -eq 1 ]; then
        holds "most selected labels are right, p $p" "yes: p < 0.655" "$(num "$q")" "$q < 0.5"
    else
        holds "most selected labels are right, p $p" "no: p > 0.655" "$(num "$q")" "$q > 0.5"
    fi
done
sim loop -e labels --rate 0.05 -n 5000 -g 50 -s 40 --seed 60 --at 2,5,20,50 verify replace
for n in 2 5 20 50; do
    # A finite sample shifts the mean by order p(1-p)/n = 2e-5, far below the standard error.
    exact "wrong rate of model $n, verified, e 0.05" \
        "$(calc "p = 0.05; for (k = 2; k <= $n; k++) p = 0.05 + 0.95 * p * 0.5 / (p * 0.5 + (1 - p) * 0.95); r = p")" \
        loop verify $n wrong_rate
done
exact "wrong rate of model 50, not verified, e 0.05" "$(calc '1 - 0.95 ^ 50')" loop replace 50 wrong_rate
finish
