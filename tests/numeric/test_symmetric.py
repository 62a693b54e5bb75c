"""Symmetric factorisation: one factor, V near X Xᵀ."""

import numpy
import pytest
import scipy.sparse

from conftest import RANKS, error_line, fit, run, write_csr, write_dense

FIXED = ("--precision", "double", "--tolerance", 0, "--stall", 0, "--seed", 3)


def blocks(n=60, k=4, noise=0.2, seed=0):
    """Similarities of n items in k groups, and the groups."""
    random = numpy.random.default_rng(seed)
    group = random.integers(0, k, n)
    V = (group[:, None] == group) + noise * random.random((n, n))
    return (V + V.T) / 2, group


def graph(n=80, density=0.1, seed=1):
    V = scipy.sparse.random(n, n, density, "csr", random_state=seed)
    return ((V + V.T) / 2).tocsr()


def agree(labels, group):
    """Whether two groupings are the same but for the names of the groups."""
    pairs = set(zip(labels, group))
    return len(pairs) == len(set(labels)) == len(set(group))


def check_figures(V, model, l1=0.0, l2=0.0):
    X = model["W"]
    assert numpy.array_equal(X, model["H"].T) and X.min() >= 0
    objective = 0.5 * numpy.sum((V - X @ X.T) ** 2) + l1 * X.sum() + 0.5 * l2 * numpy.sum(X**2)
    assert model["attributes"]["objective"] == pytest.approx(objective, rel=1e-9)
    assert model["objective"][-1] == pytest.approx(objective, rel=1e-9)


@pytest.mark.parametrize("method, storage, counts", [
    ("hals", "dense", RANKS), ("hals", "sparse", (1, 3)), ("bpp", "dense", (1, 4)), ("bpp", "sparse", (1, 2)), ("mu", "dense", (1, 7)),
    ("mu", "sparse", (1, 3))])
def test_same_on_any_number_of_ranks(tmp_path, method, storage, counts):
    V = blocks()[0] if storage == "dense" else graph().toarray()
    path = write_dense(tmp_path / "V.h5", V) if storage == "dense" else write_csr(tmp_path / "V.h5", graph())
    options = ("-k", 4, "--symmetric", "--method", method, "--max-iterations", 40, *FIXED)
    models = [fit(ranks, path, tmp_path / "m.h5", *options) for ranks in counts]
    models.append(fit(2, path, tmp_path / "m.h5", *options, "--threads", 3))
    for model in models:
        check_figures(V, model)
        assert model["objective"] == pytest.approx(models[0]["objective"], rel=1e-9)


def test_multiplicative_rule_is_that_of_ding(tmp_path):
    V = blocks()[0]
    first = fit(2, write_dense(tmp_path / "V.h5", V), tmp_path / "first.h5", "-k", 4, "--symmetric", "--method", "mu", "--max-iterations", 1, *FIXED)
    X = first["W"]
    for _ in range(10):
        X = X * (0.5 + 0.5 * (V @ X) / (X @ (X.T @ X)))
    model = fit(3, tmp_path / "V.h5", tmp_path / "m.h5", "-k", 4, "--symmetric", "--method", "mu", "--max-iterations", 11, *FIXED)
    assert model["W"] == pytest.approx(X, rel=1e-9)


@pytest.mark.parametrize("storage", ["dense", "sparse"])
def test_hals_reaches_a_stationary_point(tmp_path, storage):
    V = blocks()[0] if storage == "dense" else graph().toarray()
    path = write_dense(tmp_path / "V.h5", V) if storage == "dense" else write_csr(tmp_path / "V.h5", graph())
    model = fit(2, path, tmp_path / "m.h5", "-k", 4, "--symmetric", "--max-iterations", 5000, "--stall", 0, "--tolerance", 1e-6,
                "--precision", "double")
    assert model["provenance"]["stop_reason"] == "converged"
    X = model["W"]
    gradient = X @ (X.T @ X) - V @ X
    assert numpy.abs(numpy.where(X > 0, gradient, numpy.minimum(gradient, 0))).max() < 1e-4
    assert model["objective"][-1] <= model["objective"].min() * (1 + 1e-9)


def test_blocks_are_recovered(tmp_path):
    V, group = blocks(noise=0.5)
    for seed in range(5):
        model = fit(2, write_dense(tmp_path / "V.h5", V), tmp_path / "m.h5", "-k", 4, "--symmetric", "--seed", seed)
        assert agree(model["W"].argmax(axis=1), group)


def test_penalties(tmp_path):
    V = blocks()[0]
    plain, sparse = (fit(3, write_dense(tmp_path / "V.h5", V), tmp_path / "m.h5", "-k", 4, "--symmetric", "--l1-h", l1, "--l2-h", 0.1,
                         "--max-iterations", 300, "--stall", 0) for l1 in (0, 2))
    check_figures(V, plain, 0, 0.1)
    check_figures(V, sparse, 2, 0.1)
    assert numpy.mean(sparse["W"] == 0) > numpy.mean(plain["W"] == 0)


def test_resumed_is_uninterrupted(tmp_path):
    V = write_dense(tmp_path / "V.h5", blocks()[0])
    options = ("-k", 4, "--symmetric", *FIXED)
    whole = fit(2, V, tmp_path / "whole.h5", *options, "--max-iterations", 40)
    for ranks, stop in ((2, 11), (4, 12), (1, 40)):
        resumed = fit(ranks, V, tmp_path / "m.h5", *options, "--max-iterations", stop, "--checkpoint", tmp_path / "c.h5")
    assert resumed["objective"] == pytest.approx(whole["objective"], rel=1e-9)
    assert resumed["W"] == pytest.approx(whole["W"], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("ranks", [1, 3])
@pytest.mark.parametrize("storage", ["dense", "sparse"])
def test_normalised_affinity_is_the_weighted_matrix(tmp_path, storage, ranks):
    V = blocks()[0] if storage == "dense" else graph().toarray()
    V[:, 5] = V[5] = 0  # an item without neighbours
    path = write_dense(tmp_path / "V.h5", V) if storage == "dense" else write_csr(tmp_path / "V.h5", scipy.sparse.csr_matrix(V))
    options = ("-k", 4, "--symmetric", "--max-iterations", 40, *FIXED)
    model = fit(ranks, path, tmp_path / "m.h5", *options, "--affinity", "normalised")
    degree = numpy.where(V.any(axis=1), V.sum(axis=1), 1)
    weighted = V / numpy.sqrt(numpy.outer(degree, degree))
    check_figures(weighted, model)
    by_hand = fit(2, write_dense(tmp_path / "N.h5", (weighted + weighted.T) / 2), tmp_path / "m.h5", *options)
    assert model["objective"] == pytest.approx(by_hand["objective"], rel=1e-9)


@pytest.mark.parametrize("ranks", [1, 3])
def test_what_is_not_symmetric_is_refused(tmp_path, ranks):
    V = blocks()[0]
    V[41, 7] += 0.5
    done = run(ranks, "fit", write_dense(tmp_path / "V.h5", V), "-k", 2, "--symmetric", "-o", tmp_path / "m.h5")
    assert done.returncode == 3 and "row 7, column 41" in error_line(done) and "row 41, column 7" in error_line(done)
    S = graph().tolil()
    S[5, 70] = 9
    done = run(ranks, "fit", write_csr(tmp_path / "S.h5", S.tocsr()), "-k", 2, "--symmetric", "-o", tmp_path / "m.h5")
    assert done.returncode == 3 and "row 5, column 70" in error_line(done)
    done = run(ranks, "fit", write_dense(tmp_path / "R.h5", V[:, :9]), "-k", 2, "--symmetric", "-o", tmp_path / "m.h5")
    assert done.returncode == 3 and "square" in error_line(done)


@pytest.mark.parametrize("options, words", [
    (("--loss", "kl"), "frobenius"), (("--distribute", "columns"), "by rows"), (("--extrapolate", "yes"), "extrapolate"),
    (("--l1-w", 1), "--l1-h"), (("--affinity", "normalised", "--weight", "log1p"), "exclude"), (("--fix-h", "m.h5"), "--fix-h")])
def test_options_that_clash(tmp_path, options, words):
    done = run(1, "fit", write_dense(tmp_path / "V.h5", blocks()[0]), "-k", 2, "--symmetric", *options, "-o", tmp_path / "m.h5")
    assert done.returncode == 2 and words in error_line(done)
