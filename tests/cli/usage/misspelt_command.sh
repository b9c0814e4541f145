winnow simulat 2>&1
