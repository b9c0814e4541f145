/* Any valid UTF-8 as a text: the counts never exceed its code points, and a wrapper
 * lies inside it. */
#include "fuzz/driver.h"

#include <winnow/marks.h>
#include <winnow/text.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wn_str text = { (const char *)data, size };
    struct wn_arena a = { 0 };
    struct wn_evidence ev;
    struct wn_marks m;
    uint64_t sum;

    if (wn_utf8_check(text) != size)
        return 0;
    wn_marks_scan(text, &m);
    sum = m.zero_width + m.odd_spaces + m.tag_chars + m.bidi_controls + m.soft_hyphens + m.stray_selectors;
    if (sum > wn_utf8_count(text) || 2 * m.homoglyph_words > wn_utf8_count(text))
        abort();
    if (m.c2pa && (m.c2pa_start_byte + m.c2pa_bytes > size || m.c2pa_manifest_bytes >= m.c2pa_bytes))
        abort();
    if (wn_marks_evidence(&m, &a, &ev) != (ev.value > 0))
        abort();
    wn_arena_release(&a);
    return 0;
}
