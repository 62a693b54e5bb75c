"""--normalise: norms that stand in /scale, and a product that stays what it was."""

import h5py
import numpy
import pytest

from conftest import RANKS, error_line, fit, planted, run, write_dense

FIXED = ("--precision", "double", "--tolerance", 0, "--stall", 0)
ORDERS = {"l1": 1, "l2": 2, "max": numpy.inf}


@pytest.fixture(name="noisy")
def noisy_matrix():
    return planted(60, 40, 5, noise=0.1, seed=1)


def scale_of(path):
    with h5py.File(path) as file:
        return file["scale"][()], file["scale"].attrs["side"]


@pytest.mark.parametrize("norm, side, distribute, counts", [
    ("l1", "w", "rows", (2,)), ("l1", "h", "columns", (3,)), ("l2", "w", "columns", (4,)), ("l2", "h", "rows", (3,)),
    ("max", "w", "rows", RANKS), ("max", "h", "rows", (3,)), ("max", "h", "columns", RANKS)])
def test_columns_have_the_norm(tmp_path, noisy, norm, side, distribute, counts):
    V = write_dense(tmp_path / "V.h5", noisy)
    options = ("-k", 5, "--max-iterations", 30, "--l1-h", 0.1, "--l2-w", 0.1, "--distribute", distribute, *FIXED)
    plain = fit(3, V, tmp_path / "plain.h5", *options)
    for ranks in counts:
        model = fit(ranks, V, tmp_path / "m.h5", *options, "--normalise", norm, "--normalise-side", side)
        scale, stored_side = scale_of(tmp_path / "m.h5")
        W, H = model["W"], model["H"]
        divided = W if side == "w" else H.T
        assert stored_side == side
        assert numpy.linalg.norm(divided, ORDERS[norm], axis=0) == pytest.approx(numpy.ones(5), rel=1e-12)
        back = {"W": W * scale, "H": H} if side == "w" else {"W": W, "H": H * scale[:, None]}
        for name, factor in back.items():
            assert factor == pytest.approx(plain[name], rel=1e-8, abs=1e-10)
        right = 0.5 * numpy.sum((noisy - W * scale @ H) ** 2) + 0.1 * back["H"].sum() + 0.05 * numpy.sum(back["W"] ** 2)
        assert model["attributes"]["objective"] == pytest.approx(right, rel=1e-10)


@pytest.mark.parametrize("side", ["w", "h"])
def test_components_at_zero_have_scale_zero(tmp_path, side):
    V = write_dense(tmp_path / "V.h5", numpy.zeros((6, 5)))
    model = fit(2, V, tmp_path / "m.h5", "-k", 2, "--normalise", "l2", "--normalise-side", side)
    assert list(scale_of(tmp_path / "m.h5")[0]) == [0, 0]
    assert not model["W" if side == "w" else "H"].any()


@pytest.mark.parametrize("side, distribute", [("w", "rows"), ("h", "columns")])
def test_a_start_multiplies_the_scale_back_in(tmp_path, noisy, side, distribute):
    V = write_dense(tmp_path / "V.h5", noisy)
    options = ("-k", 5, "--l1-h", 0.1, "--l1-w", 0.1, "--distribute", distribute, "--extrapolate", "no", *FIXED)
    whole = fit(2, V, tmp_path / "whole.h5", *options, "--max-iterations", 20)
    fit(2, V, tmp_path / "half.h5", *options, "--max-iterations", 10, "--normalise", "max", "--normalise-side", side)
    again = fit(3, V, tmp_path / "m.h5", *options, "--max-iterations", 10, "--init-file", tmp_path / "half.h5")
    assert again["objective"] == pytest.approx(whole["objective"][10:], rel=1e-10)


def test_checkpoints_are_not_normalised(tmp_path, noisy):
    V = write_dense(tmp_path / "V.h5", noisy)
    options = ("-k", 5, "--normalise", "l1", *FIXED)
    whole = fit(2, V, tmp_path / "whole.h5", *options, "--max-iterations", 20)
    for stop in (10, 20):
        resumed = fit(2, V, tmp_path / "m.h5", *options, "--max-iterations", stop, "--checkpoint", tmp_path / "c.h5")
    with h5py.File(tmp_path / "c.h5") as file:
        assert "scale" not in file
    assert resumed["W"] == pytest.approx(whole["W"], rel=1e-8, abs=1e-12)
    assert scale_of(tmp_path / "m.h5")[0] == pytest.approx(scale_of(tmp_path / "whole.h5")[0], rel=1e-8)


@pytest.mark.parametrize("bad", [numpy.ones(4), [1, 1, -1, 1, 1], [1, 1, numpy.nan, 1, 1]])
def test_a_bad_scale_is_refused(tmp_path, noisy, bad):
    V, start = write_dense(tmp_path / "V.h5", noisy), tmp_path / "start.h5"
    with h5py.File(start, "w") as file:
        file["W"], file["H"], file["scale"] = numpy.ones((60, 5)), numpy.ones((5, 40)), bad
    done = run(3, "fit", V, "-k", 5, "-o", tmp_path / "m.h5", "--init-file", start)
    assert done.returncode == 3 and "/scale" in error_line(done)


def test_a_side_without_a_norm_is_refused(tmp_path, noisy):
    V = write_dense(tmp_path / "V.h5", noisy)
    done = run(1, "fit", V, "-k", 5, "-o", tmp_path / "m.h5", "--normalise-side", "h")
    assert done.returncode == 2 and "--normalise-side" in error_line(done)
