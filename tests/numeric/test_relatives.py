"""What docs/relatives.md states: how factorisations, k-means, cuts of graphs, PLSA and singular vectors hang together."""

import h5py
import numpy
import pytest
import scipy.linalg
import scipy.sparse
import scipy.special

from conftest import RANKS, fit, planted, succeed, write_csr, write_dense
from test_symmetric import agree

pytestmark = pytest.mark.release_only  # mathematics, by commands whose memory other tests have looked at

EXACT = ("--precision", "double", "--tolerance", 1e-9, "--stall", 0)


def results(ranks, command, V, output, *options):
    """All numbers at the top of the file that a command writes, and its attributes."""
    succeed(ranks, command, V, "-o", output, *options)
    with h5py.File(output) as file:
        found = {name: part[()] for name, part in file.items() if isinstance(part, h5py.Dataset) and part.dtype.kind in "if"}
        return {**found, **file.attrs}


def cluster(ranks, V, output, k, *options):
    return results(ranks, "cluster", V, output, "-k", k, *options)


def generated(folder, kind, *options):
    """The matrix, dense, and the answer; the file is V.h5."""
    succeed(1, "generate", kind, *options, "-o", folder / "V.h5")
    with h5py.File(folder / "V.h5") as file:
        truth = {name: part[()] for name, part in file["truth"].items()}
        if isinstance(file["X"], h5py.Dataset):
            return file["X"][()], truth
        parts = tuple(file["X"][name][()] for name in ("data", "indices", "indptr"))
        return scipy.sparse.csr_matrix(parts, file["X"].attrs["shape"]).toarray().astype(float), truth


def evaluate(ranks, V, folder, W, H=None):
    """The fit of W, and of H where that is given too: the program's objective of factors that are known."""
    with h5py.File(folder / "given.h5", "w") as file:
        file["W"] = W
        if H is not None:
            file["H"] = H
    options = ("--fix-w", folder / "given.h5") + (("--fix-h", folder / "given.h5") if H is not None else ())
    return fit(ranks, V, folder / "evaluated.h5", "-k", W.shape[1], *options, *EXACT)


def indicators(labels, weights=None):
    """A column for each cluster, made of length 1: G, GᵀG = I."""
    E = (labels[:, None] == numpy.arange(labels.max() + 1)).astype(float)
    if weights is not None:
        E *= numpy.sqrt(weights)[:, None]
    return E / numpy.linalg.norm(E, axis=0)


def cosines(X):
    """Those between different columns."""
    X = X / numpy.linalg.norm(X, axis=0)
    return (X.T @ X)[~numpy.eye(X.shape[1], dtype=bool)]


def squared(X):
    return numpy.sum(X**2)


def within(V, labels):
    """Least squares of clusters to their means, and to the best multiples of one row each."""
    parts = [V[labels == c] for c in numpy.unique(labels)]
    return (sum(squared(part - part.mean(axis=0)) for part in parts),
            sum(squared(part) - numpy.linalg.norm(part, 2) ** 2 for part in parts))


# ---- k-means and orthogonal factors


def test_k_means_is_a_factorisation_with_orthonormal_indicators(tmp_path):
    V, _ = generated(tmp_path, "mixture", "--rows", 200, "--columns", 20, "-k", 5, "--noise", 0.5)
    found = cluster(2, tmp_path / "V.h5", tmp_path / "c.h5", 5)
    G = indicators(found["labels"])
    assert G.T @ G == pytest.approx(numpy.eye(5), abs=1e-12)
    assert found["objective"] == pytest.approx(squared(V - G @ (G.T @ V)), rel=1e-9)
    assert found["objective"] == pytest.approx(squared(V) - squared(G.T @ V), rel=1e-9)
    both = evaluate(2, tmp_path / "V.h5", tmp_path, G, G.T @ V)
    assert 2 * both["attributes"]["objective"] == pytest.approx(found["objective"], rel=1e-9)
    best = evaluate(2, tmp_path / "V.h5", tmp_path, G)
    assert best["H"] == pytest.approx(numpy.sqrt(found["sizes"])[:, None] * found["centroids"], rel=1e-6)
    assert 2 * best["attributes"]["objective"] == pytest.approx(found["objective"], rel=1e-9)


@pytest.mark.parametrize("noise", [0.02, 0.2])
def test_orthogonal_factors_give_weights_to_rows(tmp_path, noise):
    V, truth = generated(tmp_path, "mixture", "--rows", 150, "--columns", 20, "-k", 4, "--noise", noise)
    V *= numpy.random.default_rng(0).uniform(0.7, 1.4, size=(150, 1))  # rows of a cluster differ in length
    path = write_dense(tmp_path / "R.h5", V)
    model = fit(2, path, tmp_path / "m.h5", "-k", 4, "--orthogonal", "w", "--restarts", 5, *EXACT)
    assert (numpy.count_nonzero(model["W"], axis=1) == 1).all() and not cosines(model["W"]).any()
    labels, kmeans = model["W"].argmax(axis=1), cluster(2, path, tmp_path / "c.h5", 4)
    inertia, directions = within(V, labels)
    assert 2 * model["attributes"]["objective"] == pytest.approx(directions, rel=1e-6)
    assert directions < inertia
    assert within(V, kmeans["labels"])[1] < within(V, kmeans["labels"])[0] == pytest.approx(kmeans["objective"], rel=1e-9)
    if noise == 0.02:
        assert agree(labels, truth["labels"]) and directions < 0.1 * kmeans["objective"]  # lengths are not held against a row


# ---- kernel k-means and symmetric factors


def test_kernel_k_means_maximises_a_trace(tmp_path):
    X, _ = generated(tmp_path, "mixture", "--rows", 120, "--columns", 10, "-k", 4, "--noise", 0.1)
    S = numpy.exp(-1.5 * ((X[:, None] - X) ** 2).sum(axis=2))
    path = write_dense(tmp_path / "S.h5", (S + S.T) / 2)
    found = cluster(2, path, tmp_path / "c.h5", 4, "--method", "kernel-kmeans")
    G = indicators(found["labels"])
    trace = numpy.trace(G.T @ S @ G)
    assert found["objective"] == pytest.approx(numpy.trace(S) - trace, rel=1e-9)
    assert squared(S - G @ G.T) == pytest.approx(squared(S) - 2 * trace + 4, rel=1e-9)
    given = evaluate(2, path, tmp_path, G, G.T)["attributes"]["objective"]
    assert 2 * given == pytest.approx(squared(S) - 2 * (numpy.trace(S) - found["objective"]) + 4, rel=1e-9)
    relaxed = fit(2, path, tmp_path / "m.h5", "-k", 4, "--symmetric", "--restarts", 3)
    assert relaxed["attributes"]["objective"] < given
    assert agree(relaxed["W"].argmax(axis=1), found["labels"])


def test_k_means_by_products_of_rows(tmp_path):
    V, _ = generated(tmp_path, "mixture", "--rows", 120, "--columns", 10, "-k", 4, "--noise", 0.1)
    plain = cluster(2, tmp_path / "V.h5", tmp_path / "c.h5", 4)
    kernel = cluster(3, write_dense(tmp_path / "K.h5", V @ V.T), tmp_path / "c.h5", 4, "--method", "kernel-kmeans")
    assert kernel["objective"] == pytest.approx(plain["objective"], rel=1e-8)
    assert agree(kernel["labels"], plain["labels"])


@pytest.mark.parametrize("mixing, most", [(0.1, 0.05), (0.3, 0.17)])
def test_symmetric_factors_are_nearly_orthogonal(tmp_path, mixing, most):
    S, truth = generated(tmp_path, "sbm", "--rows", 400, "-k", 4, "--density", 0.1, "--mixing", mixing)
    model = fit(2, tmp_path / "V.h5", tmp_path / "m.h5", "-k", 4, "--symmetric", *EXACT)
    X, twice = model["W"], 2 * model["attributes"]["objective"]
    assert agree(X.argmax(axis=1), truth["labels"])
    assert 0 < cosines(X).max() < most
    gram = X.T @ X
    assert twice == pytest.approx(squared(S) - 2 * numpy.trace(X.T @ S @ X) + squared(gram), rel=1e-9)
    assert twice == pytest.approx(squared(S) - squared(gram), rel=1e-6)  # where the gradient is zero
    assert squared(gram - numpy.diag(numpy.diag(gram))) < 3 * most**2 * squared(gram)


# ---- biclusters


def test_biclusters_by_one_symmetric_factor(tmp_path):
    V, truth = generated(tmp_path, "biclusters", "--rows", 80, "--columns", 60, "-k", 4, "--noise", 0.3)
    S = numpy.block([[numpy.zeros((80, 80)), V], [V.T, numpy.zeros((60, 60))]])
    path = write_csr(tmp_path / "S.h5", scipy.sparse.csr_matrix(S))
    model = fit(2, path, tmp_path / "m.h5", "-k", 4, "--symmetric", *EXACT)
    F, K = model["W"][:80], model["W"][80:]
    twice, product = 2 * model["attributes"]["objective"], F @ K.T
    assert twice == pytest.approx(2 * squared(V - product) + squared(F.T @ F) + squared(K.T @ K), rel=1e-9)
    assert twice == pytest.approx(squared(V) + squared(V - 2 * product) + squared(F.T @ F - K.T @ K), rel=1e-9)
    plain = fit(2, tmp_path / "V.h5", tmp_path / "n.h5", "-k", 4, "--restarts", 3, *EXACT)
    assert 2 * plain["attributes"]["objective"] <= squared(V - 2 * product) < 1.02 * 2 * plain["attributes"]["objective"]
    cut = cluster(2, tmp_path / "V.h5", tmp_path / "c.h5", 4, "--method", "bicluster")
    W, H = plain["W"] * plain["H"].sum(axis=1), plain["H"].T * plain["W"].sum(axis=0)
    together = numpy.concatenate([truth["row_labels"], truth["column_labels"]])
    assert agree(model["W"].argmax(axis=1), together)  # rows and columns of a bicluster have one label
    assert agree(numpy.concatenate([W.argmax(axis=1), H.argmax(axis=1)]), together)
    assert agree(numpy.concatenate([cut["labels"], cut["column_labels"]]), together)


def test_one_symmetric_component_is_the_pair_of_singular_vectors(tmp_path):
    V, _ = generated(tmp_path, "biclusters", "--rows", 50, "--columns", 30, "-k", 3, "--noise", 0.3)
    S = numpy.block([[numpy.zeros((50, 50)), V], [V.T, numpy.zeros((30, 30))]])
    X = fit(3, write_dense(tmp_path / "S.h5", S), tmp_path / "m.h5", "-k", 1, "--symmetric", *EXACT)["W"]
    u, s, vt = numpy.linalg.svd(V)
    assert 2 * X[:50] @ X[50:].T == pytest.approx(s[0] * abs(numpy.outer(u[:, 0], vt[0])), rel=1e-6)


# ---- PLSA


@pytest.fixture(name="words")
def counts_of_words(tmp_path):
    """Counts, and a start: V.h5 and start.h5."""
    random = numpy.random.default_rng(4)
    V = random.poisson(random.gamma(0.4, size=(40, 3)) @ random.gamma(0.4, 6, size=(3, 25))) + 0.0
    V[:, 0] += 1  # no empty rows and columns
    V[0] += 1
    W, H = random.random((40, 3)), random.random((3, 25))
    H /= H.sum(axis=1, keepdims=True)
    W *= V.sum() / W.sum()
    write_dense(tmp_path / "V.h5", V)
    with h5py.File(tmp_path / "start.h5", "w") as file:
        file["W"], file["H"] = W, H
    return V, W, H


def probabilities(W, H):
    """P(c), P(i|c) and P(j|c) of a model."""
    mass = W.sum(axis=0) * H.sum(axis=1)
    return mass / mass.sum(), W / W.sum(axis=0), H / H.sum(axis=1, keepdims=True)


def responsible(V, p, rows, columns):
    """The E-step: v_ij P(c | i, j), as i × j × c."""
    joint = p * rows[:, None, :] * columns.T[None]
    return V[..., None] * joint / joint.sum(axis=2, keepdims=True)


def likelihood(V, p, rows, columns):
    return scipy.special.xlogy(V, (p * rows) @ columns).sum()


def test_likelihood_of_plsa_is_kullback_leibler(tmp_path, words):
    V, N = words[0], words[0].sum()
    for ranks, method, iterations in ((1, "mu", 5), (3, "newton", 40)):
        model = fit(ranks, tmp_path / "V.h5", tmp_path / "m.h5", "-k", 3, "--loss", "kl", "--method", method, "--init-file", tmp_path / "start.h5",
                    "--max-iterations", iterations)
        W, H = model["W"], model["H"]
        assert (W @ H).sum() == pytest.approx(N, rel=1e-9 if method == "mu" else 1e-3)
        M = (W @ H).sum()
        constants = scipy.special.xlogy(V, V).sum() - N * numpy.log(M) + M - N
        assert likelihood(V, *probabilities(W, H)) == pytest.approx(constants - model["attributes"]["objective"], rel=1e-9)


def test_multiplicative_updates_are_steps_of_em(tmp_path, words):
    V, W, H = words
    N, (p, rows, columns) = V.sum(), probabilities(W, H)
    last = likelihood(V, p, rows, columns)
    for _ in range(10):
        Q = responsible(V, p, rows, columns)  # of which P(j|c) stays
        p, rows = Q.sum(axis=(0, 1)) / N, Q.sum(axis=1) / Q.sum(axis=(0, 1))
        Q = responsible(V, p, rows, columns)  # of which P(i|c) stays
        p, columns = Q.sum(axis=(0, 1)) / N, (Q.sum(axis=0) / Q.sum(axis=(0, 1))).T
        assert likelihood(V, p, rows, columns) > last
        last = likelihood(V, p, rows, columns)
    model = fit(3, tmp_path / "V.h5", tmp_path / "m.h5", "-k", 3, "--loss", "kl", "--method", "mu", "--init-file", tmp_path / "start.h5",
                "--max-iterations", 10, "--precision", "double", "--tolerance", 0, "--stall", 0)
    for found, wanted in zip(probabilities(model["W"], model["H"]), (p, rows, columns)):
        assert found == pytest.approx(wanted, rel=1e-9, abs=1e-15)


def test_both_updates_from_the_same_factors_are_hofmanns_step(tmp_path, words):
    V, W, H = words
    options = ("-k", 3, "--loss", "kl", "--method", "mu", "--init-file", tmp_path / "start.h5", "--max-iterations", 1, "--precision", "double")
    Q = responsible(V, *probabilities(W, H))
    rows = fit(2, tmp_path / "V.h5", tmp_path / "m.h5", *options, "--fix-h", tmp_path / "start.h5")
    columns = fit(2, tmp_path / "V.h5", tmp_path / "m.h5", *options, "--fix-w", tmp_path / "start.h5")
    for model, sums in ((rows, Q.sum(axis=1)), (columns, Q.sum(axis=0))):
        part = probabilities(model["W"], model["H"])
        assert part[0] == pytest.approx(Q.sum(axis=(0, 1)) / V.sum(), rel=1e-9)
        side = part[1] if model is rows else part[2].T
        assert side == pytest.approx(sums / sums.sum(axis=0), rel=1e-9, abs=1e-15)


# ---- singular vectors


@pytest.mark.parametrize("centres", [True, False])
def test_no_factorisation_is_nearer_than_singular_vectors(tmp_path, centres):
    V = generated(tmp_path, "mixture", "--rows", 90, "--columns", 30, "-k", 6, "--noise", 0.3)[0] if centres else planted(90, 30, 6, 0.2)
    path = write_dense(tmp_path / "P.h5", V)
    best = results(1, "svd", path, tmp_path / "s.h5", "-k", 5)
    values = numpy.linalg.svd(V, compute_uv=False)
    for k in (1, 2) if centres else (1, 2, 3, 5):
        model = fit(2, path, tmp_path / "m.h5", "-k", k, *EXACT)
        bound, error = best["relative_error"][k - 1], model["attributes"]["relative_error"]
        nearest = best["U"][:, :k] * best["S"][:k] @ best["Vt"][:k]
        assert bound == pytest.approx(numpy.sqrt(squared(values[k:]) / squared(values)), rel=1e-8)
        assert (nearest.min() >= 0) == (centres or k == 1)
        if centres or k == 1:  # what singular vectors give has non-negative factors, as its rank is at most 2
            assert error == pytest.approx(bound, rel=1e-7)
            assert model["W"] @ model["H"] == pytest.approx(nearest, rel=1e-4)
        else:
            assert error > bound * (1 + 1e-5)
        if k == 1:
            assert best["U"][:, 0].min() >= 0 and best["Vt"][0].min() >= 0


def test_clusters_are_bounded_by_a_rayleigh_quotient(tmp_path):
    V, _ = generated(tmp_path, "mixture", "--rows", 90, "--columns", 30, "-k", 5, "--noise", 0.5)
    best = results(1, "svd", tmp_path / "V.h5", tmp_path / "s.h5", "-k", 5)
    hard = fit(2, tmp_path / "V.h5", tmp_path / "m.h5", "-k", 5, "--orthogonal", "w", *EXACT)
    W = hard["W"] / numpy.linalg.norm(hard["W"], axis=0)
    quotient = numpy.trace(W.T @ V @ V.T @ W)
    assert 2 * hard["attributes"]["objective"] == pytest.approx(squared(V) - quotient, rel=1e-6)
    assert quotient < squared(best["S"])


# ---- cuts of graphs


def islands(sizes, alone=0, seed=0):
    """A graph whose parts have so many nodes, in no order, with some nodes without edges; and the part of each node."""
    random = numpy.random.default_rng(seed)
    part = random.permutation(numpy.repeat(numpy.arange(len(sizes) + alone), [*sizes, *[1] * alone]))
    S = numpy.zeros((len(part), len(part)))
    for c in range(len(sizes)):
        nodes = numpy.flatnonzero(part == c)
        S[nodes[:-1], nodes[1:]] = 1  # a path makes it one part
        some = numpy.triu(random.random((len(nodes), len(nodes))) < 0.3, 2)
        S[numpy.ix_(nodes, nodes)] += some
    return S + S.T, part


def laplacian(S):
    degree = S.sum(axis=1)
    scale = 1 / numpy.sqrt(numpy.where(degree > 0, degree, 1))
    return numpy.eye(len(S)) - scale[:, None] * S * scale


@pytest.mark.parametrize("solver, counts", [("dense", (3,)), ("krylov", RANKS)])
def test_zero_eigenvalues_count_the_parts(tmp_path, solver, counts):
    S, part = islands((21, 13, 8))
    assert scipy.sparse.csgraph.connected_components(S)[0] == 3
    for matrix in (laplacian(S), numpy.diag(S.sum(axis=1)) - S):
        assert numpy.sum(numpy.linalg.eigvalsh(matrix) < 1e-9) == 3
    path = write_csr(tmp_path / "S.h5", scipy.sparse.csr_matrix(S))
    for ranks in counts:
        found = cluster(ranks, path, tmp_path / "c.h5", 5, "--method", "spectral", "--solver", solver)
        assert found["components"] == found["zero_eigenvalues"] == 3
        assert found["largest_eigenvalue"] == pytest.approx(numpy.linalg.eigvalsh(laplacian(S))[4], rel=1e-9)
    found = cluster(2, path, tmp_path / "c.h5", 3, "--method", "spectral", "--solver", solver)
    assert agree(found["labels"], part) and found["normalised_cut"] == 0 and abs(found["largest_eigenvalue"]) < 1e-9


def test_nodes_without_edges_are_parts_without_eigenvalue(tmp_path):
    S, _ = islands((21, 13), alone=2)
    assert numpy.sum(numpy.linalg.eigvalsh(numpy.diag(S.sum(axis=1)) - S) < 1e-9) == 4
    assert numpy.sum(numpy.linalg.eigvalsh(laplacian(S)) < 1e-9) == 2
    found = cluster(2, write_dense(tmp_path / "S.h5", S), tmp_path / "c.h5", 5, "--method", "spectral")
    assert (found["components"], found["zero_eigenvalues"]) == (4, 2)


@pytest.mark.parametrize("mixing", [0.1, 0.5])
def test_cuts_are_bounded_by_eigenvalues(tmp_path, mixing):
    k = 4
    S, _ = generated(tmp_path, "sbm", "--rows", 120, "-k", k, "--density", 0.2, "--mixing", mixing)
    found = cluster(2, tmp_path / "V.h5", tmp_path / "c.h5", k, "--method", "spectral")
    degree, E = S.sum(axis=1), indicators(found["labels"]) > 0
    D = numpy.diag(degree)
    inside = numpy.array([S[numpy.ix_(e, e)].sum() for e in E.T])
    volume = E.T @ degree
    assert found["normalised_cut"] == pytest.approx(numpy.sum(1 - inside / volume), rel=1e-9)
    assert found["min_max_cut"] == pytest.approx(numpy.sum(volume / inside - 1), rel=1e-9)
    eigenvalues = scipy.linalg.eigh(D - S, D, eigvals_only=True)  # (D − S) x = λ D x
    assert found["largest_eigenvalue"] == pytest.approx(eigenvalues[k - 1], rel=1e-8)
    least = eigenvalues[:k].sum()
    assert least < found["normalised_cut"]
    assert k**2 / (k - least) - k <= k**2 / (k - found["normalised_cut"]) - k <= found["min_max_cut"]
    assert numpy.linalg.eigvalsh(D - S)[:k].sum() < found["ratio_cut"]


def test_the_normalised_cut_is_a_symmetric_factorisation(tmp_path):
    S, truth = generated(tmp_path, "sbm", "--rows", 120, "-k", 4, "--density", 0.2, "--mixing", 0.1)
    found = cluster(2, tmp_path / "V.h5", tmp_path / "c.h5", 4, "--method", "spectral")
    A = numpy.eye(120) - laplacian(S)
    Y = indicators(found["labels"], S.sum(axis=1))
    assert found["normalised_cut"] == pytest.approx(4 - numpy.trace(Y.T @ A @ Y), rel=1e-9)
    given = evaluate(2, write_dense(tmp_path / "A.h5", (A + A.T) / 2), tmp_path, Y, Y.T)["attributes"]["objective"]
    assert 2 * given == pytest.approx(squared(A) + 2 * found["normalised_cut"] - 4, rel=1e-9)
    relaxed = cluster(2, tmp_path / "V.h5", tmp_path / "c.h5", 4, "--method", "symnmf", "--affinity", "normalised", "--restarts", 3)
    assert relaxed["objective"] < given
    assert agree(relaxed["labels"], truth["labels"]) and agree(found["labels"], truth["labels"])


def test_the_cut_between_rows_and_columns_is_bounded_by_singular_values(tmp_path):
    V, _ = generated(tmp_path, "biclusters", "--rows", 80, "--columns", 60, "-k", 4, "--noise", 0.3)
    found = cluster(2, tmp_path / "V.h5", tmp_path / "c.h5", 4, "--method", "bicluster")
    scaled = V / numpy.sqrt(numpy.outer(V.sum(axis=1), V.sum(axis=0)))
    values = results(1, "svd", write_dense(tmp_path / "N.h5", scaled), tmp_path / "s.h5", "-k", 4)["S"]
    assert values[0] == pytest.approx(1, rel=1e-9)
    assert 0.5 * found["normalised_cut"] < numpy.sum(1 - values) < found["normalised_cut"]


# ---- principal components


@pytest.mark.parametrize("noise", [0.1, 0.6])
def test_k_means_is_bounded_by_principal_components(tmp_path, noise):
    V, _ = generated(tmp_path, "mixture", "--rows", 150, "--columns", 20, "-k", 5, "--noise", noise)
    centred = results(1, "svd", tmp_path / "V.h5", tmp_path / "s.h5", "-k", 4, "--center")
    total = squared(V - V.mean(axis=0))
    eigenvalues = numpy.linalg.eigvalsh(numpy.cov(V.T, bias=True) * len(V))[::-1]
    assert centred["S"] ** 2 == pytest.approx(eigenvalues[:4], rel=1e-8)
    plain = squared(numpy.linalg.svd(V, compute_uv=False)[5:])
    inertia = cluster(2, tmp_path / "V.h5", tmp_path / "c.h5", 5)["objective"]
    assert plain <= total * centred["relative_error"][3] ** 2 < inertia
    if noise == 0.1:
        assert inertia < 1.3 * total * centred["relative_error"][3] ** 2


def test_two_clusters_lie_on_both_sides_of_the_mean(tmp_path):
    _, truth = generated(tmp_path, "mixture", "--rows", 150, "--columns", 20, "-k", 2, "--noise", 0.1)
    first = results(1, "svd", tmp_path / "V.h5", tmp_path / "s.h5", "-k", 1, "--center")["U"][:, 0]
    assert agree(first > 0, truth["labels"])
    assert agree(first > 0, cluster(2, tmp_path / "V.h5", tmp_path / "c.h5", 2)["labels"])
