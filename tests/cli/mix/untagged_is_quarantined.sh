# A policy that filters by tag never lets an untagged document through.
echo '{"id":"a","text":"no tag"}' >scrape.jsonl
cat >p.yaml <<'END'
name: humans
regime: accumulate
filter: {by: tag}
END
winnow mix -j $JOBS p.yaml scrape.jsonl -o out.jsonl
code=$?
wc -c <out.jsonl
exit $code
