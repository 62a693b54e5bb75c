"""scripts/compare_ratings.py: splits that depend on the place alone, and errors that are those of the parts."""

import importlib.util
import subprocess
import sys

import numpy
import pytest
import scipy.io
import scipy.sparse

from conftest import BINARY, ROOT, SLOW

SCRIPT = ROOT / "scripts" / "compare_ratings.py"


@pytest.fixture(name="script")
def the_script():
    specification = importlib.util.spec_from_file_location("compare_ratings", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def some_ratings(m=300, n=200, density=0.15):
    random = numpy.random.default_rng(2)
    X = random.gamma(0.5, size=(m, 2)) @ random.gamma(0.5, size=(2, n))
    X = 3 + 0.6 * (X - X.mean()) / X.std() + 0.4 * random.normal(size=(m, 1)) + 0.3 * random.normal(size=n)
    V = numpy.where(random.random((m, n)) < density, numpy.clip(numpy.round(2 * X + random.normal(size=X.shape)) / 2, 0.5, 5), 0)
    return scipy.sparse.coo_matrix(V)


def test_parts_are_disjoint_and_whole(script, tmp_path):
    V = some_ratings()
    split = script.Split(V, 1, tmp_path)
    places = {name: {*zip(part.row, part.column)} for name, part in vars(split).items()}
    assert places["all"] == places["fitting"] | places["choosing"] and not places["fitting"] & places["choosing"]
    assert not places["all"] & places["held_out"] and len(places["all"]) + len(places["held_out"]) == V.nnz
    assert len(places["held_out"]) == pytest.approx(0.2 * V.nnz, rel=0.1)
    assert len(places["choosing"]) == pytest.approx(0.1 * len(places["all"]), rel=0.15)
    written = scipy.io.mmread(split.fitting.path).tocoo()
    assert {*zip(written.row, written.col)} == places["fitting"]
    other = script.Split(V, 2, tmp_path).held_out
    assert places["held_out"] != {*zip(other.row, other.column)}


def test_biases_are_those_of_least_squares(script, tmp_path):
    part = script.Split(some_ratings(30, 20, 0.5), 1, tmp_path).all
    offset, b, c = script.fit_biases(part, 2, 3, sweeps=10000)
    rest = part.value - offset - b[part.row] - c[part.column]
    assert rest.sum() == pytest.approx(0, abs=1e-4)
    assert numpy.bincount(part.row, rest, 30) == pytest.approx(2 * b, abs=1e-4)
    assert numpy.bincount(part.column, rest, 20) == pytest.approx(3 * c, abs=1e-4)


@pytest.mark.release_only
def test_structure_beats_biases(tmp_path):
    scipy.io.mmwrite(tmp_path / "ratings.mtx", some_ratings())
    done = subprocess.run([sys.executable, SCRIPT, tmp_path / "ratings.mtx", "--partwise", BINARY, "--splits", "2", "-k", "4",
                           "--shrink", "0.5", "--k-zeros", "2"], capture_output=True, text=True, timeout=240 * SLOW, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    means = {line[:14].strip(): line.split("mean rmse ")[1].split() for line in lines if "mean rmse" in line}
    for name in ("ccd --bias", "ccd, k = 10"):
        assert float(means[name][0]) < 0.97 * float(means["bias model"][0])
    assert float(means["zeros as data"][0]) > 1.5 * float(means["bias model"][0])
    splits = numpy.array([[float(x) for x in line.split()[1:5]] for line in lines[1:3]])
    assert splits.mean(0) == pytest.approx([float(mean[0]) for mean in means.values()], abs=2e-5)


def test_bad_input_is_reported(tmp_path):
    scipy.io.mmwrite(tmp_path / "ratings.mtx", -1 * some_ratings(20, 20, 0.9))
    done = subprocess.run([sys.executable, SCRIPT, tmp_path / "ratings.mtx", "--partwise", BINARY], capture_output=True,
                          text=True, timeout=60 * SLOW, check=False)
    assert done.returncode == 1 and "partwise: error:" in done.stderr
