/*
 * pairs.c - run two shell commands in turn, several times, and print how they compare.
 *
 *   usage: pairs [-n RUNS] LABEL COMMAND_A [COMMAND_B]
 *
 * Wall clock, processor time (user + system, children included) and peak resident
 * memory of each; medians, and the median of the ratios A/B of runs that stood side by side,
 * which is what a busy machine disturbs least.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_RUNS = 99 };

struct cost {
    double wall_s, cpu_s, rss_mb;
};

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

static struct cost run(const char *command)
{
    struct timespec from, to;
    struct rusage use;
    struct cost c;
    int status = 0;
    pid_t pid;

    clock_gettime(CLOCK_MONOTONIC, &from);
    pid = fork();
    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &use) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "pairs: this failed: %s\n", command);
        exit(1);
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    c.wall_s = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) * 1e-9;
    c.cpu_s = seconds(use.ru_utime) + seconds(use.ru_stime);
    c.rss_mb = (double)use.ru_maxrss / 1024;
    return c;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(const double *v, int n)
{
    double sorted[MAX_RUNS];

    memcpy(sorted, v, (size_t)n * sizeof(*v));
    qsort(sorted, (size_t)n, sizeof(*sorted), by_size);
    return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

/* [0]: A, [1]: B, [2]: A / B of the same turn. */
struct series {
    double wall[3][MAX_RUNS], cpu[3][MAX_RUNS], rss[3][MAX_RUNS];
};

static void note(struct series *s, int which, int i, struct cost c)
{
    s->wall[which][i] = c.wall_s;
    s->cpu[which][i] = c.cpu_s;
    s->rss[which][i] = c.rss_mb;
}

static void print(const struct series *s, int which, int n, const char *name)
{
    printf("    %-8s wall %8.3f s   cpu %8.3f s   peak %8.1f MB\n", name, median(s->wall[which], n),
           median(s->cpu[which], n), median(s->rss[which], n));
}

int main(int argc, char **argv)
{
    static struct series s;
    int runs = 5, at = 1;
    const char *label, *a, *b;

    if (argc > 2 && strcmp(argv[1], "-n") == 0) {
        runs = atoi(argv[2]);
        at = 3;
    }
    if (argc - at < 2 || argc - at > 3 || runs < 1 || runs > MAX_RUNS) {
        fprintf(stderr, "usage: pairs [-n RUNS] LABEL COMMAND_A [COMMAND_B]\n");
        return 2;
    }
    label = argv[at];
    a = argv[at + 1];
    b = argc - at == 3 ? argv[at + 2] : NULL;
    for (int i = 0; i < runs; i++) {
        struct cost ca = run(a), cb = b ? run(b) : ca;

        note(&s, 0, i, ca);
        note(&s, 1, i, cb);
        note(&s, 2, i, (struct cost){ ca.wall_s / cb.wall_s, ca.cpu_s / cb.cpu_s, ca.rss_mb / cb.rss_mb });
    }
    printf("  %s (%d runs%s)\n", label, runs, b ? " each, in turn" : "");
    print(&s, 0, runs, "winnow");
    if (b) {
        print(&s, 1, runs, "other");
        printf("    ratio    wall %8.3f     cpu %8.3f     peak %8.3f     speed by cpu %.2fx\n", median(s.wall[2], runs),
               median(s.cpu[2], runs), median(s.rss[2], runs), 1 / median(s.cpu[2], runs));
    }
    fflush(stdout);
    return 0;
}
