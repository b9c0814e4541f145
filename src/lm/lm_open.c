/*
 * lm_open.c - models from files and from bytes in memory, and what can be asked of one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <winnow/hash.h>

#include "lm/lm_layout.h"
#include "lm/lm_vocab.h"

static const char *const section_name[] = {
    [LM_VOCAB_START] = "word offsets", [LM_VOCAB_BYTES] = "words",        [LM_VOCAB_SLOTS] = "word table",
    [LM_WORD] = "n-gram words",        [LM_PROB] = "log-probabilities",   [LM_BACKOFF] = "back-off weights",
    [LM_CHILD] = "continuations",      [LM_SUFFIX] = "suffixes",
};

/* The section table was checked before. */
static enum wn_status check_hashes(const struct wn_lm *lm, const char *name, struct wn_err *err)
{
    for (uint32_t i = 0; i < lm->head.n_sections; i++) {
        struct lm_section s;

        memcpy(&s, lm->image.ptr + sizeof(lm->head) + i * sizeof(s), sizeof(s));
        if (wn_hash64((struct wn_str){ lm->image.ptr + s.offset, s.bytes }, 0) != s.hash)
            return wn_fail(err, WN_BADDATA, "cannot use model '%s': the checksum of the %s of order %u does not match",
                           name, section_name[s.kind], s.order);
    }
    return WN_OK;
}

enum wn_status wn_lm_view(struct wn_lm **out, struct wn_str image, const char *name, struct wn_err *err)
{
    struct wn_lm *lm;
    enum wn_status st;

    *out = NULL;
    lm = calloc(1, sizeof(*lm));
    if (!lm)
        return wn_fail(err, WN_NOMEM, "cannot use model '%s': out of memory", name);
    lm->image = image;
    st = lm_check(lm, name, err);
    if (st == WN_OK)
        st = check_hashes(lm, name, err);
    if (st == WN_OK) {
        *out = lm;
        lm = NULL;
    }
    wn_lm_free(lm);
    return st;
}

/* Maps the whole of the file at PATH. */
static enum wn_status map_file(struct wn_str *out, const char *path, struct wn_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum wn_status st = WN_OK;
    struct stat info;
    void *at;

    if (fd < 0 || fstat(fd, &info) != 0) {
        st = wn_fail_sys(err, "cannot open model '%s'", path);
        goto done;
    }
    if (!S_ISREG(info.st_mode) || info.st_size == 0) {
        st = wn_fail(err, WN_BADDATA, "cannot use model '%s': not a winnow language model", path);
        goto done;
    }
    at = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED) {
        st = wn_fail_sys(err, "cannot map model '%s'", path);
        goto done;
    }
    *out = (struct wn_str){ at, (size_t)info.st_size };
done:
    if (fd >= 0)
        close(fd);
    return st;
}

static void unmap(struct wn_str image)
{
    munmap((void *)(uintptr_t)image.ptr, image.len);
}

enum wn_status wn_lm_open(struct wn_lm **out, const char *path, struct wn_err *err)
{
    struct wn_str image;
    enum wn_status st;

    *out = NULL;
    st = map_file(&image, path, err);
    if (st != WN_OK)
        return st;
    st = wn_lm_view(out, image, path, err);
    if (st == WN_OK)
        (*out)->map_bytes = image.len;
    else
        unmap(image);
    return st;
}

void wn_lm_free(struct wn_lm *lm)
{
    if (!lm)
        return;
    if (lm->map_bytes > 0)
        unmap(lm->image);
    free(lm->heap);
    free(lm);
}

struct wn_str wn_lm_image(const struct wn_lm *lm)
{
    return lm->image;
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
    return lm->level[1].n;
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
    uint32_t id = vocab_lookup(lm->vocab_slots, lm->head.n_slots, lm->vocab_bytes, lm->vocab_start, word);

    return id == VOCAB_NONE ? WN_LM_UNK : id;
}

struct wn_str wn_lm_word(const struct wn_lm *lm, uint32_t id)
{
    if (id >= lm->level[1].n)
        id = WN_LM_UNK;
    return (struct wn_str){ lm->vocab_bytes + lm->vocab_start[id], lm->vocab_start[id + 1] - lm->vocab_start[id] };
}
