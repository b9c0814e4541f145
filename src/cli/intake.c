#include "intake.h"

#include <stdlib.h>

enum { BATCH_ITEMS = 256, BATCH_BYTES = 1 << 20, GROUP_BYTES = 1 << 20, MAX_WARNINGS = 10 };

/* One item on its way: what the reader saw, and what a worker made of it. */
struct parcel {
    struct wn_item item;
    struct wn_doc doc;
    void *result;
    bool bad;                 /* quarantined, with reason and message */
    enum wn_reason reason;
    const char *message;
};

struct load {
    struct parcel *parcel;
    size_t n;
};

struct intake {
    const struct intake_args *args;
    const struct intake_visitor *v;
    struct wn_fields fields;
    struct wn_reader *reader;
    struct wn_sink *rejects;
    struct wn_buf line;                     /* one reject */
    struct intake_result *res;
    struct wn_account file;                 /* of the file under way */
    struct cli_progress progress;
    unsigned n_warned;
    bool hinted;
    bool reader_ended;
    atomic_bool failed;                     /* the writer gave up: no need to read on */
};

unsigned intake_jobs(const struct intake_args *args)
{
    return args->jobs ? (unsigned)args->jobs : wn_cpu_count();
}

static enum wn_reader_format format_of(const struct intake_args *a)
{
    const char *f = a->format ? a->format : "auto";

    return strcmp(f, "jsonl") == 0 ? WN_FORMAT_JSONL : strcmp(f, "text") == 0 ? WN_FORMAT_TEXT
         : strcmp(f, "lines") == 0 ? WN_FORMAT_LINES : a->lines ? WN_FORMAT_SNIFF : WN_FORMAT_AUTO;
}

static enum wn_status read_batch(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    struct intake *in = ctx;
    struct load *load = wn_arena_calloc(&b->arena, 1, sizeof(*load));
    enum wn_status st = WN_OK;

    if (in->reader_ended)
        return WN_END;
    if (load)
        load->parcel = wn_arena_calloc(&b->arena, BATCH_ITEMS, sizeof(*load->parcel));
    if (!load || !load->parcel)
        return wn_fail(err, WN_NOMEM, "out of memory for a batch of documents");
    while (load->n < BATCH_ITEMS && b->arena.used_bytes < BATCH_BYTES) {
        st = wn_reader_next(in->reader, &b->arena, &load->parcel[load->n].item, err);
        if (st != WN_OK)
            break;
        load->n++;
    }
    if (st == WN_END) {
        in->reader_ended = true;
        st = load->n ? WN_OK : WN_END;
    }
    b->data = load;
    return st;
}

/* Marks P as quarantined; the message goes to the batch, which outlives ERR. */
static enum wn_status quarantine(struct parcel *p, enum wn_reason reason, struct wn_arena *batch, struct wn_err *err)
{
    p->bad = true;
    p->reason = reason;
    p->message = wn_arena_printf(batch, "%s", err->text);
    return p->message ? WN_OK : wn_fail(err, WN_NOMEM, "out of memory for an error message");
}

static enum wn_status work_batch(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    struct intake *in = ctx;
    struct load *load = b->data;

    for (size_t i = 0; i < load->n; i++) {
        struct parcel *p = &load->parcel[i];
        enum wn_reason reason = WN_R_NONE;
        enum wn_status st;

        if (p->item.kind != WN_ITEM_RECORD)
            continue;
        st = wn_record_parse(&in->fields, &p->item, &b->arena, &p->doc, &reason, err);
        if (st == WN_OK && in->v->work) {
            wn_arena_reset(b->scratch);
            st = in->v->work(in->v->ctx, b->worker, &p->doc, &b->arena, b->scratch, &p->result, err);
            reason = WN_R_TAG_BAD;
        }
        if (st == WN_BADDATA)
            st = quarantine(p, reason, &b->arena, err);
        if (st != WN_OK)
            return st;
    }
    return in->v->work_done ? in->v->work_done(in->v->ctx, b->worker, &b->arena, err) : WN_OK;
}

static void warn_record(struct intake *in, const struct wn_place *at, enum wn_reason reason, const char *message)
{
    if (in->args->again || ++in->n_warned > MAX_WARNINGS)
        return;
    cli_warn("'%s': line %llu: %s: %s", at->file, (unsigned long long)at->line, wn_reason_name(reason), message);
    if (reason == WN_R_TEXT_MISSING && !in->hinted) {
        cli_warn("--text-key names the member that holds the text");
        in->hinted = true;
    }
    if (in->n_warned == MAX_WARNINGS)
        cli_warn("further bad records are counted, not shown%s", in->rejects ? "" : " (--rejects FILE keeps them all)");
}

static enum wn_status write_reject(struct intake *in, const struct wn_item *item, enum wn_reason reason,
                                   const char *message, struct wn_err *err)
{
    struct wn_json j;
    enum wn_status st;

    if (!in->rejects)
        return WN_OK;
    wn_buf_reset(&in->line);
    wn_json_init(&j, &in->line);
    wn_json_open(&j, NULL, '{');
    wn_json_add_strz(&j, "reason", wn_reason_name(reason));
    wn_json_add_strz(&j, "message", message);
    wn_json_add_strz(&j, "file", item->place.file);
    wn_json_add_uint(&j, "line", item->place.line);
    wn_json_add_uint(&j, "offset", item->place.offset);
    wn_json_add_str(&j, "raw", item->line);
    wn_json_close(&j, '}');
    wn_buf_addc(&in->line, '\n');
    st = wn_buf_status(&in->line, err);
    return st == WN_OK ? wn_sink_write(in->rejects, wn_buf_str(&in->line), err) : st;
}

/* The records of an account are lines where lines come together. */
static void count(struct wn_count *c, const struct wn_item *item)
{
    c->records += item->n_lines;
    c->bytes += item->n_bytes;
}

static enum wn_status reject(struct intake *in, const struct wn_item *item, enum wn_reason reason, const char *message,
                             struct wn_err *err)
{
    count(&in->file.quarantined, item);
    count(&in->file.by_reason[reason], item);
    warn_record(in, &item->place, reason, message);
    return write_reject(in, item, reason, message, err);
}

static enum wn_status begin_file(struct intake *in, const struct wn_item *item, struct wn_err *err)
{
    memset(&in->file, 0, sizeof(in->file));
    if (item->message && item->reason == WN_R_NONE && !in->args->again)
        cli_warn("'%s': %s", item->place.file, item->message);
    return in->v->file_begin ? in->v->file_begin(in->v->ctx, item, err) : WN_OK;
}

static enum wn_status remember_file(struct intake_result *res, const struct wn_item *item, uint64_t kept, bool dropped,
                                    struct wn_err *err)
{
    struct intake_file *f;

    if ((res->n_files & (res->n_files - 1)) == 0) {
        f = realloc(res->files, (res->n_files ? res->n_files * 2 : 1) * sizeof(*f));
        if (!f)
            return wn_fail(err, WN_NOMEM, "out of memory for a list of files");
        res->files = f;
    }
    f = &res->files[res->n_files];
    *f = (struct intake_file){ .raw_bytes = item->file_raw_bytes, .lines = item->file_lines, .kept = kept,
                               .digest = item->file_digest, .reason = item->reason, .dropped = dropped };
    f->path = strdup(item->place.file);
    if (!f->path)
        return wn_fail(err, WN_NOMEM, "out of memory for a list of files");
    res->n_files++;
    res->raw_bytes += item->file_raw_bytes;
    return WN_OK;
}

static void warn_file(const struct wn_item *item, uint64_t kept, bool drop)
{
    if (item->reason == WN_R_OPEN || !kept) {
        cli_warn("'%s': %s: %s", item->place.file, wn_reason_name(item->reason), item->message);
        return;
    }
    cli_warn("'%s': %s: %s; %llu whole record%s before it %s", item->place.file, wn_reason_name(item->reason), item->message,
             (unsigned long long)kept, kept == 1 ? "" : "s", drop ? "dropped (--salvage keeps them)" : "kept");
}

/* A text that starts with '{' is taken for JSON Lines, and then not one line of it is a record. */
static void hint_lines(const struct intake *in, const char *path)
{
    const struct wn_account *f = &in->file;
    uint64_t n_json = f->by_reason[WN_R_JSON_SYNTAX].records + f->by_reason[WN_R_JSON_TRAILING].records +
                      f->by_reason[WN_R_JSON_TRUNCATED].records + f->by_reason[WN_R_JSON_NOT_OBJECT].records;

    if (format_of(in->args) == WN_FORMAT_SNIFF && n_json && n_json == f->in.records && !in->args->again)
        cli_warn("'%s': its first byte is '{', so it was read as JSON Lines: if it is plain text, give --format lines", path);
}

static enum wn_status end_file(struct intake *in, const struct wn_item *item, struct wn_err *err)
{
    struct wn_account *f = &in->file;
    bool damaged = item->reason != WN_R_NONE;
    bool drop = damaged && !in->args->salvage && !in->v->cannot_drop;
    enum wn_status st;

    hint_lines(in, item->place.file);
    f->files = 1;
    f->files_failed = damaged;
    f->files_by_reason[item->reason] = damaged;
    f->blank_lines = item->file_blank;
    f->bom = item->file_bom;
    f->gz_trailing = item->file_gz_trailing;
    if (damaged && !in->args->again)
        warn_file(item, f->kept.records, drop);
    if (item->file_gz_trailing && !in->args->again)
        cli_warn("'%s': bytes after the end of the gzip data were ignored", item->place.file);
    if (drop) {
        f->failed = f->kept;
        f->kept = (struct wn_count){ 0, 0 };
    }
    st = in->v->file_end ? in->v->file_end(in->v->ctx, item, drop, err) : WN_OK;
    if (st == WN_OK)
        st = remember_file(in->res, item, f->kept.records, drop, err);
    wn_account_merge(&in->res->account, f);
    memset(f, 0, sizeof(*f));
    return st;
}

static enum wn_status take_record(struct intake *in, struct parcel *p, struct wn_err *err);

/* A group of lines of which one at least is bad: the good ones are kept all the same. */
static enum wn_status take_lines(struct intake *in, const struct parcel *group, struct wn_err *err)
{
    struct wn_str rest = group->doc.text;
    struct wn_place place = group->item.place;
    uint64_t extra = group->item.n_bytes - rest.len;     /* a byte-order mark */
    enum wn_status st = WN_OK;

    for (uint64_t i = 0; st == WN_OK && i < group->item.n_lines; i++) {
        const char *nl = memchr(rest.ptr, '\n', rest.len);
        size_t n = nl ? (size_t)(nl - rest.ptr) + 1 : rest.len;
        struct parcel one = *group;

        one.doc.text = (struct wn_str){ rest.ptr, n };
        one.doc.n_lines = one.item.n_lines = 1;
        one.item.line = (struct wn_str){ rest.ptr, n - (nl != NULL) };
        one.item.n_bytes = n + extra;
        one.item.place = one.doc.place = place;
        st = take_record(in, &one, err);
        rest = (struct wn_str){ rest.ptr + n, rest.len - n };
        place.line++;
        place.offset += n;
        extra = 0;
    }
    return st;
}

/* Keeps P and counts it, or rejects it. */
static enum wn_status take_record(struct intake *in, struct parcel *p, struct wn_err *err)
{
    const struct wn_item *item = &p->item;
    enum wn_reason reason = WN_R_NONE;
    enum wn_status st;

    if (p->bad) {
        count(&in->file.in, item);
        return reject(in, item, p->reason, p->message, err);
    }
    st = in->v->keep(in->v->ctx, &p->doc, p->result, item->n_bytes, &reason, err);
    if (st == WN_BADDATA && reason != WN_R_NONE && item->n_lines > 1)
        return take_lines(in, p, err);
    count(&in->file.in, item);
    if (st == WN_BADDATA && reason != WN_R_NONE)
        return reject(in, item, reason, err->text, err);
    if (st == WN_OK) {
        count(&in->file.kept, item);
        in->file.repaired += p->doc.n_repaired > 0;
        in->file.ids_made += p->doc.id_made;
    }
    return st;
}

static void draw(struct intake *in)
{
    uint64_t done, total;
    char note[64];

    if (!in->progress.on)
        return;
    wn_reader_progress(in->reader, &done, &total);
    snprintf(note, sizeof(note), "%llu records, %llu bad",
             (unsigned long long)(in->res->account.in.records + in->file.in.records),
             (unsigned long long)(in->res->account.quarantined.records + in->file.quarantined.records));
    cli_progress_draw(&in->progress, (double)done / 1e6, (double)total / 1e6, "MB", note);
}

static enum wn_status write_items(struct intake *in, const struct load *load, struct wn_err *err)
{
    enum wn_status st = WN_OK;

    for (size_t i = 0; i < load->n && st == WN_OK; i++) {
        struct parcel *p = &load->parcel[i];

        switch (p->item.kind) {
        case WN_ITEM_FILE_BEGIN:
            st = begin_file(in, &p->item, err);
            break;
        case WN_ITEM_RECORD:
            st = take_record(in, p, err);
            break;
        case WN_ITEM_REJECT:
            count(&in->file.in, &p->item);
            st = reject(in, &p->item, p->item.reason, p->item.message, err);
            break;
        case WN_ITEM_FILE_END:
            st = end_file(in, &p->item, err);
            break;
        }
    }
    return st;
}

static enum wn_status write_batch(void *ctx, struct wn_batch *b, struct wn_err *err)
{
    struct intake *in = ctx;
    enum wn_status st = write_items(in, b->data, err);

    if (st != WN_OK)
        atomic_store(&in->failed, true);
    draw(in);
    return st;
}

static const struct wn_flow intake_flow = { read_batch, work_batch, write_batch };

static bool should_stop(void *arg)
{
    struct intake *in = arg;

    return atomic_load(&cli_stop) || atomic_load(&in->failed);
}

enum wn_status intake_check_room(const struct intake_args *args, uint64_t memory, struct wn_err *err)
{
    /* A line that grows in a buffer by doubling, and its copy for the workers. */
    enum { COPIES = 4 };
    static const uint64_t dflt = 64 << 20;

    if (!memory || args->max_doc <= dflt || args->max_doc <= memory / COPIES)
        return WN_OK;
    return wn_fail(err, WN_BADCONF, "--max-doc %.0fM: reading a document of that size takes %d times as much, more than "
                   "--memory %.0fM", (double)args->max_doc / 0x1p20, COPIES, (double)memory / 0x1p20);
}

enum wn_status intake_open_rejects(struct wn_sink **out, const struct intake_args *args, struct wn_err *err)
{
    *out = NULL;
    return args->rejects ? wn_sink_open(out, args->rejects, &(struct wn_sink_opts){ .make_folders = true }, err) : WN_OK;
}

static enum wn_status open_all(struct intake *in, const char *const *paths, size_t n_paths, struct wn_err *err)
{
    static const char *const standard_input[] = { "-" };
    const struct intake_args *a = in->args;
    struct wn_reader_opts opts = { .paths = n_paths ? paths : standard_input, .n_paths = n_paths ? n_paths : 1,
                                   .format = format_of(a), .group_bytes = a->lines ? GROUP_BYTES : 0,
                                   .max_doc_bytes = a->max_doc, .zstd_window_max = a->zstd_window_max, .digest = true,
                                   .stdin_path = a->stdin_path, .stop = should_stop, .stop_arg = in };
    enum wn_status st = cli_parse_shard(a->shard, &opts.shard, &opts.n_shards, err);
    size_t n_stdin = 0;

    for (size_t i = 0; i < n_paths; i++)
        n_stdin += strcmp(paths[i], "-") == 0;
    if (st == WN_OK && n_stdin > 1)
        st = wn_fail(err, WN_BADCONF, "standard input can be read only once, not %zu times: give - once", n_stdin);
    in->fields = (struct wn_fields){ .id = a->id_key, .text = a->text_key, .source = a->source_key, .label = a->label_key,
                                     .group = a->group_key, .lang = a->lang_key,
                                     .utf8_replace = a->utf8 && strcmp(a->utf8, "replace") == 0 };
    if (st == WN_OK)
        st = wn_reader_open(&in->reader, &opts, err);
    if (st == WN_OK && in->v->rejects)
        in->rejects = in->v->rejects;
    else if (st == WN_OK && !a->again)
        st = intake_open_rejects(&in->rejects, a, err);
    return st;
}

enum wn_status intake_run(const struct intake_args *args, const char *const *paths, size_t n_paths,
                          const struct intake_visitor *v, const char *what, struct intake_result *res, struct wn_err *err)
{
    struct intake in = { .args = args, .v = v, .res = res };
    double started = cli_seconds();
    enum wn_status st;

    memset(res, 0, sizeof(*res));
    st = open_all(&in, paths, n_paths, err);
    if (st != WN_OK)
        goto done;
    cli_progress_start(&in.progress, what);
    st = wn_flow_run(&intake_flow, &in, intake_jobs(args), &cli_stop, err);
    cli_progress_end(&in.progress);
    if (st == WN_OK)
        st = wn_account_check(&res->account, err);
    if (st == WN_OK && in.rejects && !v->rejects)
        st = wn_sink_publish(in.rejects, err);
done:
    res->seconds = cli_seconds() - started;
    if (!v->rejects)
        wn_sink_close(in.rejects);
    wn_reader_close(in.reader);
    wn_buf_release(&in.line);
    return st;
}

void intake_release(struct intake_result *res)
{
    for (size_t i = 0; i < res->n_files; i++)
        free((char *)res->files[i].path);
    free(res->files);
    res->files = NULL;
    res->n_files = 0;
}

enum wn_status intake_any(const struct intake_result *res, struct wn_err *err)
{
    const struct wn_account *a = &res->account;

    if (a->files && a->files_failed == a->files && !a->kept.records)
        return wn_fail(err, WN_BADDATA, "none of the inputs could be read: nothing was written");
    return WN_OK;
}

bool intake_none(const struct intake_result *res)
{
    return res->account.in.records && res->account.quarantined.records == res->account.in.records;
}

enum cli_exit intake_exit(const struct intake_args *args, const struct intake_result *res)
{
    const struct wn_account *a = &res->account;
    double bad = a->in.records ? (double)a->quarantined.records / (double)a->in.records : 0;

    if (a->files_failed)
        return CLI_DAMAGED;
    if (intake_none(res)) {
        cli_warn("not one of the %llu records could be used", (unsigned long long)a->in.records);
        return CLI_BAD_RECORDS;
    }
    if (bad > args->max_bad) {
        cli_warn("%.3g %% of the records were quarantined, more than --max-bad %g allows", bad * 100, args->max_bad);
        return CLI_BAD_RECORDS;
    }
    if (args->strict && (a->quarantined.records || a->repaired)) {
        cli_warn("--strict: %llu records were quarantined and %llu repaired", (unsigned long long)a->quarantined.records,
                 (unsigned long long)a->repaired);
        return CLI_BAD_RECORDS;
    }
    return CLI_OK;
}

enum wn_status intake_damaged(const struct wn_item *item, const char *what, struct wn_err *err)
{
    if (item->reason == WN_R_OPEN)
        return wn_fail(err, WN_IO, "'%s': %s; %s", item->place.file, item->message, what);
    return wn_fail(err, WN_BADDATA, "'%s' is damaged (%s); %s; repair it, or give --salvage to use what can be read",
                   item->place.file, wn_reason_name(item->reason), what);
}

void intake_print(const struct intake_result *res)
{
    const struct wn_account *a = &res->account;
    double mb = (double)a->in.bytes / 1e6;

    cli_note("records: %llu in = %llu kept + %llu excluded + %llu quarantined + %llu failed with their file",
             (unsigned long long)a->in.records, (unsigned long long)a->kept.records,
             (unsigned long long)a->excluded.records, (unsigned long long)a->quarantined.records,
             (unsigned long long)a->failed.records);
    for (int r = 1; r < WN_R_COUNT; r++)
        if (a->by_reason[r].records)
            cli_note("  %s: %llu", wn_reason_name((enum wn_reason)r), (unsigned long long)a->by_reason[r].records);
    cli_note("files: %llu, %llu of them damaged; %.1f MB of records in %.2f s, %.1f MB/s", (unsigned long long)a->files,
             (unsigned long long)a->files_failed, mb, res->seconds, res->seconds > 0 ? mb / res->seconds : 0);
}

void intake_files_json(struct wn_json *j, const char *key, const struct intake_result *res)
{
    wn_json_open(j, key, '[');
    for (size_t i = 0; i < res->n_files; i++) {
        const struct intake_file *f = &res->files[i];
        char hex[33];

        wn_hash128_hex(f->digest, hex);
        wn_json_open(j, NULL, '{');
        wn_json_add_strz(j, "path", f->path);
        wn_json_add_uint(j, "bytes", f->raw_bytes);
        wn_json_add_strz(j, "xxh3_128", hex);
        wn_json_add_uint(j, "lines", f->lines);
        wn_json_add_uint(j, "kept", f->kept);
        wn_json_add_strz(j, "damage", f->reason ? wn_reason_name(f->reason) : "");
        wn_json_close(j, '}');
    }
    wn_json_close(j, ']');
}
