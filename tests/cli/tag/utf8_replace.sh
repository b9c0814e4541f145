printf '{"id":"x","text":"a\377b"}\n' | winnow tag -q -j $JOBS --no-rules --utf8 replace - | cut -c1-24
