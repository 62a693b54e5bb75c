"""Missing entries: against naive formulas over the observed entries, in both storages, on any number of ranks."""

import h5py
import numpy
import pytest
import scipy.sparse

from conftest import RANKS, error_line, fit, planted, run, write_csr, write_dense

FIXED = ("--precision", "double", "--tolerance", 0, "--stall", 0)
M, N, K = 40, 30, 3


@pytest.fixture(name="V")
def some_matrix():
    """Positive entries and some zeros."""
    V = planted(M, N, K, noise=0.1, seed=1) + 0.05
    V[numpy.random.default_rng(3).random(V.shape) < 0.1] = 0
    return V


@pytest.fixture(name="observed")
def some_observed():
    return numpy.random.default_rng(2).random((M, N)) < 0.7


def start(path, m=M, n=N, k=K, seed=9):
    random = numpy.random.default_rng(seed)
    W, H = random.random((m, k)) + 0.1, random.random((k, n)) + 0.1
    with h5py.File(path, "w") as file:
        file["W"], file["H"] = W, H
    return W, H


def stored(V, where):
    """V as CSR with exactly these entries stored, whatever their value."""
    rows, columns = numpy.nonzero(where)
    return scipy.sparse.csr_matrix((V[rows, columns], (rows, columns)), shape=V.shape)


def write(path, V, observed, way):
    """V with missing entries in one of the ways to say so, and the options for it; and what is observed then."""
    holes = numpy.where(observed, V, numpy.nan)
    if way == "dense nan":
        return (write_dense(path, holes), "--missing", "nan"), observed
    if way == "sparse nan":  # zeros that are not stored are observed
        return (write_csr(path, stored(holes, (V > 0) | ~observed)), "--missing", "nan"), observed
    if way == "sparse all stored nan":
        return (write_csr(path, stored(holes, numpy.ones_like(observed))), "--missing", "nan"), observed
    if "masked" in way:  # what the mask hides may be anything
        garbage = numpy.where(observed, V, numpy.resize([numpy.nan, -1, 1e300, 0], V.shape))
        mask, storages = path.with_name("mask.h5"), way.split(" masked ")
        if storages[1] == "dense":
            write_dense(mask, observed.astype("u1"))
        else:
            write_csr(mask, stored(2.5 * observed, observed | (V == 0)))
        V = write_dense(path, garbage) if storages[0] == "dense" else write_csr(path, stored(garbage, garbage != 0))
        return (V, "--mask", mask), observed
    zeros = numpy.where(observed, V, 0)
    if way == "dense zero":
        return (write_dense(path, zeros), "--missing", "zero"), zeros > 0
    assert way == "sparse zero"  # with some zeros stored: they are missing as well
    where = (zeros > 0) | (numpy.random.default_rng(5).random(V.shape) < 0.1)
    return (write_csr(path, stored(zeros, where)), "--missing", "zero"), zeros > 0


WAYS = ("dense nan", "sparse nan", "sparse all stored nan", "dense zero", "sparse zero", "dense masked dense", "dense masked sparse",
        "sparse masked dense", "sparse masked sparse")
METHODS = (("frobenius", "hals"), ("frobenius", "mu"), ("kl", "mu"))


def divergence(V, X, where, loss):
    v, x = V[where], X[where]
    if loss == "frobenius":
        return 0.5 * numpy.sum((v - x) ** 2)
    if loss == "is":
        return numpy.sum(v / x - numpy.log(v / x) - 1)
    return numpy.sum(numpy.where(v > 0, v * numpy.log(numpy.where(v > 0, v / x, 1)), 0) - v + x)


def reference(V, where, loss):
    if loss == "frobenius":
        return 0.5 * numpy.sum(V[where] ** 2)
    return divergence(V, numpy.full_like(V, V[where].mean()), where, loss)


def masked_mu(V, where, W, H, loss, iterations):
    """Multiplicative updates over the observed entries."""
    W, H, O = W.copy(), H.copy(), where.astype(float)

    def ratio(X, side):
        if loss == "frobenius":
            a, b = O * V, O * X
        elif loss == "kl":
            a, b = O * V / X, O
        else:
            a, b = O * V / X**2, O / X
        quotient = (a @ side.T) / (b @ side.T)
        return numpy.sqrt(quotient) if loss == "is" else quotient

    def flip(X):
        nonlocal V, O
        V, O = V.T, O.T
        return X.T

    for _ in range(iterations):
        W *= ratio(W @ H, H)
        X = flip(W @ H)
        H = (H.T * ratio(X, W.T)).T
        flip(X)
    return W, H


@pytest.mark.parametrize("distribute", ["rows", "columns"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("loss", ["frobenius", "kl"])
def test_iterates_of_mu_are_those_of_the_formulas(tmp_path, V, observed, loss, way, distribute):
    words, where = write(tmp_path / "V.h5", V, observed, way)
    W, H = start(tmp_path / "start.h5")
    model = fit(3, *words[:1], tmp_path / "m.h5", *words[1:], "-k", K, "--loss", loss, "--method", "mu", "--init-file",
                tmp_path / "start.h5", "--max-iterations", 20, "--distribute", distribute, *FIXED)
    right = masked_mu(V, where, W, H, loss, 20)
    assert model["W"] == pytest.approx(right[0], rel=1e-9, abs=1e-9)
    assert model["H"] == pytest.approx(right[1], rel=1e-9, abs=1e-9)


def test_itakura_saito_with_sparse_ratings(tmp_path, V, observed):
    words, where = write(tmp_path / "V.h5", V, observed, "sparse zero")
    W, H = start(tmp_path / "start.h5")
    model = fit(2, *words[:1], tmp_path / "m.h5", *words[1:], "-k", K, "--loss", "is", "--init-file", tmp_path / "start.h5",
                "--max-iterations", 20, *FIXED)
    right = masked_mu(V, where, W, H, "is", 20)
    assert model["W"] == pytest.approx(right[0], rel=1e-9, abs=1e-9)
    assert model["attributes"]["objective"] == pytest.approx(divergence(V, right[0] @ right[1], where, "is"), rel=1e-9)


@pytest.mark.parametrize("distribute", ["rows", "columns"])
@pytest.mark.parametrize("way", WAYS[:6] + WAYS[-1:])
@pytest.mark.parametrize("loss, method", METHODS)
def test_figures_are_those_of_the_stored_factors(tmp_path, V, observed, loss, method, way, distribute):
    words, where = write(tmp_path / "V.h5", V, observed, way)
    model = fit(2, *words[:1], tmp_path / "m.h5", *words[1:], "-k", K, "--loss", loss, "--method", method, "--max-iterations", 30,
                "--distribute", distribute, *FIXED)
    right = divergence(V, model["W"] @ model["H"], where, loss)
    assert model["attributes"]["objective"] == pytest.approx(right, rel=1e-9)
    assert model["objective"][-1] == pytest.approx(right, rel=1e-9)
    assert numpy.all(numpy.diff(model["objective"]) <= 1e-12 * model["objective"][0])
    error = right / reference(V, where, loss)
    assert model["attributes"]["relative_error"] == pytest.approx(numpy.sqrt(error) if loss == "frobenius" else error, rel=1e-9)


@pytest.mark.parametrize("precision", ["single", "double"])
@pytest.mark.parametrize("loss, method", METHODS)
@pytest.mark.parametrize("sets", [("dense nan", "sparse nan", "sparse all stored nan", *WAYS[-4:]), ("dense zero", "sparse zero")])
def test_dense_is_sparse(tmp_path, V, observed, sets, loss, method, precision):
    models = []
    for way in sets:
        words, _ = write(tmp_path / "V.h5", V, observed, way)
        models.append(fit(3, *words[:1], tmp_path / "m.h5", *words[1:], "-k", K, "--loss", loss, "--method", method,
                          "--max-iterations", 40, "--tolerance", 0, "--stall", 0, "--precision", precision))
    for model in models[1:]:
        assert model["objective"] == pytest.approx(models[0]["objective"], rel=1e-9 if precision == "double" else 1e-4)


@pytest.mark.parametrize("loss, method, way", [("frobenius", "hals", "dense nan"), ("frobenius", "hals", "sparse nan"),
                                               ("frobenius", "hals", "sparse zero"), ("frobenius", "mu", "sparse nan"),
                                               ("kl", "mu", "sparse nan"), ("kl", "mu", "dense zero"),
                                               ("kl", "mu", "dense masked sparse"), ("frobenius", "hals", "sparse masked dense")])
def test_same_on_any_number_of_ranks_and_threads(tmp_path, V, observed, loss, method, way):
    words, _ = write(tmp_path / "V.h5", V, observed, way)
    options = (*words[1:], "-k", K, "--loss", loss, "--method", method, "--max-iterations", 30, *FIXED)
    models = [fit(ranks, words[0], tmp_path / "m.h5", *options) for ranks in RANKS]
    models.append(fit(2, words[0], tmp_path / "m.h5", *options, "--threads", 3))
    models.append(fit(3, words[0], tmp_path / "m.h5", *options, "--distribute", "columns"))
    for model in models[1:]:
        assert model["objective"] == pytest.approx(models[0]["objective"], rel=1e-9)
        assert numpy.abs(model["W"] - models[0]["W"]).max() <= 1e-6 * models[0]["W"].max()


@pytest.mark.parametrize("way", ["dense nan", "sparse zero"])
def test_hals_recovers_what_is_missing(tmp_path, way):
    """Of a matrix of rank 3 without noise the missing fifth follows from the rest."""
    V = planted(80, 60, 3, seed=4) + 1e-9
    observed = numpy.random.default_rng(6).random(V.shape) < 0.8
    words, where = write(tmp_path / "V.h5", V, observed, way)
    best = min((fit(2, *words[:1], tmp_path / "m.h5", *words[1:], "-k", 3, "--seed", seed, "--max-iterations", 3000, *FIXED)
                for seed in range(3)), key=lambda model: model["attributes"]["objective"])
    assert numpy.all(numpy.diff(best["objective"]) <= 1e-12 * best["objective"][0])
    X = best["W"] @ best["H"]
    assert numpy.linalg.norm((V - X)[~where]) < 1e-3 * numpy.linalg.norm(V[~where])


@pytest.mark.parametrize("loss, method", METHODS)
@pytest.mark.parametrize("storage", ["dense", "sparse"])
def test_nothing_missing_changes_nothing(tmp_path, V, storage, loss, method):
    path = write_dense(tmp_path / "V.h5", V) if storage == "dense" else write_csr(tmp_path / "V.h5", stored(V, V > 0))
    options = ("-k", K, "--loss", loss, "--method", method, "--max-iterations", 30, *FIXED)
    plain = fit(2, path, tmp_path / "m.h5", *options)
    full = write_dense(tmp_path / "mask.h5", numpy.ones(V.shape, "f4"))
    for words in (("--missing", "nan"), ("--mask", full), ("--mask", full, "--distribute", "columns")):
        masked = fit(2, path, tmp_path / "m.h5", *options, *words)
        assert masked["objective"] == pytest.approx(plain["objective"], rel=1e-9)
        assert masked["W"] == pytest.approx(plain["W"], rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("storage", ["dense", "sparse"])
def test_mask_and_missing_zero_must_both_call_it_observed(tmp_path, V, observed, storage):
    path = write_dense(tmp_path / "V.h5", V) if storage == "dense" else write_csr(tmp_path / "V.h5", stored(V, V > 0))
    mask = write_dense(tmp_path / "mask.h5", observed)
    model = fit(3, path, tmp_path / "m.h5", "--mask", mask, "--missing", "zero", "-k", K, "--max-iterations", 20, *FIXED)
    right = divergence(V, model["W"] @ model["H"], observed & (V > 0), "frobenius")
    assert model["attributes"]["objective"] == pytest.approx(right, rel=1e-9)


def test_sparse_pattern_under_a_mask_gets_values(tmp_path, observed):
    """A Matrix Market pattern has no room for the zeros that a mask calls observed."""
    ones = numpy.random.default_rng(8).random((M, N)) < 0.3
    entries = "".join(f"{i + 1} {j + 1}\n" for i, j in zip(*numpy.nonzero(ones)))
    (tmp_path / "V.mtx").write_text(f"%%MatrixMarket matrix coordinate pattern general\n{M} {N} {ones.sum()}\n{entries}")
    mask = write_dense(tmp_path / "mask.h5", observed.astype(int))
    model = fit(3, tmp_path / "V.mtx", tmp_path / "m.h5", "--mask", mask, "-k", K, "--max-iterations", 20, *FIXED)
    right = divergence(ones.astype(float), model["W"] @ model["H"], observed, "frobenius")
    assert model["attributes"]["objective"] == pytest.approx(right, rel=1e-9)


def test_fingerprint_knows_the_mask(tmp_path, V, observed):
    """Nor does it depend on how V and the mask are stored."""
    prints = {}
    for way in WAYS[-4:]:
        for change in (False, True):
            seen = observed.copy()
            seen[2, 3] ^= change
            words, _ = write(tmp_path / "V.h5", V, seen, way)
            model = fit(2, *words[:1], tmp_path / "m.h5", *words[1:], "-k", K, "--max-iterations", 1)
            prints.setdefault(change, set()).add(model["provenance"]["input_fingerprint"])
    assert len(prints[False]) == len(prints[True]) == 1 and prints[False] != prints[True]


@pytest.mark.parametrize("precision", ["single", "double"])
@pytest.mark.parametrize("loss, method", METHODS)
@pytest.mark.parametrize("way", WAYS[:6] + WAYS[-1:])
def test_rows_and_columns_without_observed_entries(tmp_path, V, observed, way, loss, method, precision):
    observed[4], observed[:, 7] = False, False
    words, where = write(tmp_path / "V.h5", V, observed, way)
    W, H = start(tmp_path / "start.h5")
    model = fit(2, *words[:1], tmp_path / "m.h5", *words[1:], "-k", K, "--loss", loss, "--method", method, "--max-iterations", 20,
                "--init-file", tmp_path / "start.h5", "--precision", precision)
    rounding = 1e-4 if precision == "single" else 1e-10
    assert model["W"][4] == pytest.approx(W[4], rel=rounding) and model["H"][:, 7] == pytest.approx(H[:, 7], rel=rounding)
    assert model["attributes"]["objective"] == pytest.approx(divergence(V, model["W"] @ model["H"], where, loss), rel=1e-3)


@pytest.mark.parametrize("distribute", ["rows", "columns"])
@pytest.mark.parametrize("way", ["dense nan", "sparse masked dense"])
def test_resumed_is_uninterrupted(tmp_path, V, observed, way, distribute):
    words, _ = write(tmp_path / "V.h5", V, observed, way)
    options = (*words[1:], "-k", K, "--distribute", distribute, *FIXED)
    whole = fit(2, words[0], tmp_path / "whole.h5", *options, "--max-iterations", 40)
    for ranks, stop in ((2, 11), (4, 12), (1, 25), (3, 40)):
        resumed = fit(ranks, words[0], tmp_path / "m.h5", *options, "--max-iterations", stop, "--checkpoint", tmp_path / "c.h5")
    assert list(resumed["iteration"]) == list(range(1, 41))
    assert resumed["objective"] == pytest.approx(whole["objective"], rel=1e-10)
    assert resumed["W"] == pytest.approx(whole["W"], rel=1e-6, abs=1e-9)


# ---- refused


def refused(*arguments, code=3):
    done = run(2, "fit", *arguments)
    assert done.returncode == code, done.stderr
    return error_line(done)


@pytest.mark.parametrize("missing", ["none", "zero"])
def test_nan_needs_to_be_called_missing(tmp_path, V, missing):
    V[3, 5] = numpy.nan
    line = refused(write_dense(tmp_path / "V.h5", V), "-k", 2, "-o", tmp_path / "m.h5", "--missing", missing)
    assert "row 3, column 5" in line and "--missing nan" in line


def test_bad_entries_are_found_among_missing_ones(tmp_path, V):
    V[0], V[3, 5] = numpy.nan, -1
    line = refused(write_dense(tmp_path / "V.h5", V), "-k", 2, "-o", tmp_path / "m.h5", "--missing", "nan")
    assert "row 3, column 5" in line and "is -1" in line


@pytest.mark.parametrize("way", WAYS)
def test_all_is_missing(tmp_path, V, way):
    words, _ = write(tmp_path / "V.h5", V, numpy.zeros(V.shape, bool), way)
    if way == "sparse nan":
        words = (write_csr(tmp_path / "V.h5", stored(numpy.full_like(V, numpy.nan), V >= 0)), "--missing", "nan")
    assert "missing" in refused(*words, "-k", 2, "-o", tmp_path / "m.h5")


@pytest.mark.parametrize("storage", ["dense", "sparse"])
def test_mask_of_another_shape(tmp_path, V, storage):
    path = write_dense(tmp_path / "V.h5", V) if storage == "dense" else write_csr(tmp_path / "V.h5", stored(V, V > 0))
    line = refused(path, "-k", 2, "-o", tmp_path / "m.h5", "--mask", write_dense(tmp_path / "mask.h5", numpy.ones((N, M))))
    assert "mask.h5" in line and f"is a mask of {N} × {M}" in line and f"{M} × {N}" in line


def test_mask_is_no_output(tmp_path, V):
    path, mask = write_dense(tmp_path / "V.h5", V), write_dense(tmp_path / "mask.h5", numpy.ones((M, N)))
    assert "mask" in refused(path, "-k", 2, "-o", mask, "--mask", mask, code=2)
    assert "nothing.h5" in refused(path, "-k", 2, "-o", tmp_path / "m.h5", "--mask", tmp_path / "nothing.h5")
