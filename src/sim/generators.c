#include <winnow/sim.h>

#include "sim/generator.h"

/* The engines: a new one adds one line. */
#define ENGINES(X)                 \
    X(gaussian, "gaussian")        \
    X(gaussian_nd, "gaussian-nd")  \
    X(gmm, "gmm")                  \
    X(kde, "kde")                  \
    X(discrete, "discrete")        \
    X(poisson, "poisson")          \
    X(exponential, "exponential")  \
    X(labels, "labels")            \
    X(linreg, "linreg")            \
    X(bigram, "bigram")            \
    X(softmax, "softmax")          \
    X(ngram, "ngram")

#define DECLARE(symbol, name) extern const struct sim_generator sim_##symbol;
#define NAME(symbol, name) name,
#define TABLE(symbol, name) &sim_##symbol,

ENGINES(DECLARE)

const char *const *wn_sim_engines(void)
{
    static const char *const names[] = { ENGINES(NAME) NULL };

    return names;
}

const struct sim_generator *sim_generator_find(const char *name)
{
    static const struct sim_generator *const tables[] = { ENGINES(TABLE) };

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        if (name && strcmp(tables[i]->name, name) == 0)
            return tables[i];
    return NULL;
}
