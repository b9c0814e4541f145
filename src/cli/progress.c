#include "cli.h"

#include <time.h>
#include <unistd.h>

enum { BAR_WIDTH = 24 };

double cli_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void cli_progress_start(struct cli_progress *p, const char *what)
{
    p->on = !cli_quiet && isatty(STDERR_FILENO);
    p->what = what;
    p->started = cli_seconds();
    p->drawn = 0;
}

void cli_progress_draw(struct cli_progress *p, double done, double total, const char *unit, const char *note)
{
    double now, rate, share;

    if (!p->on)
        return;
    now = cli_seconds();
    if (now - p->drawn < 0.25)
        return;
    p->drawn = now;
    rate = now > p->started ? done / (now - p->started) : 0;
    fprintf(stderr, "\r%s ", p->what);
    if (total > 0) {
        share = done < total ? done / total : 1;
        fputc('[', stderr);
        for (int i = 0; i < BAR_WIDTH; i++)
            fputc(i < (int)(share * BAR_WIDTH) ? '#' : '.', stderr);
        fprintf(stderr, "] %3.0f%% ", share * 100);
    }
    fprintf(stderr, "%.1f %s, %.1f %s/s", done, unit, rate, unit);
    if (total > done && rate > 0)
        fprintf(stderr, ", %.0f s left", (total - done) / rate);
    fprintf(stderr, "%s%s\033[K", note ? ", " : "", note ? note : "");
    fflush(stderr);
}

void cli_progress_end(struct cli_progress *p)
{
    if (p->on && p->drawn > 0)
        fputs("\r\033[K", stderr);
    p->on = false;
}
