/*
 * reader.h - from paths to records.
 *
 * Inputs: plain files, directories (walked, sorted by bytes), "-" (standard input),
 * FIFOs; JSON Lines plain, .gz (all members, CRC checked) and .zst (all frames),
 * recognised by their first bytes, not their names; tar and zip of such files, or of
 * .txt files (one document a file).  Order is the order of the paths.
 *
 * Of a directory every regular file is read, links followed; hidden names (".x") and
 * winnow's own temporary files ("x.tmp-123") are passed over, in containers as well.
 *
 * Items come flat, never one file inside another.  A container gives its members first,
 * each as a file "a.tar!name"; then itself (is_container), without lines, with its raw
 * bytes, digest and damage.  What was read before damage was given as records.
 *
 * The reader cuts lines and never parses them; wn_record_parse (record.h) does, on
 * any thread.  Memory: one block, plus one line of at most max_doc_bytes (and one group
 * of plain lines, where they come together).
 */
#ifndef WINNOW_READER_H
#define WINNOW_READER_H

#include <winnow/doc.h>
#include <winnow/hash.h>

/* What the decoded bytes of a file are. */
enum wn_reader_format {
    WN_FORMAT_AUTO = 0,     /* a file called .txt is one document, all others are JSON Lines    */
    WN_FORMAT_JSONL = 1,
    WN_FORMAT_TEXT = 2,     /* one document a file                                              */
    WN_FORMAT_LINES = 3,    /* plain text, one document (or sentence) a line; any bytes         */
    WN_FORMAT_SNIFF = 4     /* JSON Lines when the first byte that is no blank is '{', else LINES */
};

struct wn_reader_opts {
    const char *const *paths;
    size_t n_paths;
    enum wn_reader_format format;
    uint64_t group_bytes;      /* of LINES: whole lines come together, raw, until they are this
                                  many bytes; 0: each line that is not blank is a document       */
    uint64_t max_doc_bytes;    /* 0: 64 MiB; a longer line is quarantined, not buffered     */
    uint64_t zstd_window_max;  /* bytes; 0: 128 MiB, the zstd tool's own default             */
    unsigned shard, n_shards;  /* n_shards > 1: only files whose index % n_shards == shard   */
    bool digest;               /* compute the XXH3-128 of each file's raw bytes              */
    const char *stdin_path;    /* a file that holds what stood on standard input, read for "-";
                                  NULL: standard input itself                                 */
    /* Asked before each block, and a few times a second while a pipe gives nothing; true
     * ends the reading with WN_CANCELLED.  May be NULL. */
    bool (*stop)(void *arg);
    void *stop_arg;
};

enum wn_item_kind {
    WN_ITEM_FILE_BEGIN,  /* a file (or container member) was opened                        */
    WN_ITEM_RECORD,      /* one line, or one whole .txt document                           */
    WN_ITEM_REJECT,      /* a line the cutter itself refused (too long, NUL tail); LINE has
                            its first bytes                                                */
    WN_ITEM_FILE_END     /* the file ended; STATUS says how                                */
};

/* Why something was quarantined or failed.  Names are stable: they are in outputs. */
enum wn_reason {
    WN_R_NONE = 0,
    /* one record */
    WN_R_JSON_SYNTAX, WN_R_JSON_TRAILING, WN_R_JSON_TRUNCATED, WN_R_JSON_NOT_OBJECT,
    WN_R_JSON_DEPTH, WN_R_UTF8_INVALID, WN_R_TEXT_MISSING, WN_R_TEXT_TYPE, WN_R_ID_TYPE,
    WN_R_DOC_TOO_LARGE, WN_R_NUL_TAIL, WN_R_TAG_BAD, WN_R_LABEL_BAD, WN_R_DUP_ID,
    WN_R_SPECIAL_WORD,
    /* one file */
    WN_R_OPEN, WN_R_READ, WN_R_GZ_TRUNCATED, WN_R_GZ_CRC, WN_R_GZ_CORRUPT,
    WN_R_ZST_TRUNCATED, WN_R_ZST_CORRUPT, WN_R_ZST_WINDOW, WN_R_ARCHIVE_DAMAGED,
    WN_R_NOT_JSONL, WN_R_ENCODING_UTF16, WN_R_CHANGED, WN_R_UNSUPPORTED,
    WN_R_COUNT
};
/* "json_syntax", "gz_truncated", ...; never NULL. */
const char *wn_reason_name(enum wn_reason r);

/* One thing the reader saw.  Views live in the arena given to wn_reader_next. */
struct wn_item {
    enum wn_item_kind kind;
    struct wn_str line;         /* RECORD: without '\n' and a '\r' before it; no BOM        */
    bool is_text;               /* RECORD: LINE is plain text, a document or lines, not JSON */
    bool is_lines;              /* RECORD: LINE is N_LINES whole lines with their ends (the last
                                   one of a file may lack it), blank ones too; PLACE is the first's */
    uint64_t n_lines;           /* RECORD and REJECT: 1, or the lines of a group            */
    struct wn_place place;
    uint64_t n_bytes;           /* decoded bytes this item stands for, line end included    */
    enum wn_reason reason;      /* REJECT, and FILE_END when not WN_R_NONE                  */
    const char *message;        /* for people, without file and line; set with reason.  On
                                   FILE_BEGIN without one: a warning, or NULL                */
    bool is_member;             /* of a container                                            */
    bool is_container;          /* a tar or zip itself, after its members                    */
    /* FILE_END only */
    uint64_t file_lines, file_blank, file_bytes;   /* decoded                               */
    uint64_t file_raw_bytes;                       /* as stored; 0 for members: their
                                                      container has them                    */
    bool file_bom, file_gz_trailing;
    struct wn_hash128 file_digest;                 /* when asked for                        */
};

struct wn_reader;

/* Expands the paths (a directory gives its files).  A path that does not exist is
 * not an error here: it comes as FILE_BEGIN + FILE_END with WN_R_OPEN, so that one
 * bad path does not stop the others.  WN_BADCONF for no paths or a bad shard. */
enum wn_status wn_reader_open(struct wn_reader **out, const struct wn_reader_opts *opts, struct wn_err *err);

/* The next item, its bytes copied into A.  WN_END after the last file.  Damage is in
 * the items; a failing status means memory or the like, and ends the reading. */
enum wn_status wn_reader_next(struct wn_reader *r, struct wn_arena *a, struct wn_item *item, struct wn_err *err);

/* Raw bytes read so far and the sum of the sizes of all regular files, for progress
 * (total 0: unknown).  May be called from another thread. */
void wn_reader_progress(const struct wn_reader *r, uint64_t *raw_done, uint64_t *raw_total);

void wn_reader_close(struct wn_reader *r);

#endif
