"""--fix-w, --fix-h: components that are given stay bit by bit, the rest is found."""

import h5py
import numpy
import pytest
import scipy.optimize

from conftest import RANKS, error_line, fit, planted, read_model, run, succeed, write_dense
from test_normalise import scale_of

FIXED = ("--precision", "double", "--tolerance", 0, "--stall", 0)
M, N, K = 60, 40, 5


@pytest.fixture(name="noisy")
def noisy_matrix():
    return planted(M, N, K, noise=0.1, seed=1) + 0.01


def random_factors(seed=9):
    random = numpy.random.default_rng(seed)
    return random.random((M, K)), random.random((K, N))


def write(path, **arrays):
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file[name] = array
    return path


def given(tmp_path, c_w, c_h, start=None):
    """Files with the first components of each side, as options; none for 0."""
    W, H = start or random_factors(4)
    options = []
    if c_w:
        options += ["--fix-w", write(tmp_path / "fix_w.h5", W=W[:, :c_w])]
    if c_h:
        options += ["--fix-h", write(tmp_path / "fix_h.h5", H=H[:c_h])]
    return W[:, :c_w], H[:c_h], options


def iterate(V, W, H, method, c_w, c_h, iterations):
    """Plain HALS or the multiplicative updates of frobenius and kl, components one side of which is given left out."""
    W, H = W.copy(), H.copy()
    for _ in range(iterations):
        for X, Y, A, c in ((W, H.T, V, c_w), (H.T, W, V.T, c_h)):
            if method == "hals":
                R, G = A @ Y, Y.T @ Y
                for j in range(c, K):
                    X[:, j] = numpy.maximum(X[:, j] - (X @ G[:, j] - R[:, j]) / G[j, j], 0)
            elif method == "mu":
                X[:, c:] *= ((A @ Y) / (X @ (Y.T @ Y)))[:, c:]
            else:
                X[:, c:] *= ((A / (X @ Y.T)) @ Y / Y.sum(axis=0))[:, c:]
    return W, H


SHARES = [(0, 2), (2, 0), (0, K), (K, 0), (2, 2), (3, 1), (1, K)]


@pytest.mark.parametrize("c_w, c_h, method, distribute", [
    (*share, method, ("rows", "columns")[(i + j) % 2]) for i, share in enumerate(SHARES) for j, method in enumerate(("hals", "mu", "kl"))])
def test_iterates_are_those_of_the_formulas(tmp_path, noisy, c_w, c_h, method, distribute):
    V, (W, H) = write_dense(tmp_path / "V.h5", noisy), random_factors()
    start = write(tmp_path / "start.h5", W=W, H=H)
    fixed_W, fixed_H, options = given(tmp_path, c_w, c_h)
    W[:, :c_w], H[:c_h] = fixed_W, fixed_H
    how = {"hals": ("--inner-iterations", 1, "--extrapolate", "no"), "mu": ("--method", "mu"),
           "kl": ("--loss", "kl", "--method", "mu")}[method]
    model = fit(3, V, tmp_path / "m.h5", "-k", K, "--init-file", start, *options, *how, "--distribute", distribute,
                "--max-iterations", 8, *FIXED)
    assert numpy.array_equal(model["W"][:, :c_w], fixed_W) and numpy.array_equal(model["H"][:c_h], fixed_H)
    W, H = iterate(noisy, W, H, method, c_w, c_h, 8)
    assert model["W"] == pytest.approx(W, rel=1e-9, abs=1e-10)
    assert model["H"] == pytest.approx(H, rel=1e-9, abs=1e-10)
    assert numpy.all(numpy.diff(model["objective"]) <= 1e-12 * model["objective"][0])


@pytest.mark.parametrize("distribute", ["rows", "columns"])
@pytest.mark.parametrize("side", ["w", "h"])
def test_one_given_factor_leaves_least_squares(tmp_path, noisy, side, distribute):
    V = write_dense(tmp_path / "V.h5", noisy)
    W, H, options = given(tmp_path, K * (side == "w"), K * (side == "h"))
    model = fit(2, V, tmp_path / "m.h5", "-k", K, *options, "--distribute", distribute, "--tolerance", 1e-10, "--stall", 0,
                "--precision", "double", "--inner-iterations", 100)
    assert model["provenance"]["stop_reason"] == "converged" and len(model["iteration"]) < 30
    if side == "h":
        right, found = [scipy.optimize.nnls(H.T, row)[0] for row in noisy], model["W"]
    else:
        right, found = [scipy.optimize.nnls(W, column)[0] for column in noisy.T], model["H"].T
    assert found == pytest.approx(numpy.array(right), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("options, counts", [
    ((), RANKS), (("--loss", "kl"), (1, 3)), (("--distribute", "columns"), (1, 3)), (("--loss", "kl", "--distribute", "columns"), RANKS)])
def test_same_on_any_number_of_ranks(tmp_path, noisy, options, counts):
    V = write_dense(tmp_path / "V.h5", noisy)
    _, _, fixed = given(tmp_path, 2, 3)
    models = [fit(ranks, V, tmp_path / "m.h5", "-k", K, *fixed, *options, "--max-iterations", 30, *FIXED) for ranks in counts]
    for model in models[1:]:
        assert model["objective"] == pytest.approx(models[0]["objective"], rel=1e-10)
        assert model["W"] == pytest.approx(models[0]["W"], rel=1e-6, abs=1e-9)


def stationary(V, W, H, loss, c_w, c_h):
    """The largest gradient that the free components could follow, beside the largest of the terms that cancel in it."""
    worst = 0
    for X, Y, A, c in ((W, H.T, V, c_w), (H.T, W, V.T, c_h)):
        up, down = (A @ Y, X @ (Y.T @ Y)) if loss == "frobenius" else ((A / (X @ Y.T)) @ Y, Y.sum(axis=0) + 0 * X)
        gradient = (down - up)[:, c:]
        worst = max(worst, numpy.abs(numpy.where(X[:, c:] > 0, gradient, numpy.minimum(gradient, 0))).max(initial=0) / up.max())
    return worst


@pytest.mark.parametrize("loss, method, c_w, c_h, distribute", [
    ("frobenius", "hals", 0, 2, "rows"), ("frobenius", "hals", 3, 1, "columns"), ("frobenius", "bpp", 2, 0, "columns"),
    ("frobenius", "bpp", 2, 2, "rows"), ("kl", "newton", 0, 2, "columns"), ("kl", "newton", 2, 0, "rows"), ("kl", "newton", 3, 1, "rows"),
    ("kl", "newton", 2, 2, "columns"), ("kl", "newton", K, 0, "rows")])
def test_the_defaults_end_where_nothing_can_be_gained(tmp_path, noisy, loss, method, c_w, c_h, distribute):
    """Extrapolated, or by Newton steps."""
    V = write_dense(tmp_path / "V.h5", noisy)
    fixed_W, fixed_H, options = given(tmp_path, c_w, c_h)
    model = fit(3, V, tmp_path / "m.h5", "-k", K, *options, "--loss", loss, "--method", method, "--distribute", distribute,
                "--max-iterations", 3000, *FIXED)
    assert model["options"]["extrapolate"] == ("yes" if loss == "frobenius" else "no")
    assert numpy.array_equal(model["W"][:, :c_w], fixed_W) and numpy.array_equal(model["H"][:c_h], fixed_H)
    assert stationary(noisy, model["W"], model["H"], loss, c_w, c_h) < 1e-6


@pytest.mark.parametrize("method", ["hals", "bpp"])
def test_a_factor_on_its_own_is_not_extrapolated(tmp_path, noisy, method):
    V = write_dense(tmp_path / "V.h5", noisy)
    *_, options = given(tmp_path, 0, K)
    plain, auto = (fit(2, V, tmp_path / "m.h5", "-k", K, *options, "--method", method, "--extrapolate", extrapolate, "--max-iterations", 3,
                       *FIXED) for extrapolate in ("no", "auto"))
    assert numpy.array_equal(auto["W"], plain["W"])
    checkpoint = (*options, "--method", method, "--checkpoint", tmp_path / "c.h5", *FIXED)
    for ranks, stop in ((2, 1), (3, 3)):
        resumed = fit(ranks, V, tmp_path / "m.h5", "-k", K, *checkpoint, "--max-iterations", stop)
    assert resumed["W"] == pytest.approx(plain["W"], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("distribute", ["rows", "columns"])
@pytest.mark.parametrize("loss", ["frobenius", "kl"])
def test_given_everything_is_just_evaluated(tmp_path, noisy, loss, distribute):
    V, (W, H) = write_dense(tmp_path / "V.h5", noisy), random_factors(4)
    both = write(tmp_path / "both.h5", W=W, H=H)
    for ranks in (1, 3):
        model = fit(ranks, V, tmp_path / "m.h5", "-k", K, "--fix-w", both, "--fix-h", both, "--loss", loss, "--l1-w", 0.1,
                    "--distribute", distribute)
        X = W @ H
        loss_of = 0.5 * numpy.sum((noisy - X) ** 2) if loss == "frobenius" else numpy.sum(noisy * numpy.log(noisy / X) - noisy + X)
        assert numpy.array_equal(model["W"], W) and numpy.array_equal(model["H"], H)
        assert model["attributes"]["objective"] == pytest.approx(loss_of + 0.1 * W.sum(), rel=1e-10)
        assert model["attributes"]["iterations"] == 0 and not len(model["iteration"])
        assert model["attributes"]["projected_gradient"] == 0


# ---- what else moves factors: penalties, revivals, normalising


@pytest.mark.parametrize("distribute", ["rows", "columns"])
@pytest.mark.parametrize("c_w, c_h", [(0, 2), (2, 0), (1, 2)])
def test_a_bound_leaves_given_components_alone(tmp_path, noisy, c_w, c_h, distribute):
    V = write_dense(tmp_path / "V.h5", noisy)
    fixed_W, fixed_H, options = given(tmp_path, c_w, c_h)
    model = fit(2, V, tmp_path / "m.h5", "-k", K, *options, "--l1-w", 0.5, "--l2-w", 0.2, "--distribute", distribute,
                "--max-iterations", 200, "--extrapolate", "no", *FIXED)
    W, H = model["W"], model["H"]
    assert numpy.array_equal(W[:, :c_w], fixed_W) and numpy.array_equal(H[:c_h], fixed_H)
    assert numpy.linalg.norm(H[2:], axis=1) == pytest.approx(numpy.ones(K - 2), rel=1e-12)
    right = 0.5 * numpy.sum((noisy - W @ H) ** 2) + 0.5 * W.sum() + 0.1 * numpy.sum(W**2)
    assert model["attributes"]["objective"] == pytest.approx(right, rel=1e-9)
    assert numpy.all(numpy.diff(model["objective"]) <= 1e-9 * model["objective"][0])


@pytest.mark.parametrize("distribute", ["rows", "columns"])
@pytest.mark.parametrize("side", ["w", "h"])
def test_given_components_are_not_brought_to_life(tmp_path, noisy, side, distribute):
    V, (W, H) = write_dense(tmp_path / "V.h5", noisy), random_factors(4)
    W[:, 0] = H[0] = 0
    start = write(tmp_path / "start.h5", W=numpy.zeros_like(W), H=H)
    *_, options = given(tmp_path, 2 * (side == "w"), 2 * (side == "h"), (W, H))
    done = succeed(2, "fit", V, "-v", "-o", tmp_path / "m.h5", "-k", K, *options, "--distribute", distribute, "--init-file", start,
                   "--max-iterations", 30)
    model = read_model(tmp_path / "m.h5")
    assert "revived_component = 2" in done.stderr
    assert "revived_component = 0" not in done.stderr and "revived_component = 1" not in done.stderr
    assert numpy.array_equal(*((model["W"][:, :2], W[:, :2]) if side == "w" else (model["H"][:2], H[:2])))
    assert model["W"][:, 1].any() and model["H"][1].any()


@pytest.mark.parametrize("side", ["w", "h"])
def test_given_components_are_not_normalised(tmp_path, noisy, side):
    V = write_dense(tmp_path / "V.h5", noisy)
    W, H, options = given(tmp_path, 2, 2)
    model = fit(2, V, tmp_path / "m.h5", "-k", K, *options, "--normalise", "l2", "--normalise-side", side, "--max-iterations", 5)
    X, right = (model["W"], W) if side == "w" else (model["H"].T, H.T)
    assert numpy.array_equal(X[:, :2], right) and list(scale_of(tmp_path / "m.h5")[0][:2]) == [1, 1]
    assert numpy.linalg.norm(X[:, 2:], axis=0) == pytest.approx(numpy.ones(K - 2))


@pytest.mark.parametrize("side", ["w", "h"])
def test_scale_of_a_model_is_heeded(tmp_path, noisy, side):
    V = write_dense(tmp_path / "V.h5", noisy)
    fit(2, V, tmp_path / "part.h5", "-k", 3, "--normalise", "l1", "--normalise-side", side, "--max-iterations", 20)
    part, scale = read_model(tmp_path / "part.h5"), scale_of(tmp_path / "part.h5")[0]
    model = fit(3, V, tmp_path / "m.h5", "-k", K, f"--fix-{side}", tmp_path / "part.h5", "--max-iterations", 5)
    if side == "w":
        assert numpy.array_equal(model["W"][:, :3], part["W"] * scale)
    else:
        assert numpy.array_equal(model["H"][:3], part["H"] * scale[:, None])


# ---- checkpoints


@pytest.mark.parametrize("distribute", ["rows", "columns"])
def test_resumed_is_uninterrupted(tmp_path, noisy, distribute):
    V = write_dense(tmp_path / "V.h5", noisy)
    W, H, fixed = given(tmp_path, 1, 2)
    options = ("-k", K, *fixed, "--distribute", distribute, *FIXED)
    whole = fit(2, V, tmp_path / "whole.h5", *options, "--max-iterations", 30)
    for ranks, stop in ((2, 11), (4, 12), (1, 30)):
        resumed = fit(ranks, V, tmp_path / "m.h5", *options, "--max-iterations", stop, "--checkpoint", tmp_path / "c.h5")
    assert resumed["objective"] == pytest.approx(whole["objective"], rel=1e-10)
    assert resumed["W"] == pytest.approx(whole["W"], rel=1e-6, abs=1e-9)
    assert numpy.array_equal(resumed["W"][:, :1], W) and numpy.array_equal(resumed["H"][:2], H)


def test_other_components_than_those_of_the_checkpoint_are_refused(tmp_path, noisy):
    V = write_dense(tmp_path / "V.h5", noisy)
    _, H, fixed = given(tmp_path, 0, 2)
    words = ("fit", V, "-o", tmp_path / "m.h5", "-k", K, *fixed, "--checkpoint", tmp_path / "c.h5", "--max-iterations")
    succeed(2, *words, 5)
    write(fixed[1], H=H + 1e-9)
    changed = run(3, *words, 9)
    assert changed.returncode == 6 and "no longer those" in error_line(changed)
    without = run(2, *words[:6], "--checkpoint", tmp_path / "c.h5")
    assert without.returncode == 6 and "fix-h" in error_line(without)


# ---- refused


@pytest.mark.parametrize("side, array, words", [
    ("h", {"H": numpy.ones((2, N - 1))}, "c × n"),
    ("h", {"H": numpy.ones((N, K))}, "components"),
    ("h", {"H": numpy.ones((K + 1, N))}, "k = 5"),
    ("h", {"H": numpy.ones(N)}, "dimensions"),
    ("h", {"W": numpy.ones((M, 2))}, "no data set '/H'"),
    ("w", {"W": numpy.ones((M + 1, 2))}, "m × c"),
    ("w", {"W": numpy.ones((M, K + 1))}, "k = 5"),
    ("w", {"W": numpy.ones((2, M))}, "components"),
    ("w", {"W": numpy.array([["x"] * 2] * M, dtype="S1")}, "text"),
    ("h", {"H": numpy.where(numpy.arange(2 * N).reshape(2, N) == N + 7, -1.0, 1.0)}, "row 1, column 7"),
    ("w", {"W": numpy.where(numpy.arange(2 * M).reshape(M, 2) == 2 * 31 + 1, numpy.nan, 1.0)}, "row 31, column 1"),
])
def test_what_is_no_factor_is_refused(tmp_path, noisy, side, array, words):
    V, bad = write_dense(tmp_path / "V.h5", noisy), write(tmp_path / "bad.h5", **array)
    distribute = "columns" if words in ("c × n", "m × c", "row 1, column 7", "text") else "rows"
    done = run(3, "fit", V, "-k", K, "-o", tmp_path / "m.h5", f"--fix-{side}", bad, "--distribute", distribute)
    assert done.returncode == 3 and str(bad) in error_line(done) and words in error_line(done)


def test_the_given_file_is_not_overwritten(tmp_path, noisy):
    V = write_dense(tmp_path / "V.h5", noisy)
    *_, options = given(tmp_path, 0, 2)
    done = run(1, "fit", V, "-k", K, *options, "-o", options[1])
    assert done.returncode == 2 and "--output" in error_line(done)
