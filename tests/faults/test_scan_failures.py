"""Local failures of many models at once on one rank only: every rank returns, one line tells why, nothing is left behind."""

import pytest

from conftest import planted, succeed, write_dense
from test_local_failures import watch

COMMON = ("--restarts", 3, "--max-iterations", 2, "--quiet")


@pytest.mark.parametrize("site", ["memory", "open", "read", "write"])
def test_every_way_of_a_scan(tmp_path, site):
    V = write_dense(tmp_path / "V.h5", planted(12, 10, 2, seed=1))
    new = watch(tmp_path, site, {"V.h5"}, "scan", V, "-o", tmp_path / "m.h5", "-k", "2:3", *COMMON, both_ends=False)
    assert new == {"m.h5", "m.csv"}


@pytest.mark.parametrize("site", ["memory", "write"])  # a checkpoint that cannot be read gives way to the one before
def test_every_way_of_restarts_that_go_on(tmp_path, site):
    V = write_dense(tmp_path / "V.h5", planted(12, 10, 2, seed=1))
    words = ("fit", V, "-o", tmp_path / "m.h5", "-k", 2, *COMMON, "--checkpoint", tmp_path / "c.h5", "--checkpoint-every", 0)
    succeed(2, *words)
    (tmp_path / "m.h5").unlink()
    new = watch(tmp_path, site, {"V.h5", "c.h5", "c.h5.prev"}, *words, both_ends=False)
    assert new == {"m.h5"}
