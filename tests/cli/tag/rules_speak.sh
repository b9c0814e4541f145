# Rules alone: the verdict names the rule, and what was not tested is named too.
printf '%s\n' \
  '{"id":"a","text":"As an AI language model, I cannot have personal opinions on this matter."}' \
  '{"id":"b","text":"The harbour was quiet that morning."}' >in.jsonl
winnow tag -q -j $JOBS --rules "$ROOT/rules" in.jsonl
