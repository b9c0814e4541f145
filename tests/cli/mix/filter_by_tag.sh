tag() { echo "{\"id\":\"$1\",\"text\":\"t\",\"winnow\":{\"verdict\":\"$2\",\"tier\":\"likely\",\"p_synthetic\":0.5,\"p_human_null\":0.5,\"n_tokens\":10}}"; }
{ tag h1 human; tag s1 synthetic; tag u1 unknown; tag h2 human; } >scrape.jsonl
cat >p.yaml <<'END'
name: humans
regime: accumulate
filter: {by: tag, keep: {human: 1, unknown: 0, synthetic: 0}}
END
winnow mix -q -j $JOBS p.yaml scrape.jsonl | cut -c1-10
