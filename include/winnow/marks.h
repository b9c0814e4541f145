/*
 * marks.h - marks in the characters: zero-width codes, odd spaces, homoglyphs, tag
 * characters, bidi controls, C2PA text manifests.  A mark is reported as what it is;
 * none of them proves by itself who wrote a text.
 */
#ifndef WINNOW_MARKS_H
#define WINNOW_MARKS_H

#include <winnow/doc.h>

struct wn_marks {
    uint64_t zero_width;      /* U+200B, U+2060, U+FEFF inside, and ZWJ/ZWNJ outside scripts and
                                 emoji that need them                                           */
    uint64_t odd_spaces;      /* look-alikes of U+0020 other than U+00A0 and, in French, U+202F */
    uint64_t homoglyph_words; /* words that mix Latin with Cyrillic or Greek look-alikes         */
    uint64_t tag_chars;       /* U+E0020..U+E007F outside flag sequences                        */
    uint64_t bidi_controls;   /* U+202A..202E, U+2066..2069                                     */
    uint64_t soft_hyphens;    /* U+00AD                                                         */
    uint64_t stray_selectors; /* variation selectors after nothing that varies, outside a C2PA
                                 wrapper: bytes hidden behind one visible character             */
    bool c2pa;                /* a well-formed C2PA text wrapper (spec 2.4, A.8)                */
    uint64_t c2pa_start_byte, c2pa_bytes, c2pa_manifest_bytes;
};
/* TEXT is valid UTF-8.  Not counted, since honest text needs them: a byte-order mark at
 * the start; U+200B between letters of scripts written without spaces; U+3000 beside
 * CJK; U+202F as in French and Mongolian; the parts of a well-formed C2PA wrapper. */
void wn_marks_scan(struct wn_str text, struct wn_marks *out);
/* Fills EV (detector "marks", statistic "count": all marks together; no p-value, no
 * log-odds); false when there is no mark. */
bool wn_marks_evidence(const struct wn_marks *m, struct wn_arena *a, struct wn_evidence *ev);

#endif
