#!/usr/bin/env python3
"""How many iterations each start takes to come near the best objective that any of them finds.

  compare_starts.py [options] V[:/path] -k K

partwise fits V from each start of --init: those that depend on the seed several times, the others once. Reported are the median
iterations until the objective is within --share of the best one that was found, the median relative error in the end, and the seconds that the
start itself took.
"""
import argparse
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

import h5py

from compare_methods import ROOT, time_to

STARTS = {"random": True, "nndsvd": False, "nndsvda": False, "nndsvdar": True, "spa": False}  # whether the seed matters


def fit(options, init, seed, output):
    """Objectives of all iterations, the relative error in the end, and seconds of the start."""
    command = [*options.mpirun.split(), "-n", options.ranks, options.partwise, "fit", options.input, "-k", options.k, "-o", output, "--init", init,
               "--seed", seed, "--method", options.method, "--tolerance", 0, "--stall", 1e-7, "--max-iterations", options.iterations]
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    with h5py.File(output) as file:
        phases = file["timings/phase"].asstr()[:].tolist()
        return file["history/objective"][:], file.attrs["relative_error"], file["timings/max"][phases.index("initialise")]


def measure(options, folder):
    output = Path(folder) / "model.h5"
    return {init: [fit(options, init, seed, output) for seed in range(options.starts if seeded else 1)] for init, seeded in STARTS.items()}


def report(options, runs):
    best = min(objectives.min() for results in runs.values() for objectives, *_ in results)
    print(f"{options.input}, k = {options.k}, method {options.method}; goal: {1 + options.share} x {best:.8g}\n")
    print("| start | iterations | reached | relative error | seconds of the start |\n|---|---|---|---|---|")
    for init, results in runs.items():
        times = [time_to((1 + options.share) * best, range(1, len(objectives) + 1), objectives) for objectives, *_ in results]
        reached = [t[1] for t in times if t]
        median = sorted(reached + [float("inf")] * (len(times) - len(reached)))[len(times) // 2]
        told = "-" if median == float("inf") else median
        error, seconds = (statistics.median(result[i] for result in results) for i in (1, 2))
        print(f"| {init} | {told} | {len(reached)}/{len(times)} | {error:.6f} | {seconds:.3g} |")


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", metavar="V", help="a matrix that partwise reads")
    parser.add_argument("-k", type=int, required=True)
    parser.add_argument("--method", default="hals")
    parser.add_argument("--share", type=float, default=0.01, help="how near is near (0.01)")
    parser.add_argument("--starts", type=int, default=5, help="seeds of starts that depend on them (5)")
    parser.add_argument("--iterations", type=int, default=1000)
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--partwise", default=os.environ.get("PARTWISE", str(ROOT / "build/release/partwise")))
    parser.add_argument("--mpirun", default=os.environ.get("MPIRUN", "mpirun"))
    return parser.parse_args()


def main():
    options = read_options()
    with tempfile.TemporaryDirectory() as folder:
        report(options, measure(options, folder))


if __name__ == "__main__":
    main()
