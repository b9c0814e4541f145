# lib.sh - what the rows of the reproduction table share; run.sh says how they are called.
#
# A row runs `winnow simulate`, picks numbers from its lines and compares them.  Each
# comparison is one line of output:
#
#     ROW | quantity | published or exact | ours | agrees, or what is wrong
#
# exact     our mean lies within 4 standard errors of a value that is known exactly (or, with
#           REF_SE, by somebody else's simulation); both standard errors count.
# holds     a stated condition is true: an ordering, a direction, a bound.
# differs   the same, but what is bounded is ours alone: the published number is another
#           one for a reason that the line names.
#
# finish makes the row's exit status: 1 when one comparison failed, else 0.  Needs
# TOOL, ROW, W (an empty folder of the row's own) and HUMAN (human.jsonl) from run.sh.
set -eu
here=$(dirname "$0")
failed=0
LC_ALL=C
export LC_ALL

# sim NAME OPTIONS POLICY...: statistics over the replicates, kept as NAME.
# A POLICY is the name of a file in policies/, or of one that `policy` made.
sim() {
    sim_out=$W/$1
    shift
    run_tool "$sim_out" --summary "$@"
}

# rows NAME OPTIONS POLICY...: one line a replicate and metric, for what a summary leaves out.
rows() {
    sim_out=$W/$1
    shift
    run_tool "$sim_out" "$@"
}

run_tool() {
    tool_out=$1
    shift
    for word in "$@"; do
        shift
        if [ -f "$W/$word.yaml" ]; then
            word=$W/$word.yaml
        elif [ -f "$here/policies/$word.yaml" ]; then
            word=$here/policies/$word.yaml
        fi
        set -- "$@" "$word"
    done
    "$TOOL" simulate -q -j "${JOBS:-1}" -o "$tool_out" "$@" || {
        echo "$ROW: winnow simulate $* failed" >&2
        exit 2
    }
}

# policy NAME TEXT: a policy file of this row's own, for sweeps.
policy() { printf '%s\n' "$2" >"$W/$1.yaml"; }

# pick NAME POLICY GENERATION METRIC [FIELD]: a number of a summary line; FIELD: mean.
pick() {
    awk -v want="{\"kind\":\"summary\",\"policy\":\"$2\",\"generation\":$3,\"metric\":\"$4\"," -v \
        field=",\"${5:-mean}\":" '
        index($0, want) == 1 {
            rest = substr($0, index($0, field) + length(field))
            if (index($0, field) && match(rest, /^-?[0-9.]+(e[-+]?[0-9]+)?/)) {
                print substr(rest, RSTART, RLENGTH)
                found = 1
            }
            exit
        }
        END { exit !found }' "$W/$1" || {
        echo "$ROW: no ${5:-mean} of '$4' for policy '$2', fit $3" >&2
        exit 2
    }
}

# values NAME POLICY GENERATION METRIC: that metric of every replicate, one a line.
values() {
    awk -v want="\"policy\":\"$2\"," -v at="\"generation\":$3,\"metric\":\"$4\",\"value\":" '
        /^[{]"run":/ && index($0, want) && index($0, at) {
            rest = substr($0, index($0, at) + length(at))
            print substr(rest, 1, index(rest, ",") - 1)
        }' "$W/$1"
}

# calc EXPRESSION: awk, with digamma and pi.  More than one statement: set r.
calc() {
    awk 'function digamma(x,   s, y) {          # by recurrence to x >= 20, then the asymptotic series
             s = 0
             while (x < 20) { s -= 1 / x; x++ }
             y = 1 / (x * x)
             return s + log(x) - 1 / (2 * x) - y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y / 240)))
         }
         BEGIN { pi = atan2(0, -1); '"$(case $1 in *'r ='*) echo "$1" ;; *) echo "r = ($1)" ;; esac)"'; printf \
             "%.10g\n", r }'
}
num() { awk -v x="$1" -v d="${2:-4}" 'BEGIN { printf "%.*g", d, x }'; }

line() { printf '%s | %s | %s | %s | %s\n' "$ROW" "$1" "$2" "$3" "$4"; }
verdict() {
    if [ "$1" -eq 1 ]; then
        echo "$2"
    else
        echo "LEAVES THE BOUND"
    fi
}

# within QUANTITY EXACT MEAN SE R [REF_SE]
within() {
    ok=$(awk -v m="$3" -v e="$2" -v s="$4" -v r="${6:-0}" \
        'BEGIN { t = sqrt(s * s + r * r); d = m - e; if (d < 0) d = -d
                 print (s "" ~ /^[0-9.]/ && d <= 4 * t + 1e-12 * (e < 0 ? -e : e)) ? 1 : 0 }')
    said=$(num "$2" 5)
    [ -z "${6:-}" ] || said="$said +- $(num "$6" 2)"
    line "$1" "$said" "$(num "$3" 5) +- $(num "$4" 2) (R $5)" "$(verdict "$ok" agrees)"
    [ "$ok" -eq 1 ] || failed=$((failed + 1))
}

# exact QUANTITY EXACT NAME POLICY GENERATION METRIC [REF_SE]
exact() {
    exact_mean=$(pick "$3" "$4" "$5" "$6") || exit 2
    exact_se=$(pick "$3" "$4" "$5" "$6" se) || exit 2
    exact_n=$(pick "$3" "$4" "$5" "$6" n) || exit 2
    within "$1" "$2" "$exact_mean" "$exact_se" "$exact_n" "${7:-}"
}

# holds QUANTITY PUBLISHED OURS CONDITION: the condition is awk's, all numbers in it.
holds() { differs "$1" "$2" "$3" "$4" agrees; }
differs() {
    ok=$(awk "BEGIN { print ($4) ? 1 : 0 }")
    line "$1" "$2" "$3" "$(verdict "$ok" "$5")"
    [ "$ok" -eq 1 ] || failed=$((failed + 1))
}

# pm NAME POLICY GENERATION METRIC: "mean +- se", short.
pm() { echo "$(num "$(pick "$1" "$2" "$3" "$4")") +- $(num "$(pick "$1" "$2" "$3" "$4" se)" 2)"; }

# The human documents, or exit 77: the row cannot run here.
need_human() {
    [ -f "$HUMAN" ] && return
    line "all" "-" "-" "SKIPPED: no human documents at $HUMAN; run 'make human' first"
    exit 77
}

finish() { [ "$failed" -eq 0 ]; exit; }
