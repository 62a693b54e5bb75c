"""Starts from singular vectors, and how far models are from the best of their rank."""

import h5py
import numpy
import pytest
import scipy.sparse

from conftest import error_line, fit, planted, run, succeed, write_csr, write_dense


def nndsvd(V, k):
    """Boutsidis & Gallopoulos 2008, plainly."""
    U, S, Vt = numpy.linalg.svd(V, full_matrices=False)
    W, H = numpy.zeros((len(V), k)), numpy.zeros((k, V.shape[1]))
    for c in range(k):
        parts = []
        for sign in (1, -1):
            u, v = numpy.maximum(sign * U[:, c], 0), numpy.maximum(sign * Vt[c], 0)
            parts.append((numpy.linalg.norm(u) * numpy.linalg.norm(v), u, v))
        size, u, v = max(parts, key=lambda part: part[0])
        W[:, c] = numpy.sqrt(S[c] * size) * u / numpy.linalg.norm(u)
        H[c] = numpy.sqrt(S[c] * size) * v / numpy.linalg.norm(v)
    return W, H


def start_file(path, W, H):
    with h5py.File(path, "w") as file:
        file["W"], file["H"] = W, H
    return path


def first(tmp_path, ranks, V, k, *options):
    return fit(ranks, V, tmp_path / "m.h5", "-k", k, "--max-iterations", 3, "--precision", "double", "--tolerance", 0, *options)


@pytest.mark.parametrize("side, ranks", [("rows", 1), ("rows", 3), ("rows", 7), ("columns", 2), ("columns", 4)])
def test_is_that_of_the_paper(tmp_path, ranks, side):
    V = planted(90, 70, 6, 0.1)
    W, H = nndsvd(V, 5)
    path = write_dense(tmp_path / "V.h5", V)
    model = first(tmp_path, ranks, path, 5, "--init", "nndsvd", "--distribute", side)
    wanted = first(tmp_path, ranks, path, 5, "--init-file", start_file(tmp_path / "s.h5", W, H), "--distribute", side)
    assert model["objective"] == pytest.approx(wanted["objective"], rel=1e-5)
    assert model["W"] == pytest.approx(wanted["W"], abs=1e-3 * wanted["W"].max())


@pytest.mark.parametrize("init, low, high", [("nndsvda", 1, 1), ("nndsvdar", 0, 0.01)])
def test_zeros_are_filled(tmp_path, init, low, high):
    """One step of mu from a start that is known but for what fills its zeros."""
    V = planted(60, 50, 5, 0.1, seed=1)
    W, H = nndsvd(V, 4)
    path = write_dense(tmp_path / "V.h5", V)
    model = first(tmp_path, 2, path, 4, "--init", init, "--method", "mu")
    bounds = []
    for share in (low, high):
        X, Y = (numpy.where(A < 1e-9, share * V.mean() if share else 1e-300, A) for A in (W, H))
        wanted = first(tmp_path, 1, path, 4, "--init-file", start_file(tmp_path / "s.h5", X, Y), "--method", "mu")
        bounds.append(wanted["objective"][0])
    assert min(bounds) * (1 - 1e-6) <= model["objective"][0] <= max(bounds) * (1 + 1e-6)
    assert (model["W"] > 0).all() and (model["H"] > 0).all()


def test_seeds_and_restarts(tmp_path):
    V = write_dense(tmp_path / "V.h5", planted(60, 50, 5, 0.1, seed=2))
    models = [first(tmp_path, 2, V, 4, "--init", "nndsvdar", "--seed", seed)["objective"][0] for seed in (1, 1, 2)]
    assert models[0] == models[1] != models[2]
    succeed(2, "fit", V, "-k", 4, "--init", "nndsvdar", "--restarts", 3, "-o", tmp_path / "r.h5")


@pytest.mark.parametrize("method, loss", [("mu", "frobenius"), ("mu", "kl"), ("newton", "kl"), ("hals", "frobenius"), ("bpp", "frobenius")])
def test_no_component_stays_frozen(tmp_path, method, loss):
    V = scipy.sparse.random(120, 90, 0.15, "csr", random_state=3)
    path = write_csr(tmp_path / "V.h5", V)
    options = ("-k", 5, "--method", method, "--loss", loss, "--max-iterations", 300)
    start = fit(2, path, tmp_path / "m.h5", *options, "--init", "nndsvd")
    random = min(fit(2, path, tmp_path / "m.h5", *options, "--seed", seed)["attributes"]["objective"] for seed in range(3))
    assert start["W"].any(axis=0).all() and start["H"].any(axis=1).all()
    assert start["attributes"]["objective"] < 1.03 * random


def test_kos(tmp_path, data):
    model = fit(2, data / "kos/docword.kos.txt.gz", tmp_path / "m.h5", "-k", 10, "--init", "nndsvd")
    assert model["attributes"]["relative_error"] <= 0.84242


@pytest.mark.parametrize("ranks", (1, 3))
def test_refused(tmp_path, ranks):
    V = write_dense(tmp_path / "V.h5", numpy.ones((8, 3)))
    for options, words in {("-k", 4, "--init", "nndsvd"): "3 singular values",
                           ("-k", 2, "--init", "nndsvd", "--restarts", 2): "nndsvdar",
                           ("-k", 2, "--svd-bound", "--loss", "kl"): "frobenius",
                           ("-k", 2, "--svd-bound", "--missing", "zero"): "missing"}.items():
        done = run(ranks, "fit", V, *options, "-o", tmp_path / "m.h5")
        assert done.returncode == 2 and words in error_line(done)


@pytest.mark.parametrize("ranks", (1, 2, 7))
def test_bound_of_a_fit(tmp_path, ranks):
    V = planted(80, 40, 6, 0.2)
    S = numpy.linalg.svd(V, compute_uv=False)
    path = write_dense(tmp_path / "V.h5", V)
    done = succeed(ranks, "fit", path, "-k", 3, "--svd-bound", "-o", tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5") as file:
        bound, error = file.attrs["svd_bound"], file.attrs["relative_error"]
    assert bound == pytest.approx(numpy.sqrt((S[3:] ** 2).sum() / (S**2).sum()), rel=1e-6) and error > bound
    assert f"error_ratio = {error / bound:.6f}" in done.stderr


def test_bound_of_a_scan(tmp_path):
    V = planted(60, 9, 4, 0.2)
    S = numpy.linalg.svd(V, compute_uv=False)
    succeed(2, "scan", write_dense(tmp_path / "V.h5", V), "-k", "2:10:4", "--restarts", 2, "--svd-bound", "-o", tmp_path / "s.h5")
    with h5py.File(tmp_path / "s.h5") as file:
        bound, ratio, error = (file["survey"][name][()] for name in ("svd_bound", "error_ratio", "relative_error"))
    wanted = [numpy.sqrt((S[k:] ** 2).sum() / (S**2).sum()) for k in (2, 6, 10)]
    assert bound == pytest.approx(wanted, rel=1e-6, abs=1e-7)
    assert ratio[:2] == pytest.approx(error[:2] / bound[:2]) and (ratio[:2] > 1).all()


def test_no_bound_of_what_is_of_that_rank(tmp_path):
    V = write_dense(tmp_path / "V.h5", planted(80, 70, 3))
    done = succeed(2, "fit", V, "-k", 4, "--svd-bound", "-o", tmp_path / "m.h5")
    assert "svd_bound = 0.000000" in done.stderr and "error_ratio" not in done.stderr
