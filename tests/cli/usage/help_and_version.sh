# Every command answers --help on standard output, and says what its exit codes are in its page.
winnow --version
for c in tag train eval mix simulate report demo; do winnow $c --help | head -1; winnow $c --man | grep -c 'EXIT STATUS'; done
for c in 'lm build' 'lm count' 'lm merge' 'lm score' 'lm sample' 'lm info' 'lm export' 'lm import' 'lm convert' 'lm joint' 'lm mix' 'lm prune' 'watermark detect' 'watermark embed' 'watermark keys'; do
    winnow $c --help | head -1
done
