"""Each local failure of cluster on one rank only: every rank returns, one line tells why, nothing is left behind."""

import h5py
import numpy
import pytest

from conftest import planted, write_dense
from test_local_failures import watch

FILES = {"V.h5", "K.h5", "m.h5", "t.txt", "t.h5"}


def write_inputs(folder):
    V = planted(1040, 4, 3)
    write_dense(folder / "V.h5", V)
    write_dense(folder / "K.h5", V[:30] @ V[:30].T)
    (folder / "t.txt").write_text("class\n" + "0\n1\n" * 520)
    with h5py.File(folder / "t.h5", "w") as file:
        file["labels"] = numpy.arange(30) % 4
    with h5py.File(folder / "m.h5", "w") as file:
        file["W"], file["H"] = V[:, :3], planted(3, 5, 3)


KMEANS = ("V.h5", "-k", 16, "--restarts", 1, "--truth", "t.txt")
KERNEL = ("K.h5", "-k", 3, "--method", "kernel-kmeans", "--truth", "t.h5")
MODEL = ("--model", "m.h5", "--method", "nmf")


@pytest.mark.parametrize("words, site", [(KMEANS, "memory"), (KMEANS, "read"), (KERNEL, "memory"), (MODEL, "open")])
def test_every_call_of_cluster(tmp_path, words, site):
    write_inputs(tmp_path)
    new = watch(tmp_path, site, FILES, "cluster", *words, "-o", "c.h5", cwd=tmp_path, both_ends=False)
    assert new == {"c.h5"}
