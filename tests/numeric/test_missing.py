"""Missing entries: against naive formulas over the observed entries, in both storages, on any number of ranks."""

import re

import h5py
import numpy
import pytest
import scipy.sparse

from conftest import RANKS, error_line, fit, planted, read_model, run, succeed, write_csr, write_dense

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
METHODS = (("frobenius", "hals"), ("frobenius", "mu"), ("kl", "mu"), ("kl", "newton"), ("frobenius", "bpp"))
STORED = (*WAYS[:6], WAYS[-1])
SIDES = ("rows", "columns")


def deal(ways, methods, values):
    """Two cases a way: the methods take turns, and so do the values, from which each way and each method gets both."""
    return [(way, *methods[(2 * i + turn) % len(methods)], values[(i + turn) % len(values)])
            for i, way in enumerate(ways) for turn in (0, 1)]


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


@pytest.mark.parametrize("way, loss, distribute", deal(WAYS, [("frobenius",), ("kl",)], SIDES))
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


@pytest.mark.parametrize("way, loss, method, distribute", deal(STORED, METHODS, SIDES))
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


@pytest.mark.parametrize("sets, loss, method, precision", [
    (("dense nan", "sparse nan", "sparse all stored nan", *WAYS[-4:]), "frobenius", "hals", "double"),
    (("dense nan", "sparse nan", "sparse all stored nan", *WAYS[-4:]), "kl", "newton", "double"),
    (("dense masked sparse", "sparse masked dense", "sparse all stored nan"), "frobenius", "hals", "single"),
    (("dense nan", "sparse nan"), "frobenius", "mu", "double"), (("dense nan", "sparse masked sparse"), "kl", "mu", "single"),
    (("dense zero", "sparse zero"), "frobenius", "hals", "single"), (("dense zero", "sparse zero"), "frobenius", "mu", "single"),
    (("dense zero", "sparse zero"), "kl", "mu", "double"), (("dense zero", "sparse zero"), "kl", "newton", "single")])
def test_dense_is_sparse(tmp_path, V, observed, sets, loss, method, precision):
    models = []
    for way in sets:
        words, _ = write(tmp_path / "V.h5", V, observed, way)
        models.append(fit(3, *words[:1], tmp_path / "m.h5", *words[1:], "-k", K, "--loss", loss, "--method", method,
                          "--max-iterations", 40, "--tolerance", 0, "--stall", 0, "--precision", precision))
    for model in models[1:]:
        assert model["objective"] == pytest.approx(models[0]["objective"], rel=1e-9 if precision == "double" else 1e-4)


@pytest.mark.parametrize("loss, method, way, ranks", [
    ("frobenius", "hals", "sparse nan", RANKS), ("kl", "newton", "dense masked sparse", RANKS), ("frobenius", "mu", "sparse zero", (1, 3)),
    ("kl", "mu", "sparse nan", (1, 4)), ("kl", "newton", "sparse zero", (1, 7)), ("frobenius", "bpp", "dense nan", (1, 2)),
    ("frobenius", "hals", "sparse masked dense", (1, 3))])
def test_same_on_any_number_of_ranks_and_threads(tmp_path, V, observed, loss, method, way, ranks):
    words, _ = write(tmp_path / "V.h5", V, observed, way)
    options = (*words[1:], "-k", K, "--loss", loss, "--method", method, "--max-iterations", 30, *FIXED)
    models = [fit(count, words[0], tmp_path / "m.h5", *options) for count in ranks]
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


@pytest.mark.parametrize("loss, method, storage", [
    ("frobenius", "hals", "dense"), ("frobenius", "hals", "sparse"), ("frobenius", "mu", "dense"), ("kl", "mu", "sparse"),
    ("kl", "newton", "dense"), ("kl", "newton", "sparse")])
def test_nothing_missing_changes_nothing(tmp_path, V, storage, loss, method):
    path = write_dense(tmp_path / "V.h5", V) if storage == "dense" else write_csr(tmp_path / "V.h5", stored(V, V > 0))
    options = ("-k", K, "--loss", loss, "--method", method, "--max-iterations", 30, "--extrapolate", "no", *FIXED)
    plain = fit(2, path, tmp_path / "m.h5", *options)
    full = write_dense(tmp_path / "mask.h5", numpy.ones(V.shape, "f4"))
    for words in (("--missing", "nan"), ("--mask", full, "--distribute", "columns")):
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


@pytest.mark.parametrize("way, loss, method, precision", deal(STORED, METHODS, ("single", "double")))
def test_rows_and_columns_without_observed_entries(tmp_path, V, observed, way, loss, method, precision):
    observed[4], observed[:, 7] = False, False
    words, where = write(tmp_path / "V.h5", V, observed, way)
    W, H = start(tmp_path / "start.h5")
    model = fit(2, *words[:1], tmp_path / "m.h5", *words[1:], "-k", K, "--loss", loss, "--method", method, "--max-iterations", 20,
                "--init-file", tmp_path / "start.h5", "--precision", precision)
    rounding = 1e-4 if precision == "single" else 1e-10
    assert model["W"][4] == pytest.approx(W[4], rel=rounding) and model["H"][:, 7] == pytest.approx(H[:, 7], rel=rounding)
    assert model["attributes"]["objective"] == pytest.approx(divergence(V, model["W"] @ model["H"], where, loss), rel=1e-3)


@pytest.mark.parametrize("way, distribute", [("dense nan", "columns"), ("sparse masked dense", "rows")])
def test_resumed_is_uninterrupted(tmp_path, V, observed, way, distribute):
    words, _ = write(tmp_path / "V.h5", V, observed, way)
    options = (*words[1:], "-k", K, "--distribute", distribute, *FIXED)
    whole = fit(2, words[0], tmp_path / "whole.h5", *options, "--max-iterations", 40)
    for ranks, stop in ((2, 11), (4, 12), (1, 40)):
        resumed = fit(ranks, words[0], tmp_path / "m.h5", *options, "--max-iterations", stop, "--checkpoint", tmp_path / "c.h5")
    assert list(resumed["iteration"]) == list(range(1, 41))
    assert resumed["objective"] == pytest.approx(whole["objective"], rel=1e-10)
    assert resumed["W"] == pytest.approx(whole["W"], rel=1e-6, abs=1e-9)


# ---- held out


def holdout_sum(attributes, loss):
    """Σ d(v | x) over the held-out entries."""
    error = attributes["holdout_error"] ** 2 if loss == "frobenius" else attributes["holdout_error"]
    return 0.5 * error * attributes["held_out"]


HELD_OUT = ("dense nan", "dense zero", "sparse zero", "dense masked dense", "sparse masked sparse")


@pytest.mark.parametrize("way, loss, method, distribute",
                         deal(HELD_OUT, [m for m in METHODS if m[1] != "newton"], SIDES))  # by whose zeros the formula would divide
def test_fitted_and_held_out_make_up_the_whole(tmp_path, V, observed, loss, method, way, distribute):
    words, where = write(tmp_path / "V.h5", V, observed, way)
    model = fit(3, *words[:1], tmp_path / "m.h5", *words[1:], "-k", K, "--loss", loss, "--method", method, "--max-iterations", 20,
                "--holdout", 0.25, "--seed", 4, "--distribute", distribute, *FIXED)
    attributes = model["attributes"]
    assert attributes["observed"] + attributes["held_out"] == where.sum()
    assert attributes["held_out"] == pytest.approx(0.25 * where.sum(), abs=4 * numpy.sqrt(0.25 * 0.75 * where.sum()))
    total = attributes["objective"] + holdout_sum(attributes, loss)
    assert total == pytest.approx(divergence(V, model["W"] @ model["H"], where, loss), rel=1e-9)
    assert model["holdout_error"][-1] == attributes["holdout_error"] and len(model["holdout_error"]) == 20
    assert numpy.all(numpy.diff(model["objective"]) <= 1e-12 * model["objective"][0])


def test_held_out_entries_do_not_depend_on_how_v_is_held(tmp_path, V, observed):
    """Ratings, as dense and sparse matrices, by rows and columns, on any number of ranks; another seed hides others."""
    models = []
    for way, ranks in (("dense zero", (1, 3)), ("sparse zero", RANKS)):
        words, _ = write(tmp_path / "V.h5", V, observed, way)
        options = (*words[1:], "-k", K, "--holdout", 0.2, "--max-iterations", 10, *FIXED)
        models += [fit(count, words[0], tmp_path / "m.h5", *options) for count in ranks]
        models.append(fit(3, words[0], tmp_path / "m.h5", *options, "--distribute", "columns", "--threads", 2))
    for model in models[1:]:
        assert model["attributes"]["held_out"] == models[0]["attributes"]["held_out"]
        assert model["holdout_error"] == pytest.approx(models[0]["holdout_error"], rel=1e-9)
    start(tmp_path / "start.h5")
    first, other = (fit(2, words[0], tmp_path / "m.h5", *options, "--init-file", tmp_path / "start.h5", "--seed", seed)
                    for seed in (1, 2))
    assert abs(first["holdout_error"][0] - other["holdout_error"][0]) > 1e-3 * first["holdout_error"][0]


def test_fit_does_not_see_what_is_held_out(tmp_path, V):
    """Where the fit is the same whatever V holds, V's entry is held out: as many as the result says."""
    shape, hidden = (5, 4), 0
    options = ("-k", 2, "--missing", "nan", "--holdout", 0.3, "--max-iterations", 1, "--init-file", tmp_path / "start.h5", *FIXED)
    start(tmp_path / "start.h5", *shape, 2)
    small = V[:5, :4] + 1
    plain = fit(1, write_dense(tmp_path / "V.h5", small), tmp_path / "m.h5", *options)
    for i, j in numpy.ndindex(shape):
        changed = small.copy()
        changed[i, j] += 1
        model = fit(1, write_dense(tmp_path / "V.h5", changed), tmp_path / "m.h5", *options)
        same = numpy.array_equal(model["W"], plain["W"]) and numpy.array_equal(model["H"], plain["H"])
        assert same == (model["attributes"]["holdout_error"] != plain["attributes"]["holdout_error"] and
                        model["attributes"]["objective"] == plain["attributes"]["objective"])
        hidden += same
    assert hidden == plain["attributes"]["held_out"] > 0


@pytest.mark.parametrize("distribute", ["rows", "columns"])
def test_patience_stops_an_overfit(tmp_path, distribute):
    random = numpy.random.default_rng(11)
    V = write_dense(tmp_path / "V.h5", random.random((30, 20)))
    options = ("-k", 8, "--holdout", 0.3, "--distribute", distribute, *FIXED)
    free = fit(2, V, tmp_path / "m.h5", *options, "--max-iterations", 300)
    least = int(numpy.argmin(free["holdout_error"]))
    assert least < 250
    stopped = fit(3, V, tmp_path / "m.h5", *options, "--max-iterations", 300, "--patience", 12)
    assert stopped["provenance"]["stop_reason"] == "held-out error rises"
    assert len(stopped["iteration"]) - 1 - least in (12, 13)  # the error of an iterate may be known an iteration later
    assert stopped["holdout_error"] == pytest.approx(free["holdout_error"][: len(stopped["iteration"])], rel=1e-8)
    for ranks, stop in ((2, 5), (1, least + 6), (3, 300)):
        resumed = fit(ranks, V, tmp_path / "r.h5", *options, "--max-iterations", stop, "--patience", 12,
                      "--checkpoint", tmp_path / "c.h5")
    assert resumed["provenance"]["stop_reason"] == "held-out error rises"
    assert resumed["holdout_error"] == pytest.approx(stopped["holdout_error"], rel=1e-8)


def test_log_tells_the_held_out_error(tmp_path, V):
    done = succeed(2, "fit", write_dense(tmp_path / "V.h5", V), "-k", 2, "-o", tmp_path / "m.h5", "--holdout", 0.1, "--max-iterations", 3)
    told = [float(error) for error in re.findall(r"holdout_error = (\S+)", done.stdout + done.stderr)]
    assert told and told[-1] == pytest.approx(read_model(tmp_path / "m.h5")["attributes"]["holdout_error"], rel=1e-6)
    model = fit(2, tmp_path / "V.h5", tmp_path / "m.h5", "-k", 2, "--max-iterations", 3)
    assert "holdout_error" not in model and not {"holdout_error", "held_out", "observed"} & set(model["attributes"])


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


def test_holdout_needs_known_entries(tmp_path, V):
    path = write_csr(tmp_path / "S.h5", stored(V, V > 0))
    output = ("-k", 2, "-o", tmp_path / "m.h5")
    for words in ((), ("--missing", "nan")):
        line = refused(path, *output, "--holdout", 0.1, *words)
        assert "--missing zero" in line and "is sparse" in line
    dense = write_dense(tmp_path / "V.h5", V)
    assert "none is held out" in refused(dense, *output, "--holdout", 1e-12)
    assert "--holdout" in refused(dense, *output, "--patience", 3, code=2)


def test_resumed_with_other_holdout(tmp_path, V):
    """Other entries held out: another run."""
    path = write_dense(tmp_path / "V.h5", V)
    options = ("-k", 2, "-o", tmp_path / "m.h5", "--checkpoint", tmp_path / "c.h5", "--max-iterations", 3)
    succeed(2, "fit", path, *options, "--holdout", 0.1)
    assert "holdout" in refused(path, *options, "--holdout", 0.2, code=6)
