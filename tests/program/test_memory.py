"""What a rank takes beyond the bare program: its V in V's own type, its rows of W, one H and one P, and little more."""

import re
import subprocess
import sys

import h5py
import numpy
import pytest

from conftest import BINARY, ROOT, write_dense

pytestmark = pytest.mark.release_only  # sanitizers take memory for themselves


def write_sparse(path, m, n, each):
    """So many entries in every row."""
    random = numpy.random.default_rng(0)
    with h5py.File(path, "w") as file:
        group = file.create_group("X")
        group.attrs.update({"encoding-type": "csr_matrix", "encoding-version": "0.1.0", "shape": (m, n)})
        group["indices"] = (numpy.arange(each, dtype="i4") * (n // each) + random.integers(0, n // each, (m, 1), "i4")).ravel()
        group["data"] = random.integers(1, 9, m * each).astype("f8")
        group["indptr"] = numpy.arange(m + 1) * each


@pytest.mark.parametrize("storage, ranks", [("dense", 2), ("sparse", 1)])
def test_peak(tmp_path, storage, ranks):
    V = tmp_path / "V.h5"
    if storage == "dense":
        write_dense(V, numpy.random.default_rng(0).integers(0, 99, (40000, 1500), "u1"), "X")
    else:
        write_sparse(V, 100000, 500, 20)
    words = [ROOT / "scripts/measure_memory.py", "--partwise", BINARY, "--ranks", ranks, V, "-k", 3, "--extrapolate", "no"]
    told = subprocess.run([sys.executable, *map(str, words)], capture_output=True, text=True, check=True).stdout
    share = float(re.search(r": ([0-9.]+)$", told)[1])
    assert 0.9 < share <= 1.15, told
