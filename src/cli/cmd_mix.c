#include "intake.h"
#include "outputs.h"
#include "policies.h"
#include "spool.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct mix_args {
    const char *output, *excluded, *manifest;
    struct cli_list real, synthetic;
    bool dry_run, json;
    struct intake_args in;
};

static const struct cli_opt mix_opts[] = {
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(struct mix_args, output), .arg = "FILE", .dflt = "-",
      .help = "the documents that the policy keeps, in input order" },
    { .name = "real", .kind = CLI_LIST, .at = offsetof(struct mix_args, real), .arg = "PATH",
      .help = "documents declared real: generation 0, or the new real data of regime fresh_real" },
    { .name = "synthetic", .kind = CLI_LIST, .at = offsetof(struct mix_args, synthetic), .arg = "PATH",
      .help = "documents declared synthetic; each PATH is one more generation, the last one the newest" },
    { .name = "excluded", .kind = CLI_STR, .at = offsetof(struct mix_args, excluded), .arg = "FILE",
      .help = "write what the policy left out, with metadata.filter_reason" },
    { .name = "manifest", .kind = CLI_STR, .at = offsetof(struct mix_args, manifest), .arg = "FILE",
      .help = "inputs, policy and counts as JSON; default: OUTPUT.manifest.json" },
    { .name = "json", .kind = CLI_FLAG, .at = offsetof(struct mix_args, json),
      .help = "print the manifest on standard error instead of a summary" },
    { .name = "dry-run", .letter = 'n', .kind = CLI_FLAG, .at = offsetof(struct mix_args, dry_run),
      .help = "plan and print what would be kept; write nothing" },
    INTAKE_JOBS(struct mix_args, in),
    INTAKE_OPTS(struct mix_args, in),
    { .name = NULL }
};

/* Paths that share an origin and a generation. */
struct part {
    enum wn_origin origin;
    uint32_t generation;
    const char *const *paths;
    size_t n_paths;
    struct intake_result seen;       /* of the first pass */
};

struct mixing {
    const struct mix_args *args;
    struct wn_policy policy;
    struct part *parts;
    size_t n_parts;
    uint32_t newest;
    struct wn_mix_item *items;
    struct wn_hash128 *content;      /* of the items' texts, where the policy removes copies */
    size_t n_items, cap_items, file_start;
    struct wn_mix_summary summary;
    struct wn_account account;
    /* second pass */
    struct part *part;               /* the one under way, in both passes */
    size_t next;
    size_t file_index;               /* in part->seen.files */
    bool skip;                       /* a file that the plan dropped */
    struct wn_sink *rejects;
    char spool[4200];                /* where standard input was stored; "": nowhere */
    struct wn_sink *out, *excluded;
    struct wn_buf row, metadata;
    struct wn_count left_out, file_left_out;
};

/* ---- first pass: what the plan must know ------------------------------------------------ */

/* Words by white space: the size of a document that carries no tag. */
static uint64_t count_words(struct wn_str text)
{
    uint64_t n = 0;
    bool inside = false;

    for (size_t i = 0; i < text.len; i++) {
        bool space = text.ptr[i] == ' ' || (text.ptr[i] >= '\t' && text.ptr[i] <= '\r');

        n += !space && !inside;
        inside = !space;
    }
    return n;
}

/* What the first pass learns of one document. */
struct found {
    struct wn_mix_item item;
    struct wn_hash128 content;
};

/* Room for CAP elements of SIZE bytes at *AT. */
static enum wn_status grow(void **at, size_t cap, size_t size, struct wn_err *err)
{
    size_t bytes;
    void *grown = wn_mul_ok(cap, size, &bytes) ? realloc(*at, bytes) : NULL;

    if (!grown)
        return wn_fail(err, WN_NOMEM, "out of memory for a plan of %zu documents", cap);
    *at = grown;
    return WN_OK;
}

static enum wn_status push(struct mixing *m, const struct found *f, struct wn_err *err)
{
    bool copies = m->policy.dedup != WN_DEDUP_NONE;

    if (m->n_items == m->cap_items) {
        size_t cap = m->cap_items ? m->cap_items * 2 : 4096;
        void *items = m->items, *content = m->content;
        enum wn_status st = grow(&items, cap, sizeof(*m->items), err);

        m->items = items;
        if (st == WN_OK && copies)
            st = grow(&content, cap, sizeof(*m->content), err);
        m->content = content;
        if (st != WN_OK)
            return st;
        m->cap_items = cap;
    }
    if (copies)
        m->content[m->n_items] = f->content;
    m->items[m->n_items++] = f->item;
    return WN_OK;
}

/* The filter of P goes by what winnow tag found. */
static bool filters_by_tag(const struct wn_policy *p)
{
    return p->filter_by == WN_FILTER_TAG || p->filter_by == WN_FILTER_IMPORTANCE;
}

/* What the plan must know of DOC; in both passes, so that both quarantine the same
 * documents: WN_BADDATA for a tag that is broken, or missing where the policy needs it. */
static enum wn_status mix_work(void *ctx, unsigned worker, const struct wn_doc *doc, struct wn_arena *batch,
                               struct wn_arena *scratch, void **result, struct wn_err *err)
{
    const struct mixing *m = ctx;
    bool needed = filters_by_tag(&m->policy) && !(m->policy.trust_real && m->part->origin == WN_ORIGIN_REAL);
    struct found *found = wn_arena_calloc(batch, 1, sizeof(*found));
    struct wn_mix_item *item;
    struct wn_tag tag;
    enum wn_status st;

    (void)worker;
    (void)scratch;
    if (!found)
        return wn_fail(err, WN_NOMEM, "out of memory for a plan");
    *result = found;
    item = &found->item;
    if (m->policy.dedup != WN_DEDUP_NONE)
        found->content = wn_hash128(doc->text, 0);
    item->p_synthetic = NAN;
    item->key = wn_mix_key(doc->source, doc->id);
    item->generation = m->part->generation;
    item->origin = (uint8_t)m->part->origin;
    if (!doc->tag_raw.len) {
        item->n_tokens = count_words(doc->text);
        return !needed ? WN_OK
                       : wn_fail(err, WN_BADDATA, "the policy filters by tag, but the record has no member 'winnow'; run "
                                 "winnow tag first");
    }
    st = wn_tag_read_json(doc->tag_raw, &tag, err);
    if (st == WN_OK) {
        item->verdict = (uint8_t)tag.verdict;
        item->p_synthetic = (float)tag.p_synthetic;
        item->n_tokens = tag.n_tokens;
    } else if (st == WN_BADDATA && !needed && m->policy.max_synthetic >= 1) {
        item->n_tokens = count_words(doc->text);      /* somebody else's member of that name: not asked for */
        st = WN_OK;
    }
    return st;
}

static enum wn_status plan_keep(void *ctx, const struct wn_doc *doc, void *result, uint64_t n_bytes,
                                enum wn_reason *reason, struct wn_err *err)
{
    (void)doc;
    (void)n_bytes;
    (void)reason;
    return push(ctx, result, err);
}

static enum wn_status plan_begin(void *ctx, const struct wn_item *item, struct wn_err *err)
{
    struct mixing *m = ctx;

    (void)item;
    (void)err;
    m->file_start = m->n_items;
    return WN_OK;
}

static enum wn_status plan_end(void *ctx, const struct wn_item *item, bool drop, struct wn_err *err)
{
    struct mixing *m = ctx;

    (void)item;
    (void)err;
    if (drop)
        m->n_items = m->file_start;
    return WN_OK;
}

/* ---- second pass: the documents themselves -------------------------------------------------- */

/* The record with metadata.filter_reason set. */
static enum wn_status excluded_row(struct mixing *m, struct wn_str record, enum wn_fate fate, struct wn_err *err)
{
    struct wn_str metadata, reason;
    struct wn_buf quoted = { 0 };
    enum wn_status st;

    wn_buf_addf(&quoted, "\"%s\"", wn_fate_name(fate));
    reason = wn_buf_str(&quoted);
    wn_buf_reset(&m->metadata);
    if (!wn_record_get(record, "metadata", &metadata)) {
        metadata = WN_STR("{}");
    } else if (metadata.ptr[0] != '{') {
        /* No object to add to: it moves into one. */
        wn_buf_addf(&quoted, " {\"original\":%.*s}", WN_STR_ARG(metadata));
        reason = (struct wn_str){ quoted.ptr, reason.len };
        metadata = (struct wn_str){ quoted.ptr + reason.len + 1, quoted.len - reason.len - 1 };
    }
    st = wn_buf_status(&quoted, err);
    if (st == WN_OK)
        st = wn_record_set(&m->metadata, metadata, "filter_reason", reason, err);
    wn_buf_reset(&m->row);
    if (st == WN_OK)
        st = wn_record_set(&m->row, record, "metadata", wn_buf_str(&m->metadata), err);
    wn_buf_addc(&m->row, '\n');
    wn_buf_release(&quoted);
    return st == WN_OK ? wn_buf_status(&m->row, err) : st;
}

static enum wn_status write_keep(void *ctx, const struct wn_doc *doc, void *result, uint64_t n_bytes,
                                 enum wn_reason *reason, struct wn_err *err)
{
    struct mixing *m = ctx;
    struct wn_hash128 key = ((const struct found *)result)->item.key;
    enum wn_fate fate;
    enum wn_status st = WN_OK;

    (void)reason;
    if (m->skip)
        return WN_OK;                  /* damaged: all of it is dropped when the file ends */
    if (m->next >= m->n_items || m->items[m->next].key.hi != key.hi || m->items[m->next].key.lo != key.lo)
        return wn_fail(err, WN_BROKEN, "'%s': line %llu: changed while it was read; run again", doc->place.file,
                       (unsigned long long)doc->place.line);
    fate = (enum wn_fate)m->items[m->next++].fate;
    if (fate != WN_FATE_KEPT)
        wn_account_add(&m->file_left_out, n_bytes);
    if (fate == WN_FATE_KEPT) {
        st = wn_sink_write(m->out, doc->record, err);
        if (st == WN_OK)
            st = wn_sink_write(m->out, WN_STR("\n"), err);
    } else if (m->excluded) {
        st = excluded_row(m, doc->record, fate, err);
        if (st == WN_OK)
            st = wn_sink_write(m->excluded, wn_buf_str(&m->row), err);
    }
    return st;
}

static enum wn_status write_begin(void *ctx, const struct wn_item *item, struct wn_err *err)
{
    struct mixing *m = ctx;

    (void)item;
    (void)err;
    m->file_left_out = (struct wn_count){ 0, 0 };
    m->skip = m->file_index < m->part->seen.n_files && m->part->seen.files[m->file_index].dropped;
    return WN_OK;
}

static enum wn_status write_end(void *ctx, const struct wn_item *item, bool drop, struct wn_err *err)
{
    struct mixing *m = ctx;

    m->file_index++;
    if (drop != m->skip)
        return wn_fail(err, WN_BROKEN, "'%s' changed while it was read; run again", item->place.file);
    m->left_out.records += m->file_left_out.records;
    m->left_out.bytes += m->file_left_out.bytes;
    return WN_OK;
}

/* ---- both -------------------------------------------------------------------------------------- */

/* The parts in their order: real, each synthetic generation, the scrape. */
static enum wn_status make_parts(struct mixing *m, const char *const *rest, size_t n_rest,
                                 struct wn_err *err)
{
    const struct mix_args *a = m->args;
    bool fresh = m->policy.regime == WN_REGIME_FRESH_REAL && !m->policy.real_from_first;

    m->newest = a->synthetic.n ? (uint32_t)a->synthetic.n : 1;
    m->parts = calloc(a->synthetic.n + 2, sizeof(*m->parts));
    if (!m->parts)
        return wn_fail(err, WN_NOMEM, "out of memory for a list of inputs");
    if (a->real.n)
        m->parts[m->n_parts++] = (struct part){ .origin = WN_ORIGIN_REAL, .generation = fresh ? m->newest : 0,
                                                .paths = a->real.item, .n_paths = a->real.n };
    for (size_t i = 0; i < a->synthetic.n; i++)
        m->parts[m->n_parts++] = (struct part){ .origin = WN_ORIGIN_SYNTHETIC, .generation = (uint32_t)i + 1,
                                                .paths = &a->synthetic.item[i], .n_paths = 1 };
    if (n_rest)
        m->parts[m->n_parts++] = (struct part){ .origin = WN_ORIGIN_SCRAPED, .generation = m->newest, .paths = rest,
                                                .n_paths = n_rest };
    return WN_OK;
}

static enum wn_status refuse_pipes(const struct mixing *m, struct wn_err *err)
{
    struct stat s;

    for (size_t i = 0; i < m->n_parts; i++)
        for (size_t k = 0; k < m->parts[i].n_paths; k++)
            if (strcmp(m->parts[i].paths[k], "-") != 0 && stat(m->parts[i].paths[k], &s) == 0 &&
                !S_ISREG(s.st_mode) && !S_ISDIR(s.st_mode))
                return wn_fail(err, WN_BADCONF, "'%s' is not a file or folder: mix reads its inputs twice; give '-' to have "
                               "standard input stored first", m->parts[i].paths[k]);
    return WN_OK;
}

static enum wn_status pass(struct mixing *m, bool second, struct wn_err *err)
{
    struct intake_args in = m->args->in;
    struct intake_visitor v = { .ctx = m, .keep = second ? write_keep : plan_keep,
                                .file_begin = second ? write_begin : plan_begin,
                                .file_end = second ? write_end : plan_end };
    enum wn_status st = WN_OK;

    v.work = mix_work;
    v.rejects = second ? NULL : m->rejects;
    in.again = second;
    if (m->args->dry_run)
        in.rejects = NULL;
    in.stdin_path = m->spool[0] ? m->spool : NULL;
    for (size_t i = 0; i < m->n_parts && st == WN_OK; i++) {
        struct part *p = m->part = &m->parts[i];
        struct intake_result res = { 0 };

        m->file_index = 0;
        st = intake_run(&in, p->paths, p->n_paths, &v, second ? "writing" : "planning", second ? &res : &p->seen, err);
        for (size_t f = 0; second && st == WN_OK && f < res.n_files; f++)
            if (f >= p->seen.n_files || memcmp(&res.files[f].digest, &p->seen.files[f].digest, sizeof(res.files[f].digest)) != 0)
                st = wn_fail(err, WN_BROKEN, "'%s' changed while it was read; run again", res.files[f].path);
        if (!second)
            wn_account_merge(&m->account, &p->seen.account);
        intake_release(&res);
    }
    return st;
}

/* Moves what the policy left out from kept to excluded. */
static enum wn_status settle(struct mixing *m, struct wn_err *err)
{
    struct wn_account *a = &m->account;

    if (m->next != m->n_items)
        return wn_fail(err, WN_BROKEN, "the inputs changed while they were read; run again");
    a->excluded = m->left_out;
    a->kept.records -= m->left_out.records;
    a->kept.bytes -= m->left_out.bytes;
    return wn_account_check(a, err);
}

static void print_summary(const struct mixing *m)
{
    const struct wn_mix_summary *s = &m->summary;
    struct intake_result all = { .account = m->account };

    for (size_t i = 0; i < m->n_parts; i++)
        all.seconds += m->parts[i].seen.seconds;
    intake_print(&all);
    cli_note("policy '%s' (%s): kept %llu documents, %llu tokens", m->policy.name, wn_regime_name(m->policy.regime),
             (unsigned long long)s->n[WN_FATE_KEPT], (unsigned long long)s->tokens[WN_FATE_KEPT]);
    for (int f = 1; f < WN_FATE_COUNT; f++)
        if (s->n[f])
            cli_note("  excluded by %s: %llu documents, %llu tokens", wn_fate_name((enum wn_fate)f),
                     (unsigned long long)s->n[f], (unsigned long long)s->tokens[f]);
    if (s->n_duplicate_keys)
        cli_warn("%llu documents share source and id with another one; they share its random choices",
                 (unsigned long long)s->n_duplicate_keys);
    if (s->short_documents || s->short_tokens)
        cli_warn("the supply is short of the budget by %llu documents, %llu tokens", (unsigned long long)s->short_documents,
                 (unsigned long long)s->short_tokens);
}

static enum wn_status file_digest(const char *path, struct wn_manifest_file *f, struct wn_err *err)
{
    FILE *in = fopen(path, "rb");
    struct wn_digest *d = wn_digest_new();
    char block[1 << 14];
    size_t got;
    enum wn_status st = WN_OK;

    if (!in)
        st = wn_fail_sys(err, "cannot read back '%s'", path);
    else if (!d)
        st = wn_fail(err, WN_NOMEM, "out of memory");
    while (st == WN_OK && (got = fread(block, 1, sizeof(block), in)) > 0) {
        wn_digest_add(d, (struct wn_str){ block, got });
        f->bytes += got;
    }
    if (st == WN_OK && ferror(in))
        st = wn_fail_sys(err, "cannot read back '%s'", path);
    if (st == WN_OK)
        f->digest = wn_digest_value(d);
    wn_digest_free(d);
    if (in)
        fclose(in);
    return st;
}

/* "" when there is none to write: the output is a pipe or a device, and no name was given. */
static void manifest_path(const struct mix_args *a, char *path, size_t room)
{
    struct stat st;
    bool file = strcmp(a->output, "-") != 0 && (stat(a->output, &st) != 0 || S_ISREG(st.st_mode));

    path[0] = 0;
    if (a->manifest)
        snprintf(path, room, "%s", a->manifest);
    else if (file)
        snprintf(path, room, "%s.manifest.json", a->output);
}

static enum wn_status write_manifest(struct mixing *m, struct wn_err *err)
{
    size_t n = 0, i = 0;
    struct wn_manifest_file *inputs, output = { .path = m->args->output, .records = m->summary.n[WN_FATE_KEPT] };
    struct wn_manifest doc = { .policy = &m->policy, .account = &m->account, .mix = &m->summary };
    struct wn_buf text = { 0 };
    char path[4200];
    bool to_file = wn_sink_can_rollback(m->out);    /* not a pipe or a device */
    enum wn_status st = WN_OK;

    for (size_t p = 0; p < m->n_parts; p++)
        n += m->parts[p].seen.n_files;
    inputs = calloc(n ? n : 1, sizeof(*inputs));
    if (!inputs)
        return wn_fail(err, WN_NOMEM, "out of memory for a manifest");
    for (size_t p = 0; p < m->n_parts; p++) {
        for (size_t f = 0; f < m->parts[p].seen.n_files; f++) {
            const struct intake_file *file = &m->parts[p].seen.files[f];

            inputs[i++] = (struct wn_manifest_file){ .path = file->path, .bytes = file->raw_bytes, .records = file->kept,
                                                     .digest = file->digest, .origin = m->parts[p].origin,
                                                     .generation = m->parts[p].generation,
                                                     .failed = file->reason ? wn_reason_name(file->reason) : NULL };
        }
    }
    doc.inputs = inputs;
    doc.n_inputs = n;
    if (to_file) {
        st = file_digest(m->args->output, &output, err);
        doc.outputs = &output;
        doc.n_outputs = 1;
    }
    if (st == WN_OK) {
        wn_manifest_write(&text, &doc);
        st = wn_buf_status(&text, err);
    }
    manifest_path(m->args, path, sizeof(path));
    if (st == WN_OK && path[0])
        st = wn_file_publish(path, wn_buf_str(&text), err);
    if (st == WN_OK && m->args->json)
        fwrite(text.ptr, 1, text.len, stderr);
    wn_buf_release(&text);
    free(inputs);
    return st;
}

/* Before anything is read: an output that cannot be written should not cost two passes. */
static enum wn_status open_outputs(struct mixing *m, struct wn_err *err)
{
    static const struct wn_sink_opts opts = { .make_folders = true };
    enum wn_status st = WN_OK;

    if (m->args->dry_run)
        return WN_OK;
    st = wn_sink_open(&m->out, m->args->output, &opts, err);
    if (st == WN_OK && m->args->excluded)
        st = wn_sink_open(&m->excluded, m->args->excluded, &opts, err);
    return st == WN_OK ? intake_open_rejects(&m->rejects, &m->args->in, err) : st;
}

/* The size of generation 0, which a relative budget goes by. */
static uint64_t first_documents(const struct mixing *m)
{
    uint64_t n = 0;

    for (size_t i = 0; i < m->n_items; i++)
        n += m->items[i].generation == 0;
    return n;
}

static enum wn_status plan(struct mixing *m, struct cli_run *r)
{
    enum wn_status st = pass(m, false, &r->err);

    if (st == WN_OK && m->rejects)
        st = wn_sink_publish(m->rejects, &r->err);
    if (st == WN_OK && m->policy.dedup != WN_DEDUP_NONE)
        st = wn_mix_bar_copies(&m->policy, m->items, m->content, m->n_items, m->newest, &r->err);
    if (st != WN_OK)
        return st;
    st = wn_mix_plan(&m->policy, m->items, m->n_items, m->newest, first_documents(m), &m->summary, &r->err);
    if (st == WN_LIMIT) {
        /* Finished, and the answer is no: nothing is repeated to fill a budget. */
        fprintf(stderr, "winnow: %s\n", r->err.text);
        r->exit = CLI_BAD_RECORDS;
    }
    return st;
}

static enum wn_status write_files(struct mixing *m, struct wn_err *err)
{
    enum wn_status st = pass(m, true, err);

    if (st == WN_OK)
        st = settle(m, err);
    if (st == WN_OK)
        st = cli_going_on(err);
    if (st == WN_OK && m->excluded)
        st = wn_sink_publish(m->excluded, err);
    if (st == WN_OK)
        st = wn_sink_publish(m->out, err);
    return st == WN_OK ? write_manifest(m, err) : st;
}

static enum wn_status mix_files(struct mixing *m, struct cli_run *r)
{
    struct intake_result all = { .n_files = 0 };
    enum wn_status st = open_outputs(m, &r->err);

    if (st == WN_OK)
        st = plan(m, r);
    all.account = m->account;
    if (st == WN_OK)
        st = intake_any(&all, &r->err);
    if (st == WN_OK && !m->args->dry_run)
        st = write_files(m, &r->err);
    if (st != WN_OK)
        return st == WN_LIMIT && r->exit == CLI_BAD_RECORDS ? WN_OK : st;
    if (!m->args->json || m->args->dry_run)
        print_summary(m);
    all.account = m->account;
    r->exit = intake_exit(&m->args->in, &all);
    if (r->exit == CLI_OK && !m->summary.n[WN_FATE_KEPT]) {
        cli_warn("the policy kept nothing");
        r->exit = CLI_BAD_RECORDS;
    }
    return WN_OK;
}

/* Standard input, wherever it is named, is stored once and read under its own name. */
static enum wn_status store_stdin(struct mixing *m, struct wn_err *err)
{
    size_t n = 0;

    for (size_t i = 0; i < m->n_parts; i++)
        for (size_t k = 0; k < m->parts[i].n_paths; k++)
            n += strcmp(m->parts[i].paths[k], "-") == 0;
    if (n > 1)
        return wn_fail(err, WN_BADCONF, "standard input can be given once, not %zu times", n);
    return n ? spool_stdin(m->spool, sizeof(m->spool), err) : WN_OK;
}

static void release(struct mixing *m)
{
    if (m->spool[0])
        unlink(m->spool);
    for (size_t i = 0; i < m->n_parts; i++)
        intake_release(&m->parts[i].seen);
    wn_sink_close(m->rejects);
    wn_sink_close(m->excluded);
    wn_sink_close(m->out);
    wn_buf_release(&m->row);
    wn_buf_release(&m->metadata);
    free(m->items);
    free(m->content);
    free(m->parts);
}

/* Before anything is opened: no output may be lost in another, or in an input.  -o may be
 * an input, which is replaced when all is done. */
static enum wn_status check_outputs(const struct mixing *m, const struct cli_run *r, struct wn_err *err)
{
    const struct mix_args *a = m->args;
    struct cli_outputs all = { .n = 0 }, side = { .n = 0 };
    char manifest[4200];
    enum wn_status st;

    manifest_path(a, manifest, sizeof(manifest));
    cli_outputs_add(&all, "--output", a->output);
    cli_outputs_add(&side, "--excluded", a->excluded);
    cli_outputs_add(&side, "--manifest", manifest[0] ? manifest : NULL);
    cli_outputs_add(&side, "--rejects", a->in.rejects);
    for (size_t i = 0; i < side.n; i++)
        cli_outputs_add(&all, side.out[i].option, side.out[i].path);
    st = cli_outputs_check(&all, r->rest, 1, err);                  /* the policy */
    for (size_t p = 0; p < m->n_parts && st == WN_OK; p++)
        st = cli_outputs_apart(&side, m->parts[p].paths, m->parts[p].n_paths, err);
    return st;
}

static enum wn_status mix_run(struct cli_run *r)
{
    const struct mix_args *args = r->args;
    struct mixing m = { .args = args };
    enum wn_status st;

    if (!r->n_rest)
        return wn_fail(&r->err, WN_BADCONF, "no policy: %s", r->cmd->usage);
    if (r->n_rest == 1 && !args->real.n && !args->synthetic.n)
        return wn_fail(&r->err, WN_BADCONF, "no input: give files, --real or --synthetic; '-' is standard input");
    st = cli_read_policy(&m.policy, r->rest[0], &r->err);
    if (st == WN_OK)
        st = wn_policy_check_mix(&m.policy, &r->err);
    if (st == WN_OK)
        st = make_parts(&m, r->rest + 1, r->n_rest - 1, &r->err);
    if (st == WN_OK && !args->dry_run)
        st = check_outputs(&m, r, &r->err);
    if (st == WN_OK)
        st = refuse_pipes(&m, &r->err);
    if (st == WN_OK)
        st = store_stdin(&m, &r->err);
    if (st == WN_OK)
        st = mix_files(&m, r);
    release(&m);
    return st;
}

const struct cli_cmd cli_mix = {
    .name = "mix",
    .summary = "real and synthetic documents under a policy file, with exact budgets",
    .usage = "winnow mix [options] POLICY [--real PATH]... [--synthetic PATH]... [INPUT...]",
    .about =
        "Keeps the documents that the policy keeps, in input order and byte for byte, and accounts for every record in a\n"
        "manifest. --real and --synthetic declare where documents come from; an INPUT is a scrape of unknown origin,\n"
        "which the policy can judge by the tags that winnow tag wrote.\n"
        "\n"
        "Every choice is keyed by (seed, source, id): the same documents are kept for any order of the inputs. A token\n"
        "budget is met within one document. When the supply is short of a budget nothing is repeated: the run ends with\n"
        "exit 3, unless the policy says 'short: accept'. Documents without a tag count their words as tokens.\n"
        "\n"
        "The same policy file runs in winnow simulate. Its format: docs/format/policy.md.",
    .examples =
        "$ winnow mix corpus/policies/accumulate.yaml --real human.jsonl --synthetic gen1.jsonl -o mixed.jsonl\n"
        "$ winnow mix corpus/policies/filtered.yaml --real human.jsonl tagged.jsonl -o mixed.jsonl --excluded out.jsonl",
    .opts = mix_opts,
    .args_size = sizeof(struct mix_args),
    .run = mix_run,
};
