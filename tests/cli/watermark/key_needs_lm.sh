winnow tag --watermark-key 5 x 2>&1; echo $?
winnow tag --watermark-key five --watermark-lm x x 2>&1; echo $?
winnow watermark detect x 2>&1; echo $?
