"""Each allocation of spectral clustering fails on one rank only: every rank returns, one line tells why, nothing is left behind."""

import numpy
import pytest

from conftest import write_dense
from test_local_failures import watch

NEIGHBOURS = ("--graph", "gaussian", "--neighbours", 3, "--solver", "dense")


@pytest.mark.parametrize("method, options", [("spectral", NEIGHBOURS), ("bicluster", ())])
def test_every_allocation(tmp_path, method, options):
    V = numpy.random.default_rng(0).random((9, 9))
    write_dense(tmp_path / "V.h5", V + V.T)
    words = ("cluster", "V.h5", "-k", 2, "--restarts", 1, "-o", "c.h5", "--method", method, *options)
    new = watch(tmp_path, "memory", {"V.h5"}, *words, cwd=tmp_path, both_ends=False)
    assert new == {"c.h5"}
