# R2: Suresh et al. 2024, Bernoulli law: p = 0.2, 100 points a fit, 600 fits, 25 paths (5000 for
# their bounds).  Exact, from the binomial chain: 98.27 fits to absorption in the mean.  With two
# states the mean of `states` minus 1 is the share of runs that are not absorbed, so its sum over
# the fits is the mean time.
. "$(dirname "$0")/lib.sh"

# Zipf 2 on two states: 0.8 and 0.2.
sim r2 -e discrete --states 2 --zipf 2 -n 100 -g 900 -s 1500 --seed 52 replace
set -- $(awk '/^[{]"kind":"summary".*"metric":"states"/ {
        g = $0; sub(/.*"generation":/, "", g); sub(/,.*/, "", g)
        v = $0; sub(/.*,"mean":/, "", v); sub(/,.*/, "", v)
        t += v - 1; tt += (2 * g + 1) * (v - 1); left = v - 1 }
    END { t += 1; tt += 1; printf "%.10g %.10g %g", t, sqrt((tt - t * t) / 1500), left }' "$W/r2")
within "mean fits to absorption, p 0.2, M 100" 98.27 "$1" "$2" 1500
holds "share of runs not absorbed after 900 fits (R 1500)" "about 1e-4" "$3" "$3 < 0.003"
exact "P(absorbed at the state of p 0.8)" 0.8 r2 replace 900 p_first
share=$(calc "$(pick r2 replace 600 states) - 1")
holds "share of runs not absorbed after 600 fits (R 1500)" "nearly all absorbed" "$(num "$share" 3)" "$share < 0.02"
finish
