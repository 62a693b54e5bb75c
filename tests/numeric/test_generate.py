"""Generated data against what they are said to be: clusters, blocks, edges and spectra, measured with numpy, scipy and scikit-learn."""

import h5py
import numpy
import pytest
import scipy.sparse

from conftest import succeed


def generate(folder, kind, *options):
    """The matrix, and the answer as a dictionary."""
    succeed(3, "generate", kind, *options, "-o", folder / "V.h5")
    with h5py.File(folder / "V.h5") as file:
        truth = {name: part[()] for name, part in file["truth"].items()}
        if isinstance(file["X"], h5py.Dataset):
            return file["X"][()], truth
        data, indices, indptr = (file["X"][part][()] for part in ("data", "indices", "indptr"))
        assert file["X"].attrs.get("symmetric", 0) == (kind == "sbm")
        return scipy.sparse.csr_matrix((data, indices, indptr), file["X"].attrs["shape"]), truth


def are_even(labels, k):
    sizes = numpy.bincount(labels, minlength=k)
    return len(sizes) == k and sizes.max() - sizes.min() <= 1


def distance_from_chance(found, expected):
    """In standard deviations of a number of independent events."""
    return abs(found - expected) / numpy.sqrt(expected)


# ---- mixture


@pytest.mark.parametrize("noise", [0, 0.05, 0.2])
def test_clusters_have_the_spread_that_noise_tells(tmp_path, noise):
    m, n, k = 2003, 60, 7
    V, truth = generate(tmp_path, "mixture", "--rows", m, "--columns", n, "-k", k, "--noise", noise)
    centroids, labels = truth["centroids"], truth["labels"]
    residuals = V - centroids[labels]
    distances = numpy.linalg.norm(centroids[:, None] - centroids, axis=2)[numpy.triu_indices(k, 1)]
    typical = numpy.sqrt(n / 6)
    assert V.shape == (m, n) and are_even(labels, k) and V.min() >= 0
    assert numpy.all(numpy.abs(distances / typical - 1) < 0.3)
    assert abs(residuals.std() - noise * typical) <= 0.02 * noise * typical
    if noise == 0:
        assert not residuals.any()
        return
    spread = numpy.linalg.svd(residuals - residuals.mean(0), compute_uv=False) / numpy.sqrt(m)  # isotropic: as of pure noise
    assert spread.max() / spread.min() < 1.1 * (1 + numpy.sqrt(n / m)) / (1 - numpy.sqrt(n / m))
    nearest = numpy.linalg.norm(V[:, None] - centroids, axis=2).argmin(1)
    assert numpy.mean(nearest == labels) > (0.999 if noise < 0.1 else 0.95)


# ---- biclusters


def test_blocks_have_their_levels(tmp_path):
    V, truth = generate(tmp_path, "biclusters", "--rows", 403, "--columns", 301, "-k", 5, "--noise", 0.2)
    rows, columns = truth["row_labels"], truth["column_labels"]
    inside = rows[:, None] == columns
    assert V.shape == (403, 301) and are_even(rows, 5) and are_even(columns, 5) and V.min() >= 0
    for part, level in ((V[inside], 6), (V[~inside], 1)):
        assert abs(part.mean() / level - 1) < 0.01
        assert abs(part.std() / level - 0.2) < 0.01
    assert numpy.mean(rows[1:] == rows[:-1]) < 0.5 and numpy.mean(rows[5:] == rows[:-5]) < 0.9  # scattered


@pytest.mark.parametrize("k, noise", [(4, 1), (10, 0.5), (1, 0.1)])
def test_blocks_are_found_by_spectral_co_clustering(tmp_path, k, noise):
    cluster = pytest.importorskip("sklearn.cluster", reason="scikit-learn is not installed")
    from sklearn.metrics import adjusted_rand_score
    V, truth = generate(tmp_path, "biclusters", "--rows", 501, "--columns", 302, "-k", k, "--noise", noise)
    if k == 1:
        assert not truth["row_labels"].any() and abs(V.mean() - 6) < 0.1
        return
    found = cluster.SpectralCoclustering(k, random_state=0).fit(V)
    assert adjusted_rand_score(truth["row_labels"], found.row_labels_) >= 0.95
    assert adjusted_rand_score(truth["column_labels"], found.column_labels_) >= 0.95


# ---- sbm


@pytest.mark.parametrize("n, k, density, mixing", [
    (1009, 10, 0.01, 0.1),
    (1009, 10, 0.05, 0.5),
    (1009, 3, 0.2, 0),
    (1009, 4, 0.2, 1),
    (503, 1, 0.3, None),
    (20011, 150, 2e-4, 0.3),
    (1000, 500, 0.01, 0.99),
])
def test_graph_has_the_edges_asked_for(tmp_path, n, k, density, mixing):
    options = () if mixing is None else ("--mixing", mixing)
    V, truth = generate(tmp_path, "sbm", "--rows", n, "-k", k, "--density", density, *options)
    labels = truth["labels"]
    assert V.shape == (n, n) and abs(V - V.T).nnz == 0 and not V.diagonal().any()
    assert are_even(labels, k) and numpy.all(V.data == 1) and V.dtype == numpy.uint8
    assert V.has_canonical_format
    i, j = scipy.sparse.triu(V).nonzero()
    leaving = numpy.sum(labels[i] != labels[j])
    expected = density * n * n / 2
    assert distance_from_chance(len(i), expected) < 4
    assert distance_from_chance(leaving, max(expected * (mixing or 0), 1e-9)) < 4


def test_edges_are_spread_evenly(tmp_path):
    """Over pairs of blocks, over nodes, and over the places of a tile: chi-squared."""
    n, k = 3001, 6
    V, truth = generate(tmp_path, "sbm", "--rows", n, "-k", k, "--density", 0.03, "--mixing", 0.4)
    labels, sizes = truth["labels"], numpy.bincount(truth["labels"])
    i, j = scipy.sparse.triu(V).nonzero()
    blocks = numpy.zeros((k, k))
    numpy.add.at(blocks, (labels[i], labels[j]), 1)
    blocks = numpy.triu(blocks + blocks.T) / (1 + numpy.eye(k))
    inside = sizes * (sizes - 1) / 2
    within, between = 0.03 * 0.6 * n * n / 2 / inside.sum(), 0.03 * 0.4 * n * n / (n * n - (sizes**2).sum())
    expected = numpy.triu(between * numpy.outer(sizes, sizes), 1) + numpy.diag(within * inside)
    upper = numpy.triu_indices(k)
    assert numpy.all(distance_from_chance(blocks[upper], expected[upper]) < 4)
    degrees = numpy.asarray(V.astype(int).sum(0)).ravel()
    ratio = 1 - 0.6 * within - 0.4 * between  # binomial
    assert abs(degrees.var() / degrees.mean() - ratio) < 4 * numpy.sqrt(2 / n)
    for coarse in (10, 16, 33):
        places = numpy.histogram2d(i % coarse, j % coarse, coarse)[0]
        chi = numpy.sum((places - places.mean()) ** 2) / places.mean()
        assert abs(chi / coarse**2 - 1) < 6 * numpy.sqrt(2 / coarse**2)


def test_weights_of_edges(tmp_path):
    V, _ = generate(tmp_path, "sbm", "--rows", 500, "-k", 5, "--density", 0.1, "--noise", 0.2)
    assert abs(V - V.T).max() == 0 and V.dtype == numpy.float64
    assert abs(V.data.mean() - 1) < 0.01 and abs(V.data.std() - 0.2) < 0.01


# ---- hyperspectral


@pytest.mark.parametrize("m, n, k, snr", [(3001, 120, 6, 20), (3001, 120, 6, 40), (500, 30, 1, 30), (3001, 97, 12, 30)])
def test_noise_is_as_strong_as_told(tmp_path, m, n, k, snr):
    V, truth = generate(tmp_path, "hyperspectral", "--rows", m, "--columns", n, "-k", k, "--snr", snr)
    signal = truth["W"] @ truth["H"]
    noise = V - signal
    assert abs(10 * numpy.log10(numpy.mean(signal**2) / numpy.mean(noise**2)) - snr) < 0.3
    assert abs(noise.mean()) < 5 * noise.std() / numpy.sqrt(m * n) and V.min() >= 0


def test_pixels_are_uniform_mixtures_of_smooth_spectra(tmp_path):
    m, n, k = 5003, 150, 8
    V, truth = generate(tmp_path, "hyperspectral", "--rows", m, "--columns", n, "-k", k)
    W, H, pure = truth["W"], truth["H"], truth["pure"]
    assert V.shape == (m, n) and W.shape == (m, k) and H.shape == (k, n) and pure.shape == (k,)
    assert numpy.array_equal(V[pure], H) and numpy.array_equal(W[pure], numpy.eye(k))
    assert W.min() >= 0 and numpy.abs(W.sum(1) - 1).max() < 1e-14 and numpy.abs(V - W @ H).max() < 1e-14
    assert numpy.sum(W.max(1) == 1) == k  # no others are pure
    assert numpy.abs(W.mean(0) * k - 1).max() < 0.06
    assert abs(numpy.mean(W**2) * k * (k + 1) / 2 - 1) < 0.05  # of a flat Dirichlet distribution
    assert H.min() > 0 and numpy.all(H.max(1) == 1) and numpy.abs(numpy.diff(H)).max() < 0.2
    assert numpy.linalg.cond(H) < 1000
    assert len(set(pure)) == k and pure.tolist() != sorted(pure)
