"""Each local failure on one rank only: every rank returns, none hangs, one line tells why, nothing is left behind."""

import itertools

import pytest
import scipy.sparse

from conftest import FAULTY, error_line, planted, run, succeed, write_csr, write_dense

CODES = {"memory": {5}, "open": {3, 4}, "read": {3}, "write": {4}}
RANKS = 2


def matrix(folder, storage):
    V = planted(40, 30, 3, seed=1)
    if storage == "dense":
        return write_dense(folder / "V.h5", V)
    if storage == "text":
        path = folder / "V.csv"
        path.write_text("\n".join(",".join(f"{x:.6f}" for x in row) for row in V))
        return path
    V[V < 1] = 0
    return write_csr(folder / "V.h5", scipy.sparse.csc_matrix(V), kind="csc_matrix")


def faults(site):
    """On each rank, but the many calls for memory on one rank or the other."""
    for call in itertools.count(1):
        for rank in (call % RANKS,) if site == "memory" else range(RANKS):
            yield rank, call


def watch(tmp_path, site, there, start):
    """Has each call of this kind fail until no rank has more of them: there is one line, and no new file."""
    failed = fine = 0
    before = set(tmp_path.iterdir())
    for rank, call in faults(site):
        done = start({"PARTWISE_FAULT": f"{site}:{rank}:{call}"})
        fine = fine + 1 if done.returncode == 0 else 0
        if fine == RANKS:
            break
        if fine:  # the other rank may have more, which are to start as the first did
            for path in set(tmp_path.iterdir()) - before:
                path.unlink()
            continue
        assert done.returncode in CODES[site], f"call {call}: {done.stderr}"
        assert error_line(done)
        assert not done.stdout
        left = {path.name for path in tmp_path.iterdir()} - there
        assert not left, f"call {call} left {left}"
        failed += 1
        assert call < 300
    assert failed > 0


def fail(tmp_path, V, fault):
    return run(RANKS, "fit", V, "-o", tmp_path / "m.h5", "-k", 3, "--max-iterations", 3,
               "--checkpoint", tmp_path / "c.h5", binary=FAULTY, timeout=60, env=fault)


@pytest.mark.parametrize("site", ["memory", "open", "read"])
def test_every_call_that_can_fail(tmp_path, site):
    V = matrix(tmp_path, "dense")
    watch(tmp_path, site, {V.name, "c.h5", "c.h5.prev"}, lambda fault: fail(tmp_path, V, fault))


@pytest.mark.parametrize("site", ["memory", "open", "read"])
@pytest.mark.parametrize("storage", ["csc", "text"])
def test_every_call_of_a_reader_that_can_fail(tmp_path, storage, site):
    V = matrix(tmp_path, storage)
    watch(tmp_path, site, {V.name}, lambda fault: run(RANKS, "info", V, binary=FAULTY, timeout=60, env=fault))


@pytest.mark.parametrize("site", ["memory", "open", "read"])
def test_every_call_of_a_transform_that_can_fail(tmp_path, site):
    V = matrix(tmp_path, "dense")
    succeed(2, "fit", V, "-o", tmp_path / "model.h5", "-k", 3, "--max-iterations", 3, "--weight", "tfidf", "--normalise", "l2",
            "--normalise-side", "h")
    watch(tmp_path, site, {V.name, "model.h5"}, lambda fault: run(
        RANKS, "transform", tmp_path / "model.h5", V, "-o", tmp_path / "t.h5", "--max-iterations", 3, binary=FAULTY, timeout=60,
        env=fault))


@pytest.mark.parametrize("rank", [0, 1])
def test_failed_writes(tmp_path, rank):
    V = matrix(tmp_path, "dense")
    failed = 0
    for call in itertools.count(1):
        done = fail(tmp_path, V, {"PARTWISE_FAULT": f"write:{rank}:{call}"})
        warned = "no checkpoint written" in done.stderr
        if done.returncode == 0 and not warned:
            break
        assert done.returncode in {0, 4}, done.stderr
        assert (tmp_path / "m.h5").exists() == (done.returncode == 0)
        assert not list(tmp_path.glob("*.tmp"))
        for name in ("m.h5", "c.h5", "c.h5.prev"):
            (tmp_path / name).unlink(missing_ok=True)
        failed += 1
        assert call < 200
    assert failed > 0


# ---- ratings and predictions


def ratings(folder):
    V = planted(40, 30, 3, seed=1)
    V[V < 1] = 0
    return write_csr(folder / "V.h5", scipy.sparse.csr_matrix(V))


def fit_ratings(folder, binary, **keywords):
    return run(RANKS, "fit", ratings(folder), "-o", folder / "m.h5", "-k", 2, "--method", "ccd", "--missing", "zero", "--bias", "--holdout",
               0.1, "--max-iterations", 2, binary=binary, timeout=60, **keywords)


def test_ratings_without_memory(tmp_path):
    watch(tmp_path, "memory", {"V.h5"}, lambda fault: fit_ratings(tmp_path, FAULTY, env=fault))


@pytest.mark.parametrize("options", [("--top", 3), ("--entries", "{V}")])
@pytest.mark.parametrize("site", ["memory", "open", "read", "write"])
def test_failures_of_predictions(tmp_path, site, options):
    assert fit_ratings(tmp_path, FAULTY).returncode == 0
    words = [str(word).format(V=tmp_path / "V.h5") for word in options]
    watch(tmp_path, site, {"V.h5", "m.h5"}, lambda fault: run(
        RANKS, "predict", tmp_path / "m.h5", *words, "-o", tmp_path / "p.csv", binary=FAULTY, timeout=60, env=fault))
