"""Times scikit-learn's GaussianMixture for bench_gmm.c: TRUTH DIMS N FITS TOLERANCE.

Prints the median CPU milliseconds of a generation (fit and sample) and the mean number of EM
rounds, or one line that says that scikit-learn is missing.
"""
import os
import sys
import time
import warnings

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")
try:
    import numpy as np
    from sklearn.mixture import GaussianMixture
except ImportError:
    print("scikit-learn is not installed")
    sys.exit(0)


def draw(rng, truth, dims, n):
    """N points of one of gmm's truths: 'three', 'blob', 'pair'."""
    if truth != "three":
        x = rng.standard_normal((n, dims))
        if truth == "pair":
            x[:, 0] += np.where(rng.random(n) < 0.5, 3, -3)
        return x
    which = rng.choice(3, size=n, p=[0.6, 0.3, 0.1])
    means = np.array([[-3, 0], [3, 0], [0, 4]])
    roots = np.linalg.cholesky(np.array([[[1, 0.3], [0.3, 0.5]], [[0.5, -0.2], [-0.2, 1]], [[0.4, 0], [0, 0.4]]]))
    return means[which] + np.einsum("nij,nj->ni", roots[which], rng.standard_normal((n, 2)))


def main():
    dims, n, fits = (int(a) for a in sys.argv[2:5])
    tolerance = float(sys.argv[5])
    warnings.simplefilter("ignore")
    points = draw(np.random.default_rng(1), sys.argv[1], dims, n)
    seconds, rounds = [], []
    for g in range(fits):
        start = time.process_time()
        model = GaussianMixture(3, tol=tolerance, max_iter=200, random_state=g).fit(points)
        points, _ = model.sample(n)
        seconds.append(time.process_time() - start)
        rounds.append(model.n_iter_)
    print(1e3 * np.median(seconds), np.mean(rounds))


main()
