"""--weight: a fit of weighted V is the fit of a V that was weighted before."""

import h5py
import numpy
import pytest
import scipy.optimize
import scipy.sparse

from conftest import RANKS, error_line, fit, planted, read_model, run, succeed, write_csr, write_dense

FIXED = ("--precision", "double", "--tolerance", 0, "--stall", 0)
WEIGHTS = ("tfidf", "log1p", "row-l1", "column-l1", "column-l2")
M, N, K = 40, 30, 4


def counts(m=M, n=N, seed=2):
    """With a row and a column of zeros."""
    V = numpy.round(planted(m, n, K, noise=0.05, seed=seed))
    V[5] = V[:, 11] = 0
    return V


def scale_of(V, weight):
    """What columns, else rows, are multiplied by."""
    if weight == "tfidf":
        return numpy.log((1 + len(V)) / (1 + numpy.count_nonzero(V, axis=0))) + 1
    norm = numpy.linalg.norm(V, 2 if weight == "column-l2" else 1, axis=1 if weight == "row-l1" else 0)
    return 1 / numpy.where(norm > 0, norm, 1)


def weigh(V, weight, scale=None):
    if weight == "log1p":
        return numpy.log1p(V)
    scale = scale_of(V, weight) if scale is None else scale
    return V * (scale[:, None] if weight == "row-l1" else scale)


def store(path, V, storage):
    if storage == "sparse":
        return write_csr(path, scipy.sparse.csr_matrix(V.astype("u1")))
    return write_dense(path, V.astype({"bytes": "u1", "single": "f4", "double": "f8"}[storage]))


def recorded(path):
    with h5py.File(path) as file:
        return {name: item[()] for name, item in file["weight"].items()} if "weight" in file else {}


@pytest.mark.parametrize("storage, loss, distribute", [
    ("bytes", "frobenius", "rows"), ("double", "kl", "columns"), ("sparse", "frobenius", "columns"), ("sparse", "kl", "rows")])
@pytest.mark.parametrize("weight", WEIGHTS)
def test_fit_is_that_of_weighted_entries(tmp_path, weight, loss, storage, distribute):
    V = counts()
    options = ("-k", K, "--loss", loss, "--max-iterations", 15, "--distribute", distribute, *FIXED)
    right = fit(1, write_dense(tmp_path / "W.h5", weigh(V, weight)), tmp_path / "right.h5", *options)
    model = fit(3, store(tmp_path / "V.h5", V, storage), tmp_path / "m.h5", *options, "--weight", weight)
    assert model["objective"] == pytest.approx(right["objective"], rel=1e-9)
    assert model["relative_error"] == pytest.approx(right["relative_error"], rel=1e-8)
    for factor in ("W", "H"):
        assert numpy.isfinite(model[factor]).all()
        assert model[factor] == pytest.approx(right[factor], rel=1e-7, abs=1e-9)
    scales = recorded(tmp_path / "m.h5")
    name = "row_scale" if weight == "row-l1" else "column_scale"
    assert list(scales) == ([] if weight == "log1p" else [name])
    if scales:
        assert scales[name] == pytest.approx(scale_of(V, weight), rel=1e-13)


@pytest.mark.parametrize("weight, options", [
    ("tfidf", ("--method", "mu")), ("row-l1", ("--loss", "is", "--floor", 1e-3)), ("log1p", ("--loss", "beta", "--beta", 1.5)),
    ("row-l1", ("--l1-h", 0.1, "--l2-w", 0.1)), ("tfidf", ("--method", "bpp")), ("log1p", ("--loss", "kl", "--method", "mu"))])
def test_every_loss_and_method(tmp_path, weight, options):
    V = counts()
    how = ("-k", K, "--max-iterations", 10, *options, *FIXED)
    right = fit(1, write_dense(tmp_path / "W.h5", weigh(V, weight)), tmp_path / "right.h5", *how)
    model = fit(2, write_dense(tmp_path / "V.h5", V), tmp_path / "m.h5", *how, "--weight", weight)
    assert model["objective"] == pytest.approx(right["objective"], rel=1e-9)
    assert model["W"] == pytest.approx(right["W"], rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("weight, storage, loss", [
    ("tfidf", "bytes", "frobenius"), ("tfidf", "sparse", "kl"), ("log1p", "bytes", "kl"), ("log1p", "single", "frobenius"),
    ("row-l1", "sparse", "frobenius"), ("row-l1", "single", "kl"), ("column-l1", "bytes", "kl"), ("column-l1", "sparse", "frobenius"),
    ("column-l2", "single", "frobenius"), ("column-l2", "sparse", "kl")])
def test_products_in_single(tmp_path, weight, loss, storage):
    V = counts()
    options = ("-k", K, "--loss", loss, "--max-iterations", 15)
    right = fit(1, write_dense(tmp_path / "W.h5", weigh(V, weight)), tmp_path / "right.h5", *options)
    model = fit(2, store(tmp_path / "V.h5", V, storage), tmp_path / "m.h5", *options, "--weight", weight, "--precision", "single")
    assert model["objective"][-1] == pytest.approx(right["objective"][-1], rel=1e-3)
    X = model["W"] @ model["H"]
    if loss == "frobenius":
        error = numpy.linalg.norm(weigh(V, weight) - X) / numpy.linalg.norm(weigh(V, weight))
        assert model["attributes"]["relative_error"] == pytest.approx(error, abs=1e-4)


@pytest.mark.parametrize("weight", ["tfidf", "row-l1"])
def test_same_on_any_number_of_ranks_and_threads(tmp_path, weight):
    V = store(tmp_path / "V.h5", counts(), "sparse")
    options = ("-k", K, "--weight", weight, "--max-iterations", 20, *FIXED)
    models = [fit(ranks, V, tmp_path / "m.h5", *options) for ranks in RANKS]
    models.append(fit(2, V, tmp_path / "m.h5", *options, "--threads", 3))
    for model in models[1:]:
        assert model["objective"] == pytest.approx(models[0]["objective"], rel=1e-10)
        assert model["provenance"]["input_fingerprint"] == models[0]["provenance"]["input_fingerprint"]


def test_tfidf_is_that_of_scikit_learn(tmp_path):
    text = pytest.importorskip("sklearn.feature_extraction.text", reason="scikit-learn is not installed")
    V = counts()
    fit(2, store(tmp_path / "V.h5", V, "sparse"), tmp_path / "m.h5", "-k", K, "--weight", "tfidf", "--max-iterations", 1)
    assert recorded(tmp_path / "m.h5")["column_scale"] == pytest.approx(text.TfidfTransformer(norm=None).fit(V).idf_, rel=1e-14)


def test_the_input_is_judged_as_it_is(tmp_path):
    V = counts()
    plain = fit(2, write_dense(tmp_path / "V.h5", V), tmp_path / "plain.h5", "-k", K, "--max-iterations", 1)
    model = fit(2, tmp_path / "V.h5", tmp_path / "m.h5", "-k", K, "--max-iterations", 1, "--weight", "column-l1")
    assert model["provenance"]["input_fingerprint"] == plain["provenance"]["input_fingerprint"]
    V[7, 3] = -0.5
    for weight in WEIGHTS:
        bad = run(2, "fit", write_dense(tmp_path / "bad.h5", V), "-k", K, "-o", tmp_path / "x.h5", "--weight", weight)
        assert bad.returncode == 3 and "row 7, column 3" in error_line(bad) and "-0.5" in error_line(bad)


def test_resumed_is_uninterrupted(tmp_path):
    V = store(tmp_path / "V.h5", counts(), "sparse")
    options = ("-k", K, "--weight", "tfidf", *FIXED)
    whole = fit(2, V, tmp_path / "whole.h5", *options, "--max-iterations", 20)
    for ranks, stop in ((2, 9), (3, 20)):
        resumed = fit(ranks, V, tmp_path / "m.h5", *options, "--max-iterations", stop, "--checkpoint", tmp_path / "c.h5")
    assert resumed["objective"] == pytest.approx(whole["objective"], rel=1e-10)
    other = run(2, "fit", V, "-k", K, "-o", tmp_path / "m.h5", "--weight", "log1p", "--checkpoint", tmp_path / "c.h5")
    assert other.returncode == 6 and "option weight" in error_line(other)


# ---- new data


def transform(ranks, model, V, output, *options):
    succeed(ranks, "transform", model, V, "-o", output, "--precision", "double", *options)
    return read_model(output)


@pytest.mark.parametrize("distribute", ["rows", "columns"])
@pytest.mark.parametrize("weight", WEIGHTS)
def test_new_data_are_weighted_as_the_training_data(tmp_path, weight, distribute):
    V, rows, columns = counts(), counts(12, N, 5), counts(M, 12, 6)
    model = fit(2, store(tmp_path / "V.h5", V, "sparse"), tmp_path / "model.h5", "-k", K, "--weight", weight)
    own_rows, own_columns = weight == "row-l1", weight in ("tfidf", "column-l1", "column-l2")
    found = transform(3, tmp_path / "model.h5", store(tmp_path / "R.h5", rows, "bytes"), tmp_path / "t.h5",
                      "--distribute", distribute)
    weighted = weigh(rows, weight, scale_of(V, weight) if own_columns else None)
    right = numpy.array([scipy.optimize.nnls(model["H"].T, row)[0] for row in weighted])
    assert found["W"] == pytest.approx(right, rel=1e-6, abs=1e-7)
    assert found["options"]["weight"] == weight
    if own_columns:
        assert recorded(tmp_path / "t.h5")["column_scale"] == pytest.approx(scale_of(V, weight), rel=1e-13)
    found = transform(3, tmp_path / "model.h5", store(tmp_path / "C.h5", columns, "sparse"), tmp_path / "t.h5",
                      "--distribute", distribute, "--side", "h")
    weighted = weigh(columns, weight, scale_of(V, weight) if own_rows else None)
    right = numpy.array([scipy.optimize.nnls(model["W"], column)[0] for column in weighted.T])
    assert found["H"].T == pytest.approx(right, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("bad", [None, numpy.ones(N - 1), numpy.full(N, -1.0)])
def test_a_model_without_its_weights_is_refused(tmp_path, bad):
    V = store(tmp_path / "V.h5", counts(), "bytes")
    fit(2, V, tmp_path / "model.h5", "-k", K, "--weight", "tfidf", "--max-iterations", 2)
    with h5py.File(tmp_path / "model.h5", "r+") as file:
        del file["weight/column_scale"]
        if bad is not None:
            file["weight/column_scale"] = bad
    for ranks in (1, 3):
        done = run(ranks, "transform", tmp_path / "model.h5", V, "-o", tmp_path / "t.h5")
        assert done.returncode == 3 and "/weight/column_scale" in error_line(done)


def test_all_zeros(tmp_path):
    V = write_dense(tmp_path / "V.h5", numpy.zeros((6, 5)))
    for weight in WEIGHTS:
        model = fit(2, V, tmp_path / "m.h5", "-k", 2, "--weight", weight)
        assert numpy.isfinite(model["W"]).all() and not (model["W"] @ model["H"]).any()
