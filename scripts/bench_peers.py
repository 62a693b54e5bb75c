#!/usr/bin/env python3
"""Ratios of partwise to other programs on the same matrices from the same start, measured in turns; run by scripts/bench_peers.sh,
which gives each of them one core and the best kernel of BLAS.

  products     both products with V of a sweep, sparse, beside scipy's by CSR
  iterations   an iteration of the same method: HALS beside scikit-learn's cd, multiplicative updates (kl) beside its mu; also RcppML
               and NMF of R. Seconds of a peer are those of its iterations alone, without checks and start
  error        until the objective at which scikit-learn's cd (tol 1e-4) has stopped

Ratios are peer / partwise, medians over the rounds, with the least and the largest.
"""
import argparse
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy
import scipy.sparse

import mistakes

ROOT = Path(__file__).resolve().parent.parent
SIZES = {"dense": ((20000, 4000), (400, 200)), "sparse": ((200000, 20000, 4e6), (2000, 300, 3e4))}


class Matrix:
    """V as partwise and as the peers have it, and one start for all."""

    def __init__(self, options, folder, storage, dtype):
        self.options, self.storage, self.dtype, self.folder = options, storage, numpy.dtype(dtype), Path(folder)
        self.path = self.folder / f"{storage}-{self.dtype}.h5"
        size = SIZES[storage][options.small]
        kind = ("lowrank", "--noise", 0.05, "--value-type", {"float64": "f64", "float32": "f32"}[str(self.dtype)]) if storage == "dense" else (
            "sparse", "--density", size[2] / size[0] / size[1])
        if not self.path.exists():
            call(options.partwise, "generate", *kind, "--rows", size[0], "--columns", size[1], "-k", 5 if options.small else 50, "-o", self.path)
        self.V = self.read()

    def read(self):
        with h5py.File(self.path) as file:
            X = file["X"]
            if isinstance(X, h5py.Dataset):
                return X[:]
            return scipy.sparse.csr_matrix((X["data"][:].astype(self.dtype), X["indices"][:], X["indptr"][:]), X.attrs["shape"])

    def start(self, k):
        random = numpy.random.default_rng(k)
        scale = 2 * numpy.sqrt(self.V.mean(dtype=float) / k)
        W, H = scale * random.random((self.V.shape[0], k)), scale * random.random((k, self.V.shape[1]))
        with h5py.File(self.folder / "start.h5", "w") as file:
            file["W"], file["H"] = W, H
        return W.astype(self.dtype), H.astype(self.dtype)

    def write_for_r(self, W, H):
        V = self.V
        parts = {"shape": numpy.array(V.shape, "i4"), "W": W.astype("f8"), "Ht": H.T.astype("f8")}
        if scipy.sparse.issparse(V):
            parts |= {"columns": V.indices.astype("i4"), "rows": V.indptr.astype("i4"), "values": V.data.astype("f8")}
        else:
            parts |= {"values": V.astype("f8")}
        for path in self.folder.glob("*.bin"):
            path.unlink()
        for name, values in parts.items():
            numpy.ascontiguousarray(values).tofile(self.folder / f"{name}.bin")


def call(*words, **keywords):
    return subprocess.run([str(word) for word in words], check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **keywords)


# ---- one measurement each: seconds of an iteration, or of what is asked for


def partwise(matrix, k, iterations, *words):
    """Seconds of an iteration, and the history."""
    model = matrix.folder / "model.h5"
    call(matrix.options.partwise, "fit", matrix.path, "-k", k, "-o", model, "--init-file", matrix.folder / "start.h5", "--tolerance", 0,
         "--stall", 0, "--precision", {8: "double", 4: "single"}[matrix.dtype.itemsize], "--max-iterations", iterations, "-q", *words)
    with h5py.File(model) as file:
        seconds, objective = file["history/seconds"][:], file["history/objective"][:]
    return float(numpy.median(numpy.diff(seconds))), seconds, objective


def coordinate_descent(matrix, W, H, iterations, tol=0):
    from sklearn.decomposition import _nmf

    W, H = W.copy(), H.copy()
    begin = time.perf_counter()
    W, H, done = _nmf._fit_coordinate_descent(matrix.V, W, H, tol=tol, max_iter=iterations)
    seconds = time.perf_counter() - begin
    return seconds / done, seconds, W.astype(float), H.astype(float)


def multiplicative_update(matrix, W, H, iterations):
    from sklearn.decomposition import _nmf

    begin = time.perf_counter()
    _nmf._fit_multiplicative_update(matrix.V, W.copy(), H.copy(), beta_loss=1, max_iter=iterations, tol=0)
    return (time.perf_counter() - begin) / iterations


def of_r(package, matrix, k, iterations):
    return float(call("Rscript", ROOT / "scripts/bench_peers.R", package, matrix.folder, k, iterations).stdout.split()[-1])


def objective(V, W, H):
    square = numpy.sum(V.data.astype(float) ** 2) if scipy.sparse.issparse(V) else numpy.einsum("ij,ij->", V, V, dtype=float)
    return 0.5 * square - numpy.sum((V.T @ W) * H.T, dtype=float) + 0.5 * numpy.sum((W.T @ W) * (H @ H.T))


# ---- tables


def peers(options):
    """Those that are there; the others are named."""
    there = {"scikit-learn"} if importlib.util.find_spec("sklearn") else set()
    for package in ("RcppML", "NMF"):
        test = f'quit(status = !requireNamespace("{package}", quietly = TRUE))'
        if shutil.which("Rscript") and subprocess.run(["Rscript", "-e", test], capture_output=True, check=False).returncode == 0:
            there.add(package)
    missing = sorted({"scikit-learn", "RcppML", "NMF"} - there)
    print("one core each, BLAS kernel " + os.environ.get("OPENBLAS_CORETYPE", "as it is") + f", medians of {options.rounds} rounds"
          + (f"; not there, left out: {', '.join(missing)}" if missing else ""))
    print(f"\n{'what':<46} {'peer':<22} {'partwise s':>11} {'peer s':>11} {'ratio':>8}   least  most", flush=True)
    return there


def report(results, what, peer, own, other):
    ratios = sorted(b / a for a, b in zip(own, other))
    row = {"what": what, "peer": peer, "partwise": statistics.median(own), "peer_seconds": statistics.median(other),
           "ratio": statistics.median(ratios), "least": ratios[0], "most": ratios[-1]}
    results.append(row)
    print(f"{what:<46} {peer:<22} {row['partwise']:>11.4g} {row['peer_seconds']:>11.4g} {row['ratio']:>8.2f} {ratios[0]:>7.2f} {ratios[-1]:>5.2f}",
          flush=True)


def compare(options, results, what, own, others):
    """`own` and every peer of {name: measurement} in turns."""
    mine, theirs = [], {name: [] for name in others}
    for _ in range(options.rounds):
        mine.append(own())
        for name, measure in others.items():
            theirs[name].append(measure())
    for name, seconds in theirs.items():
        report(results, what, name, mine, seconds)


def products(options, results, folder, k, precision, skew):
    m, n, entries = SIZES["sparse"][options.small]
    dtype = {"double": "f8", "single": "f4"}[precision]
    random = numpy.random.default_rng(0)
    columns = numpy.floor(n * random.random(int(entries)) ** skew).astype("i4")
    rows = numpy.repeat(numpy.arange(m), int(entries) // m)
    V = scipy.sparse.csr_matrix((random.integers(1, 100, len(rows)).astype(dtype), (rows, columns[:len(rows)])), (m, n))
    W, Ht = random.random((m, k)).astype(dtype), random.random((n, k)).astype(dtype)

    def own():
        call(options.partwise, "bench", "--dense", "none", "--sparse", f"{m}x{n}x{entries:.0f}", "--skew", skew, "-k", k, "--types",
             {"f8": "f64", "f4": "f32"}[dtype], "--precision", precision, "--methods", "none", "--repeats", 1, "-q", "-o", f"{folder}/b.json")
        return json.loads(Path(f"{folder}/b.json").read_text())["sweeps"][0]["seconds"]

    def csr():
        begin = time.perf_counter()
        V @ Ht, V.T @ W
        return time.perf_counter() - begin

    compare(options, results, f"products, sparse {dtype}, k={k}" + (f", skew {skew}" if skew > 1 else ""), own, {"scipy CSR": csr})


def iterations_of_hals(options, results, there, matrix, k):
    W, H = matrix.start(k)
    words = ("--method", "hals", "--extrapolate", "no", "--inner-iterations", 1)
    others = {}
    if "scikit-learn" in there:
        others["scikit-learn cd"] = lambda: coordinate_descent(matrix, W, H, options.iterations)[0]
    for package in ("RcppML", "NMF lee") if matrix.dtype == "float64" and options.with_r else ():
        if package.split()[0] in there and not (matrix.storage == "sparse" and package == "NMF lee"):
            others[package] = lambda p=package: of_r(p, matrix, k, options.iterations)
    matrix.write_for_r(W, H)
    compare(options, results, f"hals iteration, {matrix.storage} {matrix.dtype}, k={k}",
            lambda: partwise(matrix, k, options.iterations + 1, *words)[0], others)


def iterations_of_kl(options, results, there, matrix, k):
    W, H = matrix.start(k)
    others = {"scikit-learn mu": lambda: multiplicative_update(matrix, W, H, options.iterations)} if "scikit-learn" in there else {}
    if "NMF" in there and matrix.storage == "dense" and options.with_r:
        matrix.write_for_r(W, H)
        others["NMF brunet"] = lambda: of_r("NMF brunet", matrix, k, options.iterations)
    for method in ("mu", "newton"):
        compare(options, results, f"kl iteration ({method}), {matrix.storage}, k={k}",
                lambda m=method: partwise(matrix, k, options.iterations + 1, "--loss", "kl", "--method", m)[0], others)


def time_to_error(options, results, matrix, k):
    """Until the objective with which cd has stopped, from the same start; a ratio of 0 where that takes longer than cd."""
    W, H = matrix.start(k)
    own, other = [], []
    most = 200
    for _ in range(options.rounds):
        _, seconds, W_end, H_end = coordinate_descent(matrix, W, H, most, tol=1e-4)
        goal = objective(matrix.V, W_end, H_end)
        _, clock, history = partwise(matrix, k, 5 * most, "--method", "hals", "--max-seconds", seconds)
        reached = numpy.flatnonzero(history <= goal)
        own.append(clock[reached[0]] if len(reached) else float("inf"))
        other.append(seconds)
    report(results, f"time to cd's objective, {matrix.storage} {matrix.dtype}, k={k}", "scikit-learn cd", own, other)


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="matrices of a test: ratios mean nothing")
    parser.add_argument("--only", default="", metavar="WORD", help="parts whose name has it: products, hals, kl, error; dense, sparse")
    parser.add_argument("--rounds", type=mistakes.count, default=5)
    parser.add_argument("--iterations", type=mistakes.count, default=5, help="of a measurement (5)")
    parser.add_argument("--with-r", action="store_true", help="also the packages of R, which take long for large matrices")
    parser.add_argument("--scratch", help="folder for some GB of matrices (a temporary one)")
    parser.add_argument("--partwise", default=os.environ.get("PARTWISE", str(ROOT / "build/release/partwise")))
    parser.add_argument("-o", "--output", metavar="FILE.json", help="the figures as JSON too")
    return parser.parse_args()


def parts(options, results, there, folder):
    """Name → what to do; in the order of the table."""
    k = 5 if options.small else 50
    kl = (4,) if options.small else (16, 50)
    found = {}
    for precision in ("double", "single"):
        found[f"products sparse {precision}"] = lambda p=precision: products(options, results, folder, k, p, 1)
    found["products sparse skew"] = lambda: products(options, results, folder, k, "double", 3)
    for storage, dtype in (("sparse", "float64"), ("sparse", "float32"), ("dense", "float64"), ("dense", "float32")):
        found[f"hals {storage} {dtype}"] = lambda s=storage, d=dtype: iterations_of_hals(options, results, there, Matrix(options, folder, s, d), k)
    for storage, ks in (("sparse", kl), ("dense", kl[:1])):
        for width in ks:
            found[f"kl {storage} k={width}"] = lambda s=storage, w=width: iterations_of_kl(
                options, results, there, Matrix(options, folder, s, "float64"), w)
    if "scikit-learn" in there:
        for dtype in ("float64", "float32"):
            found[f"error dense {dtype}"] = lambda d=dtype: time_to_error(options, results, Matrix(options, folder, "dense", d), k)
    asked = {name: work for name, work in found.items() if options.only in name}
    return asked or mistakes.end(f"--only: no part has '{options.only}' in its name. There are: {', '.join(found)}.")


def main():
    options = read_options()
    results = []
    there = peers(options)
    if options.scratch:
        os.makedirs(options.scratch, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        for work in parts(options, results, there, folder).values():
            try:
                work()
            except subprocess.CalledProcessError as error:
                sys.exit(f"bench_peers.py: error: {error.cmd[0]} failed: {error.stderr.strip()}")
    if options.output:
        Path(options.output).write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
