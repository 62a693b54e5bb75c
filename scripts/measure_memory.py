#!/usr/bin/env python3
"""What a run takes at its peak, beside what it has to hold.

  measure_memory.py [options] V FIT OPTIONS        for example  measure_memory.py --ranks 2 V.h5 -k 50 --method hals

Prints, of the rank that takes most: the largest resident set, less that of the same fit of a tiny matrix (program, MPI, HDF5), over
this rank's V in its own type, its rows of W (--copies of them) and --copies of H and one P.
"""
import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import mistakes

ROOT = Path(__file__).resolve().parent.parent
RANK = "OMPI_COMM_WORLD_RANK"
ENVIRONMENT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1"}


def watch_one_rank():
    """What mpirun starts: the program, and a file that tells what it took."""
    folder, *words = sys.argv[2:]
    code = subprocess.call(words)
    Path(folder, os.environ.get(RANK, "0")).write_text(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024))
    sys.exit(code)


def peak(options, V, words):
    """The most bytes of any rank."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*options.mpirun.split(), "-n", options.ranks, sys.executable, __file__, "--one-rank", folder, options.partwise, "fit", V,
                   "-o", f"{folder}/model.h5", "--max-iterations", 2, "-q", *words]
        mistakes.run(*command, env={**ENVIRONMENT, **os.environ})
        return max(int(Path(folder, str(rank)).read_text()) for rank in range(options.ranks))


def shape_of(path):
    """Rows, columns, and bytes of all of V as partwise holds it: with a row pointer of 8 bytes and 4 bytes for a column where sparse."""
    import h5py

    with h5py.File(path) as file:
        X = file["X"]
        if isinstance(X, h5py.Dataset):
            return *X.shape, X.size * X.dtype.itemsize
        values = X["data"].dtype.itemsize if "data" in X else 0
        m, n = (int(side) for side in X.attrs["shape"])
        return m, n, X["indices"].size * (4 + values) + 8 * m


def components_of(words):
    parser = argparse.ArgumentParser(usage="measure_memory.py [options] V FIT OPTIONS", add_help=False, allow_abbrev=False)
    parser.add_argument("-k", "--k", type=mistakes.count, required=True)
    return parser.parse_known_args(words)[0].k


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", metavar="V", help="dense, or CSR, at /X of an HDF5 file, as partwise writes it; or see --like")
    parser.add_argument("--ranks", type=mistakes.count, default=1)
    parser.add_argument("--like", metavar="FILE.h5", help="the same matrix written by partwise, where V.h5 is of another format")
    parser.add_argument("--copies", type=mistakes.count, default=1, help="of W and H: 2 where the method extrapolates")
    parser.add_argument("--partwise", default=os.environ.get("PARTWISE", str(ROOT / "build/release/partwise")))
    parser.add_argument("--mpirun", default=os.environ.get("MPIRUN", "mpirun"))
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="FIT OPTION", help="with -k")
    options = parser.parse_args()
    k = components_of(options.words)
    most = peak(options, options.input, options.words)
    try:
        m, n, bytes_of_V = shape_of(options.like or options.input)
    except (OSError, KeyError) as error:
        mistakes.end(f"{options.like or options.input}: no V at /X of an HDF5 file, see --like ({error}).")
    with tempfile.TemporaryDirectory() as folder:
        tiny = f"{folder}/tiny.h5"
        mistakes.run(options.partwise, "generate", "lowrank", "--rows", 200, "--columns", 100, "-o", tiny, "-q")
        bare = peak(options, tiny, options.words)
    taken = most - bare
    held = (bytes_of_V + options.copies * 8 * m * k) / options.ranks + (options.copies + 1) * 8 * n * k
    print(f"{options.input} on {options.ranks}: {1e-6 * taken:.1f} MB beyond the {1e-6 * bare:.1f} MB of the program, to hold "
          f"{1e-6 * held:.1f} MB: {taken / held:.3f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one-rank"]:
        watch_one_rank()
    main()
