"""partwise cluster --method spectral: known graphs, planted ones, graphs of neighbours, beside numpy and scikit-learn."""

import subprocess
import sys

import h5py
import numpy
import pytest
import scipy.sparse
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import kneighbors_graph

from conftest import RANKS, ROOT, error_line, run, succeed, write_csr, write_dense

USAGE, INPUT = 2, 3


def cluster(ranks, V, output, *options, method="spectral"):
    done = succeed(ranks, "cluster", V, "-o", output, "--method", method, *options)
    with h5py.File(output) as file:
        found = {name: file[name][()] for name in ("labels", "sizes", "column_labels", "column_sizes", "eigenvalues") if name in file}
        assert "centroids" not in file
        found.update(file.attrs)
    found["warnings"] = [line for line in done.stderr.splitlines() if "warning" in line and "threads" not in line]
    return found


# ---- what must hold of any result


def laplacian_values(A):
    """Ascending; the Laplacian of a node without edges is 1, as if its row of D^-½ A D^-½ were 0."""
    degree = A.sum(axis=0)
    scale = 1 / numpy.sqrt(numpy.where(degree > 0, degree, 1))
    return 1 - numpy.linalg.eigvalsh(A * scale * scale[:, None])[::-1]


def cuts_of(A, label, k):
    """Normalised, ratio and min-max cut."""
    H = numpy.eye(k)[label]
    inside, volume = numpy.diag(H.T @ A @ H), H.T @ A.sum(axis=1)
    cut, size = volume - inside, H.sum(axis=0)
    with numpy.errstate(divide="ignore", invalid="ignore"):
        return [numpy.where(cut > 1e-12 * volume, cut / by, 0).sum() for by in (volume, size, inside)]


def check(A, found, k):
    label = found["labels"]
    assert found["k"] == k and label.shape == (len(A),) and label.dtype == numpy.int32
    assert numpy.array_equal(found["sizes"], numpy.bincount(label, minlength=k))
    cuts = [found[name] for name in ("normalised_cut", "ratio_cut", "min_max_cut")]
    assert cuts == pytest.approx(cuts_of(A, label, k), rel=1e-9, abs=1e-9)
    assert found["objective"] == found["normalised_cut"]
    values = laplacian_values(A)
    assert found["largest_eigenvalue"] == pytest.approx(values[k - 1], abs=1e-9)
    assert found["eigenvalues"] == pytest.approx(values[:k], abs=1e-9)
    assert found["zero_eigenvalues"] == (values[:k] < 1e-9).sum()
    assert found["components"] == scipy.sparse.csgraph.connected_components(A != 0)[0]
    assert found["isolated_nodes"] == (A.sum(axis=0) == 0).sum()
    assert found["residual"] <= 1e-8


def same(a, b):
    """The same clusters, whatever their numbers."""
    return adjusted_rand_score(a, b) == 1


# ---- graphs


def communities(sizes, inside=0.5, outside=0.0, seed=0):
    """A connected graph in each block, and edges between blocks."""
    random, label = numpy.random.default_rng(seed), numpy.repeat(numpy.arange(len(sizes)), sizes)
    inner = label[:, None] == label
    A = numpy.triu(random.random(inner.shape) < numpy.where(inner, inside, outside), 1)
    A |= numpy.eye(len(A), k=1, dtype=bool) & inner
    return (A | A.T).astype(float), label


@pytest.mark.parametrize("ranks", (1, 3))
@pytest.mark.parametrize("solver", ["krylov", "dense"])
@pytest.mark.parametrize("name, k, accuracy, nmi, cut", [("karate", 2, 0.971, 0.836, 0.263), ("dolphins", 2, 0.984, 0.889, 0.091),
                                                         ("football", 12, 0.913, 0.924, 4.046)])
def test_known_graphs(tmp_path, data, name, k, accuracy, nmi, cut, solver, ranks):
    graph = tmp_path / "graph.h5"
    subprocess.run([sys.executable, ROOT / "scripts/convert.py", data / f"graphs/{name}.gml", graph], check=True, capture_output=True, timeout=60)
    found = cluster(ranks, graph, tmp_path / "c.h5", "-k", k, "--solver", solver, "--truth", graph)
    with h5py.File(graph) as file:
        X = file["X"]
        A = scipy.sparse.csr_matrix((X["data"][()].astype(float), X["indices"][()], X["indptr"][()]), shape=X.attrs["shape"]).toarray()
    check(A, found, k)
    assert found["accuracy"] == pytest.approx(accuracy, abs=0.01)
    assert found["nmi"] == pytest.approx(nmi, abs=0.01)
    assert found["normalised_cut"] == pytest.approx(cut, abs=0.01)
    assert not found["warnings"]


@pytest.fixture(scope="module")
def planted_graph(tmp_path_factory):
    """600 nodes in 6 communities, and its adjacency."""
    path = tmp_path_factory.mktemp("sbm") / "G.h5"
    succeed(2, "generate", "sbm", "--rows", 600, "-k", 6, "--density", 0.04, "--mixing", 0.2, "-o", path)
    with h5py.File(path) as file:
        group = next(item for item in file.values() if isinstance(item, h5py.Group) and "indptr" in item)
        data = group["data"][()] if "data" in group else numpy.ones(len(group["indices"]))
        A = scipy.sparse.csr_matrix((data.astype(float), group["indices"][()], group["indptr"][()]), shape=(600, 600)).toarray()
        return path, A, file["truth/labels"][()]


@pytest.mark.parametrize("solver, counts", [("krylov", RANKS), ("dense", (1, 3))])
def test_planted_communities_on_any_number_of_ranks(tmp_path, planted_graph, solver, counts):
    path, A, truth = planted_graph
    results = [cluster(ranks, path, tmp_path / "c.h5", "-k", 6, "--solver", solver, "--restarts", 3, "--truth", path) for ranks in counts]
    results.append(cluster(2, path, tmp_path / "c.h5", "-k", 6, "--solver", solver, "--restarts", 3, "--threads", 2))
    for found in results:
        check(A, found, 6)
        assert numpy.array_equal(found["labels"], results[0]["labels"])
    assert results[0]["ari"] >= 0.95 and results[0]["ari"] == pytest.approx(adjusted_rand_score(truth, results[0]["labels"]))


@pytest.mark.parametrize("k", (1, 9, 40))
def test_both_solvers_agree(tmp_path, planted_graph, k):
    path, A, _ = planted_graph
    found = [cluster(2, path, tmp_path / "c.h5", "-k", k, "--solver", solver, "--restarts", 1) for solver in ("krylov", "dense")]
    for one in found:
        check(A, one, k)
    assert k > 9 or same(found[0]["labels"], found[1]["labels"])


@pytest.mark.parametrize("kind, solver", [("f8", "krylov"), ("u1", "dense"), ("i4", "krylov"), ("dense", "krylov"), ("dense", "dense")])
def test_weights_and_loops(tmp_path, kind, solver):
    """Edges of different weights, some from a node to itself."""
    random = numpy.random.default_rng(3)
    A, label = communities([30, 40, 20], 0.4, 0.02)
    W = random.integers(1, 9, A.shape) if kind in ("u1", "i4") else random.gamma(2.0, size=A.shape)
    A = A * (W + W.T) + numpy.diag(random.integers(0, 2, len(A)))
    store = "f8" if kind == "dense" else kind
    V = write_dense(tmp_path / "V.h5", A) if kind == "dense" else write_csr(tmp_path / "V.h5", scipy.sparse.csr_matrix(A).astype(store))
    found = cluster(3, V, tmp_path / "c.h5", "-k", 3, "--solver", solver)
    check(A, found, 3)
    assert same(found["labels"], label)


# ---- components


@pytest.mark.parametrize("solver, ranks", [("krylov", 1), ("krylov", 4), ("dense", 2)])
def test_components_are_clusters(tmp_path, solver, ranks):
    """30 components of two loose halves each: as many eigenvalues are 0, and the next are near."""
    halves = [communities([12, 12], 0.5, 0.005, seed)[0] for seed in range(30)]
    for H in halves:
        H[0, 23] = H[23, 0] = 1
    A = scipy.sparse.block_diag(halves, "csr")
    found = cluster(ranks, write_csr(tmp_path / "V.h5", A), tmp_path / "c.h5", "-k", 30, "--solver", solver)
    check(A.toarray(), found, 30)
    assert found["components"] == found["zero_eigenvalues"] == 30 and found["normalised_cut"] == 0
    assert same(found["labels"], numpy.repeat(numpy.arange(30), 24)) and not found["warnings"]


@pytest.mark.parametrize("solver", ["krylov", "dense"])
def test_more_components_than_clusters(tmp_path, solver):
    A, label = communities([20, 30, 40, 50, 60])
    found = cluster(2, write_csr(tmp_path / "V.h5", scipy.sparse.csr_matrix(A)), tmp_path / "c.h5", "-k", 3, "--solver", solver)
    check(A, found, 3)
    assert found["normalised_cut"] == 0 and found["components"] == 5
    assert all(len(set(found["labels"][label == c])) == 1 for c in range(5))
    assert len(found["warnings"]) == 1 and "5 connected components in 3 clusters" in found["warnings"][0]


@pytest.mark.parametrize("ranks", (1, 7))
def test_isolated_nodes(tmp_path, ranks):
    A, label = communities([40, 35], 0.5, 0.02)
    A = numpy.pad(A, ((0, 6), (0, 6)))
    order = numpy.random.default_rng(1).permutation(len(A))
    found = cluster(ranks, write_csr(tmp_path / "V.h5", scipy.sparse.csr_matrix(A[numpy.ix_(order, order)])), tmp_path / "c.h5", "-k", 2)
    check(A[numpy.ix_(order, order)], found, 2)
    mine = numpy.empty(len(A), dtype=int)
    mine[order] = found["labels"]
    assert same(mine[:75], label) and len(set(mine[75:])) == 1
    assert len(found["warnings"]) == 1 and "6 nodes have no edges" in found["warnings"][0]


@pytest.mark.parametrize("solver", ["krylov", "dense"])
def test_few_nodes(tmp_path, solver):
    """Fewer than there are ranks, as many as clusters, without edges, and with edges to themselves alone."""
    ring = numpy.eye(5, k=1) + numpy.eye(5, k=-1) + numpy.eye(5, k=4) + numpy.eye(5, k=-4)
    for A, k in [(ring, 2), (ring, 5), (numpy.zeros((5, 5)), 2), (numpy.eye(5), 5), (numpy.ones((1, 1)), 1)]:
        found = cluster(7, write_dense(tmp_path / "V.h5", A), tmp_path / "c.h5", "-k", k, "--solver", solver)
        check(A, found, k)
        assert k < len(A) or (found["sizes"] == 1).all()


# ---- graphs of neighbours


def moons(m=200, seed=0):
    """Two half circles, one in the other, on which k-means fails."""
    random, half = numpy.random.default_rng(seed), m // 2
    angle = numpy.pi * random.random(m)
    label = numpy.arange(m) // half
    points = numpy.column_stack([numpy.cos(angle), numpy.sin(angle)])
    points[label == 1] = [1, 0.5] - points[label == 1]
    return points + 0.05 * random.normal(size=points.shape), label


def neighbours_of(V, count):
    G = kneighbors_graph(V, count, mode="connectivity").toarray()
    return (G + G.T) / 2


def gaussian_of(V, count):
    D = numpy.sqrt(((V[:, None] - V[None]) ** 2).sum(axis=2))
    scale = numpy.sort(D, axis=1)[:, min(7, count)]
    return neighbours_of(V, count) * numpy.exp(-(D**2) / numpy.outer(scale, scale))


@pytest.mark.parametrize("graph, count", [("neighbours", 8), ("gaussian", 12), ("gaussian", 6)])
def test_graph_of_neighbours(tmp_path, graph, count):
    """The cuts of scikit-learn's graph, and the clusters that it has when it is given."""
    points, label = moons()
    A = {"neighbours": neighbours_of, "gaussian": gaussian_of}[graph](points, count)
    dense = write_dense(tmp_path / "V.h5", points)
    sparse = write_csr(tmp_path / "S.h5", scipy.sparse.csr_matrix(points))
    given = cluster(2, write_csr(tmp_path / "A.h5", scipy.sparse.csr_matrix(A)), tmp_path / "c.h5", "-k", 2)
    check(A, given, 2)
    assert given["components"] <= 2
    for ranks, V in ((1, dense), (7, dense), (2, sparse)):
        found = cluster(ranks, V, tmp_path / "c.h5", "-k", 2, "--graph", graph, "--neighbours", count)
        check(A, found, 2)
        assert numpy.array_equal(found["labels"], given["labels"]) and same(found["labels"], label)


def test_equal_rows_are_near(tmp_path):
    """Far from the origin, where squares of lengths have no digits left for their distances."""
    points = 1e6 + numpy.repeat(numpy.random.default_rng(0).normal(size=(4, 3)), 12, axis=0)
    for graph in ("neighbours", "gaussian"):
        found = cluster(3, write_dense(tmp_path / "V.h5", points), tmp_path / "c.h5", "-k", 4, "--graph", graph, "--neighbours", 10)
        assert found["components"] == 4 and same(found["labels"], numpy.repeat(numpy.arange(4), 12))


def test_neighbours_of_weighted_rows(tmp_path):
    counts = numpy.random.default_rng(1).poisson(5, size=(60, 9)).astype(float)
    found = cluster(2, write_dense(tmp_path / "V.h5", counts), tmp_path / "c.h5", "-k", 3, "--graph", "neighbours", "--weight", "log1p")
    check(neighbours_of(numpy.log1p(counts), 10), found, 3)


def test_more_neighbours_than_rows(tmp_path):
    points = numpy.random.default_rng(1).normal(size=(5, 2))
    found = cluster(7, write_dense(tmp_path / "V.h5", points), tmp_path / "c.h5", "-k", 2, "--graph", "neighbours", "--neighbours", 1000)
    check(1 - numpy.eye(5), found, 2)


# ---- refusals


SYMMETRIC = numpy.ones((6, 6))
LOPSIDED = SYMMETRIC + numpy.eye(6, k=1)
NEGATIVE = SYMMETRIC - 3 * numpy.eye(6)


@pytest.mark.parametrize("V, options, code, words", [
    (LOPSIDED, ["-k", 2], INPUT, "is not symmetric: the entry at row 0, column 1"),
    (NEGATIVE, ["-k", 2], INPUT, "negative entries, down to -2"),
    (SYMMETRIC[:, :4], ["-k", 2], INPUT, "6 × 4; a graph is a square matrix"),
    (SYMMETRIC, ["-k", 7], INPUT, "6 rows, too few for -k 7"),
    (SYMMETRIC[:, :4], ["-k", 7, "--graph", "neighbours"], INPUT, "6 rows, too few for -k 7"),
    (SYMMETRIC, ["-k", 2, "--neighbours", 3], USAGE, "--graph neighbours and --graph gaussian"),
    (SYMMETRIC, ["-k", 2, "--weight", "log1p"], USAGE, "--weight: a --graph that is given is cut as it is"),
    (NEGATIVE, ["-k", 2, "--graph", "neighbours", "--weight", "log1p"], INPUT, "which --weight cannot take"),
    (SYMMETRIC, ["-k", 2, "--affinity", "normalised"], USAGE, "--affinity: method spectral does not use it"),
    (SYMMETRIC, ["-k", 2, "--shift", 1], USAGE, "--shift: method spectral does not use it"),
    (SYMMETRIC, ["-k", 2, "--graph", "given", "--method", "kmeans"], USAGE, "--graph: method kmeans does not use it"),
    (SYMMETRIC, ["-k", 2, "--solver", "dense", "--method", "bicluster"], USAGE, "--solver: method bicluster does not use it"),
    (SYMMETRIC, ["-k", 2, "--distribute", "columns"], USAGE, "distribute"),
    (NEGATIVE, ["-k", 2, "--method", "bicluster"], INPUT, "negative"),
    (SYMMETRIC[:, :4], ["-k", 5, "--method", "bicluster"], INPUT, "4 columns, too few for -k 5"),
])
def test_refusals(tmp_path, V, options, code, words):
    method = [] if "--method" in options else ["--method", "spectral"]
    done = run(2, "cluster", write_dense(tmp_path / "V.h5", V), "-o", tmp_path / "c.h5", *options, *method)
    assert done.returncode == code and words in error_line(done)
    assert "--symmetric" not in done.stderr and not (tmp_path / "c.h5").exists()
