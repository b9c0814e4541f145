# K4: Kazdan et al. 2024, discrete laws: uniform over K, M points a fit, replace until the entropy
# is 0; 100 seeds; K and M in 10..1e5.  The time grows as 2M.  Compared with: the same simulation by
# an independent program (K 10, M 100: 189.09 +- 2.76 fits), and the exact mean for a start of M
# different labels (M 100: 197.74; n = 1 is the first fit).
. "$(dirname "$0")/lib.sh"

# Fits until one state is left, counted on a grid of STEP fits: the middle of the last step.
time_of() { # NAME STEP
    awk -v step="$2" '/^[{]"run":.*"metric":"states"/ {
            split($0, run, "\""); id = run[4]; seen[id] = 1
            g = $0; sub(/.*"generation":/, "", g); sub(/,.*/, "", g)
            v = $0; sub(/.*"value":/, "", v); sub(/,.*/, "", v)
            if (v + 0 > 1 && g + 0 > last[id] + 0) last[id] = g
        }
        END { for (id in seen) { t = last[id] + (step + 1) / 2; s += t; q += t * t; n++ }
              m = s / n; printf "%.10g %.10g %d", m, sqrt((q / n - m * m) / (n - 1)), n }' "$W/$1"
}
rows ten -e discrete --states 10 -n 100 -g 1500 -s 500 --seed 44 --at 5:1500:5 replace
set -- $(time_of ten 5)
within "fits until entropy 0, K 10, M 100, replace" 189.0907 "$1" "$2" "$3" 2.7585
rows all -e discrete --truth distinct -n 100 -g 1500 -s 500 --seed 44 --at 5:1500:5 replace
set -- $(time_of all 5)
within "fits until one label is left, all labels different, M 100" 197.741688 "$1" "$2" "$3"
for m in 10 32 316; do
    step=$((m / 8 + 1)) fits=$((16 * m))
    rows t -e discrete --states 1000 -n $m -g $fits -s 300 --seed 44 --at "$step:$fits:$step" replace
    set -- $(time_of t $step)
    q=$(calc "$1 / $m")
    holds "the time over M, K 1000, M $m" "about 2" "$(num "$q" 3) +- $(num "$(calc "$2 / $m")" 2) (R $3)" \
        "$q > 2 * (1 - 1 / $m) - 4 * $2 / $m - 0.1 && $q < 2 + 4 * $2 / $m"
done
finish
