# Every byte that winnow does not own leaves as it came: order, spaces, escapes, big numbers.
cat >in.jsonl <<'END'
{ "zeta" : 12345678901234567890 , "text":"caf\u00e9 \/ x", "nested":{"b":[1, 2,{"c":null}] }, "id": 7 , "n":1e999}
{"text":"tagged before","winnow":{"old":true},"after":"stays"}
END
winnow tag -q -j $JOBS --no-rules in.jsonl -o out.jsonl
sed 's/,"winnow":{.*}}$/}/; s/"winnow":{.*},"after"/"winnow":REPLACED,"after"/' out.jsonl
