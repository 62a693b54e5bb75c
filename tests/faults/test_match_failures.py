"""Each local failure of match on one rank only: every rank returns, one line tells why, nothing is left behind."""

import h5py
import numpy
import pytest

from conftest import planted
from test_local_failures import watch


@pytest.mark.parametrize("site", ["memory", "open", "read", "write"])
def test_every_call_of_match(tmp_path, site):
    names = [f"row {i}" for i in range(40)]
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["W"], file["H"], file["row_names"] = planted(40, 3, 3), planted(3, 30, 3), numpy.array(names, "S")
    rows = [f"{name},{x[0]},{x[1]}" for name, x in zip(reversed(names), planted(40, 2, 2))]
    (tmp_path / "S.csv").write_text("\n".join(["name,a,b", *rows]) + "\n")
    new = watch(tmp_path, site, {"m.h5", "S.csv"}, "match", tmp_path / "m.h5", tmp_path / "S.csv", "-o", tmp_path / "o.csv")
    assert new == {"o.csv"}
