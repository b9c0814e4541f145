# R4: Suresh et al. 2024, mixture of two normal laws at +-mu with a common sigma: n = 10, 200 fits,
# 500 paths.  Their bound: P(sigma_k > eps) <= (sigma_0/eps) exp(-k/(4n)), eps = 0.1.  winnow fits
# each component its own sigma, from about half of the points, and never below 1e-3; the sigma of
# component 1 is held against the same bound.
. "$(dirname "$0")/lib.sh"

rows r4 -e gmm --truth pair -d 1 --separation 3 -n 10 -g 200 -s 300 --seed 54 --at 1,50,100,150,200 replace
for k in 1 50 100 150 200; do
    share=$(values r4 replace $k component_variance_1 | awk '$1 > 0.01 { k++ } END { print NR ? k / NR : 2 }')
    bound=$(calc "r = 10 * exp(-$k / 40); if (r > 1) r = 1")
    holds "P(sigma > 0.1) after $k fits, n 10 (R 300)" "at most $(num "$bound" 3)" "$(num "$share" 3)" \
        "$share <= $bound"
done
a=$(values r4 replace 1 component_variance_1 | awk '$1 > 0.01 { k++ } END { print k / NR }')
holds "P(sigma > 0.1) at the first fit" "near 1, so that the bound says something" "$(num "$a" 3)" "$a > 0.9"
finish
