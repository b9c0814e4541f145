#include "policies.h"

enum { MAX_POLICY_BYTES = 1 << 20, MAX_EVAL_BYTES = 64 << 20 };

enum wn_status cli_read_policy(struct wn_policy *policy, const char *path, struct wn_err *err)
{
    struct wn_buf text = { 0 };
    enum wn_status st = wn_file_read(path, MAX_POLICY_BYTES, &text, err);

    if (st == WN_OK)
        st = wn_policy_parse(policy, path, wn_buf_str(&text), err);
    wn_buf_release(&text);
    return st;
}

enum wn_status cli_read_operating_point(struct wn_operating_point *op, const char *path, struct wn_err *err)
{
    struct wn_buf text = { 0 };
    enum wn_status st = wn_file_read(path, MAX_EVAL_BYTES, &text, err);

    if (st == WN_OK)
        st = wn_operating_point_parse(op, path, wn_buf_str(&text), err);
    wn_buf_release(&text);
    return st;
}
