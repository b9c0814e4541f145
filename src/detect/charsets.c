#include "detect/charsets.h"

#include <stddef.h>

struct range {
    uint32_t first, last;
};

/* Ascending, so that a search can stop halfway. */
static bool in_ranges(const struct range *r, size_t n, uint32_t c)
{
    size_t low = 0;

    while (low < n) {
        size_t mid = low + (n - low) / 2;

        if (c < r[mid].first)
            n = mid;
        else if (c > r[mid].last)
            low = mid + 1;
        else
            return true;
    }
    return false;
}

#define IN(table, c) in_ranges(table, sizeof(table) / sizeof((table)[0]), c)

static const struct range joining[] = {
    { 0x0600, 0x08FF },     /* Arabic, Syriac, Thaana, N'Ko, Mandaic   */
    { 0x0900, 0x0DFF },     /* Devanagari .. Sinhala                    */
    { 0x0F00, 0x0FFF },     /* Tibetan                                  */
    { 0x1000, 0x109F },     /* Myanmar                                  */
    { 0x1780, 0x17FF },     /* Khmer                                    */
    { 0x1800, 0x18AF },     /* Mongolian                                */
    { 0x1A20, 0x1AAF },     /* Tai Tham                                 */
    { 0x1B00, 0x1C4F },     /* Balinese .. Lepcha                       */
    { 0x1CD0, 0x1CFF },     /* Vedic signs                              */
    { 0xA840, 0xA8FF },     /* Phags-pa, Saurashtra, Devanagari Extended */
    { 0xA930, 0xA9FF },     /* Rejang, Javanese, Myanmar Extended-B     */
    { 0xAA60, 0xAA7F },     /* Myanmar Extended-A                       */
    { 0xABC0, 0xABFF },     /* Meetei Mayek                             */
    { 0xFB50, 0xFDFF },     /* Arabic Presentation Forms-A              */
    { 0xFE70, 0xFEFC },     /* Arabic Presentation Forms-B              */
    { 0x10AC0, 0x10AFF },   /* Manichaean                               */
    { 0x10D00, 0x10D3F },   /* Hanifi Rohingya                          */
    { 0x11000, 0x11FFF },   /* Brahmi .. Tamil Supplement               */
    { 0x1E900, 0x1E95F },   /* Adlam                                    */
};

static const struct range zwsp_scripts[] = {
    { 0x0E00, 0x0EFF },     /* Thai, Lao                */
    { 0x0F00, 0x0FFF },     /* Tibetan                  */
    { 0x1000, 0x109F },     /* Myanmar                  */
    { 0x1780, 0x17FF },     /* Khmer                    */
    { 0x1950, 0x19DF },     /* Tai Le, New Tai Lue      */
    { 0x1A20, 0x1AAF },     /* Tai Tham                 */
    { 0x1B00, 0x1B7F },     /* Balinese                 */
    { 0x2E80, 0x9FFF },     /* CJK                      */
    { 0xA980, 0xA9FF },     /* Javanese, Myanmar        */
    { 0xAA60, 0xAADF },     /* Myanmar, Tai Viet        */
};

static const struct range emoji[] = {
    { 0x00A9, 0x00A9 }, { 0x00AE, 0x00AE }, { 0x203C, 0x203C }, { 0x2049, 0x2049 },
    { 0x2122, 0x2122 }, { 0x2139, 0x2139 }, { 0x2194, 0x21AA }, { 0x2300, 0x23FF },
    { 0x24C2, 0x24C2 }, { 0x25A0, 0x27BF }, { 0x2934, 0x2935 }, { 0x2B00, 0x2BFF },
    { 0x3030, 0x3030 }, { 0x303D, 0x303D }, { 0x3297, 0x3297 }, { 0x3299, 0x3299 },
    { 0x1F000, 0x1FAFF },
};

/* Besides emoji: keycap bases, mathematical operators, letters of Myanmar, Mongolian
 * and Phags-pa, ideographs. */
static const struct range varying[] = {
    { 0x0023, 0x0023 }, { 0x002A, 0x002A }, { 0x0030, 0x0039 }, { 0x1000, 0x109F }, { 0x1800, 0x18AF },
    { 0x2190, 0x22FF }, { 0x2A00, 0x2AFF }, { 0x2E80, 0x9FFF }, { 0xA840, 0xA87F }, { 0xA9E0, 0xAA7F },
    { 0xF900, 0xFAFF }, { 0xFF00, 0xFFEF }, { 0x20000, 0x3FFFF },
};

static const struct range grid[] = {
    { 0x1100, 0x11FF }, { 0x2E80, 0x2FFF }, { 0x3000, 0xA4CF }, { 0xAC00, 0xD7FF },
    { 0xF900, 0xFAFF }, { 0xFE30, 0xFE4F }, { 0xFF00, 0xFFEF }, { 0x20000, 0x3FFFF },
};

static const struct range spaces[] = {
    { 0x1680, 0x1680 }, { 0x2000, 0x200A }, { 0x202F, 0x202F }, { 0x205F, 0x205F },
    { 0x2800, 0x2800 }, { 0x3000, 0x3000 },
};

static const struct range latin[] = {
    { 'A', 'Z' }, { 'a', 'z' }, { 0x00C0, 0x00D6 }, { 0x00D8, 0x00F6 },
    { 0x00F8, 0x024F }, { 0x1E00, 0x1EFF }, { 0xA720, 0xA7FF },
};

static const struct range cyrillic_greek[] = {
    { 0x0370, 0x0373 }, { 0x0376, 0x0377 }, { 0x037B, 0x037D }, { 0x037F, 0x037F }, { 0x0386, 0x0386 },
    { 0x0388, 0x0481 }, { 0x048A, 0x052F }, { 0x1C80, 0x1C88 }, { 0x1F00, 0x1FFC }, { 0xA640, 0xA69F },
};

static const struct range latin_like[] = {
    { 0x037F, 0x037F },     /* yot                              */
    { 0x0391, 0x0392 },     /* Alpha, Beta                      */
    { 0x0395, 0x0397 },     /* Epsilon, Zeta, Eta               */
    { 0x0399, 0x039A },     /* Iota, Kappa                      */
    { 0x039C, 0x039D },     /* Mu, Nu                           */
    { 0x039F, 0x039F },     /* Omicron                          */
    { 0x03A1, 0x03A1 },     /* Rho                              */
    { 0x03A4, 0x03A5 },     /* Tau, Upsilon                     */
    { 0x03A7, 0x03A7 },     /* Chi                              */
    { 0x03BF, 0x03BF },     /* omicron                          */
    { 0x03F2, 0x03F3 },     /* lunate sigma, yot                */
    { 0x03F9, 0x03F9 },     /* capital lunate sigma             */
    { 0x0405, 0x0406 },     /* DZE, Ukrainian I                 */
    { 0x0408, 0x0408 },     /* JE                               */
    { 0x0410, 0x0410 },     /* A                                */
    { 0x0412, 0x0412 },     /* VE                               */
    { 0x0415, 0x0415 },     /* IE                               */
    { 0x041A, 0x041A },     /* KA                               */
    { 0x041C, 0x041E },     /* EM, EN, O                        */
    { 0x0420, 0x0423 },     /* ER, ES, TE, U                    */
    { 0x0425, 0x0425 },     /* HA                               */
    { 0x0430, 0x0430 },     /* a                                */
    { 0x0435, 0x0435 },     /* ie                               */
    { 0x043E, 0x043E },     /* o                                */
    { 0x0440, 0x0441 },     /* er, es                           */
    { 0x0443, 0x0443 },     /* u                                */
    { 0x0445, 0x0445 },     /* ha                               */
    { 0x0455, 0x0456 },     /* dze, Ukrainian i                 */
    { 0x0458, 0x0458 },     /* je                               */
    { 0x04AE, 0x04AF },     /* straight U                       */
    { 0x04BB, 0x04BB },     /* shha                             */
    { 0x04C0, 0x04C0 },     /* palochka                         */
    { 0x04CF, 0x04CF },     /* small palochka                   */
    { 0x0501, 0x0501 },     /* Komi de                          */
    { 0x051A, 0x051D },     /* QA, WE                           */
};

/* a c e h i j o p s x y */
static const struct range cyrillic_like[] = {
    { 'a', 'a' }, { 'c', 'c' }, { 'e', 'e' }, { 'h', 'j' }, { 'o', 'p' }, { 's', 's' }, { 'x', 'y' },
};

bool charset_joins(uint32_t c)
{
    return IN(joining, c);
}

bool charset_breaks_at_zwsp(uint32_t c)
{
    return IN(zwsp_scripts, c);
}

bool charset_emoji(uint32_t c)
{
    return IN(emoji, c);
}

bool charset_varies(uint32_t c)
{
    return IN(varying, c) || IN(emoji, c);
}

bool charset_grid(uint32_t c)
{
    return IN(grid, c);
}

bool charset_space(uint32_t c)
{
    return IN(spaces, c);
}

bool charset_latin(uint32_t c)
{
    return IN(latin, c);
}

bool charset_cyrillic_or_greek(uint32_t c)
{
    return IN(cyrillic_greek, c);
}

bool charset_looks_latin(uint32_t c)
{
    return IN(latin_like, c);
}

bool charset_looks_cyrillic(uint32_t c)
{
    return IN(cyrillic_like, c);
}
