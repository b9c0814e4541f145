#include <winnow/sim.h>

#include "sim/generator.h"

/* The engines: a new one adds one line. */
#define ENGINES(X) \
    X(gaussian)    \
    X(gmm)         \
    X(ngram)

#define DECLARE(name) extern const struct sim_generator sim_##name;
#define NAME(name) #name,
#define TABLE(name) &sim_##name,

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
