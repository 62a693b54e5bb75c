"""What is predicted: by partwise plan for any size, by fit --dry-run for a matrix at hand."""

import re
import shutil
import subprocess
import sys

import pytest

from conftest import BINARY, ROOT, error_line, planted, run, succeed, write_dense

SIZES = ("--rows", "2e6", "--columns", 50000, "-k", 30, "--value-type", "f64")


def table(told):
    """Rows by number of ranks: how H is updated, and six numbers."""
    rows = re.findall(r"^ *(\d+) +(sharded|replicated)" + 6 * r" +([0-9.e+-]+)", told, re.M)
    return {int(row[0]): (row[1], *map(float, row[2:])) for row in rows}


def test_a_plan(tmp_path):
    told = succeed(1, "plan", *SIZES, "--nonzeros", 2e8, "--ranks", 300, "--ranks-per-node", 8, cwd=tmp_path).stdout
    rows = table(told)
    assert list(rows) == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]
    for ranks, (_, products, W, H, messages, seconds, efficiency) in rows.items():
        assert seconds == pytest.approx(products + W + H + messages, rel=0.01)
        assert efficiency == pytest.approx(rows[1][5] / (ranks * seconds), abs=0.002)
    assert rows[1][0] == "replicated" and rows[256][0] == "sharded"
    whole = table(succeed(1, "plan", *SIZES, "--nonzeros", 2e8, "--ranks", 256, "--h-update", "replicated").stdout)
    assert whole[256][3] == pytest.approx(rows[1][3], rel=0.01) and whole[256][6] < rows[256][6]
    assert re.search(r"\nfrom \d+ ranks on", told)
    assert not list(tmp_path.iterdir())


def test_the_side_that_is_divided():
    wide = ("plan", "--rows", 1000, "--columns", "1e6", "-k", 50, "--nonzeros", 1e7, "--ranks", 2)
    for side, swept in ((), "1000000 x 1000 "), (("--distribute", "auto"), "1000000 x 1000 "), (("--distribute", "rows"), "1000 x 1000000 "):
        assert f"swept = {swept}" in succeed(1, *wide, *side).stdout


def test_a_slower_network_costs_more():
    fast, slow = (table(succeed(1, "plan", *SIZES, "--nonzeros", 2e8, *words).stdout)[64]
                  for words in (("--bandwidth", 1e10), ("--bandwidth", 1e9, "--latency", 1e-4)))
    assert slow[1:4] == fast[1:4] and slow[4] > 5 * fast[4]


def test_more_nonzeros_than_entries():
    done = run(1, "plan", "--rows", 10, "--columns", 10, "-k", 2, "--nonzeros", 101)
    assert done.returncode == 2 and "--nonzeros" in error_line(done)


def test_a_dry_run_of_a_fit(tmp_path):
    V = write_dense(tmp_path / "V.h5", planted(40, 30, 3))
    told = [succeed(3, "fit", V, "-k", 3, "-o", tmp_path / "no/such/folder/m.h5", "--dry-run").stdout for _ in range(2)]
    assert told[0] == told[1]  # nothing is measured
    assert [1, 2, 3, 4] == list(table(told[0]))[:4] and "swept = 40 x 30 dense" in told[0]
    assert "ranks_per_node = 3 " in told[0]
    assert [path.name for path in tmp_path.iterdir()] == ["V.h5"]


@pytest.mark.release_only
@pytest.mark.skipif(not shutil.which("smpirun"), reason="SimGrid is not there")
def test_the_simulation():
    done = subprocess.run([sys.executable, str(ROOT / "scripts/simulate_scaling.py"), "--partwise", BINARY, "--ranks", "4", "--rows", "1e5", "--columns", "20000",
                           "--nonzeros", "1e7", "-k", "20"], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^\| 4 \| (\w+) .*\| ([0-9.]+) % \| [0-9.]+ % \|$", done.stdout, re.M)
    assert [row[0] for row in rows] == ["sharded", "replicated"]
    assert 100 > float(rows[0][1]) > float(rows[1][1]) > 25
