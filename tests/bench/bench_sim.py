"""Times NumPy for bench_sim_exact.c: ROW FITS SEEDS.

Plays SEEDS chains of FITS fits side by side, every step one call for all seeds, and prints
the CPU nanoseconds a fit, or one line that says that NumPy is missing.
"""
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")
try:
    import numpy as np
except ImportError:
    print("NumPy is not installed")
    sys.exit(0)

rng = np.random.default_rng(1)


def statistics(fits, seeds, m=100):
    """The exact law of a fit to m points: mean and variance of each seed."""
    mean, variance = np.zeros(seeds), np.ones(seeds)
    for _ in range(fits):
        mean += np.sqrt(variance / m) * rng.standard_normal(seeds)
        variance *= rng.chisquare(m - 1, seeds) / m


def points(fits, seeds, m=100):
    """The m points themselves."""
    mean, variance = np.zeros(seeds), np.ones(seeds)
    for _ in range(fits):
        x = mean[:, None] + np.sqrt(variance)[:, None] * rng.standard_normal((seeds, m))
        mean, variance = x.mean(axis=1), x.var(axis=1)


def matrices(d, m):
    """Bartlett's factor of a Wishart matrix, times the factor of the model before."""
    def play(fits, seeds):
        mean, factor = np.zeros((seeds, d)), np.tile(np.eye(d), (seeds, 1, 1))
        below, freedom = np.tril_indices(d, -1), m - 1 - np.arange(d)
        a = np.zeros((seeds, d, d))
        for _ in range(fits):
            mean += (factor @ rng.standard_normal((seeds, d, 1)))[:, :, 0] / np.sqrt(m)
            a[:, below[0], below[1]] = rng.standard_normal((seeds, len(below[0])))
            a[:, np.arange(d), np.arange(d)] = np.sqrt(rng.chisquare(freedom, (seeds, d)))
            factor = factor @ a / np.sqrt(m)
    return play


def counts(fits, seeds, states=1000, m=1000):
    """Multinomial counts of a law on 1,000 states, p_i ~ 1 / i at the start."""
    p = 1 / np.arange(1.0, states + 1)
    p = np.tile(p / p.sum(), (seeds, 1))
    for _ in range(fits):
        p = rng.multinomial(m, p) / m


ROWS = {
    "statistics": statistics,
    "points": points,
    "matrices10": matrices(10, 100),
    "matrices100": matrices(100, 1000),
    "counts": counts,
}


def main():
    play, fits, seeds = ROWS[sys.argv[1]], int(sys.argv[2]), int(sys.argv[3])
    play(2, seeds)
    start = time.process_time()
    play(fits, seeds)
    print(1e9 * (time.process_time() - start) / fits / seeds)


main()
