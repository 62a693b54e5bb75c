#!/usr/bin/env python3
"""Measures on this machine the constants of the model of the cost (src/iterate/cost.c) that are those of a core.

Fits small generated matrices on one rank and one thread, several times in turn, and prints for each constant the median of what they
took, with the least and the most, beside the value that the program has. On a machine that others use, too, the most comes nearest to what the
core can do. Latency and bandwidth of messages are those of a network: a benchmark of MPI tells them.
"""

import argparse
import pathlib
import re
import statistics
import tempfile

import h5py

import mistakes

ROOT = pathlib.Path(__file__).resolve().parent.parent
K, ITERATIONS = 50, 4
MATRICES = {  # how to generate them
    "dense": ("lowrank", "--rows", 20000, "--columns", 2000),
    "near": ("sparse", "--rows", 200000, "--columns", 2000, "--density", 0.01),
    "far": ("sparse", "--rows", 100000, "--columns", 50000, "--density", 0.0008)}
CASES = {  # constant: matrix, options, phases
    "DENSE_DOUBLE": ("dense", ("--precision", "double"), "products"),
    "DENSE_SINGLE": ("dense", ("--precision", "single"), "products"),
    "SPARSE_NEAR": ("near", ("--precision", "single"), "products"),
    "SPARSE_FAR": ("far", ("--precision", "single"), "products"),
    "RATIO_DENSE": ("dense", ("--loss", "kl", "--method", "mu"), "products"),
    "RATIO_SPARSE": ("near", ("--loss", "kl", "--method", "mu"), "products"),
    "UPDATE": ("near", ("--inner-iterations", 1), "update")}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--partwise", default=str(ROOT / "build/release/partwise"), metavar="PROGRAM")
    parser.add_argument("--repeats", type=mistakes.count, default=5)
    return parser.parse_args()


def rate(program, V, output, options, phases):
    """flops per second, as the model counts flops."""
    mistakes.run(program, "fit", V, "-k", K, "--max-iterations", ITERATIONS, "--tolerance", 0, "--stall", 0, "-q", "-o", output, *options)
    with h5py.File(V) as file:
        stored = file["X"]
        rows = stored.attrs["shape"][0] if isinstance(stored, h5py.Group) else stored.shape[0]
        entries = stored["indices"].shape[0] if isinstance(stored, h5py.Group) else stored.size
    with h5py.File(output) as file:
        seconds = dict(zip((p.decode() for p in file["timings/phase"]), file["timings/max"]))
    sweeps = ITERATIONS + 1  # and the evaluation
    if phases == "update":
        return 4 * rows * K * K * ITERATIONS / seconds["sweep: update"]
    return 4 * entries * K * sweeps / (seconds["sweep: V Ht"] + seconds["sweep: Wt V"])


def stated():
    """The constants of the program."""
    text = (ROOT / "src/iterate/cost.c").read_text()
    return {name: float(value) for name, value in re.findall(r"\b([A-Z_]+) = ([0-9.e+-]+)[,;]", text)}


def main():
    options = parse()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for matrix, how in MATRICES.items():
            mistakes.run(options.partwise, "generate", *how, "-o", folder / f"{matrix}.h5", "-q")
        found = {constant: [] for constant in CASES}
        for _ in range(options.repeats):
            for constant, (matrix, words, phases) in CASES.items():
                found[constant].append(rate(options.partwise, folder / f"{matrix}.h5", folder / "model.h5", words, phases))
    print(f"{'constant':<14} {'median':>10} {'least':>10} {'most':>10} {'stated':>10}   [flops/s]")
    for constant, rates in found.items():
        print(f"{constant:<14} {statistics.median(rates):>10.3g} {min(rates):>10.3g} {max(rates):>10.3g} {stated()[constant]:>10.3g}")


if __name__ == "__main__":
    main()
