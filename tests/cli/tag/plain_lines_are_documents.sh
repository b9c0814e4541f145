# --format says what a file holds, against its name.
printf 'As an AI language model, I cannot.\n\nA second one.\n' >t.txt
for f in auto text lines; do echo $f; winnow tag -q -j $JOBS --rules "$ROOT/rules" --format $f t.txt 2>/dev/null | sed 's/,"winnow".*//'; done
winnow tag -q -j $JOBS --rules "$ROOT/rules" --format jsonl t.txt 2>/dev/null; echo "exit $?"
