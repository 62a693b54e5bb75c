"""V that does not fit into --memory is streamed from its file: the same factors, bit for bit, as with all of V in memory."""

import os
import subprocess

import h5py
import numpy
import pytest
import scipy.sparse

from conftest import ENVIRONMENT, SLOW, command, error_line, planted, run, succeed, write_csr, write_dense

M, N, K = 20000, 30, 3
FIXED = ("--max-iterations", 4, "--tolerance", 0, "--seed", 3)


def dense(path, kind="f8", **keywords):
    V = planted(M, N, K, noise=0.1)
    V = (V * (200 / V.max() if kind == "u1" else 1)).astype(kind)
    with h5py.File(path, "w") as file:
        file.create_dataset("V", data=V, **keywords)
    return path


def sparse(path):
    return write_csr(path, scipy.sparse.random(M, N, 0.3, format="csr", random_state=2, dtype="f4"))


def ones(path):
    S = scipy.sparse.random(M, N, 0.3, format="csr", random_state=2, dtype="f4")
    return write_csr(path, scipy.sparse.csr_matrix((numpy.ones(S.nnz, "u1"), S.indices, S.indptr), S.shape))


def budget(V, ranks=1, models=1):
    """Bytes: two thirds of V, and the factors with their copies."""
    return int(0.66 * os.path.getsize(V) + 8 * models * ((M + N * ranks) * 2 * K + 3 * ranks * N * K))


def read(path):
    with h5py.File(path) as file:
        return [file[name][()] for name in ("W", "H", "history/objective")]


def same(ranks, V, folder, *options, models=1):
    """Fits with V in memory and streamed, and compares; returns what the streamed run said."""
    words = ("fit", V, "-k", K, *FIXED, *options)
    succeed(ranks, *words, "-o", folder / "memory.h5")
    done = succeed(ranks, *words, "-o", folder / "streamed.h5", "--memory", budget(V, ranks, models))
    assert "streamed: read_per_iteration" in done.stderr and "wait for V" in done.stderr
    for one, other in zip(read(folder / "memory.h5"), read(folder / "streamed.h5")):
        assert numpy.array_equal(one, other)
    return done.stderr


@pytest.mark.parametrize("ranks, threads", [(1, 2), (3, 1)])
@pytest.mark.parametrize("kind", ["f8", "u1", "sparse", "ones"])
def test_streamed_is_the_same(tmp_path, kind, ranks, threads):
    path = tmp_path / "V.h5"
    V = {"sparse": sparse, "ones": ones}[kind](path) if len(kind) > 2 else dense(path, kind)
    same(ranks, V, tmp_path, "--threads", threads)


@pytest.mark.parametrize("make", [dense, sparse])
def test_tiles_of_many_threads_that_would_not_fit_are_cut(tmp_path, make):
    V = make(tmp_path / "V.h5")
    words = ("fit", V, "-k", K, *FIXED, "--threads", 40)
    succeed(1, *words, "-o", tmp_path / "memory.h5")
    done = succeed(1, *words, "-o", tmp_path / "streamed.h5", "--memory", budget(V))
    assert "streamed: read_per_iteration" in done.stderr
    for one, other in zip(read(tmp_path / "memory.h5"), read(tmp_path / "streamed.h5")):
        assert numpy.allclose(one, other, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("make, options", [
    (dense, ("--method", "mu", "--weight", "tfidf")), (dense, ("--loss", "kl", "--init", "nndsvd")), (sparse, ("--loss", "kl")),
    (sparse, ("--missing", "zero", "--holdout", 0.1)), (sparse, ("--svd-bound",))], ids=str)
def test_whatever_is_asked_of_V(tmp_path, make, options):
    same(1, make(tmp_path / "V.h5"), tmp_path, *options)


@pytest.mark.release_only
@pytest.mark.parametrize("perturb", ["none", "uniform:0.1"])
def test_one_pass_serves_all_models(tmp_path, perturb):
    V = dense(tmp_path / "V.h5")
    words = ("scan", V, "-k", "2:3", "--restarts", 2, *FIXED, "--perturb", perturb, "--consensus", "none", "--threads", 2)
    succeed(1, *words, "-o", tmp_path / "memory.h5")
    done = succeed(1, *words, "-o", tmp_path / "streamed.h5", "--memory", budget(V, models=10 / K))
    assert "streamed: read_per_iteration" in done.stderr and "part 1" not in done.stderr
    with h5py.File(tmp_path / "memory.h5") as one, h5py.File(tmp_path / "streamed.h5") as other:
        for name in ("k2/W", "k3/H", "survey/best_objective", "survey/stability_mean"):
            assert numpy.array_equal(one[name], other[name])


@pytest.mark.parametrize("ranks, options", [(1, ()), (3, ("--restarts", 2)), (2, ("--checkpoint", "c.h5"))], ids=str)
def test_copies_to_extrapolate_from_that_do_not_fit(tmp_path, monkeypatch, ranks, options):
    """Factors and V in part, but not twice the factors: the same as without extrapolation."""
    monkeypatch.chdir(tmp_path)
    V, models = dense(tmp_path / "V.h5", "u1"), 2 if "--restarts" in options else 1
    tight = int(0.66 * os.path.getsize(V) + 8 * ((M + N * ranks) * K * models + 3 * ranks * N * K * models))
    assert tight < 8 * 2 * M * K * models
    words = ("fit", V, "-k", K, *FIXED, *options)
    succeed(ranks, *words, "-o", tmp_path / "memory.h5", "--extrapolate", "no")
    (tmp_path / "c.h5").unlink(missing_ok=True)
    done = succeed(ranks, *words, "-o", tmp_path / "tight.h5", "--memory", tight)
    assert "note: extrapolation is off: --memory" in done.stderr
    for one, other in zip(read(tmp_path / "memory.h5"), read(tmp_path / "tight.h5")):
        assert numpy.array_equal(one, other)


def disorder(path):
    S = scipy.sparse.random(M, N, 0.3, format="csr", random_state=2, dtype="f4")
    for i in range(0, M, 7):
        row = slice(S.indptr[i], S.indptr[i + 1])
        S.indices[row], S.data[row] = S.indices[row][::-1].copy(), S.data[row][::-1].copy()
    return write_csr(path, S)


@pytest.mark.parametrize("make, words", [
    (lambda path: dense(path, chunks=(700, 8), compression="gzip"), "is compressed"), (lambda path: dense(path, ">f8"), "byte order"),
    (disorder, "not in order")], ids=["chunks", "big-endian", "disorder"])
def test_a_copy_is_streamed_where_the_file_cannot_be(tmp_path, make, words):
    """What stands in the file in another way is put right on the way to --stage, which is left empty."""
    (tmp_path / "stage").mkdir()
    V, room = make(tmp_path / "V.h5"), ("--memory", budget((disorder if make is disorder else dense)(tmp_path / "plain.h5"), 2))
    done = run(2, "fit", V, "-k", K, "-o", tmp_path / "m.h5", *room)
    assert done.returncode == 5 and words in error_line(done) and "--stage" in error_line(done)
    succeed(2, "fit", V, "-k", K, *FIXED, "-o", tmp_path / "memory.h5")
    done = succeed(2, "fit", V, "-k", K, *FIXED, "-o", tmp_path / "m.h5", *room, "--stage", tmp_path / "stage")
    assert "streamed: read_per_iteration" in done.stderr and not list((tmp_path / "stage").iterdir())
    for one, other in zip(read(tmp_path / "memory.h5"), read(tmp_path / "m.h5")):
        assert numpy.array_equal(one, other)


def test_what_cannot_be_streamed_is_refused(tmp_path):
    V, out = dense(tmp_path / "V.h5"), ("-k", K, "-o", tmp_path / "m.h5")
    numpy.savetxt(tmp_path / "V.csv", numpy.ones((500, 60)), fmt="%d", delimiter=",")
    some = ("--memory", budget(V))
    for words, code, part in [
            ((V, *some, "--init", "spa"), 5, "start"), ((V, *some, "--distribute", "columns"), 5, "take --distribute rows"),
            ((V, *some, "--missing", "zero", "--method", "ccd"), 5, "ccd"), ((V, *some, "--mask", V), 5, "--missing"),
            ((V, "--memory", 400000), 5, "W, H and the sums for H alone"), ((V, "--memory", 1000000), 5, "buffers"),
            ((tmp_path / "V.csv", "--memory", 60000), 5, "partwise convert"),
            ((V, *some, "--stage", tmp_path / "none"), 4, "--stage")]:
        done = run(1, "fit", *words, *out)
        assert done.returncode == code and part in error_line(done), done.stderr
        assert not (tmp_path / "m.h5").exists()


@pytest.mark.parametrize("ranks, threads, make", [(1, 2, dense), (2, 1, sparse)], ids=["dense", "sparse"])
def test_a_file_that_becomes_shorter(tmp_path, ranks, threads, make):
    V = make(tmp_path / "V.h5")
    words = command(ranks, "fit", V, "-k", K, "-o", tmp_path / "m.h5", "--memory", budget(V, ranks), "--threads", threads,
                    "--max-iterations", 10**7, "--tolerance", 0, "--stall", 0, "--report-every", 0)
    with subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env={**os.environ, **ENVIRONMENT}) as job:
        for line in job.stderr:
            if line.startswith("iteration = 2 "):
                break
        os.truncate(V, os.path.getsize(V) // 2)
        rest = job.communicate(timeout=60 * SLOW)[1]
    assert job.returncode == 3 and "has become shorter" in rest and str(V) in rest
    assert not (tmp_path / "m.h5").exists()
