"""A scan whose ranks split into groups is the same scan, ends as one, and fails as one."""

import os
import re
import signal
import subprocess

import h5py
import numpy
import pytest
import scipy.sparse

from conftest import FAULTY, SLOW, command, error_line, fit, planted, run, succeed, write_csr, write_dense
from environment import ENVIRONMENT

FIXED = ("--precision", "double", "--max-iterations", 25, "--tolerance", 0, "--stall", 0)
CASES = [  # groups, ranks, storage, options
    (2, 4, "dense", ("--distribute", "rows")),
    (3, 7, "dense", ("--distribute", "columns", "--loss", "kl")),
    (3, 4, "sparse", ("--distribute", "columns", "--consensus", "rows")),
    (2, 7, "sparse", ("--distribute", "rows", "--weight", "tfidf", "--normalise", "l2")),
    (4, 4, "dense", ("--missing", "zero", "--method", "ccd", "--bias")),
    (2, 3, "dense", ("--holdout", 0.1, "--missing", "nan", "--method", "mu")),
    (3, 4, "dense", ("--loss", "kl", "--perturb", "poisson"))]


def matrix(folder, storage):
    V = planted(40, 30, 3, noise=0.2)
    if storage == "dense":
        return write_dense(folder / "V.h5", V)
    V[V < numpy.median(V)] = 0
    return write_csr(folder / "V.h5", scipy.sparse.csr_matrix(V))


def everything(path):
    """All numbers of a scan by name."""
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update(
            {name: item[()]} if isinstance(item, h5py.Dataset) and item.dtype.kind in "fi" else {}))
    return {name: value for name, value in found.items() if not name.startswith(("timings", "suggestions"))}


@pytest.mark.parametrize("groups, ranks, storage, options", CASES, ids=str)
def test_groups_find_the_same(tmp_path, groups, ranks, storage, options):
    V = matrix(tmp_path, storage)
    outcome = []
    for g in (1, groups):
        succeed(ranks, "scan", V, "-k", "2:4", "--restarts", 5, "-o", tmp_path / "scan.h5", "--groups", g, *FIXED, *options)
        outcome.append(everything(tmp_path / "scan.h5"))
    one, several = outcome
    assert set(one) == set(several) and {"k2/W", "k3/objective", "survey/stability_min"} <= set(one)
    assert several["survey/restarts"].tolist() == [5, 5, 5]
    for name, value in one.items():
        if re.search("order|cluster|linkage", name):  # ties of the tree may fall either way
            continue
        scale = numpy.nanmax(numpy.abs(value)) if value.size and not numpy.isnan(value).all() else 1
        near = 1e-6 if re.search("objective|iterations|seed|error|cophenetic|stability", name) else 1e-4
        assert several[name] == pytest.approx(value, rel=near, abs=near * scale, nan_ok=True), name


def test_restarts_in_groups_keep_the_best(tmp_path):
    V = write_dense(tmp_path / "V.h5", planted(40, 30, 3, noise=0.2))
    one, several = (fit(3, V, tmp_path / "m.h5", "-k", 4, "--restarts", 5, "--weight", "row-l1", "--groups", g, *FIXED) for g in (1, 2))
    assert several["objective"] == pytest.approx(one["objective"], rel=1e-6)  # all of its history
    for factor in ("W", "H"):
        assert several[factor] == pytest.approx(one[factor], abs=1e-4 * one[factor].max())


@pytest.mark.parametrize("words, what", [
    (("scan", "-k", "2:3", "--groups", 4), "ranks"), (("scan", "-k", "2", "--restarts", 2, "--groups", 3), "models"),
    (("fit", "-k", 2, "--groups", 2), "models"), (("scan", "-k", "2", "--groups", 2, "--checkpoint", "c.h5"), "--checkpoint")], ids=str)
def test_groups_that_cannot_be(tmp_path, words, what):
    V = write_dense(tmp_path / "V.h5", planted(8, 6, 2))
    done = run(3, words[0], V, *words[1:], "-o", tmp_path / "scan.h5", cwd=tmp_path)
    assert done.returncode == 2 and "--groups" in error_line(done) and what in error_line(done)
    assert {path.name for path in tmp_path.iterdir()} == {"V.h5"}


def test_a_dry_run_tells_and_leaves_nothing(tmp_path):
    V = write_dense(tmp_path / "V.h5", planted(40, 30, 3))
    before = set(tmp_path.iterdir())
    told = [succeed(4, "scan", V, "-k", "2:4", "--restarts", 5, "-o", tmp_path / "no/such/folder/s.h5", "--dry-run", *words).stdout
            for words in ((), (), ("--groups", 3))]
    assert told[0] == told[1]  # nothing is measured
    assert "models = 15" in told[0] and re.search(r"\ngroups = \d: ", told[0])
    rows = [line.split() for line in told[2].splitlines() if re.match(r" +\d", line)]
    assert [row[:2] for row in rows] == [["1", "4"], ["2", "2"], ["3", "1"], ["4", "1"]]
    assert "groups = 3: as asked for." in told[2]
    assert set(tmp_path.iterdir()) == before


ENDLESS = ("--tolerance", 0, "--stall", 0, "--max-iterations", 10**9, "--consensus", "none")


def test_a_time_limit_leaves_what_there_is(tmp_path):
    V = write_dense(tmp_path / "V.h5", planted(200, 100, 3, noise=0.3))
    succeed(4, "scan", V, "-k", "2:3", "--restarts", 300, "-o", tmp_path / "scan.h5", *ENDLESS, "--max-seconds", 0.5, "--groups", 3)
    with h5py.File(tmp_path / "scan.h5") as file:
        assert list(file["survey/k"]) == [3]
        assert 0 < file["survey/restarts"][0] < 300
        assert len(set(file["k3/seed"])) == file["survey/restarts"][0]


def stop_one_rank(words, seen):
    """SIGTERM to a rank of the last group once the log says `seen`; the exit code and the log."""
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env={**os.environ, **ENVIRONMENT}) as job:
        log = []
        for line in job.stderr:
            log.append(line)
            if seen in line:
                break
        ranks = subprocess.run(["ps", "-o", "pid=", "--ppid", str(job.pid)], capture_output=True, text=True, check=True)
        os.kill(max(int(pid) for pid in ranks.stdout.split()), signal.SIGTERM)
        log += job.stderr
        return job.wait(timeout=60 * SLOW), "".join(log)


@pytest.mark.parametrize("groups, ks, restarts, seen, options", [
    (2, "2:3", 4, "running = 8", ()),
    (3, "3", 3, "running = 3", ()),  # one model for each group
    (2, "1,12", 1, "models_finished = 1", ("--method", "mu", "--tolerance", 1e-10))], ids=str)  # the last group waits for the first
def test_a_signal_to_one_rank_ends_all_groups(tmp_path, groups, ks, restarts, seen, options):
    V = write_dense(tmp_path / "V.h5", planted(60, 40, 3, noise=0.3))
    code, log = stop_one_rank(
        command(4, "scan", V, "-k", ks, "--restarts", restarts, "-o", tmp_path / "scan.h5", "--groups", groups,
                *ENDLESS, "--report-every", 0.1, *options), seen)
    assert code == 76, log
    with h5py.File(tmp_path / "scan.h5") as file:
        assert (file["survey/restarts"][:] == restarts).all()
        assert file["provenance"].attrs["stop_reason"] == "stopped by signal"


@pytest.mark.parametrize("site, rank, call", [
    ("open", 2, 4), ("read", 3, 2), ("memory", 3, 205), ("memory", 3, 255)], ids=str)  # while it reads, and while it iterates
def test_a_failure_in_one_group_ends_all(tmp_path, site, rank, call):
    V = write_dense(tmp_path / "V.h5", planted(40, 30, 3, noise=0.3))
    done = run(4, "scan", V, "-k", "2:4", "--restarts", 6, "-o", tmp_path / "scan.h5", "--groups", 2, *ENDLESS,
               "--max-seconds", 30, binary=FAULTY, env={"PARTWISE_FAULT": f"{site}:{rank}:{call}"})
    assert done.returncode == {"memory": 5}.get(site, 3) and error_line(done)
    assert "groups = 2" in done.stderr  # it got that far
    assert {path.name for path in tmp_path.iterdir()} == {"V.h5"}
