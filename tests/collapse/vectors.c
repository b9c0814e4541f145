/*
 * vectors DIR - compares the simulator with a folder of reference vectors.
 *
 * Every value is compared with its closed form where there is one, and every random one with
 * the mean over replicates, within 4 standard errors.  Exit status 0: all cases passed, 1: some
 * failed, 2: the folder cannot be read or the arguments make no sense.
 */
#include <dirent.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <winnow/flow.h>

#include "collapse/ref_report.h"

typedef enum wn_status run_fn(const struct ref_file *f, const struct ref_settings *s, struct ref_tally *t,
                              struct wn_err *err);

static const struct {
    const char *name;
    run_fn *run;          /* NULL: nothing to compare */
} files[] = {
    { "gaussian1d_replace.json", ref_run_cases },
    { "gaussian1d_policies.json", ref_run_cases },
    { "filters.json", ref_run_cases },
    { "extra.json", ref_run_cases },
    { "discrete.json", ref_run_cases },
    { "gaussian_nd.json", ref_run_cases },
    { "regression_kde_lm.json", ref_run_cases },
    { "metrics.json", ref_run_measures },
    { "equivalence.json", ref_run_equivalence },
    { "external_kazdan_gaussian.json", ref_run_external },
};
enum { N_FILES = sizeof(files) / sizeof(files[0]) };

static void usage(FILE *to)
{
    fprintf(to, "usage: vectors [options] DIR\n"
                "  --fast         a tenth of the replicates, and only simulations that cost little\n"
                "  --jobs N       threads (default: all processors); the results do not depend on it\n"
                "  --seed N       default 1\n"
                "  --only PREFIX  cases whose id begins so\n"
                "  --verbose      one line for every value\n");
}

static bool read_options(int argc, char **argv, struct ref_settings *s)
{
    static const struct option options[] = {
        { "fast", no_argument, NULL, 'f' },       { "jobs", required_argument, NULL, 'j' },
        { "seed", required_argument, NULL, 's' }, { "only", required_argument, NULL, 'o' },
        { "verbose", no_argument, NULL, 'v' },    { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
        switch (c) {
        case 'f':
            s->fast = true;
            break;
        case 'j':
            s->jobs = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 's':
            s->seed = strtoull(optarg, NULL, 10);
            break;
        case 'o':
            s->only = optarg;
            break;
        case 'v':
            s->verbose = true;
            break;
        case 'h':
            usage(stdout);
            exit(0);
        default:
            return false;
        }
    return optind + 1 == argc && s->jobs > 0;
}

/* Files of DIR that nothing is known about: said, and not counted. */
static enum wn_status name_the_others(const char *dir, struct wn_err *err)
{
    struct dirent **entry = NULL;
    int n = scandir(dir, &entry, NULL, alphasort);

    if (n < 0)
        return wn_fail_sys(err, "cannot read the folder '%s'", dir);
    for (int i = 0; i < n; i++) {
        const char *name = entry[i]->d_name;
        bool known = name[0] == '.' || strcmp(name, "index.json") == 0;

        for (size_t k = 0; k < N_FILES; k++)
            known = known || strcmp(name, files[k].name) == 0;
        if (!known)
            printf("%s: not one of the known files, skipped\n", name);
        free(entry[i]);
    }
    free(entry);
    return WN_OK;
}

static enum wn_status run_file(const char *dir, size_t i, const struct ref_settings *s, struct ref_tally *all,
                               struct wn_err *err)
{
    struct ref_tally t = { 0 };
    struct ref_file f;
    char path[4096];
    enum wn_status st;

    snprintf(path, sizeof(path), "%s/%s", dir, files[i].name);
    st = ref_file_open(&f, path, err);
    if (st == WN_OK)
        st = files[i].run(&f, s, &t, err);
    if (st == WN_OK && (t.total > 0 || !s->only))
        ref_print_tally(f.name, &t);
    ref_tally_add(all, &t);
    ref_file_close(&f);
    fflush(stdout);
    return st;
}

static double seconds_of(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
    struct ref_settings s = { .jobs = wn_cpu_count(), .seed = 1 };
    struct ref_tally all = { 0 };
    struct wn_err err = { 0 };
    enum wn_status st;
    double begin = seconds_of(CLOCK_MONOTONIC);
    bool unreadable = false;

    if (!read_options(argc, argv, &s)) {
        usage(stderr);
        return 2;
    }
    st = name_the_others(argv[optind], &err);
    for (size_t i = 0; i < N_FILES && st == WN_OK; i++) {
        double start = seconds_of(CLOCK_MONOTONIC);
        unsigned before = all.total;

        if (run_file(argv[optind], i, &s, &all, &err) != WN_OK) {
            fprintf(stderr, "vectors: %s\n", err.text);
            unreadable = true;
        }
        if (all.total > before)
            fprintf(stderr, "  %s: %.1f s\n", files[i].name, seconds_of(CLOCK_MONOTONIC) - start);
    }
    if (st != WN_OK) {
        fprintf(stderr, "vectors: %s\n", err.text);
        return 2;
    }
    if (all.left_out > 0)
        printf("%u values of %u cases were not simulated: --fast leaves out what costs more than 50 ms\n", all.left_out,
               all.cases_left_out);
    ref_print_tally("total", &all);
    fprintf(stderr, "  total: %.1f s, %.1f s of processor time\n", seconds_of(CLOCK_MONOTONIC) - begin,
            seconds_of(CLOCK_PROCESS_CPUTIME_ID));
    return unreadable ? 2 : all.passed < all.total;
}
