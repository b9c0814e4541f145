#include "report/trace_policies.h"

#include <winnow/hash.h>

/* The end (one past it) of the object or string that starts at POS of valid JSON. */
static size_t value_end(struct wn_str s, size_t pos)
{
    size_t depth = 0;
    bool in_string = false;

    for (size_t i = pos; i < s.len; i++) {
        char c = s.ptr[i];

        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '{' || c == '['))
            depth++;
        else if (!in_string && (c == '}' || c == ']'))
            depth--;
        if (!in_string && depth == 0)
            return i + 1;
    }
    return s.len;
}

static bool starts_with(struct wn_str s, size_t pos, struct wn_str what)
{
    return s.len - pos >= what.len && memcmp(s.ptr + pos, what.ptr, what.len) == 0;
}

/* {"name":"x",REST} is hashed as {REST}. */
static void digest_one(struct wn_str policy, char out[33])
{
    struct wn_str head = WN_STR("{\"name\":");
    char text[4096]; /* far above what a policy takes */
    size_t after;

    if (policy.len > sizeof(text) || !starts_with(policy, 0, head) || policy.ptr[head.len] != '"')
        return;
    after = value_end(policy, head.len);
    if (after + 1 >= policy.len || policy.ptr[after] != ',')
        return;
    text[0] = '{';
    memcpy(text + 1, policy.ptr + after + 1, policy.len - after - 1);
    wn_hash128_hex(wn_hash128((struct wn_str){ text, policy.len - after }, 0), out);
}

void trace_policy_digests(struct trace *t, struct wn_str line)
{
    struct wn_str key = WN_STR("\"policies\":[{");
    const char *at = memmem(line.ptr, line.len, key.ptr, key.len);
    size_t pos;

    if (!at)
        return;
    pos = (size_t)(at - line.ptr) + key.len - 1;
    for (size_t i = 0; i < t->n_policies && pos < line.len && line.ptr[pos] == '{'; i++) {
        size_t end = value_end(line, pos);

        digest_one((struct wn_str){ line.ptr + pos, end - pos }, t->policy[i].digest);
        pos = end + 1; /* behind the comma */
    }
}
