winnow 2>&1
