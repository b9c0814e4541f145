/*
 * fuzz_lm_file.c - any bytes as a model image: first as they come, then with checksums
 * put right, so that the checks behind them are reached.
 */
#include "fuzz/driver.h"
#include "unit/lm_exercise.h"

#include "lm/lm_layout.h"

static void try_image(const char *bytes, size_t n)
{
    struct wn_lm *lm;

    if (wn_lm_view(&lm, (struct wn_str){ bytes, n }, "fuzz", NULL) != WN_OK)
        return;
    exercise_model(lm);
    wn_lm_free(lm);
}

/* Whether hashing what the section table names stays inside the image. */
static bool can_seal(const char *bytes, size_t n)
{
    struct lm_front front;

    if (n < sizeof(front))
        return false;
    memcpy(&front, bytes, sizeof(front));
    if (front.head.n_sections > LM_MAX_SECTIONS)
        return false;
    for (uint32_t i = 0; i < front.head.n_sections; i++) {
        const struct lm_section *s = &front.section[i];

        if (s->offset > n || s->bytes > n - s->offset)
            return false;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = calloc(1, size ? size : 1);

    if (!copy)
        return 0;
    if (size > 0)
        memcpy(copy, data, size);
    try_image(copy, size);
    if (can_seal(copy, size)) {
        lm_image_seal(copy);
        try_image(copy, size);
    }
    free(copy);
    return 0;
}
