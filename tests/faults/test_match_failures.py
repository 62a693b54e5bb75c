"""Each local failure of match on one rank only: every rank returns, one line tells why, nothing is left behind."""

import itertools

import h5py
import numpy
import pytest

from conftest import FAULTY, error_line, planted, run

CODES = {"memory": {5}, "open": {3, 4}, "read": {3}, "write": {4}}


@pytest.mark.parametrize("site, rank", [("memory", 0), ("memory", 1), ("open", 0), ("read", 1), ("write", 0)])
def test_every_call_of_match(tmp_path, site, rank):
    names = [f"row {i}" for i in range(40)]
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["W"], file["H"], file["row_names"] = planted(40, 3, 3), planted(3, 30, 3), numpy.array(names, "S")
    rows = [f"{name},{x[0]},{x[1]}" for name, x in zip(reversed(names), planted(40, 2, 2))]
    (tmp_path / "S.csv").write_text("\n".join(["name,a,b", *rows]) + "\n")
    for call in itertools.count(1):
        done = run(2, "match", tmp_path / "m.h5", tmp_path / "S.csv", "-o", tmp_path / "o.csv", binary=FAULTY,
                   timeout=60, env={"PARTWISE_FAULT": f"{site}:{rank}:{call}"})
        if done.returncode == 0:
            break
        assert done.returncode in CODES[site], f"call {call}: {done.stderr}"
        assert error_line(done) and not done.stdout
        assert {path.name for path in tmp_path.iterdir()} == {"m.h5", "S.csv"}, f"call {call}"
        assert call < 300
    assert call > 1 and (tmp_path / "o.csv").exists()
