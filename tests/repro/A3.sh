# A3: Alemohammad et al. 2024 (MAD), Figs. 4 and 6, the fully synthetic loop.  Published (StyleGAN2,
# diffusion models on faces and digits): without sampling bias precision and recall both fall; with
# lambda < 1 precision holds and recall falls faster.  Here: a mixture of three in the plane, 100
# points a fit, precision and recall with k = 5.
. "$(dirname "$0")/lib.sh"

for l in 1 0.7; do
    sim a3-$l -e gmm --truth three -k 3 -n 100 -g 10 -s 200 --seed 23 --lambda $l --at 1,5,10 replace
done
gap() { # NAME METRIC: fit 10 minus fit 1, in standard errors
    d=$(calc "$(pick "$1" replace 10 "$2") - $(pick "$1" replace 1 "$2")")
    calc "$d / sqrt($(pick "$1" replace 10 "$2" se) ^ 2 + $(pick "$1" replace 1 "$2" se) ^ 2)"
}
three() { echo "$(pm "$1" replace 1 "$2"), $(pm "$1" replace 5 "$2"), $(pm "$1" replace 10 "$2")"; }
holds "precision at fits 1, 5, 10, lambda 1 (R 200)" "falls" "$(three a3-1 precision)" "$(gap a3-1 precision) < -4"
holds "recall at fits 1, 5, 10, lambda 1 (R 200)" "falls" "$(three a3-1 recall)" "$(gap a3-1 recall) < -4"
holds "precision at fits 1, 5, 10, lambda 0.7 (R 200)" "holds" "$(three a3-0.7 precision)" \
    "$(gap a3-0.7 precision) > -4"
holds "recall at fits 1, 5, 10, lambda 0.7 (R 200)" "falls, and faster" "$(three a3-0.7 recall)" \
    "$(pick a3-0.7 replace 5 recall) < $(pick a3-1 replace 5 recall) - 0.1 && $(gap a3-0.7 recall) < -4"
finish
