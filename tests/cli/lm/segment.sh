# Documents are cut into sentences: initials, numbers, abbreviations, closing quotes, blank
# lines and ideographic stops; the same cuts in building and in scoring.
cat >d.jsonl <<'END'
{"id":"a","text":"Dr. Smith paid 3.50 dollars. Did J. Doe?! \"Yes.\" he said\nso. The end"}
{"id":"b","text":""}
{"id":"c","text":"Title\n\nA line. \u3053\u3093\u3002\u306b\u3061"}
END
winnow lm build -q --order 2 --segment sentences --tokens whitespace --arpa - d.jsonl 2>/dev/null | grep '</s>' || exit
winnow lm build -q --order 2 --segment sentences -o m.wlm d.jsonl 2>/dev/null || exit
winnow lm score -q --segment sentences --per sentence m.wlm d.jsonl | sed 's/"log10_p".*"n_tokens"/"n_tokens"/; s/,"perpl.*//'
winnow lm score -q --segment sentences m.wlm d.jsonl | sed 's/"log10_p".*"n_tokens"/"n_tokens"/; s/,"perpl.*//'
