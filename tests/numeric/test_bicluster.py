"""partwise cluster --method bicluster: planted blocks of rows and columns, beside numpy and scikit-learn."""

import h5py
import numpy
import pytest
import scipy.sparse
from sklearn.cluster import SpectralCoclustering
from sklearn.metrics import adjusted_rand_score

from conftest import RANKS, succeed, write_csr, write_dense
from test_spectral import cluster, cuts_of, same


def blocks(m, n, k, seed=0, noise=0.2, share=1.0):
    """k blocks of rows and columns in scattered order; only a share of the entries is there."""
    random = numpy.random.default_rng(seed)
    rows, columns = random.permutation(m) % k, random.permutation(n) % k
    V = 5.0 * (rows[:, None] == columns) + noise * random.gamma(1.0, size=(m, n))
    return V * (random.random((m, n)) < share), rows, columns


def check_both(V, found, k):
    m, n = V.shape
    A = numpy.block([[numpy.zeros((m, m)), V], [V.T, numpy.zeros((n, n))]])
    label = numpy.concatenate([found["labels"], found["column_labels"]])
    assert numpy.array_equal(found["sizes"], numpy.bincount(found["labels"], minlength=k))
    assert numpy.array_equal(found["column_sizes"], numpy.bincount(found["column_labels"], minlength=k))
    assert (len(found["labels"]), len(found["column_labels"])) == (m, n)
    cuts = [found[name] for name in ("normalised_cut", "ratio_cut", "min_max_cut")]
    assert found["objective"] == cuts[0] and cuts == pytest.approx(cuts_of(A, label, k), rel=1e-9, abs=1e-9)
    r, c = V.sum(axis=1), V.sum(axis=0)
    S = numpy.linalg.svd(V / numpy.sqrt(numpy.outer(numpy.where(r > 0, r, 1), numpy.where(c > 0, c, 1))), compute_uv=False)
    assert found["smallest_singular_value"] == pytest.approx(S[k - 1], abs=1e-8)
    assert found["eigenvalues"][-1] == 1 - found["smallest_singular_value"]
    assert found["residual"] <= 1e-8


@pytest.mark.parametrize("shape, storage, counts", [((500, 300), "dense", RANKS), ((120, 900), "dense", (1, 3)), ((900, 120), "sparse", (1, 7)),
                                                    ((500, 300), "sparse", (2, 4))])
def test_planted_blocks(tmp_path, shape, storage, counts):
    V, rows, columns = blocks(*shape, 5, share=1 if storage == "dense" else 0.2)
    if storage == "dense":
        path = write_dense(tmp_path / "V.h5", V)
    else:
        path = write_csr(tmp_path / "V.h5", scipy.sparse.csr_matrix(V))
    fitted = SpectralCoclustering(5, random_state=0).fit(V)
    other = numpy.concatenate([fitted.row_labels_, fitted.column_labels_])
    results = [cluster(ranks, path, tmp_path / "c.h5", "-k", 5, method="bicluster") for ranks in counts]
    for found in results:
        check_both(V, found, 5)
        assert same(found["labels"], rows) and same(found["column_labels"], columns)
        both = numpy.concatenate([found["labels"], found["column_labels"]])
        assert same(both, numpy.concatenate([rows, columns]))
        assert adjusted_rand_score(both, other) > 0.95
        assert numpy.array_equal(found["labels"], results[0]["labels"])


def test_blocks_that_generate_makes(tmp_path):
    path = tmp_path / "V.h5"
    succeed(2, "generate", "biclusters", "--rows", 200, "--columns", 150, "-k", 4, "--noise", 0.1, "-o", path)
    found = cluster(3, path, tmp_path / "c.h5", "-k", 4, "--truth", f"{path}:/truth/row_labels", method="bicluster")
    assert found["ari"] == found["accuracy"] == 1
    with h5py.File(path) as file:
        assert same(found["column_labels"], file["truth/column_labels"][()])


def test_blocks_without_links(tmp_path):
    """More of them than a block of vectors had: the singular value 1 comes 20 times, and zeros belong to none."""
    V = numpy.kron(numpy.eye(20), numpy.ones((6, 15)))
    V = numpy.pad(V * numpy.random.default_rng(0).gamma(1.0, size=V.shape), ((0, 2), (0, 3)))
    found = cluster(2, write_csr(tmp_path / "V.h5", scipy.sparse.csr_matrix(V)), tmp_path / "c.h5", "-k", 20, method="bicluster")
    check_both(V, found, 20)
    assert found["normalised_cut"] == 0 and same(found["labels"][:-2], numpy.repeat(numpy.arange(20), 6))
    assert same(found["column_labels"][:-3], numpy.repeat(numpy.arange(20), 15))


@pytest.mark.parametrize("shape, k", [((5, 3), 3), ((3, 5), 2), ((1, 4), 1)])
def test_small_blocks(tmp_path, shape, k):
    for V in (numpy.random.default_rng(0).gamma(1.0, size=shape), numpy.zeros(shape)):
        found = cluster(7, write_dense(tmp_path / "V.h5", V), tmp_path / "c.h5", "-k", k, method="bicluster")
        check_both(V, found, k)
