"""Local failures of many models at once on one rank only: every rank returns, one line tells why, nothing is left behind."""

import pytest

from conftest import FAULTY, planted, run, write_dense
from test_local_failures import watch

COMMON = ("--restarts", 3, "--max-iterations", 2, "--quiet")


SCAN = ("scan", {"m.h5", "m.csv"}, ("-k", "2:3"))
FIT = ("fit", {"m.h5"}, ("-k", 2))


@pytest.mark.parametrize("what, site", [
    (SCAN, "memory"), (SCAN, "open"), (SCAN, "read"), (SCAN, "write"), (FIT, "memory"), (FIT, "write")])
def test_every_way_of_many_models(tmp_path, what, site):
    command, output, options = what
    V = write_dense(tmp_path / "V.h5", planted(12, 10, 2, seed=1))
    new = watch(tmp_path, site, {"V.h5"}, lambda fault: run(
        2, command, V, "-o", tmp_path / "m.h5", *options, *COMMON, binary=FAULTY, timeout=60, env=fault),
        both_ends=False)
    assert new == output
