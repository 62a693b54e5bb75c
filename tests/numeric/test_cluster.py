"""partwise cluster: k-means beside scikit-learn, and what is refused."""

import h5py
import numpy
import pytest
import scipy.sparse

from conftest import RANKS, error_line, run, succeed, write_csr, write_dense

INPUT = 3


def groups(m=300, n=12, k=5, noise=0.5, seed=0):
    """Rows around k centres, and which is around which."""
    random = numpy.random.default_rng(seed)
    centres, label = random.gamma(1.0, 5.0, size=(k, n)), random.integers(0, k, m)
    return numpy.maximum(centres[label] + noise * random.normal(size=(m, n)), 0), label


def sparse_counts(m=200, n=60, seed=1):
    random = numpy.random.default_rng(seed)
    V = scipy.sparse.random(m, n, 0.1, "csr", random_state=seed)
    V.data = random.integers(1, 9, V.nnz).astype(numpy.float64)
    return V


def read_clusters(path):
    with h5py.File(path) as file:
        found = {name: file[name][()] for name in ("labels", "sizes", "column_labels", "column_sizes", "eigenvalues", "centroids", "memberships") if name in file}
        found.update(file.attrs)
        found["stop_reason"] = file["provenance"].attrs["stop_reason"]
        found["names"] = file["row_names"].asstr()[()] if "row_names" in file else None
    return found


def cluster(ranks, V, output, *options, **keywords):
    succeed(ranks, "cluster", V, "-o", output, *options, **keywords)
    return read_clusters(output)


def squared_distances(V, C):
    return ((V[:, None, :] - C[None]) ** 2).sum(axis=2)


def check(V, found):
    """Labels, sizes and objective are those of the centroids."""
    D = squared_distances(V, found["centroids"])
    assert numpy.array_equal(found["labels"], D.argmin(axis=1))
    assert found["objective"] == pytest.approx(D.min(axis=1).sum(), rel=1e-9, abs=1e-9)
    assert numpy.array_equal(found["sizes"], numpy.bincount(found["labels"], minlength=len(D[0])))


# ---- k-means


@pytest.mark.parametrize("storage, counts", [("dense", RANKS), ("sparse", (1, 3)), ("negative", (1, 7)), ("sample", (1, 2, 4))])
def test_same_on_any_number_of_ranks(tmp_path, storage, counts):
    V = {"dense": lambda: groups(noise=5)[0], "sparse": lambda: sparse_counts().toarray(), "negative": lambda: groups(noise=4)[0] - 3,
         "sample": lambda: groups(1100, 6, 16, 4)[0]}[storage]()
    path = write_csr(tmp_path / "V.h5", scipy.sparse.csr_matrix(V)) if storage == "sparse" else write_dense(tmp_path / "V.h5", V)
    options = ("-k", 16 if storage == "sample" else 6, "--restarts", 3, "--seed", 5)
    results = [cluster(ranks, path, tmp_path / "c.h5", *options) for ranks in counts]
    results.append(cluster(2, path, tmp_path / "c.h5", *options, "--threads", 3))
    for found in results:
        check(V, found)
        assert numpy.array_equal(found["labels"], results[0]["labels"])
        assert found["objective"] == pytest.approx(results[0]["objective"], rel=1e-12)
        assert found["centroids"] == pytest.approx(results[0]["centroids"], rel=1e-9, abs=1e-12)
        assert (found["seed"], found["iterations"]) == (results[0]["seed"], results[0]["iterations"])


@pytest.mark.parametrize("storage", ["dense", "sparse"])
@pytest.mark.parametrize("tolerance", [0, 1e-3])
def test_goes_the_way_of_scikit_learn(tmp_path, storage, tolerance):
    """From the same centroids, by the same rule of stopping."""
    KMeans = pytest.importorskip("sklearn.cluster").KMeans
    V = groups(noise=8)[0] if storage == "dense" else sparse_counts().toarray()
    path = write_dense(tmp_path / "V.h5", V) if storage == "dense" else write_csr(tmp_path / "V.h5", scipy.sparse.csr_matrix(V))
    start = V[[3, 50, 77, 120, 180, 199]]
    with h5py.File(tmp_path / "start.h5", "w") as file:
        file["centroids"] = start
    found = cluster(3, path, tmp_path / "c.h5", "-k", 6, "--init-file", tmp_path / "start.h5", "--tolerance", tolerance)
    theirs = KMeans(6, init=start, n_init=1, tol=tolerance, algorithm="lloyd").fit(V if storage == "dense" else scipy.sparse.csr_matrix(V))
    assert found["objective"] == pytest.approx(theirs.inertia_, rel=1e-9)
    assert numpy.array_equal(found["labels"], theirs.labels_) and found["iterations"] == theirs.n_iter_
    assert found["stop_reason"] == "converged"
    check(V, found)


@pytest.mark.parametrize("m, k", [(300, 5), (2000, 20)])
def test_planted_groups_are_found(tmp_path, m, k):
    KMeans = pytest.importorskip("sklearn.cluster").KMeans
    V, label = groups(m, 12, k)
    found = cluster(2, write_dense(tmp_path / "V.h5", V), tmp_path / "c.h5", "-k", k)
    assert found["objective"] <= KMeans(k, n_init=5, random_state=0).fit(V).inertia_ * 1.001
    assert len(set(zip(found["labels"], label))) == k


def test_storage_makes_no_difference(tmp_path):
    V = sparse_counts().toarray()
    options = ("-k", 7, "--restarts", 2)
    dense = cluster(2, write_dense(tmp_path / "V.h5", V), tmp_path / "c.h5", *options)
    for other in (write_csr(tmp_path / "S.h5", scipy.sparse.csr_matrix(V)), write_dense(tmp_path / "B.h5", V.astype(numpy.uint8)),
                  write_dense(tmp_path / "F.h5", V.astype(numpy.float32))):
        found = cluster(3, other, tmp_path / "c.h5", *options)
        assert numpy.array_equal(found["labels"], dense["labels"])
        assert found["objective"] == pytest.approx(dense["objective"], rel=1e-12)


def test_storage_makes_no_difference_to_a_sample(tmp_path):
    """Counts, with many rows equally near to several of the sample."""
    random = numpy.random.default_rng(1)
    V = random.poisson(3 * random.gamma(0.3, size=(18, 20))[random.integers(0, 18, 1200)])
    options = ("-k", 18, "--restarts", 3)
    dense = cluster(1, write_dense(tmp_path / "V.h5", V.astype(numpy.uint16)), tmp_path / "c.h5", *options)
    sparse = cluster(3, write_csr(tmp_path / "S.h5", scipy.sparse.csr_matrix(V)), tmp_path / "c.h5", *options)
    assert numpy.array_equal(sparse["labels"], dense["labels"])


def test_far_from_the_origin(tmp_path):
    """Distances are those to centroids relative to the mean."""
    V, label = groups()
    found = cluster(2, write_dense(tmp_path / "V.h5", V + 1e6), tmp_path / "c.h5", "-k", 5)
    assert len(set(zip(found["labels"], label))) == 5
    assert found["objective"] == pytest.approx(squared_distances(V + 1e6, found["centroids"]).min(axis=1).sum(), rel=1e-6)


def test_weights_are_those_of_a_fit(tmp_path):
    V = sparse_counts()
    found = cluster(2, write_csr(tmp_path / "V.h5", V), tmp_path / "c.h5", "-k", 4, "--weight", "log1p")
    check(numpy.log1p(V.toarray()), found)


def test_one_cluster_is_the_mean(tmp_path):
    V = groups()[0]
    found = cluster(3, write_dense(tmp_path / "V.h5", V), tmp_path / "c.h5", "-k", 1)
    assert found["centroids"][0] == pytest.approx(V.mean(axis=0), rel=1e-12)
    assert found["objective"] == pytest.approx(((V - V.mean(axis=0)) ** 2).sum(), rel=1e-12)


@pytest.mark.parametrize("method", ["kmeans", "kernel-kmeans"])
def test_as_many_clusters_as_rows(tmp_path, method):
    V = groups(20)[0]
    path = write_dense(tmp_path / "V.h5", V if method == "kmeans" else numpy.round(V) @ numpy.round(V).T)
    found = cluster(3, path, tmp_path / "c.h5", "-k", 20, "--method", method)
    assert sorted(found["labels"]) == list(range(20)) and found["objective"] == pytest.approx(0, abs=1e-9)
    done = run(2, "cluster", path, "-k", 21, "--method", method, "-o", tmp_path / "no.h5")
    assert done.returncode == INPUT and "20 rows, too few for 21 clusters" in error_line(done)
    assert not list(tmp_path.glob("no.h5*"))


@pytest.mark.parametrize("method", ["kmeans", "kernel-kmeans"])
def test_fewer_different_rows_than_clusters(tmp_path, method):
    random = numpy.random.default_rng(0)
    V = random.integers(0, 5, (4, 6)).astype(float)[random.integers(0, 4, 40)]
    path = write_dense(tmp_path / "V.h5", V if method == "kmeans" else V @ V.T)
    results = []
    for ranks in (1, 4):
        done = succeed(ranks, "cluster", path, "-k", 6, "--method", method, "-o", tmp_path / "c.h5")
        assert "2 of 6 clusters are empty" in done.stderr
        results.append(read_clusters(tmp_path / "c.h5"))
    for found in results:
        assert found["objective"] == pytest.approx(0, abs=1e-9) and sorted(found["sizes"])[:2] == [0, 0]
        assert numpy.array_equal(found["labels"], results[0]["labels"])
        assert len({(label, *row) for label, row in zip(found["labels"], V)}) == 4


def test_empty_clusters_get_the_farthest_rows(tmp_path):
    V = groups()[0]
    with h5py.File(tmp_path / "start.h5", "w") as file:
        file["centroids"] = numpy.vstack([V[:3], V[:1], numpy.full((1, V.shape[1]), 1e3)])
    results = [cluster(ranks, write_dense(tmp_path / "V.h5", V), tmp_path / "c.h5", "-k", 5, "--init-file", tmp_path / "start.h5",
                       "--tolerance", 0) for ranks in (1, 4)]
    for found in results:
        check(V, found)
        assert found["sizes"].min() > 0 and numpy.array_equal(found["labels"], results[0]["labels"])


def test_iteration_limit(tmp_path):
    V = groups(noise=8)[0]
    found = cluster(2, write_dense(tmp_path / "V.h5", V), tmp_path / "c.h5", "-k", 6, "--max-iterations", 1, "--restarts", 1)
    assert found["stop_reason"] == "iteration limit" and found["iterations"] == 1
    check(V, found)


# ---- what is refused


def refuse_input(tmp_path, V, *options):
    done = run(2, "cluster", write_dense(tmp_path / "V.h5", V), "-k", 3, "-o", tmp_path / "c.h5", *options)
    assert done.returncode == INPUT and not list(tmp_path.glob("c.h5*"))
    return error_line(done)


def test_matrices_that_do_not_fit(tmp_path):
    V = groups()[0]
    V[7, 3] = numpy.nan
    assert "row 7, column 3 (counted from 0) is nan; V must be finite (1 such entry)" in refuse_input(tmp_path, V)
    V[7, 3] = -1
    assert "must be finite and not negative" in refuse_input(tmp_path, V, "--method", "nmf")
    assert "has negative entries, down to -1, which --weight cannot take" in refuse_input(tmp_path, V, "--weight", "row-l1")
    assert "is 300 × 12; a symmetric method needs a square" in refuse_input(tmp_path, V, "--method", "kernel-kmeans")
    assert "is not symmetric" in refuse_input(tmp_path, groups(12)[0], "--method", "kernel-kmeans")


def test_centroids_that_do_not_fit(tmp_path):
    with h5py.File(tmp_path / "s.h5", "w") as file:
        file["centroids"] = numpy.ones((3, 11))
        file["V"] = groups()[0]
    assert "/centroids is 3 x 11 where 3 x 12" in refuse_input(tmp_path, groups()[0], "--init-file", tmp_path / "s.h5")
    with h5py.File(tmp_path / "s.h5", "w") as file:
        file["centroids"] = numpy.full((3, 12), numpy.inf)
    assert "/centroids at row 0, column 0" in refuse_input(tmp_path, groups()[0], "--init-file", tmp_path / "s.h5")
    assert "no matrix '/centroids'" in refuse_input(tmp_path, groups()[0], "--init-file", tmp_path / "V.h5")
