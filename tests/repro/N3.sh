# N3: Shumailov et al. 2024 (Nature), mixtures: the truth is one blob N(0, I) in the plane, the
# model a mixture of two with full covariances, fitted anew by EM (tolerance 1e-5, at most 2000
# rounds) each time.  Published: the L2 distance of fit n to fit 1 grows with n, more slowly for
# larger M; late snapshots are lines and points.  Published M up to 2e5, 2050 fits; here M up to 5e4
# and 200 fits, and 2000 fits for M = 500.  Medians: a component that is nearly a point has an
# enormous L2 norm.
. "$(dirname "$0")/lib.sh"

em="-e gmm --truth blob -k 2 --em-tolerance 1e-5 --em-rounds 2000"
before=
for m in 50000 10000 1000 500; do
    r=$((m > 10000 ? 4 : 8))
    sim n3 $em -n $m -g 200 -s $r --seed 13 --at 2,20,100,200 replace
    a=$(pick n3 replace 2 l2_first median) b=$(pick n3 replace 20 l2_first median)
    c=$(pick n3 replace 100 l2_first median) d=$(pick n3 replace 200 l2_first median)
    holds "median L2 of fits 2, 20, 100, 200 to fit 1, M $m (R $r)" "grows with n" \
        "$(num "$a" 3), $(num "$b" 3), $(num "$c" 3), $(num "$d" 3)" "$a < $b && $b < $c && $c < $d"
    [ -z "$before" ] || holds "the same at fit 200 against the next larger M" "slower for larger M" \
        "$(num "$d" 3) > $(num "$before" 3)" "$d > $before"
    before=$d
done
sim n3 $em -n 500 -g 2000 -s 8 --seed 13 --at 1,50,100,150,200,350,2000 replace
a=$(pick n3 replace 1 effective_rank_min median) b=$(pick n3 replace 100 effective_rank_min median)
c=$(pick n3 replace 350 effective_rank_min median)
holds "smallest effective rank of a component at fits 1, 100, 350, M 500 (median, R 8)" "2 -> 1: lines" \
    "$(num "$a" 3), $(num "$b" 3), $(num "$c" 3)" "$a > 1.5 && $b < $a && $c < $b && $c < 1.1"
v=$(pick n3 replace 350 total_variance median) w=$(pick n3 replace 2000 total_variance median)
holds "total variance at fits 350, 2000, M 500 (median, R 8)" "2 -> 0: points" "$(num "$v" 3), $(num "$w" 3)" \
    "$v > 0.1 && $w < 0.01"
finish
