/*
 * itemlog.h - what a reader gave, as one text that can be compared.
 */
#ifndef WINNOW_TEST_ITEMLOG_H
#define WINNOW_TEST_ITEMLOG_H

#include <winnow/reader.h>

/* One line an item:
 *   "begin NAME [message]"   "rec LINE+OFFSET/BYTES [content]"   "rej REASON LINE+OFFSET/BYTES [content]"
 *   "lines LINE+OFFSET/BYTES [content]xN"
 *   "end NAME REASON lines L blank B bytes N raw R" and then bom, trailing, member, container */
static inline void itemlog_add(struct wn_buf *log, const struct wn_item *item)
{
    const struct wn_place *p = &item->place;

    switch (item->kind) {
    case WN_ITEM_FILE_BEGIN:
        wn_buf_addf(log, "begin %s", p->file);
        if (item->message)
            wn_buf_addf(log, " (%s)", item->message);
        break;
    case WN_ITEM_RECORD:
    case WN_ITEM_REJECT:
        wn_buf_addz(log, item->kind == WN_ITEM_RECORD ? item->is_lines ? "lines " : item->is_text ? "text " : "rec " : "rej ");
        if (item->kind == WN_ITEM_REJECT)
            wn_buf_addf(log, "%s ", wn_reason_name(item->reason));
        wn_buf_addf(log, "%llu+%llu/%llu [", (unsigned long long)p->line, (unsigned long long)p->offset,
                    (unsigned long long)item->n_bytes);
        wn_buf_add(log, item->line);
        wn_buf_addc(log, ']');
        if (item->is_lines)
            wn_buf_addf(log, "x%llu", (unsigned long long)item->n_lines);
        break;
    case WN_ITEM_FILE_END:
        wn_buf_addf(log, "end %s %s lines %llu blank %llu bytes %llu raw %llu%s%s%s%s", p->file,
                    wn_reason_name(item->reason), (unsigned long long)item->file_lines,
                    (unsigned long long)item->file_blank, (unsigned long long)item->file_bytes,
                    (unsigned long long)item->file_raw_bytes, item->file_bom ? " bom" : "",
                    item->file_gz_trailing ? " trailing" : "", item->is_member ? " member" : "",
                    item->is_container ? " container" : "");
        break;
    }
    wn_buf_addc(log, '\n');
}

/* Draws everything; the arena is reset after each item, so that nothing is kept. */
static inline enum wn_status itemlog_drain(struct wn_reader *r, struct wn_buf *log, struct wn_err *err)
{
    struct wn_arena a = { 0 };
    struct wn_item item;
    enum wn_status st;

    while ((st = wn_reader_next(r, &a, &item, err)) == WN_OK) {
        itemlog_add(log, &item);
        wn_arena_reset(&a);
    }
    wn_arena_release(&a);
    return st;
}

#endif
