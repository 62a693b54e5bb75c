"""scripts/compare_starts.py: what it tells of a small matrix."""

import os
import re
import subprocess
import sys

from conftest import BINARY, ROOT, SLOW, planted, write_dense
from environment import ENVIRONMENT


def test_table_of_starts(tmp_path):
    V = write_dense(tmp_path / "V.h5", planted(40, 30, 3, noise=0.1, seed=1))
    done = subprocess.run([sys.executable, str(ROOT / "scripts/compare_starts.py"), str(V), "-k", "3", "--starts", "2", "--iterations", "40",
                           "--share", "0.5", "--partwise", BINARY],
                          capture_output=True, text=True, timeout=120 * SLOW, env={**os.environ, **ENVIRONMENT}, check=False)
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^\| (.+?) \| (\d+) \| (\d)/(\d) \| (\S+) \| (\S+) \|$", done.stdout, re.M)
    assert [row[0] for row in rows] == ["random", "nndsvd", "nndsvda", "nndsvdar", "spa"]
    assert [row[3] for row in rows] == ["2", "1", "1", "2", "1"]
    assert all(row[2] == row[3] and int(row[1]) >= 1 and 0 < float(row[4]) < 0.5 for row in rows)
