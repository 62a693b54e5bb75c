"""partwise transform: new data by the factors of a model."""

import h5py
import numpy
import pytest
import scipy.optimize
import scipy.sparse

from conftest import RANKS, error_line, fit, planted, read_model, run, succeed, write_csr, write_dense
from test_normalise import scale_of

EXACT = ("--precision", "double", "--tolerance", 1e-12, "--stall", 0)
M, N, K = 50, 30, 4
KINDS = {"hals": (), "hals penalised": ("--l1-w", 0.3, "--l2-w", 0.1, "--l2-h", 0.2), "mu": ("--method", "mu"),
         "bpp": ("--method", "bpp"), "kl": ("--loss", "kl"), "kl penalised": ("--loss", "kl", "--l1-w", 0.05, "--l2-w", 0.1, "--l1-h", 0.05),
         "beta penalised": ("--loss", "beta", "--beta", 1.5, "--l2-w", 0.5, "--l2-h", 0.5)}


@pytest.fixture(name="V")
def noisy_matrix():
    return planted(M, N, K, noise=0.02, seed=1) + 0.05


def transform(ranks, model, V, output, *options):
    succeed(ranks, "transform", model, V, "-o", output, *options)
    return read_model(output)


def distance(X, Y):
    return numpy.linalg.norm(X - Y) / numpy.linalg.norm(Y)


@pytest.mark.parametrize("kind, side, distribute", [
    (kind, side, ("rows", "columns")[(i + j) % 2]) for i, kind in enumerate(KINDS) for j, side in enumerate("wh")])
def test_the_training_data_get_their_own_factor(tmp_path, V, kind, side, distribute):
    path = write_dense(tmp_path / "V.h5", V)
    options = KINDS[kind]
    iterations = 20000
    crawls = kind == "mu"  # multiplicative updates near entries whose optimum is zero
    model = fit(1, path, tmp_path / "model.h5", "-k", K, *options, *EXACT, "--max-iterations", iterations)
    found = transform(2, tmp_path / "model.h5", path, tmp_path / "t.h5", "--side", side, *EXACT, "--distribute", distribute,
                      "--max-iterations", iterations)
    free, fixed = ("W", "H") if side == "w" else ("H", "W")
    assert numpy.array_equal(found[fixed], model[fixed])
    assert distance(found[free], model[free]) < (1e-4 if crawls else 1e-6)
    assert found["attributes"]["objective"] == pytest.approx(model["attributes"]["objective"], rel=1e-5 if crawls else 1e-9)
    assert found["attributes"]["relative_error"] == pytest.approx(model["attributes"]["relative_error"], rel=1e-5)
    if kind == "bpp" or kind.startswith("hals"):
        assert found["provenance"]["stop_reason"] == "converged" and len(found["iteration"]) < 30


@pytest.mark.parametrize("side", ["w", "h"])
def test_new_data_get_least_squares(tmp_path, V, side):
    model = fit(2, write_dense(tmp_path / "V.h5", V), tmp_path / "model.h5", "-k", K)
    new = planted(*((23, N) if side == "w" else (M, 23)), 6, seed=7)
    for ranks in RANKS if side == "w" else (1, 3):
        found = transform(ranks, tmp_path / "model.h5", write_dense(tmp_path / "new.h5", new), tmp_path / "t.h5", "--side", side)
        if side == "w":
            right, free = [scipy.optimize.nnls(model["H"].T, row)[0] for row in new], found["W"]
        else:
            right, free = [scipy.optimize.nnls(model["W"], column)[0] for column in new.T], found["H"].T
        assert free == pytest.approx(numpy.array(right), rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("options", [(), ("--loss", "kl")])
def test_rows_do_not_depend_on_each_other(tmp_path, V, options):
    fit(2, write_dense(tmp_path / "V.h5", V), tmp_path / "model.h5", "-k", K, *options, *EXACT)
    how = (*EXACT, "--max-iterations", 20000)
    whole = transform(3, tmp_path / "model.h5", write_dense(tmp_path / "V.h5", V), tmp_path / "t.h5", *how)
    some = transform(2, tmp_path / "model.h5", write_dense(tmp_path / "S.h5", V[[7, 3, 30]]), tmp_path / "s.h5", *how)
    one = transform(1, tmp_path / "model.h5", write_dense(tmp_path / "O.h5", V[[30]]), tmp_path / "o.h5", *how)
    assert distance(some["W"], whole["W"][[7, 3, 30]]) < 1e-6
    assert distance(one["W"], whole["W"][[30]]) < 1e-6


@pytest.mark.parametrize("loss", ["frobenius", "kl"])
def test_sparse_is_dense(tmp_path, V, loss):
    V[V < 0.6] = 0
    fit(2, write_dense(tmp_path / "V.h5", V), tmp_path / "model.h5", "-k", K, "--loss", loss)
    dense = transform(2, tmp_path / "model.h5", tmp_path / "V.h5", tmp_path / "t.h5")
    sparse = transform(3, tmp_path / "model.h5", write_csr(tmp_path / "S.h5", scipy.sparse.csr_matrix(V)), tmp_path / "s.h5")
    assert distance(sparse["W"], dense["W"]) < 1e-6


def test_the_record_tells_how(tmp_path, V):
    path = write_dense(tmp_path / "V.h5", V)
    fit(2, path, tmp_path / "model.h5", "-k", K, *KINDS["kl penalised"], "--normalise", "l2", "--seed", 5)
    found = transform(2, tmp_path / "model.h5", path, tmp_path / "t.h5", "--max-iterations", 7, "--tolerance", 0)
    options = found["options"]
    assert [options[name] for name in ("loss", "method", "l1-w", "l2-w", "l1-h", "k", "normalise", "seed", "max-iterations")] == \
        ["kl", "newton", "0.05", "0.1", "0.05", "4", "none", "0", "7"]
    assert options["extrapolate"] == "no"
    assert options["fix-h"] == str(tmp_path / "model.h5") and options["fix-w"] == ""
    assert "transform" in found["provenance"]["command_line"]
    assert found["attributes"]["partwise"] == "model"


def test_a_result_is_a_model(tmp_path, V):
    path = write_dense(tmp_path / "V.h5", V)
    fit(2, path, tmp_path / "model.h5", "-k", K)
    once = transform(2, tmp_path / "model.h5", path, tmp_path / "once.h5")
    again = transform(2, tmp_path / "once.h5", path, tmp_path / "again.h5")
    assert distance(again["W"], once["W"]) < 1e-7
    fit(2, path, tmp_path / "fit.h5", "-k", K, "--init-file", tmp_path / "once.h5", "--max-iterations", 3)


@pytest.mark.parametrize("side", ["w", "h"])
def test_scale_of_a_normalised_model(tmp_path, V, side):
    path = write_dense(tmp_path / "V.h5", V)
    model = fit(2, path, tmp_path / "model.h5", "-k", K, *EXACT, "--max-iterations", 20000, "--normalise", "max",
                "--normalise-side", side)
    found = transform(2, tmp_path / "model.h5", path, tmp_path / "t.h5")
    scale = scale_of(tmp_path / "model.h5")[0]
    assert distance(found["W"], model["W"] * (scale if side == "w" else 1)) < 1e-6
    with h5py.File(tmp_path / "t.h5") as file:
        assert "scale" not in file


def test_components_that_the_model_lost_stay_zero(tmp_path):
    V = numpy.outer([1, 2, 3, 0.5], [1, 0, 2.0])
    for name, method in (("hals", "hals"), ("mu", "mu")):
        with h5py.File(tmp_path / "start.h5", "w") as file:
            file["W"], file["H"] = numpy.ones((4, 2)), numpy.array([[1, 0, 2.0], [0, 0, 0]])
        path = write_dense(tmp_path / "V.h5", V)
        fit(2, path, tmp_path / f"{name}.h5", "-k", 2, "--fix-h", tmp_path / "start.h5", "--method", method)
        found = transform(3, tmp_path / f"{name}.h5", path, tmp_path / "t.h5")
        assert not found["W"][:, 1].any() and found["W"][:, 0] == pytest.approx([1, 2, 3, 0.5])


# ---- what does not fit


@pytest.fixture(name="named")
def model_with_names(tmp_path, V):
    names = [f"gene{j}" for j in range(N)]
    rows = [f"cell{i}" for i in range(M)]
    with h5py.File(tmp_path / "V.h5", "w") as file:
        file["V"], file["col_names"], file["row_names"] = V, names, rows
    fit(2, tmp_path / "V.h5", tmp_path / "model.h5", "-k", K)
    return names, rows


def write_named(path, V, **names):
    with h5py.File(path, "w") as file:
        file["V"] = V
        for name, list_ in names.items():
            file[name] = list_
    return path


@pytest.mark.parametrize("distribute", ["rows", "columns"])
def test_names_are_compared(tmp_path, V, named, distribute):
    names, rows = named
    how = ("--distribute", distribute)
    good = write_named(tmp_path / "good.h5", V[:9], col_names=names, row_names=[f"new{i}" for i in range(9)])
    transform(3, tmp_path / "model.h5", good, tmp_path / "t.h5", *how)
    with h5py.File(tmp_path / "t.h5") as file:
        assert list(file["row_names"].asstr())[3] == "new3" and list(file["col_names"].asstr()) == names
    transform(3, tmp_path / "model.h5", write_dense(tmp_path / "unnamed.h5", V[:9]), tmp_path / "t.h5", *how)
    names[17], names[29] = names[29], names[17]
    for ranks in RANKS if distribute == "rows" else (1, 3):
        bad = run(ranks, "transform", tmp_path / "model.h5", write_named(tmp_path / "bad.h5", V[:9], col_names=names), "-o",
                  tmp_path / "x.h5", *how)
        line = error_line(bad)
        assert bad.returncode == 3 and "column 17" in line and "'gene29'" in line and "'gene17'" in line
    rows[4] = "other"
    bad = run(3, "transform", tmp_path / "model.h5", write_named(tmp_path / "bad.h5", V, row_names=rows), "--side", "h", "-o",
              tmp_path / "x.h5", *how)
    assert bad.returncode == 3 and "row 4" in error_line(bad) and "'other'" in error_line(bad)
    assert not (tmp_path / "x.h5").exists()


@pytest.mark.parametrize("side, shape, words", [("w", (9, N - 1), f"has {N - 1} columns"), ("h", (M + 1, 9), f"has {M + 1} rows")])
def test_other_shapes_are_refused(tmp_path, V, side, shape, words):
    fit(2, write_dense(tmp_path / "V.h5", V), tmp_path / "model.h5", "-k", K)
    for ranks in (1, 3):
        bad = run(ranks, "transform", tmp_path / "model.h5", write_dense(tmp_path / "new.h5", numpy.ones(shape)), "--side", side,
                  "-o", tmp_path / "x.h5")
        assert bad.returncode == 3 and words in error_line(bad)


def test_what_is_no_model_is_refused(tmp_path, V):
    path = write_dense(tmp_path / "V.h5", V)
    fit(2, path, tmp_path / "model.h5", "-k", K, "--checkpoint", tmp_path / "c.h5", "--max-iterations", 3)
    with h5py.File(tmp_path / "factors.h5", "w") as file:
        file["W"], file["H"] = numpy.ones((M, K)), numpy.ones((K, N))
    for name in ("factors.h5", "c.h5"):
        bad = run(3, "transform", tmp_path / name, path, "-o", tmp_path / "x.h5")
        assert bad.returncode == 3 and "is no model" in error_line(bad) and "--fix-h" in error_line(bad)
    bad = run(2, "transform", tmp_path / "missing.h5", path, "-o", tmp_path / "x.h5")
    assert bad.returncode == 3 and "missing.h5" in error_line(bad)
    with h5py.File(tmp_path / "model.h5", "r+") as file:
        file["options"].attrs["loss"] = "hellinger"
    bad = run(2, "transform", tmp_path / "model.h5", path, "-o", tmp_path / "x.h5")
    assert bad.returncode == 3 and "loss = 'hellinger'" in error_line(bad)


@pytest.mark.parametrize("words, told", [(("-o", "model.h5"), "--output"), (("-o", "x.h5", "--loss", "kl"), "--loss"),
                                         (("-o", "x.h5", "-k", 3), "-k"), ((), "--output"), (("-o", "x.h5", "--side", "v"), "--side")])
def test_options_that_make_no_sense(tmp_path, V, words, told):
    write_dense(tmp_path / "V.h5", V)
    fit(1, tmp_path / "V.h5", tmp_path / "model.h5", "-k", K, "--max-iterations", 2)
    bad = run(1, "transform", "model.h5", "V.h5", *words, cwd=tmp_path)
    assert bad.returncode == 2 and (told in error_line(bad) or "output is missing" in error_line(bad))
