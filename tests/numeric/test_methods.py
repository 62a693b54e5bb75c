"""What every method of the registry promises, for every loss that it serves: a new one is tested as it stands there."""

import re
import subprocess
from typing import NamedTuple

import h5py
import numpy
import pytest
import scipy.sparse

from conftest import BINARY, ROOT, SLOW, error_line, fit, planted, run, write_csr, write_dense

FIXED = ("-k", 3, "--precision", "double", "--tolerance", 0, "--stall", 0)
CASES = {"frobenius": (), "missing": ("--missing", "nan"), "kl": ("--loss", "kl"), "beta": ("--loss", "beta", "--beta", 1.5)}
BETAS = {"frobenius": 2, "missing": 2, "kl": 1, "beta": 1.5}


class Method(NamedTuple):
    name: str
    sums: dict  # by case
    traits: frozenset


def registry():
    """The lines of the registry."""
    text = (ROOT / "src/base/methods.h").read_text()
    found = []
    for name, sums, traits in re.findall(r'^ +X\(\w+, "([^"]+)",((?: PW_SUMS_\w+,){4})\s+([^,]+),', text, re.M):
        kinds = re.findall(r"PW_SUMS_(\w+)", sums)
        found.append(Method(name, dict(zip(CASES, kinds)), frozenset(re.findall(r"PW_(\w+)", traits))))
    return found


METHODS = registry()
ITERATE = [m for m in METHODS if "SELECTS" not in m.traits]  # V decides what the others' first factor is (test_spa.py)
SERVED = [pytest.param(m, case, id=f"{m.name}-{case}") for m in METHODS for case in CASES if m.sums[case] != "NONE"]
REFUSED = [pytest.param(m, case, id=f"{m.name}-{case}") for m in METHODS for case in CASES if m.sums[case] == "NONE"]
ITERATED = [pytest.param(m, case, id=f"{m.name}-{case}") for m in ITERATE for case in CASES if m.sums[case] != "NONE"]
SYMMETRIC = [pytest.param(m, id=m.name) for m in ITERATE if m.sums["frobenius"] != "NONE" and "MONOTONE" in m.traits]


def matrix(case):
    """V, with entries that are missing where the case is of those, and sparse enough for zeros to matter."""
    V = planted(40, 25, 3, noise=0.1, seed=1)
    V[numpy.random.default_rng(2).random(V.shape) < 0.3] = numpy.nan if case == "missing" else 0
    return V + (0.05 if case in ("missing", "beta") else 0)


def sparse(V, case):
    """The same entries in CSR: missing ones are not stored, or zeros are not."""
    return scipy.sparse.csr_matrix(numpy.nan_to_num(V) if case == "missing" else V)


def cost(V, X, beta):
    there = ~numpy.isnan(V)
    v, x = V[there], X[there]
    if beta == 2:
        return 0.5 * numpy.sum((v - x) ** 2)
    if beta == 1:
        return numpy.sum(v * numpy.log(numpy.where(v > 0, v / x, 1)) - v + x)
    return numpy.sum(v**beta + (beta - 1) * x**beta - beta * v * x ** (beta - 1)) / (beta * (beta - 1))


def test_list_is_that_of_the_program():
    shown = subprocess.run([BINARY, "help", "fit"], capture_output=True, text=True, timeout=60 * SLOW, check=True).stdout
    words = " ".join(shown.partition("--method NAME")[2].split())
    choices = re.search(r"\(auto, ([^;]+); default: auto\)", words)[1]
    assert re.split(r", | or ", choices) == [m.name for m in METHODS]


@pytest.mark.parametrize("method, case", REFUSED)
def test_others_are_named_where_it_does_not_serve(tmp_path, method, case):
    done = run(1, "fit", write_dense(tmp_path / "V.h5", matrix(case)), "-o", tmp_path / "m.h5", "--method", method.name, *CASES[case], *FIXED)
    assert done.returncode != 0 and not (tmp_path / "m.h5").exists()
    line = error_line(done)
    others = [m.name for m in METHODS if m.sums[case] != "NONE"]
    assert method.name in line and (all(name in line for name in others) or "--missing" in line)


@pytest.mark.parametrize("method, case", SERVED)
def test_same_however_v_is_held(tmp_path, method, case):
    """On any number of ranks, by rows and columns, dense and sparse, with threads; figures are those of the factors."""
    V = matrix(case)
    dense = write_dense(tmp_path / "dense.h5", V)
    other = dense if case == "beta" else write_csr(tmp_path / "sparse.h5", sparse(V, case))
    options = ("--method", method.name, *CASES[case], *FIXED, "--max-iterations", 12)
    only_stored = ("--missing", "zero") if case == "missing" else ()
    models = [
        fit(1, dense, tmp_path / "m.h5", *options),
        fit(2, other, tmp_path / "m.h5", *options, *only_stored, "--threads", 2),
        fit(3, dense, tmp_path / "m.h5", *options, "--distribute", "columns"),
        fit(4, other, tmp_path / "m.h5", *options, *only_stored, "--distribute", "columns"),
        fit(7, dense, tmp_path / "m.h5", *options)]
    for model in models:
        assert model["objective"] == pytest.approx(models[0]["objective"], rel=1e-7)
        assert model["W"] == pytest.approx(models[0]["W"], rel=1e-5, abs=1e-6)
        assert min(model["W"].min(), model["H"].min()) >= 0
    if method.sums[case] != "RANK_ONE":  # it has penalties unless told otherwise
        right = cost(V, models[0]["W"] @ models[0]["H"], BETAS[case])
        assert models[0]["attributes"]["objective"] == pytest.approx(right, rel=1e-8)


@pytest.mark.parametrize("method, case", ITERATED)
def test_objective_falls(tmp_path, method, case):
    """It never rises where the registry says so: without extrapolation, and but for ratios with an L2 penalty."""
    V = write_dense(tmp_path / "V.h5", matrix(case))
    penalties = ("--l1-w", 0.02, "--l1-h", 0.01) + (() if method.sums[case] == "RATIO" else ("--l2-w", 0.1, "--l2-h", 0.2))
    model = fit(2, V, tmp_path / "m.h5", "--method", method.name, *CASES[case], *FIXED, "--max-iterations", 200,
                "--extrapolate", "no", *penalties)
    objective = model["objective"]
    if "MONOTONE" in method.traits:
        assert numpy.all(numpy.diff(objective) <= 1e-11 * objective[0])
        assert model["projected_gradient"][-1] < 0.1 * model["projected_gradient"][0]
    assert objective[-1] < objective[0] and numpy.isfinite(model["projected_gradient"]).all()


def best_given(V, H, l1, beta):
    """The least of the cost over W ≥ 0, by many multiplicative updates."""
    there = ~numpy.isnan(V)
    V = numpy.where(there, V, 0)
    W = numpy.full((len(V), len(H)), 0.5)
    exponent = 1 / (2 - beta) if beta < 1 else 1 / (beta - 1) if beta > 2 else 1
    for _ in range(20000):
        X = W @ H
        W *= (((V * X ** (beta - 2)) @ H.T) / ((there * X ** (beta - 1)) @ H.T + l1)) ** exponent
    return W


@pytest.mark.parametrize("method, case", [p for p in ITERATED if "MONOTONE" in p.values[0].traits and p.values[0].sums[p.values[1]] != "RANK_ONE"])
def test_finds_the_best_factor_given_the_other(tmp_path, method, case):
    """A convex problem: all methods come to the same objective. What is given stays bit by bit."""
    V, H = matrix(case), planted(3, 25, 3, seed=5) + 0.1
    with h5py.File(tmp_path / "given.h5", "w") as file:
        file["H"] = H
    model = fit(3, write_dense(tmp_path / "V.h5", V), tmp_path / "m.h5", "--method", method.name, *CASES[case], *FIXED,
                "--fix-h", tmp_path / "given.h5", "--l1-w", 0.1, "--max-iterations", 2000)
    assert numpy.array_equal(model["H"], H)
    W = best_given(V, H, 0.1, BETAS[case])
    best = cost(V, W @ H, BETAS[case]) + 0.1 * W.sum()
    assert model["attributes"]["objective"] == pytest.approx(best, rel=1e-4)


@pytest.mark.parametrize("method", SYMMETRIC)
def test_symmetric(tmp_path, method):
    V = planted(30, 30, 3, seed=7)
    V = V @ V.T
    path = write_dense(tmp_path / "V.h5", V / V.max())
    models = [fit(ranks, path, tmp_path / "m.h5", "--symmetric", "--method", method.name, *FIXED, "--max-iterations", 300) for ranks in (1, 3)]
    assert numpy.array_equal(models[0]["W"], models[0]["H"].T)
    assert models[1]["objective"] == pytest.approx(models[0]["objective"], rel=1e-7, abs=1e-12)
    assert models[0]["objective"][-1] < 0.1 * models[0]["objective"][0]
