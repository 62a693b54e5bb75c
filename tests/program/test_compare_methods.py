"""scripts/compare_methods.py: what it tells of a small matrix."""

import os
import re
import subprocess
import sys

import pytest

from conftest import BINARY, ROOT, SLOW, planted, write_dense
from environment import ENVIRONMENT


@pytest.mark.parametrize("loss, methods", [("frobenius", ["hals, extrapolated", "hals", "bpp, extrapolated", "bpp", "mu"]), ("kl", ["newton", "mu"])])
def test_table_of_methods(tmp_path, loss, methods):
    V = write_dense(tmp_path / "V.h5", planted(40, 30, 3, noise=0.1, seed=1))
    done = subprocess.run([sys.executable, str(ROOT / "scripts/compare_methods.py"), str(V), "-k", "3", "--loss", loss, "--starts", "1",
                           "--seconds", "0.3", "--share", "0.5", "--alone", "--partwise", BINARY],
                          capture_output=True, text=True, timeout=120 * SLOW, env={**os.environ, **ENVIRONMENT}, check=False)
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^\| (.+?) \| (\S+) \| (\S+) \| (\d)/1 \| (\S+) \|$", done.stdout, re.M)
    assert [row[0] for row in rows] == methods
    assert any(row[3] == "1" and float(row[1]) > 0 and int(row[2]) >= 1 for row in rows)
