#!/usr/bin/env python3
"""Held-out error of ratings: `partwise fit --method ccd --bias` beside the bias model and beside NMF with zeros as data.

For each split a fifth of the ratings is held out by a hash of (seed, row, column). Of the rest a tenth serves to choose: the
shrinkages of the bias model, k and --shrink of the ratings method (beside it k = 10 with the defaults), k of plain NMF. With these choices each is fitted again
to all that is not held out, and only then predicts the held-out part, which is in a file of its own until then. The bias model, offset +
row + column with a ridge each, is numpy's own here, not that of partwise.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

import numpy
import scipy.io
import scipy.sparse

HELD_OUT, CHOOSING = 0.2, 0.1
RATINGS = ("--method", "ccd", "--missing", "zero", "--bias", "--stall", 1e-4)
METHODS = ("bias model", "ccd --bias", "ccd, k = 10", "zeros as data")  # the third with nothing chosen
RIDGES = (0.5, 1, 2, 3, 4, 5, 6, 8, 10)


def mix(x):
    """The last step of splitmix64 (Steele et al. 2014)."""
    x = (x ^ x >> numpy.uint64(30)) * numpy.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ x >> numpy.uint64(27)) * numpy.uint64(0x94D049BB133111EB)
    return x ^ x >> numpy.uint64(31)


def draw(seed, row, column):
    """Uniform in [0, 1), the same for the same place."""
    step = numpy.uint64(0x9E3779B97F4A7C15)
    with numpy.errstate(over="ignore"):
        at = mix(numpy.full(len(row), seed + 1, numpy.uint64) * step)
        at = mix(at + (row.astype(numpy.uint64) + numpy.uint64(1)) * step)
        at = mix(at + (column.astype(numpy.uint64) + numpy.uint64(1)) * step)
    return (at >> numpy.uint64(11)).astype(float) * 2.0**-53


class Part:
    """Some of the ratings, in memory and as a file."""

    def __init__(self, V, chosen, folder, name):
        self.shape, self.row, self.column, self.value = V.shape, V.row[chosen], V.col[chosen], V.data[chosen].astype(float)
        self.path = os.path.join(folder, name + ".mtx")
        part = scipy.sparse.coo_matrix((self.value, (self.row, self.column)), shape=V.shape)
        scipy.io.mmwrite(self.path, part, precision=17)


class Split:
    """What is held out, the rest, and the rest in two."""

    def __init__(self, V, seed, folder):
        out = draw(seed, V.row, V.col) < HELD_OUT
        choosing = ~out & (draw(seed + 1000, V.row, V.col) < CHOOSING)
        self.held_out = Part(V, out, folder, "held_out")
        self.all = Part(V, ~out, folder, "all")
        self.fitting = Part(V, ~out & ~choosing, folder, "fitting")
        self.choosing = Part(V, choosing, folder, "choosing")


# ---- the bias model


def fit_biases(part, ridge_row, ridge_column, sweeps=200):
    m, n = part.shape
    rows, columns = numpy.bincount(part.row, minlength=m), numpy.bincount(part.column, minlength=n)
    b, c, offset = numpy.zeros(m), numpy.zeros(n), part.value.mean()
    for _ in range(sweeps):
        rest = part.value - offset
        before = b
        b = numpy.bincount(part.row, rest - c[part.column], m) / (rows + ridge_row)
        c = numpy.bincount(part.column, rest - b[part.row], n) / (columns + ridge_column)
        offset = (part.value - b[part.row] - c[part.column]).mean()
        if numpy.abs(b - before).max() < 1e-7:
            break
    return offset, b, c


def error_of_biases(biases, part):
    offset, b, c = biases
    return numpy.sqrt(numpy.mean((part.value - offset - b[part.row] - c[part.column]) ** 2))


def choose_ridges(split):
    return min((error_of_biases(fit_biases(split.fitting, r, c), split.choosing), r, c) for r in RIDGES for c in RIDGES)[1:]


# ---- partwise


def run(words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stderr}")
    return done.stderr


def error_of_fit(partwise, folder, options, fitted, asked):
    """Fits to one part and predicts another."""
    model, table = os.path.join(folder, "model.h5"), os.path.join(folder, "predictions.csv")
    run([partwise, "fit", fitted.path, "-o", model, "-q", *options])
    told = run([partwise, "predict", model, "--entries", asked.path, "-o", table])
    return float(re.search(r"rmse = (\S+)", told)[1])


def choose(partwise, folder, split, candidates):
    """The error, on the part held out, of the candidate that is best on the part to choose by; and which that is."""
    errors = [error_of_fit(partwise, folder, options, split.fitting, split.choosing) for options in candidates]
    best = candidates[int(numpy.argmin(errors))]
    return error_of_fit(partwise, folder, best, split.all, split.held_out), best


def ratings_options(arguments, ridges):
    return [(*RATINGS, "-k", k, "--shrink", f, "--l2-bias-w", ridges[0], "--l2-bias-h", ridges[1])
            for k in arguments.k for f in arguments.shrink]


def value_of(options, name):
    return options[options.index(name) + 1]


def zeros_options(arguments):
    return [("-k", k) for k in arguments.k_zeros]


def compare(V, seed, arguments):
    """RMSE of the four on one split, and what was chosen."""
    with tempfile.TemporaryDirectory() as folder:
        split = Split(V, seed, folder)
        ridges = choose_ridges(split)
        biases = error_of_biases(fit_biases(split.all, *ridges), split.held_out)
        ratings, best = choose(arguments.partwise, folder, split, ratings_options(arguments, ridges))
        unchosen = error_of_fit(arguments.partwise, folder, (*RATINGS, "-k", 10), split.all, split.held_out)
        zeros, best_zeros = choose(arguments.partwise, folder, split, zeros_options(arguments))
    chosen = (f"ridges {ridges[0]:g} {ridges[1]:g}, k {value_of(best, '-k')}, shrink {value_of(best, '--shrink'):g}; "
              f"zeros: k {value_of(best_zeros, '-k')}")
    return biases, ratings, unchosen, zeros, chosen


def report(rows):
    """Means over the splits, and paired differences to the bias model with their standard error."""
    table = numpy.array([row[:-1] for row in rows])
    biases = table[:, 0].mean()
    for name, error in zip(METHODS, table.T):
        difference = error - table[:, 0]
        deviation = difference.std(ddof=1) / numpy.sqrt(len(rows)) if len(rows) > 1 else float("nan")
        print(f"{name:14} mean rmse {error.mean():.5f}  difference {difference.mean():+.5f} ± {deviation:.5f}  "
              f"{100 * difference.mean() / biases:+.2f} %")


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("ratings", help="Matrix Market file of the ratings")
    parser.add_argument("--partwise", default="partwise", help="the program")
    parser.add_argument("--splits", type=int, default=5, help="number of splits")
    parser.add_argument("-k", type=int, nargs="+", default=[5, 10, 20], help="candidates for k")
    parser.add_argument("--shrink", type=float, nargs="+", default=[0.4, 0.5, 0.6], help="candidates for --shrink")
    parser.add_argument("--k-zeros", type=int, nargs="+", default=[2, 5, 10, 20], help="candidates for k of plain NMF")
    return parser.parse_args()


def main():
    arguments = read_arguments()
    V = scipy.io.mmread(arguments.ratings).tocoo()
    rows = []
    print("split ", *(f"{name:>13}" for name in METHODS), " chosen on a tenth of the rest")
    for seed in range(1, arguments.splits + 1):
        rows.append(compare(V, seed, arguments))
        *errors, chosen = rows[-1]
        print(f"{seed:5d} ", *(f"{error:13.5f}" for error in errors), f" {chosen}", flush=True)
    report(rows)


if __name__ == "__main__":
    main()
