#include "sim/shapes.h"

#include <math.h>
#include <string.h>

#include "sim/draws.h"

static void place_normal(double u, double *x)
{
    (void)u;
    x[0] = 0;
}

static void place_blobs(double u, double *x)
{
    static const double corner[3][2] = { { 0, 2 }, { -1.7320508075688772, -1 }, { 1.7320508075688772, -1 } };
    int k = (int)(3 * u);

    memcpy(x, corner[k < 2 ? k : 2], sizeof(corner[0]));
}

/* 0..1 again in either half of 0..1; *UPPER: the second half. */
static double halve(double u, bool *upper)
{
    *upper = u >= 0.5;
    return 2 * u - *upper;
}

static void place_circles(double u, double *x)
{
    bool inner;
    double t = 2 * M_PI * halve(u, &inner), r = inner ? 0.5 : 1;

    x[0] = r * cos(t);
    x[1] = r * sin(t);
}

static void place_moons(double u, double *x)
{
    bool lower;
    double t = M_PI * halve(u, &lower);

    x[0] = lower ? 1 - cos(t) : cos(t);
    x[1] = lower ? 0.5 - sin(t) : sin(t);
}

static void place_roll(double u, double *x)
{
    double t = 1.5 * M_PI * (1 + 2 * u);

    x[0] = 0.1 * t * cos(t);
    x[1] = 0.1 * t * sin(t);
}

static const struct sim_shape shapes[] = {
    { "normal", 1, 1, 1, place_normal },
    { "blobs", 2, 0.5, 3, place_blobs },
    { "circles", 2, 0.05, 512, place_circles },
    { "moons", 2, 0.1, 512, place_moons },
    { "swiss-roll", 2, 0.05, 1024, place_roll },
};

const struct sim_shape *sim_shape_find(const char *name)
{
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        if (!name || strcmp(shapes[i].name, name) == 0)
            return &shapes[i];
    return NULL;
}

void sim_shape_draw(const struct sim_shape *s, struct wn_rng *rng, double *x)
{
    s->place(wn_rng_u01(rng), x);
    for (unsigned i = 0; i < s->d; i++)
        x[i] += s->noise * sim_draw_normal(rng);
}

void sim_shape_nodes(const struct sim_shape *s, double *x)
{
    for (unsigned i = 0; i < s->n_nodes; i++)
        s->place((i + 0.5) / s->n_nodes, x + (size_t)i * s->d);
}
