#include "labelled.h"

#include <stdlib.h>

enum origin { BY_LABEL, ALL_HUMAN, ALL_SYNTHETIC };

struct labelling {
    const struct labelled_visitor *v;
    const char *label_key;
    enum origin origin;
};

static enum wn_status label_work(void *ctx, unsigned worker, const struct wn_doc *doc, struct wn_arena *batch,
                                 struct wn_arena *scratch, void **result, struct wn_err *err)
{
    struct labelling *l = ctx;

    return l->v->work ? l->v->work(l->v->ctx, worker, doc, batch, scratch, result, err) : WN_OK;
}

static enum wn_status label_keep(void *ctx, const struct wn_doc *doc, void *result, uint64_t n_bytes,
                                 enum wn_reason *reason, struct wn_err *err)
{
    struct labelling *l = ctx;
    bool is_synthetic = l->origin == ALL_SYNTHETIC;

    (void)n_bytes;
    if (l->origin == BY_LABEL) {
        is_synthetic = wn_str_eq(doc->label, WN_STR("synthetic"));
        if (!is_synthetic && !wn_str_eq(doc->label, WN_STR("human"))) {
            *reason = WN_R_LABEL_BAD;
            return wn_fail(err, WN_BADDATA, "member '%s' is '%.*s', not human or synthetic", l->label_key,
                           WN_STR_ARG(doc->label));
        }
    }
    return l->v->keep(l->v->ctx, doc, is_synthetic, result, err);
}

static enum wn_status label_file_end(void *ctx, const struct wn_item *item, bool drop, struct wn_err *err)
{
    (void)ctx;
    return drop ? intake_damaged(item, "nothing was written", err) : WN_OK;
}

/* Appends FROM's files and counts to INTO. */
static enum wn_status join(struct intake_result *into, struct intake_result *from, struct wn_err *err)
{
    struct intake_file *files = NULL;

    if (from->n_files) {
        files = realloc(into->files, (into->n_files + from->n_files) * sizeof(*files));
        if (!files)
            return wn_fail(err, WN_NOMEM, "out of memory for a list of files");
        memcpy(files + into->n_files, from->files, from->n_files * sizeof(*files));
        into->files = files;
        into->n_files += from->n_files;
        from->n_files = 0;              /* the names moved */
    }
    wn_account_merge(&into->account, &from->account);
    into->seconds += from->seconds;
    into->raw_bytes += from->raw_bytes;
    return WN_OK;
}

enum wn_status labelled_run(const struct labelled_args *labels, const struct intake_args *in, const char *const *paths,
                            size_t n_paths, const struct labelled_visitor *v, const char *what,
                            struct intake_result *res, struct wn_err *err)
{
    const struct {
        enum origin origin;
        const char *const *paths;
        size_t n;
    } part[] = { { ALL_HUMAN, labels->human.item, labels->human.n },
                 { ALL_SYNTHETIC, labels->synthetic.item, labels->synthetic.n },
                 { BY_LABEL, paths, n_paths } };
    struct wn_sink *rejects = NULL;
    enum wn_status st;

    memset(res, 0, sizeof(*res));
    if (!labels->human.n && !labels->synthetic.n && !n_paths)
        return wn_fail(err, WN_BADCONF, "no input: give --human and --synthetic files, or files with a label member");
    st = intake_open_rejects(&rejects, in, err);
    for (size_t i = 0; i < 3 && st == WN_OK; i++) {
        struct labelling l = { .v = v, .label_key = in->label_key, .origin = part[i].origin };
        struct intake_visitor visitor = { .ctx = &l, .work = label_work, .keep = label_keep, .file_end = label_file_end,
                                          .rejects = rejects };
        struct intake_result one = { 0 };

        if (!part[i].n)
            continue;
        st = intake_run(in, part[i].paths, part[i].n, &visitor, what, &one, err);
        if (st == WN_OK)
            st = join(res, &one, err);
        intake_release(&one);
    }
    if (st == WN_OK && rejects)
        st = wn_sink_publish(rejects, err);
    wn_sink_close(rejects);
    return st;
}
