"""Orthogonal components: hard clusterings, by a penalty that grows and by the rule of Ding, Li, Peng & Park."""

import numpy
import pytest
import scipy.sparse

from conftest import RANKS, error_line, fit, planted, run, write_csr, write_dense

FIXED = ("--precision", "double", "--tolerance", 0, "--stall", 0, "--seed", 3)


def clusters(m=60, n=200, k=8, noise=0.1, seed=0):
    """Columns that are a centroid each, times a weight, under noise; and which."""
    random = numpy.random.default_rng(seed)
    group = random.integers(0, k, n)
    V = random.random((m, k))[:, group] * random.uniform(0.5, 1.5, n)
    E = random.normal(size=V.shape)
    return numpy.maximum(V + noise * numpy.linalg.norm(V) / numpy.linalg.norm(E) * E, 0), group


def agree(labels, group):
    return len(set(zip(labels, group))) == len(set(labels)) == len(set(group))


def mean_cosine(H):
    norms = numpy.linalg.norm(H, axis=1)
    cosines = H @ H.T / numpy.outer(norms, norms)
    return (cosines.sum() - len(H)) / (len(H) * (len(H) - 1))


def check_hard(V, X, objective, group):
    """Each column of V keeps one component, and has the best direction and weights of its cluster; plain k-means has the
    objective that W and H with the cluster's indicators, made orthonormal, have."""
    assert (numpy.count_nonzero(X, axis=0) <= 1).all() and mean_cosine(X) < 1e-12
    labels = X.argmax(axis=0)
    assert agree(labels, group)
    best = sum(0.5 * (numpy.sum(part**2) - numpy.linalg.norm(part, 2) ** 2)
               for part in (V[:, labels == c] for c in set(labels)))
    assert objective == pytest.approx(best, rel=1e-6)
    kmeans = sum(0.5 * numpy.sum((part - part.mean(axis=1, keepdims=True)) ** 2)
                 for part in (V[:, labels == c] for c in set(labels)))
    H = numpy.array([labels == c for c in sorted(set(labels))], float)
    H /= numpy.linalg.norm(H, axis=1, keepdims=True)
    assert 0.5 * numpy.sum((V - V @ H.T @ H) ** 2) == pytest.approx(kmeans, rel=1e-6)


@pytest.mark.parametrize("distribute", ["rows", "columns"])
@pytest.mark.parametrize("side", ["h", "w"])
def test_clusters_are_found(tmp_path, side, distribute):
    V, group = clusters()
    path = write_dense(tmp_path / "V.h5", V if side == "h" else V.T)
    for seed in range(3):
        model = fit(2, path, tmp_path / "m.h5", "-k", 8, "--orthogonal", side, "--distribute", distribute, "--seed", seed,
                    "--precision", "double", "--stall", 1e-12, "--tolerance", 1e-8)
        check_hard(V, model["H"] if side == "h" else model["W"].T, model["attributes"]["objective"], group)


def test_sparse_v(tmp_path):
    V, group = clusters()
    V[V < 0.3] = 0
    model = fit(3, write_csr(tmp_path / "V.h5", scipy.sparse.csr_matrix(V)), tmp_path / "m.h5", "-k", 8, "--orthogonal", "h",
                "--stall", 1e-12, "--tolerance", 1e-8, "--precision", "double")
    check_hard(V, model["H"], model["attributes"]["objective"], group)


@pytest.mark.parametrize("distribute", ["rows", "columns"])
@pytest.mark.parametrize("side", ["h", "w"])
def test_rule_is_that_of_the_paper(tmp_path, side, distribute):
    V = planted(40, 30, 4, noise=0.1, seed=5)
    path = write_dense(tmp_path / "V.h5", V)
    options = ("-k", 4, "--method", "orthogonal-mu", "--orthogonal", side, "--distribute", distribute, *FIXED)
    first = fit(2, path, tmp_path / "first.h5", *options, "--max-iterations", 1)
    W, H = first["W"], first["H"]
    for _ in range(10):
        if side == "h":
            W = W * (V @ H.T) / (W @ (H @ H.T))
            H = H * numpy.sqrt((W.T @ V) / ((W.T @ V @ H.T) @ H))
        else:
            W = W * numpy.sqrt((V @ H.T) / (W @ (W.T @ V @ H.T)))
            H = H * (W.T @ V) / ((W.T @ W) @ H)
    model = fit(3, path, tmp_path / "m.h5", *options, "--max-iterations", 11)
    assert model["W"] == pytest.approx(W, rel=1e-8)
    assert model["H"] == pytest.approx(H, rel=1e-8)


def test_rule_makes_components_nearly_orthogonal(tmp_path):
    V, _ = clusters()
    plain, rule = (fit(2, write_dense(tmp_path / "V.h5", V), tmp_path / "m.h5", "-k", 8, "--method", method)
                   for method in ("mu", "orthogonal-mu"))
    assert mean_cosine(rule["H"]) < 0.05 < mean_cosine(plain["H"])


@pytest.mark.parametrize("method", ["hals", "orthogonal-mu"])
def test_same_on_any_number_of_ranks(tmp_path, method):
    V = write_dense(tmp_path / "V.h5", clusters()[0])
    options = ("-k", 8, "--orthogonal", "h", "--method", method, "--max-iterations", 30, *FIXED)
    models = [fit(ranks, V, tmp_path / "m.h5", *options) for ranks in RANKS]
    models.append(fit(2, V, tmp_path / "m.h5", *options, "--distribute", "columns"))
    for model in models:
        assert model["objective"] == pytest.approx(models[0]["objective"], rel=1e-9)


def test_resumed_is_uninterrupted(tmp_path):
    V = write_dense(tmp_path / "V.h5", clusters()[0])
    options = ("-k", 8, "--orthogonal", "h", *FIXED)
    whole = fit(2, V, tmp_path / "whole.h5", *options, "--max-iterations", 40)
    for ranks, stop in ((2, 10), (4, 15), (1, 40)):
        resumed = fit(ranks, V, tmp_path / "m.h5", *options, "--max-iterations", stop, "--checkpoint", tmp_path / "c.h5")
    assert resumed["objective"] == pytest.approx(whole["objective"], rel=1e-9)
    assert resumed["H"] == pytest.approx(whole["H"], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("options, words", [
    (("--loss", "kl"), "frobenius"), (("--symmetric",), "exclude"), (("--extrapolate", "yes"), "extrapolated"),
    (("--fix-h", "H.h5"), "Fix the other"), (("--orthogonal", "w", "--fix-w", "W.h5"), "Fix the other"),
    (("--method", "orthogonal-mu", "--fix-h", "H.h5"), "Fix the other")])
def test_options_that_clash(tmp_path, options, words):
    done = run(1, "fit", write_dense(tmp_path / "V.h5", planted(9, 9, 2)), "-k", 2, "--orthogonal", "h", *options, "-o", tmp_path / "m.h5")
    assert done.returncode == 2 and words in error_line(done)
