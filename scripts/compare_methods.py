#!/usr/bin/env python3
"""How long each method takes to come near the best objective that any of them finds.

  compare_methods.py [options] V[:/path] -k K

Every method starts from the same random factors, several times; partwise runs on so many ranks, scikit-learn's
coordinate descent and multiplicative updates on as many threads, one after the other in turn. Reported are the
median seconds and iterations until the objective is within --share of the best one that was found by any
method from any start, seconds of the iterations only. `-` where less than half of the starts get there in time.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy
import scipy.sparse

ROOT = Path(__file__).resolve().parent.parent
PARTWISE = {
    "frobenius": {
        "hals, extrapolated": ("--method", "hals"),
        "hals": ("--method", "hals", "--extrapolate", "no"),
        "bpp, extrapolated": ("--method", "bpp"),
        "bpp": ("--method", "bpp", "--extrapolate", "no"),
        "mu": ("--method", "mu"),
    },
    "kl": {"newton": ("--method", "newton"), "mu": ("--method", "mu")},
}
OTHERS = {"frobenius": ("cd", "mu"), "kl": ("mu",)}


def read_matrix(path, inside):
    """What `partwise convert` wrote."""
    with h5py.File(path) as file:
        X = file[inside]
        if isinstance(X, h5py.Dataset):
            return X[:].astype(float)
        return scipy.sparse.csr_matrix((X["data"][:].astype(float), X["indices"][:], X["indptr"][:]), X.attrs["shape"])


def random_start(V, k, seed):
    """Entries of WH have the mean of V."""
    random = numpy.random.default_rng(seed)
    scale = 2 * numpy.sqrt(V.mean() / k)
    return scale * random.random((V.shape[0], k)), scale * random.random((k, V.shape[1]))


def run_partwise(options, folder, words):
    command = [*options.mpirun.split(), "-n", str(options.ranks), options.partwise, "fit", f"{folder}/V.h5", "-k", options.k,
               "-o", f"{folder}/model.h5", "--loss", options.loss, "--init-file", f"{folder}/start.h5", "--tolerance", 0,
               "--stall", 0, "--max-iterations", 10**6, "--max-seconds", options.seconds, *words]
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    with h5py.File(f"{folder}/model.h5") as file:
        return file["history/seconds"][:], file["history/objective"][:]


def objective(V, W, H, loss):
    if loss == "kl":
        from sklearn.decomposition import _nmf
        return _nmf._beta_divergence(V, W, H, 1)
    square = (V.multiply(V)).sum() if scipy.sparse.issparse(V) else numpy.sum(V**2)
    return 0.5 * square - numpy.sum((V.T @ W) * H.T) + 0.5 * numpy.sum((W.T @ W) * (H @ H.T))


def run_other(options, V, solver, start):
    """scikit-learn, an iteration at a time; the clock stands while the objective is computed."""
    from sklearn.decomposition import _nmf

    W, H = (factor.copy() for factor in start)
    seconds, objectives, spent = [], [], 0
    while spent < options.seconds and len(seconds) < 10000:
        begin = time.perf_counter()
        if solver == "cd":
            W, H, _ = _nmf._fit_coordinate_descent(V, W, H, tol=0, max_iter=1)
        else:
            W, H, *_ = _nmf._fit_multiplicative_update(V, W, H, max_iter=1, tol=0, beta_loss={"frobenius": 2, "kl": 1}[options.loss])
        spent += time.perf_counter() - begin
        seconds.append(spent)
        objectives.append(objective(V, W, H, options.loss))
    return numpy.array(seconds), numpy.array(objectives)


def measure(options, V, folder):
    """Method → a list of (seconds, objectives), one a start."""
    runs = {}
    for seed in range(options.starts):
        start = random_start(V, options.k, seed)
        with h5py.File(f"{folder}/start.h5", "w") as file:
            file["W"], file["H"] = start
        for name, words in PARTWISE[options.loss].items():
            runs.setdefault(name, []).append(run_partwise(options, folder, words))
        for solver in () if options.alone else OTHERS[options.loss]:
            runs.setdefault(f"scikit-learn {solver}", []).append(run_other(options, V, solver, start))
        print(f"start {seed + 1} of {options.starts} done", file=sys.stderr)
    return runs


def time_to(goal, seconds, objectives):
    reached = numpy.flatnonzero(objectives <= goal)
    return (seconds[reached[0]], int(reached[0]) + 1) if len(reached) else None


def report(options, runs):
    best = min(objectives.min() for results in runs.values() for _, objectives in results)
    print(f"\n{options.input}, k = {options.k}, loss {options.loss}, {options.ranks} ranks, {options.starts} starts; goal: {1 + options.share} x {best:.8g}")
    print("\n| method | seconds | iterations | reached | seconds per iteration |\n|---|---|---|---|---|")
    for name, results in runs.items():
        times = [time_to((1 + options.share) * best, *result) for result in results]
        reached = [t for t in times if t]
        pace = statistics.median(seconds[-1] / len(seconds) for seconds, _ in results)
        if 2 * len(reached) > len(times):  # those that did not get there take for ever
            median = sorted(t if t else (float("inf"), 0) for t in times)[len(times) // 2]
            told = f"{median[0]:.3g} | {median[1]}"
        else:
            told = "- | -"
        print(f"| {name} | {told} | {len(reached)}/{len(times)} | {pace:.3g} |")


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", metavar="V", help="a matrix that partwise reads")
    parser.add_argument("-k", type=int, required=True)
    parser.add_argument("--loss", choices=sorted(PARTWISE), default="frobenius")
    parser.add_argument("--share", type=float, default=0.005, help="how near is near (0.005)")
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=60, help="of iterating, for each run (60)")
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--alone", action="store_true", help="without scikit-learn")
    parser.add_argument("--partwise", default=os.environ.get("PARTWISE", str(ROOT / "build/release/partwise")))
    parser.add_argument("--mpirun", default=os.environ.get("MPIRUN", "mpirun"))
    return parser.parse_args()


def main():
    options = read_options()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([options.partwise, "convert", options.input, f"{folder}/V.h5", "-q"], check=True)
        V = read_matrix(f"{folder}/V.h5", "X")
        report(options, measure(options, V, folder))


if __name__ == "__main__":
    main()
