/*
 * lm_countread.c - read count files, believing nothing.
 *
 * A file is taken in whole or not at all: its N-grams go to a place of their own, which
 * the counts get when the last byte was checked.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "lm/lm_countfile.h"
#include "lm/lm_infile.h"

struct reading {
    const char *path;
    int fd;
    uint64_t left;                   /* bytes behind what was read; UINT64_MAX: not known */
    struct countfile_head head;
    struct wn_counts *c;
    uint32_t n_before;               /* words the counts had                              */
    uint64_t *seen;                  /* a bit for each of those                           */
    uint32_t *id_of;                 /* by word of the file                               */
    size_t n_ids, cap_ids;
    unsigned char *block;
    size_t cap_block;
    struct countfile_block at;
    uint64_t n_blocks;
    uint64_t *count;                 /* of a block                                        */
    uint32_t *words;                 /* of a block, the last word of each N-gram first    */
    uint32_t last[WN_LM_MAX_ORDER];  /* N-gram of the block before                        */
    struct countfile_sums sums;
    struct counted *counted;
};

static enum wn_status refuse(const struct reading *r, struct wn_err *err, const char *what)
{
    return wn_fail(err, WN_BADDATA, "cannot read counts '%s': %s", r->path, what);
}

static enum wn_status no_memory(const struct reading *r, struct wn_err *err)
{
    return wn_fail(err, WN_NOMEM, "cannot read counts '%s': out of memory", r->path);
}

/* ---- bytes ------------------------------------------------------------------------------- */

static enum wn_status read_bytes(struct reading *r, void *to, size_t n, struct wn_err *err)
{
    char *p = to;

    while (n > 0) {
        ssize_t got = read(r->fd, p, n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return wn_fail_sys(err, "cannot read counts '%s'", r->path);
        if (got == 0)
            return refuse(r, err, "the file is truncated");
        p += got;
        n -= (size_t)got;
        if (r->left != UINT64_MAX)
            r->left -= (uint64_t)got < r->left ? (uint64_t)got : r->left;
    }
    return WN_OK;
}

static enum wn_status check_end(struct reading *r, struct wn_err *err)
{
    char more;
    ssize_t got;

    do
        got = read(r->fd, &more, 1);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return wn_fail_sys(err, "cannot read counts '%s'", r->path);
    return got == 0 ? WN_OK : refuse(r, err, "there are bytes behind its end");
}

static enum wn_status open_file(struct reading *r, const char *path, struct wn_err *err)
{
    struct stat info;
    enum wn_status st = lm_infile_open(&r->fd, &info, path, "cannot read counts", err);

    r->path = path;
    r->left = st == WN_OK && S_ISREG(info.st_mode) ? (uint64_t)info.st_size : UINT64_MAX;
    return st;
}

static enum wn_status read_head(struct reading *r, struct wn_err *err)
{
    struct countfile_head *h = &r->head;
    enum wn_status st = read_bytes(r, h->magic, sizeof(h->magic), err);

    if (st == WN_OK && memcmp(h->magic, LM_COUNTS_MAGIC, sizeof(h->magic)) != 0)
        return refuse(r, err, "it is no count file of winnow");
    if (st == WN_OK)
        st = read_bytes(r, (char *)h + sizeof(h->magic), sizeof(*h) - sizeof(h->magic), err);
    if (st != WN_OK)
        return st;
    if (h->byte_order == __builtin_bswap32(LM_COUNTS_BYTE_ORDER))
        return refuse(r, err, "it was written on a machine of the other byte order");
    if (h->version != LM_COUNTS_VERSION)
        return wn_fail(err, WN_BADDATA, "cannot read counts '%s': it has version %u, this program reads version %d",
                       r->path, h->version, LM_COUNTS_VERSION);
    if (h->byte_order != LM_COUNTS_BYTE_ORDER || h->hash != countfile_head_hash(*h))
        return refuse(r, err, "the checksum of its head is wrong");
    if (h->order < 1 || h->order > WN_LM_MAX_ORDER || h->tokenizer > WN_TOK_FOLDED || h->zero != 0 ||
        h->n_words < 3 || h->n_words >= UINT32_MAX / 4 || h->tokens > INT64_MAX || h->sentences > h->tokens ||
        h->n_ngrams > h->tokens)
        return refuse(r, err, "its head holds impossible numbers");
    return WN_OK;
}

enum wn_status wn_counts_peek(const char *path, struct wn_counts_opts *opts, struct wn_err *err)
{
    struct reading r = { .fd = -1 };
    enum wn_status st = open_file(&r, path, err);

    if (st == WN_OK)
        st = read_head(&r, err);
    if (st == WN_OK) {
        opts->order = r.head.order;
        opts->tokenizer = (enum wn_tokenizer)r.head.tokenizer;
    }
    if (r.fd >= 0)
        close(r.fd);
    return st;
}

/* The next block into r->block. */
static enum wn_status read_block(struct reading *r, struct wn_err *err)
{
    enum wn_status st = counts_check(r->c, err);

    if (st == WN_OK)
        st = read_bytes(r, &r->at, sizeof(r->at), err);
    if (st != WN_OK)
        return st;
    if (r->at.n == 0 || r->at.n > COUNTED_BLOCK || r->at.zero != 0 || r->at.bytes < r->at.n)
        return refuse(r, err, "a block holds impossible numbers");
    if (r->at.bytes > r->left)
        return refuse(r, err, "the file is truncated");
    if (r->at.bytes > r->cap_block) {
        free(r->block);
        r->cap_block = 0;
        r->block = r->at.bytes <= SIZE_MAX ? malloc((size_t)r->at.bytes) : NULL;
        if (!r->block)
            return no_memory(r, err);
        r->cap_block = (size_t)r->at.bytes;
    }
    st = read_bytes(r, r->block, (size_t)r->at.bytes, err);
    if (st != WN_OK)
        return st;
    if (wn_hash64((struct wn_str){ (const char *)r->block, (size_t)r->at.bytes }, r->n_blocks) != r->at.hash)
        return refuse(r, err, "the checksum of a block is wrong");
    r->n_blocks++;
    return WN_OK;
}

/* A number in the shortest of its forms, seven bits a byte, low ones first. */
static bool get_varint(const unsigned char **p, const unsigned char *end, uint64_t *x)
{
    *x = 0;
    for (unsigned shift = 0; *p < end && shift < 64; shift += 7) {
        unsigned char b = *(*p)++;

        if (shift == 63 && b > 1)
            return false;
        *x |= (uint64_t)(b & 0x7F) << shift;
        if (b < 0x80)
            return b > 0 || shift == 0;
    }
    return false;
}

/* ---- words ------------------------------------------------------------------------------- */

static enum wn_status add_word(struct reading *r, struct wn_str word, struct wn_err *err)
{
    const uint32_t n = r->c->vocab.n;
    uint32_t id;
    enum wn_status st;

    if (!counts_is_word(r->c, word))
        return refuse(r, err, "a word has white space in it");
    st = vocab_intern(&r->c->vocab, word, &id, err);
    if (st != WN_OK)
        return st;
    if (r->n_ids <= WN_LM_EOS && id != r->n_ids)
        return refuse(r, err, "its first words are not <unk>, <s> and </s>");
    if (id < n && (id >= r->n_before || (r->seen[id / 64] >> id % 64 & 1)))
        return refuse(r, err, "a word is there twice");
    if (id < r->n_before)
        r->seen[id / 64] |= UINT64_C(1) << id % 64;
    r->id_of[r->n_ids++] = id;
    return WN_OK;
}

static enum wn_status reserve_ids(struct reading *r, size_t extra, struct wn_err *err)
{
    size_t cap = r->cap_ids ? r->cap_ids : COUNTED_BLOCK;
    uint32_t *more;

    if (r->n_ids + extra <= r->cap_ids)
        return WN_OK;
    while (cap < r->n_ids + extra)
        cap += cap / 2;
    more = realloc(r->id_of, cap * sizeof(*more));
    if (!more)
        return no_memory(r, err);
    r->id_of = more;
    r->cap_ids = cap;
    return WN_OK;
}

static enum wn_status take_words(struct reading *r, struct wn_err *err)
{
    const unsigned char *p = r->block, *end = p + r->at.bytes;
    enum wn_status st;

    if (r->at.n > r->head.n_words - r->n_ids)
        return refuse(r, err, "it has more words than its head says");
    st = reserve_ids(r, r->at.n, err);
    for (uint32_t i = 0; st == WN_OK && i < r->at.n; i++) {
        uint64_t n;

        if (!get_varint(&p, end, &n) || n > (uint64_t)(end - p))
            return refuse(r, err, "a word does not end");
        st = add_word(r, (struct wn_str){ (const char *)p, (size_t)n }, err);
        p += n;
    }
    if (st == WN_OK && p != end)
        st = refuse(r, err, "a block has bytes behind its last word");
    return st;
}

static enum wn_status read_words(struct reading *r, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    while (st == WN_OK && r->n_ids < r->head.n_words) {
        st = read_block(r, err);
        if (st == WN_OK)
            st = take_words(r, err);
    }
    return st;
}

/* ---- N-grams -------------------------------------------------------------------------------- */

/* Words SAME.. of an N-gram, those before being in W: false when there is no such N-gram. */
static bool get_words(const struct reading *r, const unsigned char **p, const unsigned char *end, uint32_t *w,
                      unsigned same)
{
    const unsigned order = r->head.order;
    unsigned i;

    for (i = same; i < order; i++) {
        uint64_t x;

        if (!get_varint(p, end, &x) || x >= r->head.n_words)
            return false;
        if (i == same) {
            if (x == 0 || x + w[i] >= r->head.n_words)
                return false;
            x += w[i];
        }
        w[i] = (uint32_t)x;
        if (i > 0 ? x != WN_LM_BOS && x <= WN_LM_EOS : x < WN_LM_EOS)
            return false;
        if (x == WN_LM_BOS)
            break;
    }
    while (++i < order)
        w[i] = 0;
    return true;
}

static bool get_ngram(const struct reading *r, const unsigned char **p, const unsigned char *end,
                      const uint32_t *before, uint32_t *w, uint64_t *count)
{
    const unsigned order = r->head.order;
    unsigned same;

    if (*p == end)
        return false;
    same = **p & 15;
    *count = **p >> 4;
    ++*p;
    if (same >= order || (same > 0 && (!before[0] || before[same - 1] <= WN_LM_BOS)))
        return false;
    if (*count == 0 && (!get_varint(p, end, count) || *count < 16))
        return false;
    memcpy(w, before, order * sizeof(*w));
    return get_words(r, p, end, w, same);
}

static uint64_t words_hash(const uint32_t *w, unsigned n)
{
    uint64_t h = LM_KEY_A;

    for (unsigned i = 0; i < n; i++)
        h = lm_key_extend(h, w[i]);
    return h;
}

static bool add_up(struct reading *r, const uint32_t *w, uint64_t count)
{
    const unsigned n = r->head.order - 1;

    if (count > r->head.tokens - r->sums.tokens)
        return false;
    r->sums.tokens += count;
    if (w[0] == WN_LM_EOS)
        r->sums.sentences += count;
    else
        r->sums.balance += count * words_hash(w, n);
    r->sums.balance -= count * words_hash(w + 1, n);
    r->sums.n_last += w[0] != r->last[0];
    return true;
}

static bool ascends(const uint32_t *a, const uint32_t *b, unsigned order)
{
    unsigned i = 0;

    while (i < order && a[i] == b[i])
        i++;
    return i < order && a[i] < b[i];
}

/* Decodes the block; ids become those of the counts. */
static enum wn_status take_block(struct reading *r, struct wn_err *err)
{
    static const uint32_t zeros[WN_LM_MAX_ORDER];
    const unsigned order = r->head.order;
    const unsigned char *p = r->block, *end = p + r->at.bytes;
    const uint32_t *before = zeros;
    uint32_t *w = r->words;

    for (uint32_t i = 0; i < r->at.n; i++, before = w, w += order) {
        if (!get_ngram(r, &p, end, before, w, &r->count[i]))
            return refuse(r, err, "an n-gram is malformed");
        if (i == 0 && !ascends(r->last, w, order))
            return refuse(r, err, "its n-grams are not ascending");
        if (!add_up(r, w, r->count[i]))
            return refuse(r, err, "its counts do not add up to its tokens");
        r->last[0] = w[0];
    }
    memcpy(r->last, before, order * sizeof(r->last[0]));
    if (p != end)
        return refuse(r, err, "a block has bytes behind its last n-gram");
    for (size_t i = 0; i < (size_t)r->at.n * order; i++)
        r->words[i] = r->id_of[r->words[i]];
    return counted_put(r->counted, order, r->count, r->words, r->at.n, err);
}

static enum wn_status read_ngrams(struct reading *r, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    for (uint64_t left = r->head.n_ngrams; st == WN_OK && left > 0; left -= r->at.n) {
        st = read_block(r, err);
        if (st == WN_OK && r->at.n != (left < COUNTED_BLOCK ? left : COUNTED_BLOCK))
            st = refuse(r, err, "a block has the wrong number of n-grams");
        if (st == WN_OK)
            st = take_block(r, err);
    }
    return st;
}

static enum wn_status check_sums(struct reading *r, struct wn_err *err)
{
    static const uint32_t begin[WN_LM_MAX_ORDER] = { WN_LM_BOS };
    const struct countfile_head *h = &r->head;

    r->sums.balance += h->sentences * words_hash(begin, h->order - 1);
    if (r->sums.tokens != h->tokens || r->sums.sentences != h->sentences)
        return refuse(r, err, "its counts do not add up to its tokens");
    if (r->sums.n_last != h->n_words - (h->n_ngrams > 0 ? 2 : 3))
        return refuse(r, err, "a word is in no n-gram");
    if (h->order > 1 && r->sums.balance != 0)
        return refuse(r, err, "its n-grams are not those of a text");
    return WN_OK;
}

static enum wn_status read_all(struct reading *r, struct wn_err *err)
{
    const unsigned order = r->head.order;
    enum wn_status st = counted_new(&r->counted, r->c, err);

    r->seen = calloc(r->n_before / 64 + 1, sizeof(r->seen[0]));
    r->count = malloc(COUNTED_BLOCK * sizeof(r->count[0]));
    r->words = malloc((size_t)COUNTED_BLOCK * order * sizeof(r->words[0]));
    if (st == WN_OK && (!r->seen || !r->count || !r->words))
        st = no_memory(r, err);
    if (st == WN_OK)
        st = read_words(r, err);
    if (st == WN_OK)
        st = read_ngrams(r, err);
    if (st == WN_OK)
        st = check_end(r, err);
    if (st == WN_OK)
        st = check_sums(r, err);
    if (st != WN_OK)
        return st;
    r->counted->tokens = r->head.tokens;
    r->counted->sentences = r->head.sentences;
    st = counted_take(r->c, r->counted, err);
    if (st == WN_OK)
        r->counted = NULL;
    return st;
}

enum wn_status wn_counts_add_file(struct wn_counts *c, const char *path, struct wn_err *err)
{
    struct reading r = { .fd = -1, .c = c, .n_before = c->vocab.n };
    const struct counts_mark m = counts_mark(c);
    enum wn_status st = counts_check(c, err);

    if (st == WN_OK)
        st = open_file(&r, path, err);
    if (st == WN_OK)
        st = read_head(&r, err);
    if (st == WN_OK && (r.head.order != c->order || r.head.tokenizer != (uint32_t)c->tokenizer))
        st = wn_fail(err, WN_BADCONF, "cannot merge counts '%s': order %u of %s and order %u of %s", path, c->order,
                     wn_tokenizer_name(c->tokenizer), r.head.order,
                     wn_tokenizer_name((enum wn_tokenizer)r.head.tokenizer));
    if (st == WN_OK)
        st = read_all(&r, err);
    if (st != WN_OK)
        st = counts_back(c, &m, st, err);
    if (r.fd >= 0)
        close(r.fd);
    counted_free(r.counted);
    free(r.seen);
    free(r.id_of);
    free(r.block);
    free(r.count);
    free(r.words);
    return st;
}
