#include <winnow/account.h>

void wn_account_add(struct wn_count *c, uint64_t bytes)
{
    c->records++;
    c->bytes += bytes;
}

static void merge(struct wn_count *a, const struct wn_count *b)
{
    a->records += b->records;
    a->bytes += b->bytes;
}

static struct wn_count accounted(const struct wn_account *a)
{
    struct wn_count sum = a->kept;

    merge(&sum, &a->excluded);
    merge(&sum, &a->quarantined);
    merge(&sum, &a->failed);
    return sum;
}

enum wn_status wn_account_check(const struct wn_account *a, struct wn_err *err)
{
    struct wn_count sum = accounted(a), reasons = { 0, 0 };

    if (sum.records != a->in.records || sum.bytes != a->in.bytes)
        return wn_fail(err, WN_BROKEN,
                       "totals do not add up: %llu records (%llu bytes) came in, %llu (%llu bytes) are accounted for; "
                       "this is a bug in winnow, and no output was published",
                       (unsigned long long)a->in.records, (unsigned long long)a->in.bytes,
                       (unsigned long long)sum.records, (unsigned long long)sum.bytes);
    for (int r = 0; r < WN_R_COUNT; r++)
        merge(&reasons, &a->by_reason[r]);
    if (reasons.records != a->quarantined.records)
        return wn_fail(err, WN_BROKEN, "totals do not add up: %llu records quarantined, %llu of them with a reason",
                       (unsigned long long)a->quarantined.records, (unsigned long long)reasons.records);
    return WN_OK;
}

void wn_account_merge(struct wn_account *a, const struct wn_account *b)
{
    merge(&a->in, &b->in);
    merge(&a->kept, &b->kept);
    merge(&a->excluded, &b->excluded);
    merge(&a->quarantined, &b->quarantined);
    merge(&a->failed, &b->failed);
    for (int r = 0; r < WN_R_COUNT; r++) {
        merge(&a->by_reason[r], &b->by_reason[r]);
        a->files_by_reason[r] += b->files_by_reason[r];
    }
    a->files += b->files;
    a->files_failed += b->files_failed;
    a->blank_lines += b->blank_lines;
    a->bom += b->bom;
    a->gz_trailing += b->gz_trailing;
    a->repaired += b->repaired;
    a->ids_made += b->ids_made;
}

static void count_json(struct wn_json *j, const char *key, const struct wn_count *c)
{
    wn_json_open(j, key, '{');
    wn_json_add_uint(j, "records", c->records);
    wn_json_add_uint(j, "bytes", c->bytes);
    wn_json_close(j, '}');
}

void wn_account_json(struct wn_json *j, const char *key, const struct wn_account *a)
{
    wn_json_open(j, key, '{');
    count_json(j, "in", &a->in);
    count_json(j, "kept", &a->kept);
    count_json(j, "excluded", &a->excluded);
    count_json(j, "quarantined", &a->quarantined);
    count_json(j, "failed", &a->failed);
    wn_json_open(j, "quarantined_by_reason", '{');
    for (int r = 1; r < WN_R_COUNT; r++)
        if (a->by_reason[r].records)
            count_json(j, wn_reason_name((enum wn_reason)r), &a->by_reason[r]);
    wn_json_close(j, '}');
    wn_json_add_uint(j, "files", a->files);
    wn_json_add_uint(j, "files_failed", a->files_failed);
    wn_json_open(j, "files_failed_by_reason", '{');
    for (int r = 1; r < WN_R_COUNT; r++)
        if (a->files_by_reason[r])
            wn_json_add_uint(j, wn_reason_name((enum wn_reason)r), a->files_by_reason[r]);
    wn_json_close(j, '}');
    wn_json_add_uint(j, "blank_lines", a->blank_lines);
    wn_json_add_uint(j, "byte_order_marks", a->bom);
    wn_json_add_uint(j, "gz_trailing", a->gz_trailing);
    wn_json_add_uint(j, "repaired", a->repaired);
    wn_json_add_uint(j, "ids_made", a->ids_made);
    wn_json_close(j, '}');
}
