/* cmd_lm_files.c - model files: what they hold, ARPA in and out, other forms of one model. */
#include "cmd_lm.h"
#include "lm_making.h"

#include <errno.h>
#include <sys/stat.h>

/* ---- info ------------------------------------------------------------------------------ */

struct info_args {
    bool json, verify;
};

static const struct cli_opt info_opts[] = {
    { .name = "json", .kind = CLI_FLAG, .at = offsetof(struct info_args, json), .help = "as JSON" },
    { .name = "verify", .kind = CLI_FLAG, .at = offsetof(struct info_args, verify),
      .help = "check every checksum, id and range of the file, however large it is" },
    { .name = NULL }
};

static const char *smoothing_name(enum wn_smoothing s)
{
    return s == WN_SMOOTH_KN ? "kneser-ney" : s == WN_SMOOTH_ML ? "ml" : "other";
}

static void info_json(const struct wn_lm *lm, struct wn_buf *out)
{
    unsigned parts = wn_lm_parts(lm);
    struct wn_json j;

    wn_json_init(&j, out);
    wn_json_open(&j, NULL, '{');
    wn_json_add_uint(&j, "order", wn_lm_order(lm));
    wn_json_add_strz(&j, "tokens", wn_tokenizer_name(wn_lm_tokenizer(lm)));
    wn_json_add_strz(&j, "smoothing", smoothing_name(wn_lm_smoothing(lm)));
    wn_json_add_uint(&j, "models", wn_lm_models(lm));
    wn_json_add_uint(&j, "vocabulary", wn_lm_vocab_size(lm));
    wn_json_add_uint(&j, "train_tokens", wn_lm_train_tokens(lm));
    wn_json_add_uint(&j, "bytes", wn_lm_image(lm).len);
    wn_json_add_bool(&j, "has_words", parts & WN_LM_WORDS);
    wn_json_add_bool(&j, "has_tables", parts & WN_LM_TABLES);
    wn_json_add_bool(&j, "has_index", parts & WN_LM_INDEX);
    wn_json_add_bool(&j, "compact", wn_lm_compact(lm));
    wn_json_open(&j, "ngrams", '[');
    for (unsigned k = 1; k <= wn_lm_order(lm); k++)
        wn_json_add_uint(&j, NULL, wn_lm_ngrams(lm, k));
    wn_json_close(&j, ']');
    wn_json_close(&j, '}');
    wn_buf_addc(out, '\n');
}

static enum wn_status one_model(const struct cli_run *r, struct wn_err *err)
{
    return r->n_rest == 1 ? WN_OK : wn_fail(err, WN_BADCONF, "give one model file: %s", r->cmd->usage);
}

static enum wn_status info_run(struct cli_run *r)
{
    const struct info_args *args = r->args;
    struct wn_buf json = { 0 };
    struct wn_lm *lm = NULL;
    enum wn_status st = one_model(r, &r->err);

    if (st == WN_OK)
        st = wn_lm_open_verify(&lm, r->rest[0], args->verify ? WN_LM_VERIFY_ALL : WN_LM_VERIFY_AUTO, &r->err);
    if (st == WN_OK && args->json) {
        info_json(lm, &json);
        st = wn_buf_status(&json, &r->err);
        fwrite(json.ptr, 1, json.len, stdout);
    } else if (st == WN_OK) {
        lm_print(stdout, lm);
    }
    wn_buf_release(&json);
    wn_lm_free(lm);
    return st;
}

const struct cli_cmd lm_info = { .name = "info", .summary = "what a model file holds", .usage = "winnow lm info [options] MODEL",
                                 .about = "Prints order, tokenizer, sizes, parts and counts.", .opts = info_opts,
                                 .args_size = sizeof(struct info_args), .run = info_run };

/* ---- export -------------------------------------------------------------------------------- */

struct export_args {
    const char *output;
};

static const struct cli_opt export_opts[] = {
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(struct export_args, output), .arg = "FILE",
      .dflt = "-", .help = "the ARPA file; .gz and .zst compress" },
    { .name = NULL }
};

static enum wn_status to_sink(void *arg, struct wn_str bytes, struct wn_err *err)
{
    enum wn_status st = cli_going_on(err);

    return st == WN_OK ? wn_sink_write(arg, bytes, err) : st;
}

static enum wn_status export_run(struct cli_run *r)
{
    const struct export_args *args = r->args;
    struct cli_outputs out = { .n = 0 };
    struct wn_sink *sink = NULL;
    struct wn_lm *lm = NULL;
    enum wn_status st = one_model(r, &r->err);

    cli_outputs_add(&out, "--output", args->output);
    if (st == WN_OK)
        st = cli_outputs_check(&out, r->rest, r->n_rest, &r->err);
    if (st == WN_OK)
        st = lm_open_with(&lm, r->rest[0], WN_LM_WORDS | WN_LM_INDEX, "export", &r->err);
    if (st == WN_OK)
        st = wn_sink_open(&sink, args->output, &(struct wn_sink_opts){ .make_folders = true }, &r->err);
    if (st == WN_OK)
        st = wn_lm_arpa(lm, to_sink, sink, &r->err);
    if (st == WN_OK)
        st = wn_sink_publish(sink, &r->err);
    wn_sink_close(sink);
    wn_lm_free(lm);
    return st;
}

const struct cli_cmd lm_export = { .name = "export", .summary = "write a model as ARPA",
                                   .usage = "winnow lm export [-o FILE] MODEL",
                                   .about = "Writes the ARPA text that other toolkits read, in KenLM's order and number format.",
                                   .opts = export_opts, .args_size = sizeof(struct export_args), .run = export_run };

/* ---- import ------------------------------------------------------------------------------------ */

struct remake_args {
    const char *tokens;
    bool missing_markers, positive_to_zero;
    uint64_t jobs;
    struct lm_output_args out;
    struct lm_room_args room;
};

#define REMAKE_OPTS                                                                                                     \
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(struct remake_args, out.model), .arg = "FILE",   \
      .dflt = "model.wlm", .help = "the model file" },                                                                  \
    LM_MODEL_OPTS(struct remake_args, out),                                                                             \
    LM_ROOM_OPTS(struct remake_args, room),                                                                             \
    { .name = "jobs", .letter = 'j', .kind = CLI_UINT, .at = offsetof(struct remake_args, jobs), .arg = "N",            \
      .dflt = "0", .max = 1024, .help = "worker threads; 0: one a processor; the output does not depend on it" }

static const struct cli_opt import_opts[] = {
    { .name = "tokens", .kind = CLI_CHOICE, .at = offsetof(struct remake_args, tokens), .choices = "words|folded|whitespace",
      .dflt = "whitespace", .help = "how the text that the model will score is to be cut" },
    { .name = "missing-markers", .kind = CLI_FLAG, .at = offsetof(struct remake_args, missing_markers),
      .help = "accept a file without <s> or </s>: they get log10 p -99" },
    { .name = "positive-to-zero", .kind = CLI_FLAG, .at = offsetof(struct remake_args, positive_to_zero),
      .help = "a log10 p above 0 becomes 0, instead of an error" },
    REMAKE_OPTS,
    { .name = NULL }
};

static struct wn_lm_room remake_room(const struct remake_args *args)
{
    return lm_room(&args->room, args->jobs ? (unsigned)args->jobs : wn_cpu_count());
}

static enum wn_status check_output(const struct cli_run *r, const char *path, struct wn_err *err)
{
    struct cli_outputs out = { .n = 0 };
    enum wn_status st = lm_model_check(path, false, err);

    cli_outputs_add(&out, "--output", path);
    return st == WN_OK ? cli_outputs_check(&out, r->rest, r->n_rest, err) : st;
}

static void tell_notes(const struct wn_arpa_notes *n)
{
    if (n->unk_missing)
        cli_warn("the file has no <unk>: unknown words get log10 p -100");
    if (n->n_holes)
        cli_warn("%llu n-grams that longer ones need were missing: they came in with their back-off value",
                 (unsigned long long)n->n_holes);
    if (n->n_duplicates)
        cli_warn("%llu n-grams stand in the file more than once: the first one counts", (unsigned long long)n->n_duplicates);
    if (n->n_positive)
        cli_warn("%llu n-grams had a log10 p above 0, which became 0", (unsigned long long)n->n_positive);
}

/* An ARPA file's bytes, decompressed. */
struct arpa_input {
    const char *path;
    struct wn_reader *reader;
    struct wn_arena arena;
    struct wn_str left;          /* of the lines in hand, in ARENA */
};

static enum wn_status next_lines(struct arpa_input *in, bool *ended, struct wn_err *err)
{
    struct wn_item item;
    enum wn_status st;

    wn_arena_reset(&in->arena);
    st = wn_reader_next(in->reader, &in->arena, &item, err);
    *ended = st == WN_END;
    if (st != WN_OK)
        return *ended ? WN_OK : st;
    if (item.is_member || item.is_container || strcmp(item.place.file, in->path) != 0)
        return wn_fail(err, WN_BADDATA, "'%s' is a folder or an archive: give the ARPA file itself", in->path);
    if (item.reason == WN_R_OPEN || item.reason == WN_R_READ)
        return wn_fail(err, WN_IO, "'%s': %s", item.place.file, item.message);
    if (item.reason != WN_R_NONE)
        return wn_fail(err, WN_BADDATA, "'%s': after line %llu: %s: %s", item.place.file,
                       (unsigned long long)(item.kind == WN_ITEM_REJECT ? item.place.line - 1 : item.file_lines),
                       wn_reason_name(item.reason), item.message);
    if (item.kind == WN_ITEM_RECORD)
        in->left = item.line;
    return WN_OK;
}

static enum wn_status read_arpa(void *arg, char *to, size_t room, size_t *got, struct wn_err *err)
{
    struct arpa_input *in = arg;
    bool ended = false;
    enum wn_status st = cli_going_on(err);

    while (st == WN_OK && !in->left.len && !ended)
        st = next_lines(in, &ended, err);
    *got = in->left.len < room ? in->left.len : room;
    memcpy(to, in->left.ptr, st == WN_OK ? *got : 0);
    in->left = (struct wn_str){ in->left.ptr + *got, in->left.len - *got };
    return st;
}

/* The library says what can be mended; here that has a name. */
static void add_hint(struct wn_err *err)
{
    const char *option = strstr(err->text, "(a missing one can be added)")      ? "; give --missing-markers"
                         : strstr(err->text, "(positive ones can be read as 0)") ? "; give --positive-to-zero"
                                                                                 : "";
    size_t n = strlen(err->text);

    snprintf(err->text + n, sizeof(err->text) - n, "%s", option);
}

static bool should_stop(void *arg)
{
    (void)arg;
    return atomic_load(&cli_stop);
}

static enum wn_status import_from(struct wn_lm **lm, const char *path, const struct wn_arpa_opts *opts,
                                  struct wn_arpa_notes *notes, struct wn_err *err)
{
    struct wn_reader_opts ropts = { .paths = &path, .n_paths = 1, .format = WN_FORMAT_LINES, .group_bytes = 1 << 20,
                                    .max_doc_bytes = 1ull << 32, .stop = should_stop };
    struct arpa_input in = { .path = path, .left = WN_STR("") };
    struct stat info;
    enum wn_status st;

    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {       /* a reader would read all that is in it */
        errno = EISDIR;
        return wn_fail_sys(err, "cannot read the ARPA file '%s'", path);
    }
    st = wn_reader_open(&in.reader, &ropts, err);

    if (st == WN_OK)
        st = wn_lm_import_from(lm, read_arpa, &in, path, opts, notes, err);
    if (st == WN_BADDATA)
        add_hint(err);
    wn_reader_close(in.reader);
    wn_arena_release(&in.arena);
    return st;
}

/* The file may hold more than the model in memory, or less. */
static enum wn_status tell_file(const char *path, struct wn_err *err)
{
    struct wn_lm *file = NULL;
    enum wn_status st = wn_lm_open(&file, path, err);

    if (st == WN_OK)
        lm_print(stderr, file);
    wn_lm_free(file);
    return st;
}

static enum wn_status import_run(struct cli_run *r)
{
    const struct remake_args *args = r->args;
    struct wn_lm_room room = remake_room(args);
    struct wn_arpa_opts opts = { .allow_missing_markers = args->missing_markers, .positive_to_zero = args->positive_to_zero,
                                 .room = room };
    struct wn_arpa_notes notes = { 0 };
    struct wn_lm *lm = NULL;
    enum wn_status st;

    if (r->n_rest != 1)
        return wn_fail(&r->err, WN_BADCONF, "give one ARPA file: %s", r->cmd->usage);
    wn_tokenizer_parse(wn_str(args->tokens), &opts.tokenizer);
    st = check_output(r, args->out.model, &r->err);
    if (st == WN_OK)
        st = import_from(&lm, r->rest[0], &opts, &notes, &r->err);
    if (st == WN_OK)
        st = lm_store(lm, &args->out, &room, &r->err);
    if (st == WN_OK) {
        tell_notes(&notes);
        if (!cli_quiet)
            st = tell_file(args->out.model, &r->err);
    }
    wn_lm_free(lm);
    return st;
}

const struct cli_cmd lm_import = {
    .name = "import",
    .summary = "make a model file from an ARPA file of any tool",
    .usage = "winnow lm import [options] ARPA",
    .about = "Reads an ARPA file, plain, .gz or .zst (- is standard input). What is wrong with it is named with its line; what\n"
             "could be mended is told: a missing <unk>, missing lower-order n-grams (SRILM's pruning), lines that stand twice.",
    .opts = import_opts,
    .args_size = sizeof(struct remake_args),
    .run = import_run,
};

/* ---- convert ------------------------------------------------------------------------------------- */

static const struct cli_opt convert_opts[] = { REMAKE_OPTS, { .name = NULL } };

static enum wn_status convert_run(struct cli_run *r)
{
    const struct remake_args *args = r->args;
    struct wn_lm_room room = remake_room(args);
    struct wn_lm *lm = NULL;
    enum wn_status st = one_model(r, &r->err);

    if (st == WN_OK)
        st = check_output(r, args->out.model, &r->err);
    if (st == WN_OK)
        st = lm_open_with(&lm, r->rest[0], WN_LM_WORDS | WN_LM_INDEX, "convert", &r->err);
    if (st == WN_OK)
        st = lm_store(lm, &args->out, &room, &r->err);
    wn_lm_free(lm);
    return st;
}

const struct cli_cmd lm_convert = {
    .name = "convert",
    .summary = "write a model in another form: exact or compact, with or without an index",
    .usage = "winnow lm convert [options] MODEL",
    .about = "The model needs an index ('lm build --for all' or '--for sampling').",
    .opts = convert_opts,
    .args_size = sizeof(struct remake_args),
    .run = convert_run,
};

/* ---- joint --------------------------------------------------------------------------------------- */

static const struct cli_opt joint_opts[] = {
    { .name = "output", .letter = 'o', .kind = CLI_STR, .at = offsetof(struct remake_args, out.model), .arg = "FILE",
      .dflt = "joint.wlm", .help = "the model file" },
    LM_ROOM_OPTS(struct remake_args, room),
    { .name = NULL }
};

static enum wn_status joint_run(struct cli_run *r)
{
    const struct remake_args *args = r->args;
    struct wn_lm_room room = remake_room(args);
    struct wn_lm *lm[2] = { NULL, NULL };
    enum wn_status st;

    if (r->n_rest != 2)
        return wn_fail(&r->err, WN_BADCONF, "give two models, human text's and synthetic text's: %s", r->cmd->usage);
    st = check_output(r, args->out.model, &r->err);
    for (int i = 0; i < 2 && st == WN_OK; i++)
        st = lm_open_with(&lm[i], r->rest[i], WN_LM_WORDS | WN_LM_INDEX, "joint", &r->err);
    if (st == WN_OK && wn_lm_tokenizer(lm[0]) != wn_lm_tokenizer(lm[1]))
        st = wn_fail(&r->err, WN_BADCONF, "'%s' has tokens %s, '%s' %s: build them with the same --tokens", r->rest[0],
                     wn_tokenizer_name(wn_lm_tokenizer(lm[0])), r->rest[1], wn_tokenizer_name(wn_lm_tokenizer(lm[1])));
    if (st == WN_OK)
        st = wn_lm_write_joint(lm[0], lm[1], args->out.model, &room, &r->err);
    wn_lm_free(lm[0]);
    wn_lm_free(lm[1]);
    return st;
}

const struct cli_cmd lm_joint = {
    .name = "joint",
    .summary = "put a model of human text and one of synthetic text into one table",
    .usage = "winnow lm joint [-o FILE] HUMAN SYNTHETIC",
    .about = "One look-up then gives both probabilities: 'lm score' on a joint model costs little more than on one of the two.\n"
             "The values are those of compact models.",
    .opts = joint_opts,
    .args_size = sizeof(struct remake_args),
    .run = joint_run,
};
