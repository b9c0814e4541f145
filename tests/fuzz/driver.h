/*
 * driver.h - gives a fuzz target a main that replays files, so that its seeds run in
 * `make check`.  Build with -DWN_LIBFUZZER -fsanitize=fuzzer to search instead.
 */
#ifndef WINNOW_FUZZ_DRIVER_H
#define WINNOW_FUZZ_DRIVER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifndef WN_LIBFUZZER
/* Each file is handed over in a block of its exact size, so that a sanitizer sees
 * every byte read past its end. */
int main(int argc, char **argv)
{
    int n_run = 0;

    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        uint8_t *block = NULL;
        size_t n = 0, got;
        uint8_t part[4096];

        if (!f) {
            fprintf(stderr, "cannot open '%s'\n", argv[i]);
            return 1;
        }
        while ((got = fread(part, 1, sizeof(part), f)) > 0) {
            uint8_t *more = realloc(block, n + got);
            if (!more)
                return 1;
            block = more;
            memcpy(block + n, part, got);
            n += got;
        }
        fclose(f);
        LLVMFuzzerTestOneInput(block, n);
        free(block);
        n_run++;
    }
    printf("%d inputs replayed\n", n_run);
    return n_run > 0 ? 0 : 1;
}
#endif

#endif
