"""scripts/bench_peers.sh: a table of small matrices, whose ratios mean nothing, and what it says of peers that are not there."""

import json
import os
import subprocess

import pytest

from conftest import BINARY, ROOT

pytestmark = pytest.mark.release_only


def table(tmp_path, only, *options):
    words = [ROOT / "scripts/bench_peers.sh", "--small", "--rounds", 1, "--iterations", 2, "--only", only, "-o", tmp_path / "p.json", *options]
    env = {**os.environ, "PARTWISE": BINARY, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=True, env=env)
    return done.stdout, json.loads((tmp_path / "p.json").read_text())


@pytest.mark.parametrize("only, peers", [("products sparse single", ["scipy CSR"]), ("dense float64", ["scikit-learn cd"] * 2), ("kl sparse", ["scikit-learn mu"] * 2)])
def test_small_matrices(tmp_path, only, peers):
    (tmp_path / "Rscript").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "Rscript").chmod(0o755)
    text, rows = table(tmp_path, only)
    assert "left out: NMF, RcppML" in text
    assert [row["peer"] for row in rows] == peers
    for row in rows:
        assert row["partwise"] > 0 and row["peer_seconds"] > 0 and row["least"] <= row["ratio"] <= row["most"]
