/* reason.c - the stable names of the reasons. */
#include <winnow/reader.h>

static const char *const names[WN_R_COUNT] = {
    [WN_R_NONE] = "none",
    [WN_R_JSON_SYNTAX] = "json_syntax",
    [WN_R_JSON_TRAILING] = "json_trailing",
    [WN_R_JSON_TRUNCATED] = "json_truncated",
    [WN_R_JSON_NOT_OBJECT] = "json_not_object",
    [WN_R_JSON_DEPTH] = "json_depth",
    [WN_R_UTF8_INVALID] = "utf8_invalid",
    [WN_R_TEXT_MISSING] = "text_missing",
    [WN_R_TEXT_TYPE] = "text_type",
    [WN_R_ID_TYPE] = "id_type",
    [WN_R_DOC_TOO_LARGE] = "doc_too_large",
    [WN_R_NUL_TAIL] = "nul_tail",
    [WN_R_TAG_BAD] = "tag_bad",
    [WN_R_LABEL_BAD] = "label_bad",
    [WN_R_DUP_ID] = "dup_id",
    [WN_R_SPECIAL_WORD] = "special_word",
    [WN_R_OPEN] = "open",
    [WN_R_READ] = "read",
    [WN_R_GZ_TRUNCATED] = "gz_truncated",
    [WN_R_GZ_CRC] = "gz_crc",
    [WN_R_GZ_CORRUPT] = "gz_corrupt",
    [WN_R_ZST_TRUNCATED] = "zst_truncated",
    [WN_R_ZST_CORRUPT] = "zst_corrupt",
    [WN_R_ZST_WINDOW] = "zst_window",
    [WN_R_ARCHIVE_DAMAGED] = "archive_damaged",
    [WN_R_NOT_JSONL] = "not_jsonl",
    [WN_R_ENCODING_UTF16] = "encoding_utf16",
    [WN_R_CHANGED] = "changed_during_read",
    [WN_R_UNSUPPORTED] = "unsupported",
};

const char *wn_reason_name(enum wn_reason r)
{
    if ((unsigned)r >= WN_R_COUNT || !names[r])
        return "unknown";
    return names[r];
}
