"""Many models at a time: each is what it would be alone, and a scan says of them what independent programs do."""

import csv
import itertools

import h5py
import numpy
import pytest
import scipy.sparse

from conftest import error_line, fit, planted, run, succeed, write_csr, write_dense

FIXED = ("--precision", "double", "--max-iterations", 30, "--tolerance", 0, "--stall", 0)
METHODS = [("--method", "hals"), ("--method", "hals", "--extrapolate", "no"), ("--method", "bpp"), ("--method", "mu"),
           ("--loss", "kl"), ("--loss", "is", "--floor", 0.1), ("--method", "orthogonal-mu"),
           ("--missing", "zero", "--method", "ccd", "--bias"), ("--l1-h", 0.1, "--normalise", "l2")]


def scan(ranks, V, folder, ks, *options):
    succeed(ranks, "scan", V, "-k", ks, "-o", folder / "scan.h5", *options)
    return h5py.File(folder / "scan.h5")


@pytest.mark.parametrize("options, distribute", zip(METHODS, itertools.cycle(("rows", "columns"))), ids=str)
def test_models_are_what_they_are_alone(tmp_path, options, distribute):
    V = write_dense(tmp_path / "V.h5", planted(40, 30, 3, noise=0.1))
    options = (*options, *FIXED, "--distribute", distribute)
    with scan(3, V, tmp_path, "2,4", "--restarts", 3, "--seed", 5, *options) as file:
        for k in (2, 4):
            alone = [fit(2, V, tmp_path / "m.h5", "-k", k, "--seed", 5 + r, *options) for r in range(3)]
            objectives = [model["attributes"]["objective"] for model in alone]
            assert file[f"k{k}/objective"][:] == pytest.approx(objectives, rel=1e-6)
            assert list(file[f"k{k}/iterations"]) == [model["attributes"]["iterations"] for model in alone]
            best = alone[numpy.argmin(objectives)]
            for factor in ("W", "H"):
                assert numpy.abs(file[f"k{k}"][factor][:] - best[factor]).max() <= 1e-3 * best[factor].max()
            assert ("row_bias" in file[f"k{k}"]) == ("--bias" in options)


@pytest.mark.parametrize("options", [(), ("--loss", "kl"), ("--symmetric",)], ids=str)
def test_models_that_wait_for_their_turn_are_no_different(tmp_path, options):
    H = planted(25, 25, 3, noise=0.1)
    V = write_csr(tmp_path / "V.h5", scipy.sparse.csr_matrix(H + H.T))
    options = (*options, "--precision", "double", "--max-iterations", 40)
    with scan(2, V, tmp_path, "3", "--restarts", 95, *options) as file:  # 285 components: more than go side by side
        for seed in (0, 50, 94):
            alone = fit(1, V, tmp_path / "m.h5", "-k", 3, "--seed", seed, *options)["attributes"]
            assert file["k3/objective"][seed] == pytest.approx(alone["objective"], rel=1e-5)
            assert abs(file["k3/iterations"][seed] - alone["iterations"]) <= 1


def test_restarts_keep_the_best(tmp_path):
    V = write_dense(tmp_path / "V.h5", planted(40, 30, 5, noise=0.2))
    alone = [fit(1, V, tmp_path / "m.h5", "-k", 6, "--seed", seed, *FIXED)["attributes"]["objective"] for seed in range(4)]
    model = fit(2, V, tmp_path / "m.h5", "-k", 6, "--restarts", 4, "--keep", 3, "--normalise", "l2", *FIXED)
    assert model["attributes"]["objective"] == pytest.approx(min(alone), rel=1e-8)
    assert len(model["objective"]) == 30
    with h5py.File(tmp_path / "m.h5") as file:
        assert list(file["models"]) == ["1", "2"]
        for place, other in file["models"].items():
            seed = other.attrs["seed"]
            assert other.attrs["objective"] == pytest.approx(sorted(alone)[int(place)], rel=1e-8)
            expected = fit(1, V, tmp_path / "alone.h5", "-k", 6, "--seed", seed, "--normalise", "l2", *FIXED)
            assert other["W"][:] == pytest.approx(expected["W"], abs=1e-6) and "scale" in other
            assert list(other["history/iteration"]) == list(range(1, 31))


def naive_consensus(V, folder, k, restarts, options):
    """From separate fits; items by H after scaling the columns of W to sum 1."""
    C = 0
    for seed in range(restarts):
        model = fit(1, V, folder / "m.h5", "-k", k, "--seed", seed, *options)
        labels = numpy.argmax(model["H"] * model["W"].sum(axis=0)[:, None], axis=0)
        C = C + (labels[:, None] == labels[None, :])
    return C / restarts


def test_what_a_scan_says(tmp_path):
    truth = numpy.repeat(numpy.eye(3), 10, axis=1)
    random = numpy.random.default_rng(4)
    matrix = random.random((50, 3)) @ (truth + 0.05 * random.random(truth.shape)) + 0.02 * random.random((50, 30))
    V = write_dense(tmp_path / "V.h5", matrix)
    options = ("--precision", "double")
    with scan(3, V, tmp_path, "1:5", "--restarts", 6, *options) as file:
        assert list(file["survey/k"]) == [1, 2, 3, 4, 5]
        for k in (2, 3, 4):
            assert numpy.abs(file[f"k{k}/consensus"][:] - naive_consensus(V, tmp_path, k, 6, options)).max() < 1e-6
        assert (file["k3/cluster"][:] == numpy.repeat(file["k3/cluster"][::10], 10)).all()
        assert file["survey/cophenetic"][2] == pytest.approx(1) and file["survey/stability_min"][2] > 0.95
        assert numpy.isnan(file["survey/cophenetic"][0])
        suggested = dict(zip(file["suggestions/criterion"].asstr()[:], file["suggestions/k"][:]))
        assert suggested["stability"] == 3 and suggested["bic"] == 3 and suggested["residual"] == 3
        with open(tmp_path / "scan.csv", encoding="utf-8") as table:
            rows = list(csv.DictReader(table))
        for name, column in file["survey"].items():
            assert numpy.array_equal([float(row[name] or "nan") for row in rows], column[:], equal_nan=True)
        W = file["k3/W"][:]
        assert file["k3/signatures_mean"][:] == pytest.approx(W / W.sum(axis=0), abs=5e-3)


def test_a_scan_is_the_same_on_any_number_of_ranks(tmp_path):
    V = write_dense(tmp_path / "V.h5", planted(40, 30, 3, noise=0.3))
    tables = []
    for ranks, distribute in ((1, "rows"), (4, "rows"), (7, "columns")):
        with scan(ranks, V, tmp_path, "2:4", "--restarts", 5, *FIXED, "--consensus", "rows", "--distribute", distribute) as file:
            tables.append(numpy.array([column[:] for column in file["survey"].values()]))
    assert tables[1] == pytest.approx(tables[0], rel=1e-6, nan_ok=True)
    assert tables[2] == pytest.approx(tables[0], rel=1e-6, nan_ok=True)


def test_a_scan_in_parts_is_no_different(tmp_path):
    V = write_dense(tmp_path / "V.h5", planted(40, 30, 3, noise=0.3))
    with scan(2, V, tmp_path, "2:5", "--restarts", 4, *FIXED) as file:
        whole = numpy.array([column[:] for column in file["survey"].values()])
    memory = ("--memory", 2 * 60000)  # bytes: W, H and their copies of 4 models take 8 * 2 * 50 * 4 k on each of 2 ranks
    told = succeed(2, "scan", V, "-k", "2:5", "--restarts", 4, *FIXED, *memory, "--dry-run").stdout
    assert told.splitlines() == ["part 1 of 2: k = 4 … 5", "part 2 of 2: k = 2 … 3"]
    with scan(2, V, tmp_path, "2:5", "--restarts", 4, *FIXED, *memory) as file:
        assert numpy.array([column[:] for column in file["survey"].values()]) == pytest.approx(whole, rel=1e-6, nan_ok=True)
        assert set(file) >= {"k2", "k3", "k4", "k5"}
    done = run(2, "scan", V, "-k", "2:5", "--restarts", 4, *memory, "--checkpoint", tmp_path / "c.h5", "-o", tmp_path / "s.h5")
    assert done.returncode == 2 and "--checkpoint" in error_line(done)
    done = run(2, "scan", V, "-k", "2:5", "--restarts", 4, *memory, "--max-seconds", 1e-9, "-o", tmp_path / "t.h5")
    assert done.returncode == 0 and "part 2" not in done.stderr
    with h5py.File(tmp_path / "t.h5") as file:
        assert list(file["survey/k"]) == [4, 5] and file["provenance"].attrs["stop_reason"] == "time limit"
    done = run(2, "scan", V, "-k", "2:5", "--restarts", 4, "--memory", 20000, "-o", tmp_path / "s.h5")
    assert done.returncode == 5 and "k = 5" in error_line(done) and "--memory" in error_line(done)
    assert not (tmp_path / "s.h5").exists()


@pytest.mark.parametrize("options", [(), ("--loss", "kl")], ids=str)
def test_threads_do_not_get_in_each_others_way(tmp_path, options):
    V = write_dense(tmp_path / "V.h5", planted(3000, 300, 4, noise=0.2))  # of several tiles
    options = ("--restarts", 6, "--consensus", "none", *FIXED[:2], "--max-iterations", 8, *FIXED[4:], *options)
    with scan(1, V, tmp_path, "3:5", *options, "--threads", 1) as file:
        alone = file["survey/mean_objective"][:]
    for _ in range(3):
        with scan(1, V, tmp_path, "3:5", *options, "--threads", 3) as file:
            assert file["survey/mean_objective"][:] == pytest.approx(alone, rel=1e-9)


@pytest.mark.parametrize("ks", ["", "0:3", "3:2", "2:", "a", "2,,3", "2:6:0", "99999"])
def test_lists_of_k_that_are_none(tmp_path, ks):
    V = write_dense(tmp_path / "V.h5", planted(8, 6, 2))
    done = run(1, "scan", V, "-k", ks, "-o", tmp_path / "scan.h5")
    assert done.returncode == 2 and "-k" in error_line(done)
    assert not (tmp_path / "scan.h5").exists()


@pytest.mark.parametrize("words, what", [
    (("fit", "-k", 2, "--restarts", 2, "--init-file", "m.h5"), "--init-file"),
    (("fit", "-k", 2, "--restarts", 2, "--keep", 3), "--keep"),
    (("scan", "-k", "2:3", "-o", "scan.h5", "--checkpoint", "scan.csv"), "--checkpoint"),
    (("scan", "-k", "2:3", "-o", "scan.csv"), ".csv")])
def test_what_does_not_go_together(tmp_path, words, what):
    V = write_dense(tmp_path / "V.h5", planted(8, 6, 2))
    done = run(2, words[0], V, *words[1:], cwd=tmp_path)
    assert done.returncode == 2 and what in error_line(done)


def test_a_time_limit_leaves_what_there_is(tmp_path):
    V = write_dense(tmp_path / "V.h5", planted(200, 100, 3, noise=0.3))
    with scan(2, V, tmp_path, "2:3", "--restarts", 200, "--tolerance", 0, "--stall", 0, "--max-iterations", 1e9,
              "--max-seconds", 1) as file:
        assert list(file["survey/k"]) == [3]
        assert 0 < file["survey/restarts"][0] < 200
