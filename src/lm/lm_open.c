/*
 * lm_open.c - models from files and from bytes in memory, and what can be asked of one.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lm/lm_infile.h"
#include "lm/lm_layout.h"
#include "lm/lm_vocab.h"

static enum wn_status verify_all(const struct wn_lm *lm, const char *name, struct wn_err *err)
{
    enum wn_status st = lm_check_hashes(lm, WN_LM_WORDS | WN_LM_TABLES | WN_LM_INDEX, name, err);

    if (st == WN_OK && (lm->parts & WN_LM_WORDS))
        st = lm_check_words(lm, name, err);
    if (st == WN_OK && (lm->parts & WN_LM_TABLES))
        st = lm_check_tables(lm, name, err);
    if (st == WN_OK && (lm->parts & WN_LM_INDEX))
        st = lm_check_index(lm, name, err);
    if (st == WN_OK) {
        atomic_store(lm->index_state, LM_SOUND);
        atomic_store(lm->word_state, LM_SOUND);
    }
    return st;
}

static enum wn_status view(struct wn_lm **out, struct wn_str image, const char *name, bool all, struct wn_err *err)
{
    enum wn_status st = WN_NOMEM;
    struct wn_lm *lm;

    *out = NULL;
    lm = calloc(1, sizeof(*lm));
    if (lm) {
        lm->image = image;
        lm->name = strdup(name);
        lm->index_state = malloc(2 * sizeof(*lm->index_state));
    }
    if (!lm || !lm->name || !lm->index_state) {
        wn_fail(err, st, "cannot use model '%s': out of memory", name);
        goto done;
    }
    lm->word_state = lm->index_state + 1;
    atomic_init(lm->index_state, LM_UNCHECKED);
    atomic_init(lm->word_state, LM_UNCHECKED);
    st = lm_check_front(lm, name, err);
    if (st == WN_OK && all)
        st = verify_all(lm, name, err);
    else if (st == WN_OK && !(lm->parts & WN_LM_TABLES))
        st = lm_need_index(lm, err);               /* scores will come from the index */
    if (st == WN_OK) {
        *out = lm;
        lm = NULL;
    }
done:
    wn_lm_free(lm);
    return st;
}

enum wn_status wn_lm_view(struct wn_lm **out, struct wn_str image, const char *name, struct wn_err *err)
{
    return view(out, image, name, true, err);
}

enum wn_status wn_lm_view_head(struct wn_lm **out, struct wn_str image, const char *name, struct wn_err *err)
{
    return view(out, image, name, false, err);
}

/* Maps the whole of the file at PATH. */
static enum wn_status map_file(struct wn_str *out, const char *path, struct wn_err *err)
{
    int fd;
    size_t bytes;
    enum wn_status st = lm_infile_open_model(&fd, &bytes, path, err);
    void *at;

    if (st != WN_OK)
        return st;
    at = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        st = wn_fail_sys(err, "cannot map model '%s'", path);
    else
        *out = (struct wn_str){ at, bytes };
    close(fd);
    return st;
}

static void unmap(struct wn_str image)
{
    munmap((void *)(uintptr_t)image.ptr, image.len);
}

enum wn_status wn_lm_open_verify(struct wn_lm **out, const char *path, enum wn_lm_verify how, struct wn_err *err)
{
    struct wn_str image;
    enum wn_status st;

    *out = NULL;
    st = map_file(&image, path, err);
    if (st != WN_OK)
        return st;
    st = view(out, image, path, how == WN_LM_VERIFY_ALL || image.len <= LM_VERIFY_BYTES, err);
    if (st == WN_OK)
        (*out)->map_bytes = image.len;
    else
        unmap(image);
    return st;
}

enum wn_status wn_lm_open(struct wn_lm **out, const char *path, struct wn_err *err)
{
    return wn_lm_open_verify(out, path, WN_LM_VERIFY_AUTO, err);
}

void wn_lm_free(struct wn_lm *lm)
{
    if (!lm)
        return;
    if (lm->map_bytes > 0)
        unmap(lm->image);
    free(lm->heap);
    free(lm->name);
    free(lm->index_state);
    free(lm);
}

struct wn_str wn_lm_image(const struct wn_lm *lm)
{
    return lm->image;
}

unsigned wn_lm_parts(const struct wn_lm *lm)
{
    return lm->parts;
}

bool wn_lm_compact(const struct wn_lm *lm)
{
    return lm->head.mode != LM_MODE_EXACT;
}

unsigned wn_lm_models(const struct wn_lm *lm)
{
    return lm->n_models;
}

enum wn_smoothing wn_lm_smoothing(const struct wn_lm *lm)
{
    return (enum wn_smoothing)lm->head.smoothing;
}

unsigned wn_lm_order(const struct wn_lm *lm)
{
    return lm->head.order;
}

enum wn_tokenizer wn_lm_tokenizer(const struct wn_lm *lm)
{
    return (enum wn_tokenizer)lm->head.tokenizer;
}

uint32_t wn_lm_vocab_size(const struct wn_lm *lm)
{
    return (uint32_t)lm->head.n_ngrams[0];
}

uint64_t wn_lm_ngrams(const struct wn_lm *lm, unsigned order)
{
    return order >= 1 && order <= WN_LM_MAX_ORDER ? lm->head.n_ngrams[order - 1] : 0;
}

uint64_t wn_lm_train_tokens(const struct wn_lm *lm)
{
    return lm->head.train_tokens;
}

uint32_t wn_lm_id(const struct wn_lm *lm, struct wn_str word)
{
    uint32_t id = VOCAB_NONE;

    if (lm_need_words(lm, NULL) == WN_OK)
        id = vocab_lookup(lm->vocab_slots, lm->head.n_slots, lm->vocab_bytes, lm->vocab_start, word);
    return id == VOCAB_NONE ? WN_LM_UNK : id;
}

struct wn_str wn_lm_word(const struct wn_lm *lm, uint32_t id)
{
    if (lm_need_words(lm, NULL) != WN_OK)
        return WN_STR("<unk>");
    if (id >= lm->head.n_ngrams[0])
        id = WN_LM_UNK;
    return (struct wn_str){ lm->vocab_bytes + lm->vocab_start[id], lm->vocab_start[id + 1] - lm->vocab_start[id] };
}
