# One broken line does not take its neighbours down, and all lines are accounted for.
{
  echo '{"id":"1","text":"good"}'
  echo '{"id":"2","text":"bro'
  echo '{"id":"3","text":"good"}'
  echo '{"id":"4"}'
  echo '{"id":"5","text":17}'
  echo '[1,2]'
  echo '{"id":"6","text":"x"} trailing'
  printf '{"id":"7","text":"\377"}\n'
  echo '{"id":"8","text":"good"}'
} >in.jsonl
winnow tag -j $JOBS --no-rules --rejects bad.jsonl in.jsonl -o out.jsonl || exit
sed 's/.*"id":"\([0-9]\)".*/kept \1/' out.jsonl
sed 's/"message":"[^"]*\(\\"[^"]*\)*",//' bad.jsonl
