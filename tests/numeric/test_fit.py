"""What a fit promises about its numbers, checked from outside."""

import h5py
import numpy
import pytest
import scipy.sparse

from conftest import RANKS, fit, planted, read_model, relative_error, run, succeed, write_csr, write_dense

FIXED = ("--precision", "double", "--tolerance", "0", "--stall", "0", "--seed", "3")


@pytest.fixture(name="noisy")
def noisy_matrix():
    return planted(60, 40, 5, noise=0.1, seed=1)


def sparse_matrix(m=80, n=50, density=0.15, seed=2):
    random = numpy.random.default_rng(seed)
    return scipy.sparse.random(
        m, n, density, "csr", random_state=random, data_rvs=lambda count: random.integers(1, 9, count)
    ).astype(numpy.float64)


@pytest.mark.parametrize("method, precision, distribute", [
    ("hals", "single", "rows"), ("hals", "double", "columns"), ("bpp", "double", "rows"), ("bpp", "single", "columns"),
    ("mu", "single", "rows"), ("mu", "double", "columns")])
def test_objective_never_rises(tmp_path, noisy, method, precision, distribute):
    V = write_dense(tmp_path / "V.h5", noisy)
    model = fit(2, V, tmp_path / "m.h5", "-k", 5, "--method", method, "--precision", precision,
                "--distribute", distribute, "--extrapolate", "no", "--tolerance", 0, "--stall", 0, "--max-iterations", 200)
    half_square = 0.5 * numpy.sum(noisy**2)
    resolution = half_square * (8 * numpy.finfo(numpy.float32 if precision == "single" else float).eps)
    assert len(model["objective"]) == 200
    assert numpy.all(numpy.diff(model["objective"]) <= resolution)
    assert model["objective"][-1] < model["objective"][0]


@pytest.mark.parametrize("method", ["hals", "bpp", "mu"])
def test_stored_figures_belong_to_stored_factors(tmp_path, noisy, method):
    V = write_dense(tmp_path / "V.h5", noisy)
    model = fit(3, V, tmp_path / "m.h5", "-k", 4, "--method", method, "--max-iterations", 30)
    W, H = model["W"], model["H"]
    assert W.min() >= 0 and H.min() >= 0
    assert model["provenance"]["command_line"].startswith(f"partwise fit {V} -o ")
    residual = noisy - W @ H
    assert model["attributes"]["objective"] == pytest.approx(0.5 * numpy.sum(residual**2), rel=1e-9)
    assert model["attributes"]["relative_error"] == pytest.approx(relative_error(noisy, model), rel=1e-9)
    scale = numpy.sqrt(numpy.linalg.norm(H, axis=1) / numpy.linalg.norm(W, axis=0))
    W, H = W * scale, H / scale[:, None]
    gradients = 0
    for X, R, G in ((W, noisy @ H.T, H @ H.T), (H.T, noisy.T @ W, W.T @ W)):
        gradients += numpy.sum(numpy.minimum(X @ G - R, numpy.diag(G) * X) ** 2)
    assert model["attributes"]["projected_gradient"] == pytest.approx(numpy.sqrt(gradients), rel=1e-6)


@pytest.mark.parametrize("noise, bound", [(0, 1e-4), (0.05, 0.05)])
def test_planted_factors_are_recovered(tmp_path, noise, bound):
    V = planted(200, 100, 4, noise=noise, seed=4)
    best = min(
        relative_error(V, fit(2, write_dense(tmp_path / "V.h5", V), tmp_path / "m.h5", "-k", 4, "--seed", seed,
                              "--max-iterations", 2000, "--tolerance", 1e-8, "--stall", 1e-9))
        for seed in range(3)
    )
    assert best <= bound


@pytest.mark.parametrize("method, storage, counts", [
    ("hals", "dense", RANKS), ("hals", "sparse", RANKS), ("bpp", "dense", (1, 3)), ("bpp", "sparse", (1, 7)), ("mu", "dense", (1, 4)),
    ("mu", "sparse", (1, 2))])
def test_same_on_any_number_of_ranks(tmp_path, noisy, method, storage, counts):
    if storage == "dense":
        V = write_dense(tmp_path / "V.h5", noisy)
    else:
        V = write_csr(tmp_path / "V.h5", sparse_matrix())
    models = [
        fit(ranks, V, tmp_path / "m.h5", "-k", 5, "--method", method, "--max-iterations", 50, *FIXED)
        for ranks in counts
    ]
    for model in models[1:]:
        assert model["objective"][-1] == pytest.approx(models[0]["objective"][-1], rel=1e-10)
        for factor in ("W", "H"):
            assert numpy.abs(model[factor] - models[0][factor]).max() <= 1e-6 * models[0][factor].max()


@pytest.mark.parametrize("method", ["hals", "bpp"])
def test_same_with_threads(tmp_path, noisy, method):
    V = write_dense(tmp_path / "V.h5", noisy)
    S = write_csr(tmp_path / "S.h5", sparse_matrix())
    for matrix in (V, S):
        one, three = (
            fit(2, matrix, tmp_path / "m.h5", "-k", 5, "--method", method, "--max-iterations", 50, "--threads", threads,
                *FIXED)
            for threads in (1, 3)
        )
        assert three["objective"][-1] == pytest.approx(one["objective"][-1], rel=1e-10)
        assert numpy.abs(three["W"] - one["W"]).max() <= 1e-6 * one["W"].max()


@pytest.mark.parametrize("options", [
    ("--method", "bpp"), ("--restarts", "3"), ("--loss", "kl", "--method", "newton")], ids=" ".join)
def test_same_with_threads_where_rows_are_uneven(tmp_path, options):
    """A few rows have most of the entries, and some have none: threads share them by work, so that one has most of a tile."""
    S = scipy.sparse.vstack([sparse_matrix(80, 600, 0.8), sparse_matrix(900, 600, 0.005), scipy.sparse.csr_matrix((160, 600))]).tocsr()
    V = write_csr(tmp_path / "V.h5", S)
    one, *others = (
        fit(1, V, tmp_path / "m.h5", "-k", 5, *options, "--max-iterations", 20, "--threads", threads, *FIXED)
        for threads in (1, 2, 3)
    )
    for other in others:
        assert other["objective"][-1] == pytest.approx(one["objective"][-1], rel=1e-10)
        assert numpy.abs(other["W"] - one["W"]).max() <= 1e-6 * one["W"].max()


@pytest.mark.parametrize("method", ["hals", "bpp", "mu"])
def test_dense_is_sparse(tmp_path, method):
    S = sparse_matrix()
    sparse, dense = (
        fit(2, V, tmp_path / "m.h5", "-k", 6, "--method", method, "--max-iterations", 50, *FIXED)
        for V in (write_csr(tmp_path / "S.h5", S), write_dense(tmp_path / "V.h5", S.toarray()))
    )
    assert sparse["objective"][-1] == pytest.approx(dense["objective"][-1], rel=1e-10)
    assert sparse["provenance"]["input_fingerprint"] == dense["provenance"]["input_fingerprint"]


@pytest.mark.parametrize("method, storage", [
    ("hals", "dense"), ("hals", "csr_matrix"), ("hals", "csc_matrix"), ("bpp", "dense"), ("bpp", "csc_matrix"), ("mu", "csr_matrix")])
def test_columns_are_rows(tmp_path, noisy, method, storage):
    if storage == "dense":
        V = write_dense(tmp_path / "V.h5", noisy)
    else:
        S = sparse_matrix()
        V = write_csr(tmp_path / "V.h5", S if storage == "csr_matrix" else S.tocsc(), kind=storage)
    rows, columns = (
        fit(3, V, tmp_path / "m.h5", "-k", 5, "--method", method, "--max-iterations", 50,
            "--distribute", distribute, *FIXED)
        for distribute in ("rows", "columns")
    )
    assert columns["objective"][-1] == pytest.approx(rows["objective"][-1], rel=1e-8)
    for factor in ("W", "H"):
        assert numpy.abs(columns[factor] - rows[factor]).max() <= 1e-6 * rows[factor].max()
    assert columns["projected_gradient"] == pytest.approx(rows["projected_gradient"], rel=1e-5)


@pytest.mark.parametrize("ranks, distribute", [((2, 2), "rows"), ((1, 3), "columns"), ((4, 2), "rows"), ((3, 1), "columns")])
def test_resumed_is_uninterrupted(tmp_path, noisy, distribute, ranks):
    V = write_dense(tmp_path / "V.h5", noisy)
    options = ("-k", 5, "--distribute", distribute, *FIXED)
    whole = fit(2, V, tmp_path / "whole.h5", *options, "--max-iterations", 40)
    checkpoint = ("--checkpoint", tmp_path / "c.h5")
    fit(ranks[0], V, tmp_path / "m.h5", *options, *checkpoint, "--max-iterations", 25)
    resumed = fit(ranks[1], V, tmp_path / "m.h5", *options, *checkpoint, "--max-iterations", 40)
    assert list(resumed["iteration"]) == list(range(1, 41))
    assert resumed["objective"] == pytest.approx(whole["objective"], rel=1e-10)
    assert resumed["W"] == pytest.approx(whole["W"], rel=1e-6, abs=1e-9)


def test_start_from_given_factors(tmp_path, noisy):
    V = write_dense(tmp_path / "V.h5", noisy)
    plain = ("--extrapolate", "no", *FIXED)  # momentum does not stand in a model
    whole = fit(2, V, tmp_path / "whole.h5", "-k", 5, "--max-iterations", 30, *plain)
    fit(2, V, tmp_path / "half.h5", "-k", 5, "--max-iterations", 10, *plain)
    rest = fit(3, V, tmp_path / "rest.h5", "-k", 5, "--max-iterations", 20, "--init-file", tmp_path / "half.h5",
               *plain)
    assert rest["objective"][-1] == pytest.approx(whole["objective"][-1], rel=1e-10)


def test_extrapolation_is_faster_and_goes_back_when_the_objective_rises(tmp_path, noisy):
    V = write_dense(tmp_path / "V.h5", noisy)
    plain, further = (fit(2, V, tmp_path / "m.h5", "-k", 5, "--extrapolate", extrapolate, "--max-iterations", 500, "--seed", 1,
                          "--tolerance", 1e-5, "--stall", 0) for extrapolate in ("no", "yes"))
    assert further["provenance"]["stop_reason"] == "converged"
    assert len(further["objective"]) < 0.5 * len(plain["objective"])
    rises = numpy.flatnonzero(numpy.diff(further["objective"]) > 0)
    assert len(rises) > 0 and further["objective"][-1] <= 1.001 * plain["objective"][-1]


@pytest.mark.parametrize("shape, k, ranks", [
    ((1, 20), 1, 3), ((20, 1), 1, 3), ((1, 1), 1, 3), ((1, 1), 1, 1), ((2, 3), 5, 3), ((30, 4), 9, 2), ((4, 30), 4, 3)])
def test_small_shapes(tmp_path, ranks, shape, k):
    V = numpy.random.default_rng(5).random(shape)
    for method in ("hals", "bpp", "mu"):
        model = fit(ranks, write_dense(tmp_path / "V.h5", V), tmp_path / "m.h5", "-k", k, "--method", method,
                    "--max-iterations", 300)
        assert model["W"].shape == (shape[0], k) and model["H"].shape == (k, shape[1])
        assert numpy.isfinite(model["W"]).all() and numpy.isfinite(model["H"]).all()
        if method != "mu":
            assert relative_error(V, model) < (0.02 if k >= min(shape) else 1)


@pytest.mark.parametrize("method", ["hals", "bpp"])
def test_rank_beyond_the_matrix_has_no_nan(tmp_path, method):
    V = planted(30, 20, 2, seed=6)
    model = fit(2, write_dense(tmp_path / "V.h5", V), tmp_path / "m.h5", "-k", 12, "--method", method,
                "--max-iterations", 500)
    assert numpy.isfinite(model["W"]).all() and numpy.isfinite(model["H"]).all()
    assert relative_error(V, model) < 1e-2


@pytest.mark.parametrize("method", ["hals", "bpp", "mu"])
def test_all_zero(tmp_path, method):
    model = fit(2, write_dense(tmp_path / "V.h5", numpy.zeros((9, 7))), tmp_path / "m.h5", "-k", 3, "--method", method)
    assert not model["W"].any() or not model["H"].any()
    assert model["attributes"]["objective"] == 0 and model["attributes"]["relative_error"] == 0


@pytest.mark.parametrize("method", ["hals", "bpp", "mu"])
@pytest.mark.parametrize("storage", ["dense", "sparse"])
def test_zero_rows_and_columns(tmp_path, method, storage):
    V = planted(30, 20, 3, noise=0.1, seed=7)
    V[[0, 12, 29]] = 0
    V[:, [3, 19]] = 0
    path = tmp_path / "V.h5"
    write_dense(path, V) if storage == "dense" else write_csr(path, scipy.sparse.csr_matrix(V))
    model = fit(3, path, tmp_path / "m.h5", "-k", 3, "--method", method)
    assert numpy.isfinite(model["W"]).all() and numpy.isfinite(model["H"]).all()
    assert not model["W"][[0, 12, 29]].any() and not model["H"][:, [3, 19]].any()


@pytest.mark.parametrize("scale", [1e-30, 1e-9, 1e9, 1e30])
def test_scale_of_the_data_does_not_matter(tmp_path, noisy, scale):
    options = ("-k", 5, "--max-iterations", 60)
    plain = fit(2, write_dense(tmp_path / "V.h5", noisy), tmp_path / "m.h5", *options)
    V = (noisy * scale).astype(numpy.float32)
    scaled = fit(2, write_dense(tmp_path / "S.h5", V), tmp_path / "m.h5", *options)
    assert scaled["attributes"]["relative_error"] == pytest.approx(plain["attributes"]["relative_error"], rel=1e-3)


def test_every_type_of_entry(tmp_path):
    V = numpy.random.default_rng(8).integers(0, 90, (25, 15))
    objectives = {}
    for dtype in ("f8", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4"):
        model = fit(2, write_dense(tmp_path / "V.h5", V.astype(dtype)), tmp_path / "m.h5", "-k", 3, "--max-iterations", 20)
        objectives[dtype] = model["attributes"]["objective"]
    assert objectives == pytest.approx(dict.fromkeys(objectives, objectives["f8"]), rel=1e-4)


def test_plain_hals_is_that_of_scikit_learn(tmp_path, noisy):
    decomposition = pytest.importorskip("sklearn.decomposition", reason="scikit-learn is not installed")
    random = numpy.random.default_rng(9)
    W, H = random.random((60, 5)), random.random((5, 40))
    with h5py.File(tmp_path / "start.h5", "w") as file:
        file["W"], file["H"] = W, H
    V = write_dense(tmp_path / "V.h5", noisy)
    for method, solver in (("hals", "cd"), ("mu", "mu")):
        for iterations in (1, 20):
            model = fit(2, V, tmp_path / "m.h5", "-k", 5, "--method", method, "--inner-iterations", 1,
                        "--extrapolate", "no", "--init-file", tmp_path / "start.h5", "--max-iterations", iterations, *FIXED)
            expected = decomposition.NMF(5, init="custom", solver=solver, tol=0, max_iter=iterations, shuffle=False)
            expected_W = expected.fit_transform(noisy, W=W.copy(), H=H.copy())
            assert model["W"] == pytest.approx(expected_W, rel=1e-9, abs=1e-9)
            assert model["H"] == pytest.approx(expected.components_, rel=1e-9, abs=1e-9)


def test_reasons_to_stop(tmp_path, noisy):
    V = write_dense(tmp_path / "V.h5", noisy)
    for options, reason in (
        (("--max-iterations", 5), "iteration limit"),
        (("--tolerance", 0.5, "--stall", 0), "converged"),
        (("--tolerance", 0, "--stall", 0.1), "stalled"),
        (("--tolerance", 0, "--stall", 0, "--max-iterations", 10**9, "--max-seconds", 1), "time limit"),
    ):
        model = fit(2, V, tmp_path / "m.h5", "-k", 5, *options)
        assert model["provenance"]["stop_reason"] == reason


def test_inner_iterations_are_used(tmp_path, noisy):
    V = write_dense(tmp_path / "V.h5", noisy)
    one, ten = (fit(1, V, tmp_path / "m.h5", "-k", 5, "--max-iterations", 3, "--inner-iterations", inner, *FIXED)
                for inner in (1, 10))
    assert ten["objective"][-1] < one["objective"][-1]
