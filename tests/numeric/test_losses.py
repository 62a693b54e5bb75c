"""Losses and penalties: against scikit-learn where it is there, against their formulas where not."""

import h5py
import numpy
import pytest
import scipy.optimize
import scipy.sparse

from conftest import RANKS, fit, planted, run, error_line, write_csr, write_dense

FIXED = ("--precision", "double", "--tolerance", 0, "--stall", 0)
LOSSES = {"frobenius": 2, "kl": 1, "is": 0, "beta": 1.5}


@pytest.fixture(name="noisy")
def noisy_matrix():
    return planted(60, 40, 5, noise=0.1, seed=1) + 0.05


def loss_options(loss, beta=None):
    return ("--loss", loss) + (("--beta", beta) if loss == "beta" else ())


def divergence(V, X, beta):
    if beta == 2:
        return 0.5 * numpy.sum((V - X) ** 2)
    if beta == 1:
        ratio = numpy.where(V > 0, V / X, 1)
        return numpy.sum(V * numpy.log(ratio) - V + X)
    if beta == 0:
        return numpy.sum(V / X - numpy.log(V / X) - 1)
    return numpy.sum(V**beta + (beta - 1) * X**beta - beta * V * X ** (beta - 1)) / (beta * (beta - 1))


def reference(V, beta):
    """The loss that counts as 1."""
    if beta == 1:
        return divergence(V, numpy.outer(V.sum(axis=1), V.sum(axis=0)) / V.sum(), 1)
    return divergence(V, numpy.zeros_like(V) if beta == 2 else numpy.full_like(V, V.mean()), beta)


def start(path, seed=9, m=60, k=5, n=40):
    random = numpy.random.default_rng(seed)
    W, H = random.random((m, k)), random.random((k, n))
    with h5py.File(path, "w") as file:
        file["W"], file["H"] = W, H
    return W, H


def counts(m=80, n=50, density=0.15, seed=2):
    random = numpy.random.default_rng(seed)
    return scipy.sparse.random(m, n, density, "csr", random_state=random,
                               data_rvs=lambda count: random.integers(1, 9, count)).astype(float)


@pytest.mark.parametrize("penalties, distribute", [((0, 0, 0, 0), "columns"), ((0.3, 0.2, 0.5, 0.4), "rows")])
@pytest.mark.parametrize("loss, beta, method", [
    ("frobenius", 2, "mu"), ("frobenius", 2, "hals"), ("kl", 1, "mu"), ("is", 0, "mu"), ("beta", 0.5, "mu"),
    ("beta", 1.5, "mu"), ("beta", 3, "mu")])
def test_iterates_are_those_of_scikit_learn(tmp_path, noisy, loss, beta, method, penalties, distribute):
    nmf = pytest.importorskip("sklearn.decomposition._nmf", reason="scikit-learn is not installed")
    V, first = write_dense(tmp_path / "V.h5", noisy), tmp_path / "start.h5"
    W, H = start(first)
    names = ("l1_reg_W", "l1_reg_H", "l2_reg_W", "l2_reg_H")
    options = [word for name, value in zip(("--l1-w", "--l1-h", "--l2-w", "--l2-h"), penalties) for word in (name, value)]
    if method == "hals":
        options += ["--inner-iterations", 1, "--extrapolate", "no"]
    model = fit(3, V, tmp_path / "m.h5", "-k", 5, *loss_options(loss, beta), "--method", method, "--init-file", first,
                "--max-iterations", 20, "--distribute", distribute, *options, *FIXED)
    regular = dict(zip(names, penalties), tol=0, max_iter=20)
    if method == "mu":
        X = nmf._fit_multiplicative_update(noisy, W.copy(), H.copy(), beta_loss=beta, **regular)
    else:
        X = nmf._fit_coordinate_descent(noisy, W.copy(), H.copy(), shuffle=False, **regular)
    assert model["W"] == pytest.approx(X[0], rel=1e-9, abs=1e-9)
    assert model["H"] == pytest.approx(X[1], rel=1e-9, abs=1e-9)


def non_negative_least_squares(V, H, l1, l2):
    """The best W ≥ 0 for ½‖V − WH‖² + l1 ΣW + ½ l2 ΣW²: least squares again, with a row for each entry of W's row."""
    k = len(H)
    A = numpy.vstack([H.T, numpy.sqrt(l2) * numpy.eye(k)])
    below = numpy.full(k, -l1 / numpy.sqrt(l2) if l2 > 0 else 0)
    return numpy.array([scipy.optimize.nnls(A, numpy.append(v, below))[0] for v in V])


@pytest.mark.parametrize("penalties, distribute", [((0, 0, 0, 0), "columns"), ((0.3, 0.2, 0.5, 0.4), "rows")])
def test_bpp_alternates_between_solutions_of_scipy(tmp_path, noisy, penalties, distribute):
    V, first = write_dense(tmp_path / "V.h5", noisy), tmp_path / "start.h5"
    W, H = start(first)
    options = [word for name, value in zip(("--l1-w", "--l1-h", "--l2-w", "--l2-h"), penalties) for word in (name, value)]
    for iterations in (1, 2, 3):
        W = non_negative_least_squares(noisy, H, penalties[0], penalties[2])
        H = non_negative_least_squares(noisy.T, W.T, penalties[1], penalties[3]).T
        model = fit(3, V, tmp_path / "m.h5", "-k", 5, "--method", "bpp", "--extrapolate", "no", "--init-file", first,
                    "--max-iterations", iterations, "--distribute", distribute, *options, *FIXED)
        assert model["W"] == pytest.approx(W, rel=1e-9, abs=1e-9)
        assert model["H"] == pytest.approx(H, rel=1e-9, abs=1e-9)
        assert numpy.mean(H == 0) > 0.05  # the bounds matter


@pytest.mark.parametrize("loss, storage, method, distribute", [
    *((loss, "dense", "auto", "rows") for loss in LOSSES), ("frobenius", "sparse", "auto", "columns"), ("kl", "sparse", "newton", "columns"),
    ("kl", "sparse", "mu", "rows"), ("kl", "dense", "mu", "columns"), ("is", "dense", "auto", "columns")])
def test_figures_are_those_of_the_stored_factors(tmp_path, noisy, loss, storage, method, distribute):
    beta = LOSSES[loss]
    V = noisy if storage == "dense" else counts().toarray()
    path = write_dense(tmp_path / "V.h5", V) if storage == "dense" else write_csr(tmp_path / "V.h5", counts())
    model = fit(3, path, tmp_path / "m.h5", "-k", 5, *loss_options(loss, 1.5), "--method", method, "--max-iterations", 50,
                "--distribute", distribute, "--l1-w", 0.01, "--l2-h", 0.02, *FIXED)
    X = model["W"] @ model["H"]
    right = divergence(V, X, beta) + 0.01 * model["W"].sum() + 0.01 * numpy.sum(model["H"] ** 2)
    assert model["attributes"]["objective"] == pytest.approx(right, rel=1e-9)
    assert model["objective"][-1] == pytest.approx(right, rel=1e-9)
    error = divergence(V, X, beta) / reference(V, beta)
    assert model["attributes"]["relative_error"] == pytest.approx(numpy.sqrt(error) if beta == 2 else error, rel=1e-9)
    assert list(model["iteration"]) == list(range(1, 51)) and numpy.isfinite(model["objective"]).all()


@pytest.mark.parametrize("loss, storage, method, precision", [
    ("kl", "dense", "mu", "single"), ("kl", "sparse", "mu", "double"), ("is", "dense", "mu", "double"), ("beta", "dense", "mu", "single"),
    ("kl", "dense", "newton", "single"), ("kl", "dense", "newton", "double"), ("kl", "sparse", "newton", "single")])
def test_objective_falls_to_a_stationary_point(tmp_path, noisy, loss, storage, method, precision):
    V = write_dense(tmp_path / "V.h5", noisy) if storage == "dense" else write_csr(tmp_path / "V.h5", counts())
    model = fit(2, V, tmp_path / "m.h5", "-k", 5, *loss_options(loss, 0.5), "--method", method, "--max-iterations",
                3000 if method == "mu" else 300, "--precision", precision, "--tolerance", 0, "--stall", 0)
    rounding = 1e-5 if precision == "single" else 1e-11
    assert numpy.all(numpy.diff(model["objective"]) <= rounding * model["objective"][0])
    assert model["projected_gradient"][-1] < 0.01 * model["projected_gradient"][0]


@pytest.mark.parametrize("loss, storage, method, k, ranks", [
    ("kl", "dense", "newton", 5, RANKS), ("kl", "sparse", "newton", 5, (1, 7)), ("kl", "dense", "newton", 12, (1, 4)),
    ("kl", "sparse", "newton", 12, RANKS), ("kl", "dense", "mu", 5, (1, 3)), ("kl", "sparse", "mu", 5, RANKS), ("is", "dense", "mu", 5, (1, 4))])
def test_same_on_any_number_of_ranks_and_threads(tmp_path, noisy, loss, storage, method, k, ranks):
    V = write_dense(tmp_path / "V.h5", noisy) if storage == "dense" else write_csr(tmp_path / "V.h5", counts())
    options = ("-k", k, "--loss", loss, "--method", method, "--max-iterations", 40, *FIXED)
    models = [fit(count, V, tmp_path / "m.h5", *options) for count in ranks]
    models.append(fit(2, V, tmp_path / "m.h5", *options, "--threads", 3))
    models.append(fit(3, V, tmp_path / "m.h5", *options, "--distribute", "columns"))
    for model in models[1:]:
        assert model["objective"] == pytest.approx(models[0]["objective"], rel=1e-9)
        assert numpy.abs(model["W"] - models[0]["W"]).max() <= 1e-6 * models[0]["W"].max()


@pytest.mark.parametrize("method, k", [("newton", 4), ("newton", 12), ("mu", 4)])
def test_dense_is_sparse(tmp_path, method, k):
    S = counts()
    sparse, dense = (fit(2, V, tmp_path / "m.h5", "-k", k, "--loss", "kl", "--method", method, "--max-iterations", 40, *FIXED)
                     for V in (write_csr(tmp_path / "S.h5", S), write_dense(tmp_path / "V.h5", S.toarray())))
    assert sparse["objective"] == pytest.approx(dense["objective"], rel=1e-10)
    assert sparse["projected_gradient"] == pytest.approx(dense["projected_gradient"], rel=1e-8)


@pytest.mark.parametrize("method, k, distribute", [
    ("newton", 5, "rows"), ("newton", 5, "columns"), ("newton", 12, "rows"), ("newton", 12, "columns"), ("mu", 5, "rows")])
def test_resumed_is_uninterrupted(tmp_path, noisy, distribute, method, k):
    V = write_dense(tmp_path / "V.h5", noisy)
    options = ("-k", k, "--loss", "kl", "--method", method, "--l1-h", 0.1, "--distribute", distribute, *FIXED)
    whole = fit(2, V, tmp_path / "whole.h5", *options, "--max-iterations", 40)
    for ranks, stop in ((2, 11), (4, 12), (1, 40)):
        resumed = fit(ranks, V, tmp_path / "m.h5", *options, "--max-iterations", stop, "--checkpoint", tmp_path / "c.h5")
    assert list(resumed["iteration"]) == list(range(1, 41))
    assert resumed["objective"] == pytest.approx(whole["objective"], rel=1e-10)
    assert resumed["W"] == pytest.approx(whole["W"], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("method, factor", [("newton", 1e-30), ("newton", 1e-20), ("newton", 1e6), ("mu", 1e-30), ("mu", 1e6)])
def test_scale_of_the_data_does_not_matter(tmp_path, noisy, factor, method):
    options = ("-k", 5, "--loss", "kl", "--method", method, "--max-iterations", 60)
    plain, scaled = (fit(2, write_dense(tmp_path / "V.h5", V), tmp_path / "m.h5", *options)
                     for V in (noisy.astype("f4"), (factor * noisy).astype("f4")))
    assert scaled["attributes"]["relative_error"] == pytest.approx(plain["attributes"]["relative_error"], rel=1e-3)


@pytest.mark.parametrize("storage, penalties, distribute, precision", [
    ("dense", (), "rows", "single"), ("dense", (), "columns", "double"), ("sparse", (), "columns", "single"), ("sparse", (), "rows", "double"),
    ("dense", ("--l1-w", 0.5, "--l2-h", 0.3), "columns", "single"), ("sparse", ("--l1-w", 0.5, "--l2-h", 0.3), "rows", "double"),
    ("dense", ("--l1-h", 0.5, "--l2-h", 0.1), "rows", "double"), ("sparse", ("--l1-h", 0.5, "--l2-h", 0.1), "columns", "single"),
    ("dense", ("--l2-w", 2, "--no-bound"), "columns", "double"), ("sparse", ("--l2-w", 2, "--no-bound"), "rows", "single")])
def test_newton_never_rises_and_leaves_zeros(tmp_path, storage, penalties, distribute, precision):
    """From factors with many zeros, even whole rows and a component, and columns of V that are empty."""
    S = counts(density=0.08)
    V = write_csr(tmp_path / "V.h5", S) if storage == "sparse" else write_dense(tmp_path / "V.h5", S.toarray())
    start_file = tmp_path / "start.h5"
    W, H = start(start_file, m=80, n=50)
    W[W < 0.5], H[H < 0.4] = 0, 0
    W[7], W[:, 2] = 0, 0
    with h5py.File(start_file, "w") as file:
        file["W"], file["H"] = W, H
    model = fit(2, V, tmp_path / "m.h5", "-k", 5, "--loss", "kl", "--method", "newton", "--init-file", start_file, "--max-iterations", 300,
                "--precision", precision, "--distribute", distribute, "--tolerance", 0, "--stall", 0, *penalties)
    rounding = 3e-6 if precision == "single" else 1e-12
    assert numpy.all(numpy.diff(model["objective"]) <= rounding * S.sum())
    assert model["projected_gradient"][-1] < 1e-3 * model["projected_gradient"].max()
    assert model["W"][:, 2].max() > 0 and (model["W"] == 0).any() and (model["H"] == 0).any()


@pytest.mark.parametrize("k", [5, 12])
def test_newton_beats_multiplicative_updates(tmp_path, noisy, k):
    V = write_dense(tmp_path / "V.h5", noisy)
    options = ("-k", k, "--loss", "kl", "--seed", 1, *FIXED)
    newton = fit(2, V, tmp_path / "m.h5", *options, "--max-iterations", 60)
    mu = fit(2, V, tmp_path / "m.h5", *options, "--method", "mu", "--max-iterations", 600)
    assert newton["options"]["method"] == "newton" and newton["objective"][-1] <= mu["objective"][-1]


@pytest.mark.parametrize("distribute", ["rows", "columns"])
@pytest.mark.parametrize("storage", ["dense", "sparse"])
def test_newton_with_many_components_settles(tmp_path, storage, distribute):
    """Its second derivatives are approximations: the objective may rise, but not for long."""
    S = counts()
    V = write_csr(tmp_path / "V.h5", S) if storage == "sparse" else write_dense(tmp_path / "V.h5", S.toarray())
    model = fit(2, V, tmp_path / "m.h5", "-k", 15, "--loss", "kl", "--max-iterations", 1500, "--distribute", distribute, "--l1-w", 0.1,
                "--l2-h", 0.1, *FIXED)
    assert model["objective"][-1] <= model["objective"].min() * (1 + 1e-7)
    assert model["projected_gradient"][-1] < 1e-3 * model["projected_gradient"].max()


# ---- penalties on one side


@pytest.mark.parametrize("loss, method, side, distribute", [
    ("frobenius", "hals", "w", "rows"), ("frobenius", "hals", "h", "rows"), ("frobenius", "hals", "w", "columns"),
    ("frobenius", "hals", "h", "columns"), ("frobenius", "bpp", "h", "rows"), ("frobenius", "mu", "w", "columns"),
    ("kl", "mu", "w", "rows"), ("kl", "mu", "h", "columns"), ("kl", "newton", "w", "columns"), ("kl", "newton", "h", "rows")])
def test_one_sided_penalty_bounds_the_other_factor(tmp_path, noisy, loss, method, distribute, side):
    V = write_dense(tmp_path / "V.h5", noisy)
    model = fit(2, V, tmp_path / "m.h5", "-k", 5, "--loss", loss, "--method", method, f"--l1-{side}", 0.5, f"--l2-{side}", 0.1,
                "--distribute", distribute, "--max-iterations", 300, "--extrapolate", "no", *FIXED)
    W, H = (model["W"], model["H"].T)
    penalised, bounded = (W, H) if side == "w" else (H, W)
    assert numpy.linalg.norm(bounded, axis=0) == pytest.approx(numpy.ones(5), rel=1e-12)
    right = divergence(noisy, W @ H.T, LOSSES[loss]) + 0.5 * penalised.sum() + 0.05 * numpy.sum(penalised**2)
    assert model["attributes"]["objective"] == pytest.approx(right, rel=1e-9)
    assert numpy.all(numpy.diff(model["objective"]) <= 1e-9 * model["objective"][0])


def test_one_sided_penalty_reaches_the_bounded_optimum(tmp_path):
    """Against projected gradients on the problem as it is stated: W's columns within the unit ball."""
    V = planted(20, 15, 2, noise=0.05, seed=3)
    path = write_dense(tmp_path / "V.h5", V)
    model = fit(2, path, tmp_path / "m.h5", "-k", 2, "--l1-h", 0.3, "--max-iterations", 5000, *FIXED)
    W, H = model["W"].copy(), model["H"].copy()
    best = model["attributes"]["objective"]
    for _ in range(3000):
        H = numpy.maximum(H - (W.T @ (W @ H - V) + 0.3) / numpy.linalg.norm(W.T @ W, 2), 0)
        W = numpy.maximum(W - (W @ H - V) @ H.T / numpy.linalg.norm(H @ H.T, 2), 0)
        W /= numpy.maximum(numpy.linalg.norm(W, axis=0), 1)
    assert divergence(V, W @ H, 2) + 0.3 * H.sum() >= best * (1 - 1e-7)


def test_no_bound_lifts_it(tmp_path, noisy):
    V = write_dense(tmp_path / "V.h5", noisy)
    model = fit(2, V, tmp_path / "m.h5", "-k", 5, "--l1-h", 0.5, "--no-bound", "--max-iterations", 50, *FIXED)
    assert numpy.abs(numpy.linalg.norm(model["W"], axis=0) - 1).min() > 0.01


def test_l1_gives_exact_zeros(tmp_path, noisy):
    V = write_dense(tmp_path / "V.h5", noisy)
    zeros = [numpy.mean(fit(2, V, tmp_path / "m.h5", "-k", 5, "--l1-h", weight, "--max-iterations", 200)["H"] == 0)
             for weight in (0, 2, 5)]
    assert zeros[0] < zeros[1] < zeros[2] and zeros[2] > 0.1


# ---- refused


def test_losses_that_v_cannot_have(tmp_path):
    V = planted(10, 8, 2)
    V[3, 4] = 0
    dense, sparse = write_dense(tmp_path / "V.h5", V), write_csr(tmp_path / "S.h5", counts())
    for path, loss, words in ((dense, "is", "--floor"), (sparse, "is", "sparse"), (sparse, "beta", "sparse")):
        done = run(2, "fit", path, "-k", 2, "-o", tmp_path / "m.h5", *loss_options(loss, 1.5))
        assert done.returncode == 3 and words in error_line(done)
    model = fit(2, dense, tmp_path / "m.h5", "-k", 2, "--loss", "is", "--floor", 0.01)
    assert model["attributes"]["objective"] == pytest.approx(divergence(numpy.maximum(V, 0.01), model["W"] @ model["H"], 0), rel=1e-9)
