"""partwise svd against LAPACK: values, vectors, residuals, what is stored, and what is refused."""

import csv
import gzip

import h5py
import numpy
import pytest
import scipy.sparse

from conftest import RANKS, error_line, planted, run, succeed, write_csr, write_dense


def svd(ranks, V, output, *options):
    done = succeed(ranks, "svd", V, "-o", output, *options)
    with h5py.File(output) as file:
        result = {name: file[name][()] for name in ("U", "S", "Vt", "residual", "relative_error", "explained_variance_ratio")}
        result["mean"] = file["mean"][()] if "mean" in file else None
        result["attributes"] = dict(file.attrs)
    return result, done


def spectrum(m, n, values, seed=0):
    """A matrix with these singular values."""
    random = numpy.random.default_rng(seed)
    U = numpy.linalg.qr(random.normal(size=(m, len(values))))[0]
    V = numpy.linalg.qr(random.normal(size=(n, len(values))))[0]
    return U * values @ V.T


def check(A, result, k, rel=1e-8, residual=1e-8):
    """Against LAPACK's, for A without its means where they are taken out."""
    U, S, Vt = (result[name] for name in ("U", "S", "Vt"))
    wanted = numpy.linalg.svd(A, compute_uv=False)
    assert S == pytest.approx(wanted[:k], rel=rel, abs=1e-12 * wanted[0])
    for Q in (U, Vt.T):
        assert abs(Q.T @ Q - numpy.eye(k)).max() < 1e-10
    assert numpy.linalg.norm(A @ Vt.T - U * S, axis=0).max() < residual * wanted[0]
    assert numpy.linalg.norm(A.T @ U - Vt.T * S, axis=0).max() < residual * wanted[0]
    assert result["residual"].max() < residual and result["attributes"]["converged"] == 1
    total = (wanted**2).sum()
    tail = [(wanted[i:] ** 2).sum() / total for i in range(1, k + 1)]
    assert result["relative_error"] == pytest.approx(numpy.sqrt(tail), rel=1e-6, abs=1e-7)
    assert result["explained_variance_ratio"] == pytest.approx(wanted[:k] ** 2 / total, rel=1e-7)
    assert (Vt[numpy.arange(k), abs(Vt).argmax(axis=1)] > 0).all()


@pytest.mark.parametrize("shape, ranks", [
    *(((400, 260), ranks) for ranks in RANKS), *(((300, 40), ranks) for ranks in RANKS),
    ((40, 300), 3), ((260, 400), 2), ((260, 400), 7), ((30, 30), 4), ((5, 3), 7)])
def test_dense(tmp_path, ranks, shape):
    A = numpy.random.default_rng(1).normal(size=shape)  # both signs, no gaps
    k = min(6, min(shape))
    result, _ = svd(ranks, write_dense(tmp_path / "V.h5", A), tmp_path / "s.h5", "-k", k, "--seed", 3)
    check(A, result, k)


@pytest.mark.parametrize("side, ranks", [("rows", 1), ("rows", 4), ("columns", 2), ("columns", 7)])
def test_sparse(tmp_path, ranks, side):
    V = scipy.sparse.random(500, 350, 0.03, "csr", random_state=2)
    result, _ = svd(ranks, write_csr(tmp_path / "V.h5", V), tmp_path / "s.h5", "-k", 12, "--distribute", side)
    check(V.toarray(), result, 12)


@pytest.mark.parametrize("shape, ranks", [((500, 30), 3), ((350, 420), 1), ((420, 350), 3)])
@pytest.mark.parametrize("side", ["rows", "columns"])
def test_centred(tmp_path, ranks, shape, side):
    A = planted(*shape, 9, 0.2) + 3
    result, _ = svd(ranks, write_dense(tmp_path / "V.h5", A), tmp_path / "s.h5", "-k", 7, "--center", "--distribute", side)
    assert result["mean"] == pytest.approx(A.mean(axis=0), rel=1e-12)
    check(A - A.mean(axis=0), result, 7)


@pytest.mark.parametrize("ranks", (1, 4))
@pytest.mark.parametrize("shape", [(400, 30), (400, 300)])
def test_values_of_all_sizes(tmp_path, ranks, shape):
    """VᵀV squares the condition: its eigenvalues would say nothing of values below 1e-8 of the largest."""
    values = numpy.array([1e3, 1, 1e-3, 1e-5, 1e-7, 1e-9])
    A = spectrum(*shape, values)
    result, _ = svd(ranks, write_dense(tmp_path / "V.h5", A), tmp_path / "s.h5", "-k", 6)
    assert result["S"] == pytest.approx(values, rel=1e-6, abs=1e-12)
    assert abs(result["U"].T @ result["U"] - numpy.eye(6)).max() < 1e-10


@pytest.mark.parametrize("ranks", (1, 3, 7))
@pytest.mark.parametrize("shape", [(200, 20), (300, 250), (6, 300)])
def test_more_triplets_than_the_rank(tmp_path, ranks, shape):
    A = spectrum(*shape, numpy.array([5.0, 5.0, 2.0]))  # one of them twice
    result, _ = svd(ranks, write_dense(tmp_path / "V.h5", A), tmp_path / "s.h5", "-k", 6)
    check(A, result, 6)


def test_a_matrix_of_zeros(tmp_path):
    result, _ = svd(3, write_dense(tmp_path / "V.h5", numpy.zeros((20, 6))), tmp_path / "s.h5", "-k", 2)
    assert not result["S"].any() and abs(result["Vt"] @ result["Vt"].T - numpy.eye(2)).max() < 1e-10


@pytest.mark.parametrize("ranks", (1, 2))
def test_all_triplets(tmp_path, ranks):
    A = numpy.random.default_rng(4).normal(size=(230, 190))
    result, _ = svd(ranks, write_dense(tmp_path / "V.h5", A), tmp_path / "s.h5", "-k", 190)
    check(A, result, 190)
    assert result["U"] * result["S"] @ result["Vt"] == pytest.approx(A, abs=1e-10)


def test_same_on_any_number_of_ranks(tmp_path):
    V = write_dense(tmp_path / "V.h5", planted(400, 300, 8, 0.1))
    results = [svd(ranks, V, tmp_path / "s.h5", "-k", 8)[0] for ranks in (1, 2, 7)]
    results.append(svd(2, V, tmp_path / "s.h5", "-k", 8, "--threads", 3)[0])
    for other in results[1:]:
        assert other["S"] == pytest.approx(results[0]["S"], rel=1e-12)
        assert other["Vt"] == pytest.approx(results[0]["Vt"], abs=1e-7)


def test_types_and_weights(tmp_path):
    counts = numpy.random.default_rng(5).poisson(planted(60, 300, 4)).astype("u2")
    V = write_dense(tmp_path / "V.h5", counts)
    result, _ = svd(2, V, tmp_path / "s.h5", "-k", 5, "--weight", "log1p", "--center")
    A = numpy.log1p(counts.astype(float))
    check(A - A.mean(axis=0), result, 5)


@pytest.mark.parametrize("ranks", RANKS)
def test_golub(tmp_path, data, ranks):
    path = data / "golub/esGolub_5000x38.csv"
    with open(path, newline="") as file:
        A = numpy.array([row[1:] for row in list(csv.reader(file))[1:]], float)
    result, _ = svd(ranks, path, tmp_path / "s.h5", "-k", 20)
    check(A, result, 20)


@pytest.mark.parametrize("ranks", RANKS)
def test_kos(tmp_path, data, ranks):
    path = data / "kos/docword.kos.txt.gz"
    with gzip.open(path, "rt") as file:
        m, n, _ = (int(file.readline()) for _ in range(3))
        i, j, v = numpy.loadtxt(file, int).T
    A = scipy.sparse.csr_matrix((v.astype(float), (i - 1, j - 1)), (m, n))
    wanted = scipy.sparse.linalg.svds(A, 10, tol=1e-12, random_state=0)[1][::-1]
    result, _ = svd(ranks, path, tmp_path / "s.h5", "-k", 10)
    assert result["S"] == pytest.approx(wanted, rel=1e-8)
    for Q in (result["U"], result["Vt"].T):
        assert abs(Q.T @ Q - numpy.eye(10)).max() < 1e-10


@pytest.mark.parametrize("k", [9, 20])
def test_values_that_are_there_many_times(tmp_path, k):
    """A block Krylov space holds no more copies of a value than its blocks have vectors."""
    labels = numpy.repeat(numpy.arange(200), [3] * 100 + [2] * 100)
    result, _ = svd(2, write_dense(tmp_path / "V.h5", numpy.eye(200)[labels]), tmp_path / "s.h5", "-k", k)
    assert result["S"] == pytest.approx(numpy.full(k, numpy.sqrt(3)), rel=1e-10)


def test_more_vectors_than_a_block_has(tmp_path):
    """300 vectors: another random block finds the copies that the first one of 256 has no room for."""
    values = numpy.r_[numpy.full(290, 3.0), numpy.linspace(2, 1, 1000)]
    V = scipy.sparse.diags(values).tocsr()[:, numpy.random.default_rng(0).permutation(1290)]
    result, _ = svd(1, write_csr(tmp_path / "V.h5", V.tocsr()), tmp_path / "s.h5", "-k", 300, "--tolerance", 1e-6)
    assert result["S"] == pytest.approx(values[:300], rel=1e-8)


@pytest.mark.parametrize("scale", [1e-85, 1e80])
def test_scale_does_not_matter(tmp_path, scale):
    A = numpy.random.default_rng(7).normal(size=(300, 200)) * scale
    result, _ = svd(2, write_dense(tmp_path / "V.h5", A), tmp_path / "s.h5", "-k", 4)
    assert result["S"] == pytest.approx(numpy.linalg.svd(A / scale, compute_uv=False)[:4] * scale, rel=1e-9)


@pytest.mark.parametrize("side", ["rows", "columns"])
def test_means_far_from_zero(tmp_path, side):
    A = 1e7 + numpy.random.default_rng(8).normal(size=(400, 300))
    result, _ = svd(2, write_dense(tmp_path / "V.h5", A), tmp_path / "s.h5", "-k", 3, "--center", "--tolerance", 1e-6, "--distribute", side)
    S = numpy.linalg.svd(A - A.mean(axis=0), compute_uv=False)
    assert result["explained_variance_ratio"] == pytest.approx(S[:3] ** 2 / (S**2).sum(), rel=1e-6)
    result, _ = svd(3, write_csr(tmp_path / "S.h5", scipy.sparse.random(300, 200, 0.1, "csr", random_state=1)), tmp_path / "s.h5", "-k", 2, "--center")
    dense = scipy.sparse.random(300, 200, 0.1, "csr", random_state=1).toarray()
    assert result["attributes"]["norm"] == pytest.approx(numpy.linalg.norm(dense - dense.mean(axis=0)), rel=1e-12)


def test_nothing_is_left_without_the_means(tmp_path):
    result, done = svd(2, write_dense(tmp_path / "V.h5", numpy.full((90, 70), 0.1)), tmp_path / "s.h5", "-k", 2, "--center")
    assert not result["S"].any() and "warning" not in done.stderr


def test_signs_where_entries_are_equal(tmp_path):
    random = numpy.random.default_rng(9)
    A, B = random.random((20, 20)), random.random((20, 20))
    V = write_dense(tmp_path / "V.h5", numpy.block([[A, B], [B, A]]))
    results = [svd(ranks, V, tmp_path / "s.h5", "-k", 6)[0]["Vt"] for ranks in RANKS]
    for other in results[1:]:
        assert other == pytest.approx(results[0], abs=1e-9)


def test_no_convergence_is_told(tmp_path):
    A = numpy.random.default_rng(6).normal(size=(500, 400))
    result, done = svd(2, write_dense(tmp_path / "V.h5", A), tmp_path / "s.h5", "-k", 5, "--max-iterations", 2)
    assert "--max-iterations" in done.stderr and result["attributes"]["converged"] == 0
    assert result["residual"].max() > 1e-8
    assert numpy.linalg.norm(A.T @ result["U"] - result["Vt"].T * result["S"], axis=0) / result["S"][0] == pytest.approx(
        result["residual"], rel=1e-6)


def test_too_few_sweeps_for_the_vectors(tmp_path):
    A = numpy.random.default_rng(10).normal(size=(1700, 1600))
    result, done = svd(2, write_dense(tmp_path / "V.h5", A), tmp_path / "s.h5", "-k", 260, "--max-iterations", 1)
    assert "--max-iterations" in done.stderr and "DGEMM" not in done.stderr
    assert (numpy.diff(result["S"]) <= 0).all() and 20 < result["S"][-1] < result["S"][0] < 90


@pytest.mark.parametrize("ranks", (1, 3))
def test_refused(tmp_path, ranks):
    A = numpy.ones((6, 4))
    A[3, 2] = numpy.nan
    V = write_dense(tmp_path / "V.h5", A)
    output = tmp_path / "s.h5"
    done = run(ranks, "svd", V, "-k", 2, "-o", output)
    assert done.returncode == 3 and "row 3, column 2" in error_line(done) and "not negative" not in error_line(done)
    A[3, 2] = -1
    V = write_dense(tmp_path / "N.h5", A)
    done = run(ranks, "svd", V, "-k", 5, "-o", output)
    assert done.returncode == 2 and "has 4 singular values" in error_line(done)
    done = run(ranks, "svd", V, "-k", 2, "-o", output, "--weight", "log1p")
    assert done.returncode == 3 and "not negative" in error_line(done)
    assert not output.exists()
