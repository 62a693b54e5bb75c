"""Successive projections: --method spa, and --init spa as the start of other methods."""

import re

import h5py
import numpy
import pytest
import scipy.optimize
import scipy.sparse

from conftest import RANKS, error_line, fit, planted, read_model, run, succeed, write_csr, write_dense

DOUBLE = ("--precision", "double")


def successive_projections(A, k, scaled=False):
    """Indices of the rows of A that the algorithm as it is written down takes."""
    A = numpy.array(A, float)
    if scaled:
        A = A / numpy.maximum(A.sum(axis=1, keepdims=True), 1e-300)
    chosen = []
    for _ in range(k):
        chosen.append(int(numpy.argmax((A**2).sum(axis=1))))
        u = A[chosen[-1]] / numpy.linalg.norm(A[chosen[-1]])
        A -= numpy.outer(A @ u, u)
    return chosen


def separable(items, length, k, noise=0.0, seed=0):
    """Items that are mixtures of k of them, whose indices come with it; the shares of each sum to 1."""
    random = numpy.random.default_rng(seed)
    pure = random.gamma(1.0, size=(k, length)) + 0.05
    shares = random.dirichlet(numpy.full(k, 0.5), items) * 0.9 + 0.1 / k
    where = random.choice(items, k, replace=False)
    shares[where] = numpy.eye(k)
    V = shares @ pure
    return numpy.maximum(V + noise * random.normal(size=V.shape), 0), set(where.tolist())


def anchors(path):
    with h5py.File(path) as file:
        return file["anchors"][:].tolist(), file["anchors"].attrs["of"]


def solve(A, Y):
    """Rows x of least ‖a − x Y‖, x ≥ 0."""
    return numpy.array([scipy.optimize.nnls(Y.T, a)[0] for a in A])


CASES = [(storage, distribute, side) for storage in ("dense", "sparse") for distribute in ("rows", "columns") for side in ("rows", "columns")]


@pytest.mark.parametrize("storage, distribute, side, ranks", [
    (*case, ranks) for i, case in enumerate(CASES) for ranks in {RANKS[i % len(RANKS)], RANKS[(i + 3) % len(RANKS)]}])
def test_chooses_what_the_algorithm_chooses(tmp_path, side, distribute, storage, ranks):
    V = planted(50, 35, 12, noise=0.3, seed=3)
    V[V < 0.4 * V.mean()] = 0
    path = write_dense(tmp_path / "V.h5", V) if storage == "dense" else write_csr(tmp_path / "V.h5", scipy.sparse.csr_matrix(V))
    right = successive_projections(V if side == "rows" else V.T, 9)
    model = fit(ranks, path, tmp_path / "m.h5", "-k", 9, "--method", "spa", "--anchors", side, "--distribute", distribute, *DOUBLE)
    assert anchors(tmp_path / "m.h5") == (right, side)
    if side == "rows":
        assert numpy.array_equal(model["H"], V[right])
        best = solve(V, V[right])
        assert model["W"] == pytest.approx(best, rel=1e-6, abs=1e-7)
        residual = numpy.linalg.norm(V - best @ V[right])
    else:
        assert numpy.array_equal(model["W"], V[:, right])
        best = solve(V.T, V[:, right].T)
        assert model["H"].T == pytest.approx(best, rel=1e-6, abs=1e-7)
        residual = numpy.linalg.norm(V - V[:, right] @ best.T)
    assert model["attributes"]["relative_error"] == pytest.approx(residual / numpy.linalg.norm(V), rel=1e-8)
    assert model["provenance"]["stop_reason"] == "converged" and model["iteration"].tolist() == [1]
    assert model["attributes"]["projected_gradient"] < 1e-6 * model["projected_gradient"][0]


@pytest.mark.parametrize("kind, distribute, threads", [
    ("f32", "rows", 3), ("f32", "columns", 1), ("u8", "columns", 3), ("one", "rows", 1), ("weighted", "rows", 1), ("weighted", "columns", 3)])
def test_types_weights_and_threads(tmp_path, kind, distribute, threads):
    V = planted(70, 40, 8, noise=0.2, seed=5)
    V = {"f32": V.astype(numpy.float32), "u8": (V / V.max() * 255).round().astype(numpy.uint8), "one": (V > V.mean()).astype(float),
         "weighted": V.round(2)}[kind]
    if kind == "one":  # distances are whole numbers with many ties but for columns of their own
        V = V + numpy.diag(numpy.linspace(1, 2, 70))[:, :40]
        path = write_csr(tmp_path / "V.h5", scipy.sparse.csr_matrix(V))
    else:
        path = write_dense(tmp_path / "V.h5", V)
    options = ("--weight", "log1p") if kind == "weighted" else ()
    seen = numpy.log1p(V) if kind == "weighted" else V
    for side in ("rows", "columns"):
        fit(3, path, tmp_path / "m.h5", "-k", 7, "--method", "spa", "--anchors", side, "--distribute", distribute,
            "--threads", threads, *options)
        assert anchors(tmp_path / "m.h5")[0] == successive_projections(seen if side == "rows" else seen.T, 7)


@pytest.mark.parametrize("distribute", ["rows", "columns"])
def test_lengths_that_cancel(tmp_path, distribute):
    """What is left of some items is so short beside them that its square is lost in theirs, unless it is measured anew."""
    random = numpy.random.default_rng(8)
    big, small = random.random((2, 30)) + 0.1, 1e-9 * random.random((3, 30))
    V = numpy.vstack([random.dirichlet([1, 1], 40) @ big * random.uniform(0.5, 1, (40, 1)), big * 2, big[:1] + small])
    right = successive_projections(V, 5)
    assert set(right) == {40, 41, 42, 43, 44}
    path = write_dense(tmp_path / "V.h5", V)
    for ranks in (1, 7):
        fit(ranks, path, tmp_path / "m.h5", "-k", 5, "--method", "spa", "--distribute", distribute)
        assert anchors(tmp_path / "m.h5")[0] == right


@pytest.mark.parametrize("ranks", RANKS[-2:])
def test_of_equal_items_the_first(tmp_path, ranks):
    V, _ = separable(20, 15, 4, seed=2)
    path = write_dense(tmp_path / "V.h5", numpy.vstack([V, V[::-1], V]))
    right = successive_projections(V, 4)
    for distribute in ("rows", "columns"):
        fit(ranks, path, tmp_path / "m.h5", "-k", 4, "--method", "spa", "--distribute", distribute)
        assert anchors(tmp_path / "m.h5")[0] == right


@pytest.mark.parametrize("distribute, ranks", [("rows", 1), ("rows", 7), ("columns", 3)])
def test_of_items_that_rounding_alone_tells_apart_the_first(tmp_path, distribute, ranks):
    """Permutations of one row, whose sums come out a little different."""
    random = numpy.random.default_rng(5)
    V = numpy.array([random.permutation(numpy.linspace(0.1, 1, 40) ** 2) for _ in range(100)])
    squares = numpy.cumsum(V**2, axis=1)[:, -1]
    assert len(set(squares)) > 1 and squares[0] < squares.max()
    fit(ranks, write_dense(tmp_path / "V.h5", V), tmp_path / "m.h5", "-k", 1, "--method", "spa", "--distribute", distribute)
    assert anchors(tmp_path / "m.h5")[0] == [0]


@pytest.mark.parametrize("side", ["rows", "columns"])
def test_finds_all_that_are_pure_in_spite_of_noise(tmp_path, side):
    V, pure = separable(300, 60, 6, noise=0.01, seed=4)
    path = write_dense(tmp_path / "V.h5", V if side == "rows" else V.T)
    model = fit(2, path, tmp_path / "m.h5", "-k", 6, "--method", "spa", "--anchors", side)
    assert set(anchors(tmp_path / "m.h5")[0]) == pure
    assert model["attributes"]["relative_error"] < 0.02


def test_scaled_are_the_pure_whatever_their_length(tmp_path):
    V, pure = separable(200, 40, 5, noise=0.0005, seed=6)
    V *= numpy.random.default_rng(7).uniform(0.01, 1, (200, 1))
    assert 3 not in pure
    V[3] = 0
    right = successive_projections(V, 5, scaled=True)
    assert set(right) == pure != set(successive_projections(V, 5))
    path = write_dense(tmp_path / "V.h5", V)
    for distribute in ("rows", "columns"):
        fit(3, path, tmp_path / "m.h5", "-k", 5, "--method", "spa", "--anchors-scaled", "--distribute", distribute)
        assert anchors(tmp_path / "m.h5")[0] == right


@pytest.mark.parametrize("ranks", RANKS[1::3])
def test_names(tmp_path, ranks):
    V = planted(20, 11, 6, noise=0.2, seed=1).round(3)
    rows, columns = [f"item {i}" * (1 + i % 3) for i in range(20)], [f"c{j}" for j in range(11)]
    with open(tmp_path / "V.csv", "w", encoding="utf-8") as file:
        file.write(",".join(["", *columns]) + "\n")
        file.writelines(",".join([name, *map(str, row)]) + "\n" for name, row in zip(rows, V))
    for side, names in (("rows", rows), ("columns", columns)):
        fit(ranks, tmp_path / "V.csv", tmp_path / "m.h5", "-k", 5, "--method", "spa", "--anchors", side)
        with h5py.File(tmp_path / "m.h5") as file:
            assert file["anchor_names"].asstr()[:].tolist() == [names[i] for i in file["anchors"][:]]


@pytest.mark.parametrize("method, options, distribute", [
    ("mu", (), "columns"), ("mu", ("--loss", "kl"), "rows"), ("newton", ("--loss", "kl"), "columns"),
    ("mu", ("--loss", "is", "--floor", 0.01), "rows"), ("orthogonal-mu", (), "rows"), ("hals", (), "rows"), ("bpp", (), "columns")])
def test_as_a_start(tmp_path, method, options, distribute):
    """It begins near what the anchors are worth, and no component is frozen."""
    V = planted(60, 40, 5, noise=0.1, seed=9)
    V[V < 0.3 * V.mean()] = 0
    path, anchored = write_dense(tmp_path / "V.h5", V), V[successive_projections(V, 5)]
    model = fit(3, path, tmp_path / "m.h5", "-k", 5, "--method", method, *options, "--distribute", distribute, *DOUBLE,
                "--extrapolate", "no", "--init", "spa", "--max-iterations", 200, "--tolerance", 0, "--stall", 0)
    assert numpy.isfinite(model["objective"]).all() and model["objective"][-1] < model["objective"][0]
    assert (model["W"].max(axis=0) > 0).all() and (model["H"].max(axis=1) > 0).all()
    if method in ("hals", "bpp"):
        assert model["objective"][0] < 0.5 * numpy.linalg.norm(V - solve(V, anchored) @ anchored) ** 2
    else:  # entries that were zero have found their own values
        assert (model["H"][anchored == 0] > 0.02 * model["H"].mean()).any()


def test_start_of_mu_leaves_its_zeros(tmp_path):
    """From the plain anchors multiplicative updates would keep each zero of H."""
    V = planted(60, 40, 5, noise=0.1, seed=9)
    V[V < 0.3 * V.mean()] = 0
    H = V[successive_projections(V, 5)]
    with h5py.File(tmp_path / "start.h5", "w") as file:
        file["W"], file["H"] = solve(V, H), H
    path = write_dense(tmp_path / "V.h5", V)
    options = ("-k", 5, "--method", "mu", "--max-iterations", 300, "--tolerance", 0, "--stall", 0)
    filled = fit(2, path, tmp_path / "m.h5", *options, "--init", "spa")
    frozen = fit(2, path, tmp_path / "m.h5", *options, "--init-file", tmp_path / "start.h5")
    assert filled["objective"][-1] < 0.99 * frozen["objective"][-1]


def test_resamples_have_anchors_of_their_own(tmp_path):
    V = (planted(60, 30, 6, seed=3) * 20).round()
    path = write_dense(tmp_path / "V.h5", V)
    found = []
    for groups in (1, 2):
        done = succeed(4, "scan", path, "-k", 4, "--restarts", 6, "--perturb", "poisson", "--method", "spa", "-o", tmp_path / "scan.h5",
                       "--groups", groups, "-v")
        with h5py.File(tmp_path / "scan.h5") as file:
            found.append((file["k4/anchors"][:].tolist(), file["k4/objective"][:]))
            assert len(set(file["k4/objective"][:].round(6))) == 6
        if groups == 1:
            chosen = re.findall(r"anchors: rows =([\d ]+)", done.stdout + done.stderr)
            assert len(chosen) == 6 and len(set(chosen)) > 1
    assert found[0][0] == found[1][0] and found[0][1] == pytest.approx(found[1][1], rel=1e-9)


def test_scan_over_k(tmp_path):
    V, _ = separable(60, 30, 4, noise=0.01, seed=3)
    path = write_dense(tmp_path / "V.h5", V)
    succeed(3, "scan", path, "-k", "2:5", "--restarts", 1, "--method", "spa", "-o", tmp_path / "scan.h5")
    right = successive_projections(V, 5)
    with h5py.File(tmp_path / "scan.h5") as file:
        for k in range(2, 6):
            assert file[f"k{k}/anchors"][:].tolist() == right[:k]


def test_new_data_take_the_anchors_of_the_model(tmp_path):
    V, new = planted(40, 25, 4, noise=0.1, seed=1), planted(15, 25, 4, noise=0.1, seed=2)
    model = fit(2, write_dense(tmp_path / "V.h5", V), tmp_path / "m.h5", "-k", 4, "--method", "spa", *DOUBLE)
    succeed(3, "transform", tmp_path / "m.h5", write_dense(tmp_path / "new.h5", new), "-o", tmp_path / "t.h5", *DOUBLE)
    other = read_model(tmp_path / "t.h5")
    assert numpy.array_equal(other["H"], model["H"])
    assert other["W"] == pytest.approx(solve(new, model["H"]), rel=1e-6, abs=1e-7)
    with h5py.File(tmp_path / "t.h5") as file:
        assert "anchors" not in file


@pytest.mark.parametrize("distribute", ["rows", "columns"])
def test_penalties_and_norms_of_the_other_factor(tmp_path, distribute):
    V = planted(30, 20, 4, noise=0.1, seed=1)
    path = write_dense(tmp_path / "V.h5", V)
    model = fit(2, path, tmp_path / "m.h5", "-k", 4, "--method", "spa", "--l2-w", 0.5, "--distribute", distribute, *DOUBLE)
    wide = numpy.hstack([model["H"], numpy.sqrt(0.5) * numpy.eye(4)])
    assert model["W"] == pytest.approx(solve(numpy.hstack([V, numpy.zeros((30, 4))]), wide), rel=1e-6, abs=1e-7)
    plain = fit(2, path, tmp_path / "m.h5", "-k", 4, "--method", "spa", "--distribute", distribute, *DOUBLE)
    model = fit(2, path, tmp_path / "m.h5", "-k", 4, "--method", "spa", "--normalise", "l1", "--distribute", distribute, *DOUBLE)
    with h5py.File(tmp_path / "m.h5") as file:
        assert model["W"] * file["scale"][:] == pytest.approx(plain["W"], rel=1e-12)


def test_checkpoints_know_the_start(tmp_path):
    path = write_dense(tmp_path / "V.h5", planted(30, 20, 4, noise=0.1, seed=1))
    options = ("-k", 3, "-o", tmp_path / "m.h5", "--checkpoint", tmp_path / "c.h5")
    succeed(2, "fit", path, *options, "--init", "spa", "--max-iterations", 5)
    done = run(2, "fit", path, *options, "--max-iterations", 5)
    assert done.returncode == 6 and "init" in error_line(done)
    succeed(3, "fit", path, *options, "--init", "spa", "--max-iterations", 8)
    assert read_model(tmp_path / "m.h5")["iteration"].tolist() == list(range(1, 9))


@pytest.mark.parametrize("how, side, distribute", [
    ("--method", "rows", "rows"), ("--init", "columns", "rows"), ("--init", "rows", "columns"), ("--method", "columns", "columns")])
def test_more_than_there_are(tmp_path, how, side, distribute):
    path = write_dense(tmp_path / "V.h5", planted(30, 20, 4, seed=1))
    done = run(3, "fit", path, "-o", tmp_path / "m.h5", "-k", 6, how, "spa", "--anchors", side, "--distribute", distribute)
    assert done.returncode == 3 and f"its {side} are combinations of 4" in error_line(done)
    assert not (tmp_path / "m.h5").exists()


def test_nothing_but_zeros(tmp_path):
    done = run(2, "fit", write_dense(tmp_path / "V.h5", numpy.zeros((5, 4))), "-o", tmp_path / "m.h5", "-k", 2, "--method", "spa")
    assert done.returncode == 3 and "zeros" in error_line(done)




@pytest.mark.parametrize("ranks", (1, 3))
def test_pure_pixels_of_a_noisy_image(tmp_path, ranks):
    succeed(2, "generate", "hyperspectral", "--rows", 3000, "--columns", 60, "-k", 6, "--snr", 30, "-o", tmp_path / "P.h5")
    with h5py.File(tmp_path / "P.h5") as file:
        pure = file["truth/pure"][()]
    fit(ranks, tmp_path / "P.h5", tmp_path / "m.h5", "-k", 6, "--method", "spa")
    assert sorted(anchors(tmp_path / "m.h5")[0]) == sorted(pure)
