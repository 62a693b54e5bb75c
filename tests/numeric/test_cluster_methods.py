"""partwise cluster by kernel k-means and by factorisations: beside k-means, and beside what fit finds."""

import subprocess
import sys

import h5py
import numpy
import pytest
import scipy.sparse

from conftest import RANKS, ROOT, fit, planted, succeed, write_csr, write_dense
from test_cluster import cluster, groups, read_clusters


# ---- kernel k-means


def trace_form(K, labels):
    objective = numpy.trace(K)
    for c in set(labels):
        inside = labels == c
        objective -= K[numpy.ix_(inside, inside)].sum() / inside.sum()
    return objective


@pytest.mark.parametrize("storage, counts", [("dense", RANKS), ("sparse", (3,))])
def test_kernel_of_products_is_k_means(tmp_path, storage, counts):
    V, label = groups()
    K = V @ V.T
    path = write_dense(tmp_path / "K.h5", K) if storage == "dense" else write_csr(tmp_path / "K.h5", scipy.sparse.csr_matrix(K))
    results = [cluster(ranks, path, tmp_path / "c.h5", "-k", 5, "--method", "kernel-kmeans") for ranks in counts]
    results.append(cluster(2, path, tmp_path / "c.h5", "-k", 5, "--method", "kernel-kmeans", "--threads", 2))
    plain = cluster(2, write_dense(tmp_path / "V.h5", V), tmp_path / "p.h5", "-k", 5)
    for found in results:
        assert len(set(zip(found["labels"], label))) == 5
        assert numpy.array_equal(found["labels"], results[0]["labels"])
        assert found["objective"] == pytest.approx(plain["objective"], rel=1e-9)
        assert found["objective"] == pytest.approx(trace_form(K, found["labels"]), rel=1e-9)


@pytest.mark.parametrize("options", [(), ("--shift", 2.5), ("--affinity", "normalised", "--shift", 1)])
def test_kernel_is_at_rest(tmp_path, options):
    """No item is nearer to another mean, also of similarities with negative eigenvalues."""
    random = numpy.random.default_rng(3)
    X = random.normal(size=(90, 5))
    K = numpy.exp(-((X[:, None] - X[None]) ** 2).sum(axis=2) / 4) - 0.002
    if options[:1] == ("--affinity",):
        K = K + 0.01
    K = (K + K.T) / 2
    found = [cluster(ranks, write_dense(tmp_path / "K.h5", K), tmp_path / "c.h5", "-k", 4, "--method", "kernel-kmeans", *options)
             for ranks in (1, 3)]
    if options[:1] == ("--affinity",):
        d = K.sum(axis=1) ** -0.5
        K = d[:, None] * K * d[None]
    K = K + numpy.eye(90) * (options[-1] if options else 0)
    labels = found[0]["labels"]
    assert numpy.array_equal(labels, found[1]["labels"]) and found[0]["stop_reason"] == "converged"
    assert found[0]["objective"] == pytest.approx(trace_form(K, labels), rel=1e-9)
    E = (labels[:, None] == numpy.arange(4)) / numpy.bincount(labels, minlength=4)
    D = numpy.diag(K)[:, None] - 2 * K @ E + numpy.diag(E.T @ K @ E)
    assert numpy.array_equal(D.argmin(axis=1), labels)


# ---- factorisations


def expect_labels(W, H):
    return (W * H.sum(axis=1)).argmax(axis=1)


@pytest.mark.parametrize("shape", [(60, 30), (20, 120)])
def test_labels_of_a_factorisation(tmp_path, shape):
    V = planted(*shape, 4, 0.1)
    options = ("-k", 4, "--restarts", 2, "--seed", 1)
    model = fit(2, write_dense(tmp_path / "V.h5", V), tmp_path / "m.h5", *options)
    results = [cluster(ranks, tmp_path / "V.h5", tmp_path / "c.h5", "--method", "nmf", *options) for ranks in (1, 3)]
    for found in results:
        assert numpy.array_equal(found["labels"], expect_labels(model["W"], model["H"]))
        assert found["objective"] == pytest.approx(model["attributes"]["objective"], rel=1e-6)
        assert numpy.array_equal(found["column_labels"], expect_labels(model["H"].T, model["W"].T))
        assert numpy.array_equal(found["column_sizes"], numpy.bincount(found["column_labels"], minlength=4))
        shares = model["W"] * model["H"].sum(axis=1)
        assert found["memberships"] == pytest.approx(shares / shares.sum(axis=1, keepdims=True), abs=1e-4)
    assert results[0]["seed"] == model["attributes"]["seed"]


@pytest.mark.parametrize("options", [(), ("--normalise", "l2")])
def test_labels_of_a_model(tmp_path, options):
    V = planted(40, 25, 3, 0.1)
    (tmp_path / "V.csv").write_text("," + ",".join(f"c{j}" for j in range(25)) + "\n" + "".join(
        f"r{i}," + ",".join(map(repr, map(float, row))) + "\n" for i, row in enumerate(V)))
    model = fit(2, tmp_path / "V.csv", tmp_path / "m.h5", "-k", 3, *options)
    with h5py.File(tmp_path / "m.h5") as file:
        scale = file["scale"][()] if "scale" in file else numpy.ones(3)
    for ranks in (1, 3):
        succeed(ranks, "cluster", "--model", tmp_path / "m.h5", "--method", "nmf", "-o", tmp_path / "c.h5")
        found = read_clusters(tmp_path / "c.h5")
        assert numpy.array_equal(found["labels"], expect_labels(model["W"] * scale, model["H"]))
        assert list(found["names"]) == [f"r{i}" for i in range(40)]
        assert found["objective"] == model["attributes"]["objective"] and found["stop_reason"] == model["provenance"]["stop_reason"]


def test_orthogonal_rows_have_one_component(tmp_path):
    V = planted(60, 30, 4, 0.1)
    found = cluster(2, write_dense(tmp_path / "V.h5", V), tmp_path / "c.h5", "-k", 4, "--method", "nmf", "--orthogonal", "w")
    assert numpy.sort(found["memberships"], axis=1)[:, -1].mean() > 0.99


def test_labels_of_a_symmetric_factorisation(tmp_path):
    random = numpy.random.default_rng(0)
    group = random.integers(0, 4, 80)
    V = (group[:, None] == group) + 0.3 * random.random((80, 80))
    V = (V + V.T) / 2
    options = ("--affinity", "normalised", "-k", 4, "--seed", 2)
    model = fit(2, write_dense(tmp_path / "V.h5", V), tmp_path / "m.h5", "--symmetric", *options)
    for ranks in (1, 3):
        found = cluster(ranks, tmp_path / "V.h5", tmp_path / "c.h5", "--method", "symnmf", "--restarts", 1, *options)
        assert numpy.array_equal(found["labels"], model["W"].argmax(axis=1))
        assert len(set(zip(found["labels"], group))) == 4


@pytest.mark.release_only
def test_conferences_of_football_teams(tmp_path, data):
    """The graph and its groups as scripts/convert.py writes them."""
    subprocess.run([sys.executable, ROOT / "scripts/convert.py", data / "graphs/football.gml", tmp_path / "g.h5"], check=True)
    found = cluster(2, tmp_path / "g.h5", tmp_path / "c.h5", "-k", 12, "--method", "symnmf", "--affinity", "normalised",
                    "--truth", tmp_path / "g.h5")
    assert found["classes"] == 12 and found["ari"] > 0.85 and found["nmi"] > 0.9


def test_rows_of_zeros_have_no_component(tmp_path):
    V = planted(30, 20, 3)
    V[[4, 9]] = 0
    done = succeed(2, "cluster", write_dense(tmp_path / "V.h5", V), "-k", 3, "--method", "nmf", "-o", tmp_path / "c.h5")
    found = read_clusters(tmp_path / "c.h5")
    assert set(numpy.flatnonzero(found["labels"] < 0)) == {4, 9} and "2 rows belong to no cluster" in done.stderr
    assert found["sizes"].sum() == 28
