"""Ratings: rank-one coordinate descent over the observed entries, biases, and predictions, against numpy."""

import csv

import h5py
import numpy
import pytest
import scipy.io
import scipy.sparse

from conftest import RANKS, error_line, fit, run, succeed, write_csr, write_dense

LONG = ("--tolerance", 0, "--stall", 0)
RATINGS = ("--method", "ccd", "--missing", "zero")


def some_ratings(m=60, n=45, k=2, density=0.3, signal=1.0, noise=0.3, seed=0):
    """Ratings of free sign about 3.5, clipped at .5: (sparse V, what they are without noise)."""
    random = numpy.random.default_rng(seed)
    X = random.gamma(0.5, size=(m, k)) @ random.gamma(0.5, size=(k, n))
    X = 3.5 + signal * (X - X.mean()) / X.std() + 0.4 * random.normal(size=(m, 1)) + 0.3 * random.normal(size=n)
    where = random.random((m, n)) < density
    where[3], where[:, 5] = False, False  # nothing is known of these
    V = numpy.where(where, numpy.maximum(X + noise * random.normal(size=X.shape), 0.5), 0)
    return scipy.sparse.csr_matrix(V), X


@pytest.fixture(name="V")
def ratings():
    return some_ratings()[0]


def read_ratings(path):
    """The model, with biases that are 0 where it has none."""
    with h5py.File(path) as file:
        W, H = file["W"][:], file["H"][:]
        model = {"W": W, "H": H, "offset": file.attrs.get("offset", 0), "attributes": dict(file.attrs),
                 "b": file["row_bias"][:] if "row_bias" in file else numpy.zeros(len(W)),
                 "c": file["column_bias"][:] if "column_bias" in file else numpy.zeros(H.shape[1]),
                 "objective": file["history/objective"][:], "gradient": file["history/projected_gradient"][:],
                 "options": dict(file["options"].attrs)}
    return model


def fit_ratings(ranks, V, output, *options):
    fit(ranks, V, output, *RATINGS, *options)
    return read_ratings(output)


def predicted(model):
    return model["W"] @ model["H"] + model["b"][:, None] + model["c"] + model["offset"]


def weights(model, counts):
    power, mean = float(model["options"]["l2-by-count"]), counts[counts > 0].mean()
    return numpy.where(counts > 0, (counts / mean) ** power, 0)


def penalties(model, V):
    """By row of W and column of H, L2; the other four."""
    where = V.toarray() != 0
    option = {name: float(model["options"][name]) for name in ("l1-w", "l1-h", "l2-bias-w", "l2-bias-h")}
    return (model["attributes"]["l2_w"] * weights(model, where.sum(1))[:, None],
            model["attributes"]["l2_h"] * weights(model, where.sum(0)), *option.values())


def residual(model, V):
    V = V.toarray()
    return numpy.where(V != 0, V - predicted(model), 0)


def objective(model, V):
    l2_w, l2_h, l1_w, l1_h, bias_w, bias_h = penalties(model, V)
    W, H, R = model["W"], model["H"], residual(model, V)
    return 0.5 * (numpy.sum(R**2) + numpy.sum(l2_w * W**2) + numpy.sum(l2_h * H**2) + bias_w * numpy.sum(model["b"] ** 2)
                  + bias_h * numpy.sum(model["c"] ** 2)) + l1_w * W.sum() + l1_h * H.sum()


def gradients(model, V):
    """Those that the conditions of Karush, Kuhn and Tucker want to be 0."""
    l2_w, l2_h, l1_w, l1_h, bias_w, bias_h = penalties(model, V)
    W, H, R = model["W"], model["H"], residual(model, V)
    g_w, g_h = l2_w * W + l1_w - R @ H.T, l2_h * H + l1_h - W.T @ R
    parts = [numpy.where(W > 0, g_w, numpy.minimum(g_w, 0)), numpy.where(H > 0, g_h, numpy.minimum(g_h, 0))]
    if model["options"]["bias"] == "yes":
        parts += [bias_w * model["b"] - R.sum(1), bias_h * model["c"] - R.sum(0), R.sum()]
    return max(numpy.abs(part).max() for part in parts)


VARIANTS = [("--bias",), (), ("--bias", "--l2-by-count", 0), ("--bias", "--l1-w", 0.2, "--l1-h", 0.1, "--l2-w", 2, "--l2-h", 1),
            ("--bias", "--l2-bias-w", 1, "--l2-bias-h", 0.5, "--shrink", 0.3), ("--bias", "--l1-h", 0.3), ("--bias", "--l2-w", 1.5, "--no-bound")]


@pytest.mark.parametrize("options, distribute", [
    *((options, ("rows", "columns")[i % 2]) for i, options in enumerate(VARIANTS)), (("--bias",), "columns")])
def test_figures_are_those_of_the_stored_model(tmp_path, V, options, distribute):
    model = fit_ratings(3, write_csr(tmp_path / "V.h5", V), tmp_path / "m.h5", "-k", 4, *options, "--distribute", distribute,
                        "--max-iterations", 20, *LONG)
    right = objective(model, V)
    assert model["attributes"]["objective"] == pytest.approx(right, rel=1e-12)
    assert model["objective"][-1] == pytest.approx(right, rel=1e-10)
    assert numpy.all(numpy.diff(model["objective"]) <= 1e-12 * model["objective"][0])
    R = residual(model, V)
    assert model["attributes"]["relative_error"] == pytest.approx(numpy.linalg.norm(R) / numpy.linalg.norm(V.toarray()), rel=1e-10)


@pytest.mark.parametrize("options", VARIANTS[:-1])  # a penalty on W alone has no least: H grows for ever
def test_ends_where_nothing_can_be_gained(tmp_path, V, options):
    model = fit_ratings(2, write_csr(tmp_path / "V.h5", V), tmp_path / "m.h5", "-k", 3, *options, "--max-iterations", 4000, *LONG)
    assert gradients(model, V) < 1e-6
    assert model["attributes"]["projected_gradient"] < 1e-6
    assert numpy.all(model["W"] >= 0) and numpy.all(model["H"] >= 0)


def test_nothing_is_said_of_what_nothing_is_known_of(tmp_path, V):
    model = fit_ratings(2, write_csr(tmp_path / "V.h5", V), tmp_path / "m.h5", "-k", 3, "--bias", "--max-iterations", 5)
    assert numpy.all(model["W"][3] == 0) and model["b"][3] == 0
    assert numpy.all(model["H"][:, 5] == 0) and model["c"][5] == 0


@pytest.mark.parametrize("options, by_rows, by_columns", [(("--bias",), RANKS, (1, 3, 7)), (("--l1-w", 0.1), (1, 3), (4,))])
def test_same_on_any_number_of_ranks_and_threads(tmp_path, V, options, by_rows, by_columns):
    path = write_csr(tmp_path / "V.h5", V)
    options = ("-k", 3, "--max-iterations", 30, *options, *(("--shrink", 0.1) if "--l1-w" in options else ()), *LONG)
    models = [fit_ratings(ranks, path, tmp_path / "m.h5", *options) for ranks in by_rows]
    models += [fit_ratings(ranks, path, tmp_path / "m.h5", *options, "--distribute", "columns") for ranks in by_columns]
    models.append(fit_ratings(2, path, tmp_path / "m.h5", *options, "--threads", 3))
    for model in models[1:]:
        assert model["objective"] == pytest.approx(models[0]["objective"], rel=1e-10)
        assert model["gradient"] == pytest.approx(models[0]["gradient"], rel=1e-6, abs=1e-9)
        for part in ("W", "H", "b", "c", "offset"):
            assert model[part] == pytest.approx(models[0][part], rel=1e-7, abs=1e-9)


def test_dense_is_sparse(tmp_path, V):
    dense = V.toarray()
    with_nan = numpy.where(dense != 0, dense, numpy.nan)
    stored = V.copy()
    stored.data[::7] = 0  # zeros that are stored are missing too
    options = ("-k", 3, "--bias", "--method", "ccd", "--max-iterations", 20)
    sparse = fit(3, write_csr(tmp_path / "V.h5", V), tmp_path / "m.h5", *options, "--missing", "zero")
    for path, missing in ((write_dense(tmp_path / "D.h5", dense), "zero"), (write_dense(tmp_path / "N.h5", with_nan), "nan")):
        model = fit(3, path, tmp_path / "m.h5", *options, "--missing", missing)
        assert model["W"] == pytest.approx(sparse["W"], rel=1e-9, abs=1e-12)
    some = fit(2, write_csr(tmp_path / "S.h5", stored), tmp_path / "m.h5", *options, "--missing", "zero")
    stored.eliminate_zeros()
    fewer = fit(2, write_csr(tmp_path / "S.h5", stored), tmp_path / "m.h5", *options, "--missing", "zero")
    assert some["W"] == pytest.approx(fewer["W"], rel=1e-9, abs=1e-12)


def rmse(X, V, where):
    return numpy.sqrt(numpy.mean((X - V)[where] ** 2))


def bias_model(V, where, l2):
    """Offset and biases alone, by least squares with a ridge."""
    b, c, offset = numpy.zeros(len(V)), numpy.zeros(V.shape[1]), V[where].mean()
    for _ in range(200):
        R = numpy.where(where, V - offset - b[:, None] - c, 0)
        offset += R.sum() / where.sum()
        b = numpy.where(where, V - offset - c, 0).sum(1) / (where.sum(1) + l2)
        c = numpy.where(where, V - offset - b[:, None], 0).sum(0) / (where.sum(0) + l2)
    return offset + b[:, None] + c


@pytest.mark.parametrize("seed", [0, 1])
def test_finds_more_than_biases(tmp_path, seed):
    V, X = some_ratings(400, 300, 2, density=0.15, signal=0.8, noise=0.5, seed=seed)
    where = V.toarray() != 0
    model = fit_ratings(2, write_csr(tmp_path / "V.h5", V), tmp_path / "m.h5", "-k", 5, "--bias")
    biases = min(rmse(bias_model(V.toarray(), where, l2), X, ~where) for l2 in (0.5, 1, 2, 4))
    assert rmse(predicted(model), X, ~where) < 0.7 * biases


def test_without_factors_it_is_the_bias_model(tmp_path, V):
    """A penalty that leaves nothing of W and H says so, and what remains are the biases."""
    path = write_csr(tmp_path / "V.h5", V)
    done = succeed(2, "fit", path, "-o", tmp_path / "m.h5", *RATINGS, "-k", 2, "--bias", "--shrink", 100, *LONG,
                   "--max-iterations", 300)
    model = read_ratings(tmp_path / "m.h5")
    assert "a smaller --shrink" in done.stderr
    assert numpy.abs(model["W"]).max() < 1e-12
    where = V.toarray() != 0
    assert predicted(model)[where] == pytest.approx(bias_model(V.toarray(), where, 3)[where], rel=1e-8)


def test_penalty_follows_the_unit_of_V(tmp_path, V):
    """Ratings in other units give the same model in those units."""
    options = ("-k", 3, "--bias", "--max-iterations", 30, *LONG)
    model = fit_ratings(2, write_csr(tmp_path / "V.h5", V), tmp_path / "m.h5", *options)
    scaled = fit_ratings(2, write_csr(tmp_path / "V.h5", 64 * V), tmp_path / "m.h5", *options)
    assert predicted(scaled) == pytest.approx(64 * predicted(model), rel=1e-9)


@pytest.mark.parametrize("ranks, distribute", [(1, "rows"), (3, "rows"), (2, "columns")])
@pytest.mark.parametrize("options", [("--bias",), ("--shrink", 0.2)])
def test_held_out_entries_are_not_fitted(tmp_path, V, options, ranks, distribute):
    """What is fitted and what is held out are together what is observed."""
    path = write_csr(tmp_path / "V.h5", V)
    model = fit_ratings(ranks, path, tmp_path / "m.h5", "-k", 3, *options, "--l2-by-count", 0, "--holdout", 0.2, "--seed", 3,
                        "--max-iterations", 15, "--distribute", distribute, *LONG)
    attributes = model["attributes"]
    held_out = attributes["held_out"] * attributes["holdout_error"] ** 2 / 2
    assert 0.1 * V.nnz < attributes["held_out"] < 0.3 * V.nnz and attributes["observed"] + attributes["held_out"] == V.nnz
    assert attributes["objective"] + held_out == pytest.approx(objective(model, V), rel=1e-10)
    with h5py.File(tmp_path / "m.h5") as file:
        assert file["history/holdout_error"][-1] == pytest.approx(attributes["holdout_error"], rel=1e-10)


def test_patience_ends_a_run(tmp_path):
    V, _ = some_ratings(100, 80, 2, density=0.2, noise=1, seed=5)
    path = write_csr(tmp_path / "V.h5", V)
    options = ("-k", 8, "--bias", "--shrink", 0.05, "--holdout", 0.2, *LONG)
    fit_ratings(2, path, tmp_path / "m.h5", *options, "--patience", 5, "--max-iterations", 400)
    with h5py.File(tmp_path / "m.h5") as file:
        error, reason = file["history/holdout_error"][:], file["provenance"].attrs["stop_reason"]
    assert reason == "held-out error rises" and len(error) == numpy.argmin(error) + 1 + 5 < 400


@pytest.mark.parametrize("distribute", ["rows", "columns"])
def test_resumed_is_uninterrupted(tmp_path, V, distribute):
    path = write_csr(tmp_path / "V.h5", V)
    options = ("-k", 3, "--bias", "--holdout", 0.1, "--distribute", distribute, *LONG)
    whole = fit_ratings(2, path, tmp_path / "whole.h5", *options, "--max-iterations", 40)
    for ranks, stop in ((2, 11), (4, 12), (1, 25), (3, 40)):
        resumed = fit_ratings(ranks, path, tmp_path / "m.h5", *options, "--max-iterations", stop, "--checkpoint", tmp_path / "c.h5")
    assert resumed["objective"] == pytest.approx(whole["objective"], rel=1e-11)
    for part in ("W", "H", "b", "c", "offset"):
        assert resumed[part] == pytest.approx(whole[part], rel=1e-7, abs=1e-10)
    with h5py.File(tmp_path / "c.h5", "r+") as file:
        file["row_bias"][1] += 1e-9
    done = run(2, "fit", path, "-o", tmp_path / "m.h5", *RATINGS, *options, "--max-iterations", 50, "--checkpoint", tmp_path / "c.h5")
    assert "damaged" in done.stderr


def test_given_start(tmp_path, V):
    path = write_csr(tmp_path / "V.h5", V)
    first = fit_ratings(2, path, tmp_path / "first.h5", "-k", 3, "--bias", "--max-iterations", 500)
    again = fit_ratings(2, path, tmp_path / "m.h5", "-k", 3, "--bias", "--init-file", tmp_path / "first.h5", "--max-iterations", 20)
    assert again["objective"][-1] == pytest.approx(first["objective"][-1], rel=1e-4)
    assert again["attributes"]["l2_w"] == pytest.approx(first["attributes"]["l2_w"], rel=1e-12)


@pytest.mark.parametrize("shape", [(1, 8), (8, 1), (1, 1), (2, 3)])
def test_tiny(tmp_path, shape):
    V = scipy.sparse.csr_matrix(numpy.arange(1.0, 1 + shape[0] * shape[1]).reshape(shape))
    for distribute in ("rows", "columns"):
        model = fit_ratings(3, write_csr(tmp_path / "V.h5", V), tmp_path / "m.h5", "-k", 2, "--bias", "--distribute", distribute)
        assert model["attributes"]["objective"] == pytest.approx(objective(model, V), rel=1e-9, abs=1e-9)


# ---- refused


def refused(*arguments, code):
    done = run(2, *arguments)
    assert done.returncode == code, done.stderr
    return error_line(done)


@pytest.mark.parametrize("options, words", [
    (("--method", "ccd"), "--missing"),
    (("--method", "ccd", "--missing", "zero", "--loss", "kl"), "does not serve"),
    (("--missing", "zero", "--bias"), "belongs to ccd"),
    (("--shrink", 1), "belongs to ccd"),
    ((*RATINGS, "--l2-bias-w", 1), "without --bias"),
    ((*RATINGS, "--shrink", 1, "--l2-w", 1, "--l2-h", 1), "either"),
    ((*RATINGS, "--l2-w", 1), "--no-bound"),
    ((*RATINGS, "--extrapolate", "yes"), "without missing entries"),
    ((*RATINGS, "--orthogonal", "h"), "--orthogonal"),
    ((*RATINGS, "--symmetric"), "--symmetric"),
    ((*RATINGS, "--fix-h", "first.h5"), "--fix-h"),
])
def test_options_that_do_not_belong_together(tmp_path, V, options, words):
    assert words in refused("fit", write_csr(tmp_path / "V.h5", V), "-k", 2, "-o", tmp_path / "m.h5", *options, code=2)


def test_new_rows_lack_their_biases(tmp_path, V):
    path = write_csr(tmp_path / "V.h5", V)
    fit_ratings(1, path, tmp_path / "first.h5", "-k", 2, "--max-iterations", 2)
    assert "method ccd" in refused("transform", tmp_path / "first.h5", path, "-o", tmp_path / "m.h5", code=3)


def test_zeros_that_are_not_stored_cannot_be_visited(tmp_path, V):
    line = refused("fit", write_csr(tmp_path / "V.h5", V), "-k", 2, "-o", tmp_path / "m.h5", "--method", "ccd", "--missing", "nan", code=3)
    assert "--missing zero" in line


# ---- predict


def write_market(path, V, names=None):
    scipy.io.mmwrite(path, V)
    return path


def read_predictions(path):
    with open(path, newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    return head, rows


@pytest.fixture(name="model_file", params=["bias", "plain"])
def some_model(tmp_path, V, request):
    path = write_csr(tmp_path / "V.h5", V)
    options = (*RATINGS, "--bias") if request.param == "bias" else ("--method", "mu")
    fit(2, f"{path}:/X", tmp_path / "model.h5", "-k", 3, "--max-iterations", 20, *options)
    return tmp_path / "model.h5"


@pytest.mark.parametrize("ranks, model_file", [*((ranks, "bias") for ranks in RANKS), (3, "plain")], indirect=["model_file"])
def test_entries_are_predicted(tmp_path, V, model_file, ranks):
    random = numpy.random.default_rng(1)
    asked = scipy.sparse.random(*V.shape, 0.2, random_state=random, format="coo")
    market = write_market(tmp_path / "asked.mtx", asked)
    done = succeed(ranks, "predict", model_file, "--entries", market, "-o", tmp_path / "p.csv")
    head, rows = read_predictions(tmp_path / "p.csv")
    X, values = predicted(read_ratings(model_file)), asked.toarray()
    assert head == ["row", "column", "prediction", "value"]
    assert [(int(r), int(c)) for r, c, *_ in rows] == sorted(zip(asked.row, asked.col))
    for row, column, prediction, value in rows:
        assert float(prediction) == pytest.approx(X[int(row), int(column)], rel=1e-10)
        assert float(value) == pytest.approx(values[int(row), int(column)], rel=1e-10)
    error = rmse(X, values, values != 0)
    words = dict(pair.split(" = ") for pair in next(line for line in done.stderr.splitlines() if "rmse" in line).split("  "))
    assert float(words["rmse"]) == pytest.approx(error, rel=1e-8) and int(words["entries"]) == asked.nnz


@pytest.mark.parametrize("ranks, top, of, model_file", [
    (1, 1, "columns", "bias"), (1, 4, "rows", "plain"), (3, 1, "rows", "plain"), (3, 4, "columns", "bias"), (3, 4, "rows", "bias"),
    (3, 1000, "columns", "plain"), (7, 1000, "rows", "bias"), (7, 4, "columns", "plain"), (2, 1000, "columns", "bias")],
    indirect=["model_file"])
def test_largest_unknown_entries(tmp_path, V, model_file, ranks, top, of):
    succeed(ranks, "predict", model_file, "--top", top, "--of", of, "-o", tmp_path / "p.csv", "--threads", 2)
    _, rows = read_predictions(tmp_path / "p.csv")
    X = predicted(read_ratings(model_file))
    known = V.toarray() != 0
    if of == "columns":
        X, known = X.T, known.T
    right = []
    for i, (x, hidden) in enumerate(zip(X, known)):
        order = [j for j in numpy.argsort(-x, kind="stable") if not hidden[j]][:top]
        right += [(i, j) if of == "rows" else (j, i) for j in order]
    assert sorted((int(r), int(c)) for r, c, _ in rows) == sorted(right)
    for row, column, prediction in rows:
        x = X[int(row), int(column)] if of == "rows" else X[int(column), int(row)]
        assert float(prediction) == pytest.approx(x, rel=1e-10)
    values = {}
    for row, column, prediction in rows:
        values.setdefault(row if of == "rows" else column, []).append(float(prediction))
    assert all(list(line) == sorted(line, reverse=True) for line in values.values())


def write_model(path, W, H, **names):
    with h5py.File(path, "w") as file:
        file["W"], file["H"] = W, H
        for name, texts in names.items():
            file.create_dataset(name, data=[text.encode() for text in texts])
        file.create_group("options").attrs["input"] = ""
    return path


def test_equal_predictions_go_by_column(tmp_path):
    n = 2500  # more than a block
    H = numpy.ones((1, n))
    H[0, [7, 1500, 2400]] = 2
    model = write_model(tmp_path / "m.h5", numpy.ones((3, 1)), H)
    known = scipy.sparse.csr_matrix(([1.0, 1.0], ([0, 1], [0, 1500])), shape=(3, n))
    succeed(2, "predict", model, "--top", 5, "--known", write_csr(tmp_path / "V.h5", known), "-o", tmp_path / "p.csv")
    _, rows = read_predictions(tmp_path / "p.csv")
    found = [[int(c) for r, c, _ in rows if int(r) == i] for i in range(3)]
    assert found == [[7, 1500, 2400, 1, 2], [7, 2400, 0, 1, 2], [7, 1500, 2400, 0, 1]]


def test_names_and_quotes(tmp_path):
    rows, columns = ['a,"b"', "c"], ["x", "y y", "zé"]
    model = write_model(tmp_path / "m.h5", numpy.eye(2), numpy.arange(6.0).reshape(2, 3), row_names=rows, col_names=columns)
    known = write_csr(tmp_path / "V.h5", scipy.sparse.csr_matrix((2, 3)))
    for of in ("rows", "columns"):
        succeed(2, "predict", model, "--top", 3, "--known", known, "--of", of, "-o", tmp_path / "p.csv")
        _, found = read_predictions(tmp_path / "p.csv")
        assert {(r, c): float(x) for r, c, x in found} == {
            (rows[i], columns[j]): 3.0 * i + j for i in range(2) for j in range(3)}


def test_scale_belongs_to_the_model(tmp_path):
    model = write_model(tmp_path / "m.h5", numpy.eye(2), numpy.ones((2, 3)))
    with h5py.File(model, "r+") as file:
        file["scale"] = [2.0, 5.0]
    known = write_csr(tmp_path / "V.h5", scipy.sparse.csr_matrix((2, 3)))
    succeed(1, "predict", model, "--top", 1, "--known", known, "-o", tmp_path / "p.csv")
    assert [float(x) for _, _, x in read_predictions(tmp_path / "p.csv")[1]] == [2, 5]


def test_pattern_has_nothing_to_compare_with(tmp_path, V, model_file):
    scipy.io.mmwrite(tmp_path / "asked.mtx", V, field="pattern")
    done = succeed(2, "predict", model_file, "--entries", tmp_path / "asked.mtx", "-o", tmp_path / "p.csv")
    assert "rmse" not in done.stderr and read_predictions(tmp_path / "p.csv")[0] == ["row", "column", "prediction"]


@pytest.mark.parametrize("options, code, words", [
    ((), 2, "--entries FILE or --top N"),
    (("--top", 3, "--entries", "{dense}"), 2, "not both"),
    (("--entries", "{small}"), 3, "has 4 rows"),
    (("--entries", "{dense}"), 3, "dense"),
    (("--top", 3, "--known", "{nothing}"), 3, "nothing"),
    (("--top", 3, "--known", "{small}"), 3, "has 4 rows"),
    (("--entries", "{small}", "--of", "columns"), 2, "belongs to --top"),
])
def test_predict_refuses(tmp_path, V, options, code, words):
    fit_ratings(1, write_csr(tmp_path / "V.h5", V), tmp_path / "model.h5", "-k", 2, "--max-iterations", 2)
    files = {"small": write_csr(tmp_path / "small.h5", scipy.sparse.csr_matrix(numpy.ones((4, 45)))),
             "dense": write_dense(tmp_path / "dense.h5", V.toarray()), "nothing": tmp_path / "nothing.mtx"}
    arguments = [str(option).format(**files) for option in options]
    assert words in refused("predict", tmp_path / "model.h5", *arguments, "-o", tmp_path / "p.csv", code=code)
    assert not (tmp_path / "p.csv").exists() and not (tmp_path / "p.csv.tmp").exists()


def test_predict_wants_a_model(tmp_path, V):
    path = write_csr(tmp_path / "V.h5", V)
    assert "no result" in refused("predict", path, "--top", 3, "--known", path, "-o", tmp_path / "p.csv", code=3)
