"""Where numbers, components or threads run out."""

import os
import shutil
import signal
import subprocess
import time

import h5py
import numpy
import pytest

from conftest import BINARY, error_line, fit, planted, read_model, relative_error, run, succeed, write_dense
from environment import ENVIRONMENT

FIXED = ("--precision", "double", "--tolerance", "0", "--stall", "0", "--seed", "3")


@pytest.fixture(name="noisy")
def noisy_matrix():
    return planted(60, 40, 5, noise=0.1, seed=1)


def write_factors(path, W, H):
    with h5py.File(path, "w") as file:
        file["W"], file["H"] = W, H
    return path


@pytest.mark.parametrize("scale", [1e-200, 1e-100, 1e100, 1e170])
def test_entries_beyond_squaring_are_refused(tmp_path, noisy, scale):
    V = write_dense(tmp_path / "V.h5", noisy * scale)
    refused = run(2, "fit", V, "-k", 3, "-o", tmp_path / "m.h5")
    assert refused.returncode == 3 and "Multiply V by a constant" in error_line(refused)


@pytest.mark.parametrize("method", ["hals", "bpp", "mu"])
@pytest.mark.parametrize("scale", [1e-50, 1e50])
def test_single_products_give_way_to_the_range_of_v(tmp_path, noisy, method, scale):
    options = ("-k", 5, "--method", method, "--max-iterations", 60)
    plain = fit(1, write_dense(tmp_path / "V.h5", noisy), tmp_path / "m.h5", *options)
    V = write_dense(tmp_path / "S.h5", noisy * scale)
    done = succeed(2, "fit", V, "-o", tmp_path / "s.h5", "--precision", "single", *options)
    assert "products run in double" in done.stderr
    scaled = read_model(tmp_path / "s.h5")
    assert scaled["attributes"]["relative_error"] == pytest.approx(plain["attributes"]["relative_error"], rel=1e-3)
    assert relative_error(noisy * scale, scaled) == pytest.approx(scaled["attributes"]["relative_error"], rel=1e-6)


def test_single_products_give_way_to_the_range_of_given_factors(tmp_path, noisy):
    V = write_dense(tmp_path / "V.h5", noisy.astype(numpy.float32))
    start = fit(1, V, tmp_path / "start.h5", "-k", 5, "--max-iterations", 5)
    given = write_factors(tmp_path / "given.h5", start["W"] * 1e60, start["H"] * 1e-60)
    model = fit(2, V, tmp_path / "m.h5", "-k", 5, "--max-iterations", 50, "--init-file", given)
    assert relative_error(noisy, model) == pytest.approx(model["attributes"]["relative_error"], rel=1e-3)
    assert model["objective"][-1] < start["objective"][-1]


@pytest.mark.parametrize("distribute", ["rows", "columns"])
@pytest.mark.parametrize("empty", ["W", "H", "both"])
@pytest.mark.parametrize("method", ["hals", "bpp"])
def test_components_given_as_zeros_are_brought_to_life(tmp_path, noisy, method, distribute, empty):
    V = write_dense(tmp_path / "V.h5", noisy)
    given = write_factors(tmp_path / "given.h5", numpy.full((60, 5), float(empty == "H")),
                          numpy.full((5, 40), float(empty == "W")))
    model = fit(2, V, tmp_path / "m.h5", "-k", 5, "--method", method, "--init-file", given,
                "--distribute", distribute)
    assert model["attributes"]["relative_error"] < 0.12


@pytest.mark.parametrize("method", ["hals", "bpp"])
@pytest.mark.parametrize("precision", ["single", "double"])
def test_components_beyond_the_rank_do_not_live_on_rounding(tmp_path, method, precision):
    random = numpy.random.default_rng(1)
    for V in (numpy.eye(30), numpy.repeat(random.random((50, 3)), 4, axis=1)):
        done = succeed(2, "fit", write_dense(tmp_path / "V.h5", V), "-o", tmp_path / "m.h5", "-k", 40, "--method", method,
                       "--precision", precision, "--max-iterations", 100, *FIXED[2:])
        assert "internal" not in done.stderr
        model = read_model(tmp_path / "m.h5")
        assert max(model["W"].max(), model["H"].max()) < 1e9 and relative_error(V, model) < 1e-3


@pytest.mark.parametrize("method, distribute, more", [
    ("hals", "rows", ("--inner-iterations", 1)), ("hals", "columns", ("--inner-iterations", 1, "--extrapolate", "no")),
    ("bpp", "rows", ("--extrapolate", "no")),
    ("bpp", "columns", ()), ("mu", "rows", ())])
def test_factors_far_apart_are_balanced_without_rounding(tmp_path, noisy, method, distribute, more):
    V = write_dense(tmp_path / "V.h5", noisy)
    random = numpy.random.default_rng(2)
    W, H = random.random((60, 5)), random.random((5, 40))
    options = ("-k", 5, "--method", method, "--distribute", distribute, *more, *FIXED, "--init-file")
    plain = fit(2, V, tmp_path / "plain.h5", *options, write_factors(tmp_path / "p.h5", W, H), "--max-iterations", 12)
    apart = write_factors(tmp_path / "a.h5", W * 2.0**60, H / 2.0**60)
    checkpoint = ("--checkpoint", tmp_path / "c.h5", "--max-iterations")
    fit(2, V, tmp_path / "m.h5", *options, apart, *checkpoint, 3)
    model = fit(2, V, tmp_path / "m.h5", *options, apart, *checkpoint, 12)
    assert model["objective"] == pytest.approx(plain["objective"], rel=1e-12)
    assert model["W"].max() < 1e6 and model["H"].max() < 1e6
    assert numpy.abs(model["W"] @ model["H"] - plain["W"] @ plain["H"]).max() <= 1e-9 * noisy.max()


@pytest.mark.parametrize("distribute", ["rows", "columns"])
@pytest.mark.parametrize("stop", [1, 2])
@pytest.mark.parametrize("method", ["hals", "bpp"])
def test_resumed_is_uninterrupted_where_components_die(tmp_path, noisy, method, distribute, stop):
    noisy[:, 30:] = 0
    V = write_dense(tmp_path / "V.h5", noisy)
    H = numpy.random.default_rng(2).random((5, 40))
    H[3:, :30] = 0  # there V has nothing: these components die in the first iteration
    given = write_factors(tmp_path / "given.h5", numpy.random.default_rng(3).random((60, 5)), H)
    options = ("-k", 5, "--method", method, "--init-file", given, "--distribute", distribute, *FIXED)
    done = succeed(2, "fit", V, "-v", "-o", tmp_path / "whole.h5", *options, "--max-iterations", 12)
    assert "iteration = 1  revived_component = 3" in done.stderr
    checkpoint = ("--checkpoint", tmp_path / "c.h5")
    fit(2, V, tmp_path / "m.h5", *options, *checkpoint, "--max-iterations", stop)
    resumed = fit(3, V, tmp_path / "m.h5", *options, *checkpoint, "--max-iterations", 12)
    whole = read_model(tmp_path / "whole.h5")
    with h5py.File(tmp_path / "c.h5") as file:
        assert list(file["state/revivals"][()]) == [0, 0, 0, 1, 1]
    for factor in ("W", "H"):
        assert numpy.abs(resumed[factor] - whole[factor]).max() <= 1e-6 * whole[factor].max()


def test_fewer_threads_than_asked_for(tmp_path, noisy):
    V = write_dense(tmp_path / "V.h5", noisy)
    options = ("-k", 5, "--max-iterations", 20, *FIXED)
    one = fit(1, V, tmp_path / "one.h5", *options)
    limited = fit(1, V, tmp_path / "m.h5", "--threads", 4, *options, env={"OMP_THREAD_LIMIT": "2"})
    assert limited["objective"][-1] == pytest.approx(one["objective"][-1], rel=1e-10)
    assert limited["provenance"]["threads"] == 2


def test_exit_code_does_not_claim_a_checkpoint_that_failed(tmp_path, noisy):
    folder = tmp_path / "folder"
    folder.mkdir()
    V = write_dense(tmp_path / "V.h5", noisy)
    words = [BINARY, "fit", V, "-k", "5", "-o", tmp_path / "m.h5", "--checkpoint", folder / "c.h5", "--max-iterations",
             "1000000000", "--tolerance", "0", "--stall", "0", "--report-every", "0"]
    with subprocess.Popen([str(word) for word in words], stderr=subprocess.PIPE, text=True,
                          env={**os.environ, **ENVIRONMENT}) as process:
        for line in process.stderr:
            if line.startswith("iteration"):
                break
        shutil.rmtree(folder)
        time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 76 and "no checkpoint written" in errors
