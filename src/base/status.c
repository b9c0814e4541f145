#include <winnow/status.h>
#include <winnow/version.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *wn_version(void)
{
    return WN_VERSION;
}

const char *wn_status_name(enum wn_status status)
{
    switch (status) {
    case WN_OK: return "ok";
    case WN_END: return "end";
    case WN_NOMEM: return "out of memory";
    case WN_IO: return "input or output failed";
    case WN_BADDATA: return "malformed data";
    case WN_BADCONF: return "wrong configuration";
    case WN_LIMIT: return "limit reached";
    case WN_BROKEN: return "broken invariant";
    case WN_CANCELLED: return "cancelled";
    }
    return "unknown status";
}

static void fail_v(struct wn_err *err, enum wn_status status, const char *fmt, va_list ap)
{
    err->status = status;
    vsnprintf(err->text, sizeof(err->text), fmt, ap);
}

enum wn_status wn_fail(struct wn_err *err, enum wn_status status, const char *fmt, ...)
{
    va_list ap;

    if (!err)
        return status;
    va_start(ap, fmt);
    fail_v(err, status, fmt, ap);
    va_end(ap);
    return status;
}

enum wn_status wn_fail_sys(struct wn_err *err, const char *fmt, ...)
{
    int saved = errno;
    enum wn_status status = saved == ENOMEM ? WN_NOMEM : WN_IO;
    size_t n;
    char reason[128];
    va_list ap;

    if (!err)
        return status;
    va_start(ap, fmt);
    fail_v(err, status, fmt, ap);
    va_end(ap);
    n = strlen(err->text);
    /* The GNU strerror_r returns the text; unlike strerror it is safe in threads. */
    snprintf(err->text + n, sizeof(err->text) - n, ": %s", strerror_r(saved, reason, sizeof(reason)));
    return status;
}

void wn_err_prefix(struct wn_err *err, const char *fmt, ...)
{
    char old[WN_ERR_TEXT];
    size_t n;
    va_list ap;

    if (!err)
        return;
    memcpy(old, err->text, sizeof(old));
    va_start(ap, fmt);
    vsnprintf(err->text, sizeof(err->text), fmt, ap);
    va_end(ap);
    n = strlen(err->text);
    snprintf(err->text + n, sizeof(err->text) - n, "%s", old);
}
