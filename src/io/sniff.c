/* sniff.c - magic bytes, names, and shapes. */
#include "io/sniff.h"

#include <strings.h>

struct magic {
    enum io_kind kind;
    size_t at;
    struct wn_str bytes;
    const char *name;
};

static const struct magic magics[] = {
    { IO_KIND_GZ, 0, { "\x1f\x8b", 2 }, "gzip" },
    { IO_KIND_ZST, 0, { "\x28\xb5\x2f\xfd", 4 }, "zstd" },
    { IO_KIND_ZIP, 0, { "PK\x03\x04", 4 }, "zip" },
    { IO_KIND_ZIP, 0, { "PK\x05\x06", 4 }, "zip" },
    { IO_KIND_ZIP, 0, { "PK\x07\x08PK\x03\x04", 8 }, "zip" },
    { IO_KIND_FOREIGN, 0, { "\xfd" "7zXZ\0", 6 }, "xz" },
    { IO_KIND_FOREIGN, 4, { "1AY&SY", 6 }, "bzip2" },
    { IO_KIND_FOREIGN, 0, { "\x04\x22\x4d\x18", 4 }, "lz4" },
    { IO_KIND_FOREIGN, 0, { "7z\xbc\xaf\x27\x1c", 6 }, "7-zip" },
    { IO_KIND_FOREIGN, 0, { "Rar!\x1a\x07", 6 }, "rar" },
    { IO_KIND_FOREIGN, 0, { "PAR1", 4 }, "parquet" },
    { IO_KIND_FOREIGN, 0, { "ARROW1\0\0", 8 }, "arrow" },
    { IO_KIND_FOREIGN, 0, { "WARC/1.", 7 }, "WARC" },
    { IO_KIND_OWN, 0, { "winnowLM", 8 }, "a language model of winnow" },
    { IO_KIND_OWN, 0, { "winnowCT", 8 }, "a count file of winnow (lm merge reads it)" },
};

static bool starts_with(struct wn_str s, struct wn_str with)
{
    return s.len >= with.len && memcmp(s.ptr, with.ptr, with.len) == 0;
}

/* pzstd and others put such a frame first (RFC 8878, 3.1.2). */
static bool is_skippable_frame(struct wn_str head)
{
    return head.len >= 4 && (head.ptr[0] & 0xf0) == 0x50 && memcmp(head.ptr + 1, "\x2a\x4d\x18", 3) == 0;
}

/* A tar header says so by its checksum: the sum of its 512 bytes, those of the
 * checksum field (148..155) taken as spaces (POSIX pax, "ustar header block"). */
static bool is_tar(struct wn_str head)
{
    unsigned long sum = 0, said = 0;
    int digits = 0;

    if (head.len < 512)
        return false;
    for (int i = 0; i < 512; i++)
        sum += i >= 148 && i < 156 ? ' ' : (unsigned char)head.ptr[i];
    for (int i = 148; i < 156; i++) {
        char c = head.ptr[i];

        if (c >= '0' && c <= '7') {
            said = said * 8 + (unsigned long)(c - '0');
            digits++;
        } else if (c != ' ' || digits) {
            break;
        }
    }
    return digits > 0 && said == sum;
}

enum io_kind io_sniff(struct wn_str head, const char **name)
{
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
        const struct magic *m = &magics[i];

        if (head.len >= m->at && starts_with((struct wn_str){ head.ptr + m->at, head.len - m->at }, m->bytes)) {
            *name = m->name;
            return m->kind;
        }
    }
    if (is_skippable_frame(head)) {
        *name = "zstd";
        return IO_KIND_ZST;
    }
    if (is_tar(head)) {
        *name = "tar";
        return IO_KIND_TAR;
    }
    *name = "plain bytes";
    return IO_KIND_LINES;
}

struct suffix {
    const char *end;
    enum io_kind kind;
};

static const struct suffix suffixes[] = {
    { ".gz", IO_KIND_GZ },   { ".tgz", IO_KIND_GZ },  { ".zst", IO_KIND_ZST },
    { ".zstd", IO_KIND_ZST }, { ".tar", IO_KIND_TAR }, { ".zip", IO_KIND_ZIP },
};

static bool ends_with(const char *s, size_t n, const char *end)
{
    size_t m = strlen(end);

    return n >= m && strncasecmp(s + n - m, end, m) == 0;
}

enum io_kind io_kind_of_name(const char *path)
{
    size_t n = strlen(path);

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
        if (ends_with(path, n, suffixes[i].end))
            return suffixes[i].kind;
    return IO_KIND_LINES;
}

bool io_name_is_text(const char *path)
{
    size_t n = strlen(path);

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        const struct suffix *s = &suffixes[i];

        if ((s->kind == IO_KIND_GZ || s->kind == IO_KIND_ZST) && ends_with(path, n, s->end)) {
            n -= strlen(s->end);
            break;
        }
    }
    return ends_with(path, n, ".txt");
}

/* ---- shapes ----------------------------------------------------------------------- */

static bool is_utf16(struct wn_str h)
{
    const unsigned char *p = (const unsigned char *)h.ptr;

    if (h.len < 2)
        return false;
    if ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff))
        return true;
    if (h.len >= 4 && memcmp(p, "\0\0\xfe\xff", 4) == 0)
        return true;
    return ((p[0] == '{' || p[0] == '[') && p[1] == 0) || (p[0] == 0 && (p[1] == '{' || p[1] == '['));
}

static size_t skip_blank(struct wn_str h, size_t i)
{
    while (i < h.len && (h.ptr[i] == ' ' || h.ptr[i] == '\t' || h.ptr[i] == '\r' || h.ptr[i] == '\n'))
        i++;
    return i;
}

/* The end of the line that holds byte I, trailing blanks not counted. */
static size_t line_end(struct wn_str h, size_t i, size_t *next)
{
    const char *nl = memchr(h.ptr + i, '\n', h.len - i);
    size_t end = nl ? (size_t)(nl - h.ptr) : h.len;

    *next = nl ? end + 1 : h.len;
    while (end > i && (h.ptr[end - 1] == ' ' || h.ptr[end - 1] == '\t' || h.ptr[end - 1] == '\r'))
        end--;
    return end;
}

/* "[{" or "[" and a '{' on a later line is an array of objects, unless the first line
 * is closed and an object follows on the next: then it is one bad line of many. */
static bool is_array(struct wn_str h, size_t at, bool is_all)
{
    size_t inner = skip_blank(h, at + 1), next, end, after;

    if (inner == h.len || h.ptr[inner] != '{')
        return false;
    end = line_end(h, at, &next);
    if (next == h.len && !is_all)
        return true;
    if (h.ptr[end - 1] != ']')
        return true;
    after = skip_blank(h, next);
    return after == h.len || h.ptr[after] != '{';
}

/* A line that is only '{', then one that starts with a member. */
static bool is_pretty(struct wn_str h, size_t at)
{
    size_t next, end = line_end(h, at, &next);

    if (h.ptr[at] != '{' || end != at + 1 || next == h.len)
        return false;
    next = skip_blank(h, next);
    return next < h.len && h.ptr[next] == '"';
}

enum io_shape io_shape(struct wn_str head, bool is_all)
{
    size_t at;

    if (is_utf16(head))
        return IO_SHAPE_UTF16;
    if (starts_with(head, WN_STR("\xef\xbb\xbf"))) {
        head.ptr += 3;
        head.len -= 3;
    }
    at = skip_blank(head, 0);
    if (at == head.len)
        return IO_SHAPE_LINES;
    if (head.ptr[at] == '[' && is_array(head, at, is_all))
        return IO_SHAPE_ARRAY;
    return is_pretty(head, at) ? IO_SHAPE_PRETTY : IO_SHAPE_LINES;
}
