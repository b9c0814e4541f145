# tar and zip: members in their order, compressed ones too; a text file is one document.
mkdir d
echo '{"id":"1","text":"one"}' >d/a.jsonl
echo '{"id":"2","text":"two"}' | gzip -c >d/b.jsonl.gz
printf 'Plain text.\nTwo lines.\n' >d/c.txt
tar cf all.tar -C d a.jsonl b.jsonl.gz c.txt
(cd d && zip -q ../all.zip a.jsonl b.jsonl.gz c.txt)
winnow tag -q -j $JOBS --no-rules all.tar all.zip d | sed 's/,"winnow":.*//'
