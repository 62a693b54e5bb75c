"""Each local failure on one rank only: every rank returns, none hangs, one line tells why, nothing is left behind."""

import os
import signal
import subprocess
import threading

import pytest
import scipy.sparse

from conftest import FAULTY, SANITIZED, SLOW, command, error_line, planted, succeed, write_csr, write_dense
from environment import ENVIRONMENT

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


class Rehearsal:
    """Runs partwise with one fault after the other in the same process, unless one ends it: most of a run's time is its start."""

    def __init__(self, *arguments, cwd=None):
        self.words, self.cwd, self.process = command(RANKS, *arguments, binary=FAULTY), cwd, None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.stdin.close()
            self.end()

    def end(self):
        """Waits for the end; returns the exit code and what was still to be read."""
        texts = self.process.stdout.read(), self.process.stderr.read()
        code = self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()
        self.process = None
        return code, *texts

    def kill(self):
        self.too_long = True
        os.killpg(self.process.pid, signal.SIGKILL)

    def run(self, fault):
        """One run: exit code, standard output and standard error."""
        if self.process:
            self.process.stdin.write(fault + "\n")
            self.process.stdin.flush()
        else:
            self.process = subprocess.Popen(
                self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.cwd,
                start_new_session=True, env={**os.environ, **ENVIRONMENT, "PARTWISE_REHEARSE": "1", "PARTWISE_FAULT": fault})
        texts = []
        for stream in (self.process.stderr, self.process.stdout):
            lines = []
            while not (line := stream.readline()).startswith("partwise: ended with "):
                if not line:
                    texts.append("".join(lines))
                    break
                lines.append(line)
            else:
                texts.append("".join(lines))
                continue
            code, output, errors = self.end()
            return code, "".join(texts[1:]) + output, texts[0] + errors
        return int(line.split()[-1]), texts[1], texts[0]

    def __call__(self, fault):
        self.too_long = False
        timer = threading.Timer(60 * SLOW, self.kill)
        timer.start()
        try:
            code, output, errors = self.run(fault)
        finally:
            timer.cancel()
        assert not self.too_long, f"{fault}: no end"
        errors = "".join(line for line in errors.splitlines(True) if not line.startswith("[hwloc"))
        return subprocess.CompletedProcess(self.words, code, output, errors)


def calls(folder, site, start):
    """Of a run in which nothing fails: per way through the program to a call of this kind, and per rank, the first such call
    and the last, as SITE:RANK:N counts them; and the run."""
    listed = folder.parent / "calls"
    done = start(f"list:{listed}")
    ways = {}
    for rank in range(RANKS):
        path = listed.with_suffix(f".{rank}")
        lines = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
        path.unlink(missing_ok=True)
        for call, way in enumerate((way for name, way in lines if name == site), 1):
            first, _ = ways.setdefault(way, {}).get(rank, (call, call))
            ways[way][rank] = (first, call)
    return ways, done


def faults(site, ways, both_ends):
    """The calls that are to fail: the first and the last of each way, as what is in hand differs. The many calls for memory fail on
    one rank or the other. The sanitizer build, which is there for what is not given back, takes the last, when most is in hand."""
    for number, (way, ranks) in enumerate(ways.items()):
        chosen = [(rank, call) for rank, ends in ranks.items() for call in (ends if both_ends else ends[1:])]
        if site == "memory":
            early, late = (list(ranks)[(number + i) % len(ranks)] for i in range(2))
            chosen = [(late, ranks[late][1])]
            if both_ends and not SANITIZED and ranks[early][0] < ranks[early][1]:
                chosen.append((early, ranks[early][0]))
        yield from dict.fromkeys((rank, call, way) for rank, call in chosen)


def watch(tmp_path, site, there, *arguments, both_ends=True, cwd=None):
    with Rehearsal(*arguments, cwd=cwd) as start:
        return watch_calls(tmp_path, site, there, start, both_ends)


def watch_calls(tmp_path, site, there, start, both_ends):
    """Has calls of this kind fail, at least one for each way that leads to one: there is one line, and no new file. Only two things
    are given up without an error: a checkpoint, and the wait for a folder's entry to be on the disk, of a result or a checkpoint.
    Returns the names of the new files of a run in which none fails."""
    before = set(tmp_path.iterdir())
    ways, done = calls(tmp_path, site, start)
    assert done.returncode == 0, done.stderr
    assert ways
    new = {path.name for path in set(tmp_path.iterdir()) - before}
    silent = set()
    for rank, call, way in faults(site, ways, both_ends):
        for path in set(tmp_path.iterdir()) - before:
            path.unlink()
        done = start(f"{site}:{rank}:{call}")
        left = {path.name for path in tmp_path.iterdir()} - there
        if done.returncode == 0:
            assert left == new - there
            silent |= {way} if "warning: no checkpoint written" not in done.stderr else set()
            continue
        assert done.returncode in CODES[site], f"rank {rank}, call {call}: {done.stderr}"
        assert error_line(done)
        assert not done.stdout
        assert not left, f"rank {rank}, call {call} left {left}"
    assert len(silent) <= (2 if site == "memory" else 0)
    return new


def words_of_fit(tmp_path, V):
    return ("fit", V, "-o", tmp_path / "m.h5", "-k", 3, "--max-iterations", 3, "--checkpoint", tmp_path / "c.h5")


@pytest.mark.parametrize("site", ["memory", "open", "read"])
def test_every_call_that_can_fail(tmp_path, site):
    V = matrix(tmp_path, "dense")
    watch(tmp_path, site, {V.name, "c.h5", "c.h5.prev"}, *words_of_fit(tmp_path, V))


@pytest.mark.parametrize("site", ["memory", "open", "read"])
@pytest.mark.parametrize("storage", ["csc", "text"])
def test_every_call_of_a_reader_that_can_fail(tmp_path, storage, site):
    V = matrix(tmp_path, storage)
    watch(tmp_path, site, {V.name}, "info", V)


@pytest.mark.parametrize("site", ["memory", "open", "read"])
def test_every_call_of_a_transform_that_can_fail(tmp_path, site):
    V = matrix(tmp_path, "dense")
    succeed(2, "fit", V, "-o", tmp_path / "model.h5", "-k", 3, "--max-iterations", 3, "--weight", "tfidf", "--normalise", "l2",
            "--normalise-side", "h")
    watch(tmp_path, site, {V.name, "model.h5"}, "transform", tmp_path / "model.h5", V, "-o", tmp_path / "t.h5",
          "--max-iterations", 3)


@pytest.mark.parametrize("options", [("--method", "spa", "--anchors", "columns", "--anchors-scaled"), ("--init", "spa")], ids=str)
def test_anchors_without_memory(tmp_path, options):
    V = tmp_path / "V.csv"
    rows = (",".join(f"{x:.6f}" for x in row) for row in planted(40, 30, 3, seed=1))
    V.write_text("\n".join([",".join(f"c{j}" for j in range(30)), *rows]))
    watch(tmp_path, "memory", {V.name}, "fit", V, "-o", tmp_path / "m.h5", "-k", 3, "--max-iterations", 2, *options)


def test_failed_writes(tmp_path):
    V = matrix(tmp_path, "dense")
    with Rehearsal(*words_of_fit(tmp_path, V)) as start:
        ways, _ = calls(tmp_path, "write", start)
        assert ways
        for rank, call, _ in faults("write", ways, both_ends=True):
            for name in ("m.h5", "c.h5", "c.h5.prev"):
                (tmp_path / name).unlink(missing_ok=True)
            done = start(f"write:{rank}:{call}")
            assert done.returncode == 4 or (done.returncode == 0 and "no checkpoint written" in done.stderr), done.stderr
            assert (tmp_path / "m.h5").exists() == (done.returncode == 0)
            assert not list(tmp_path.glob("*.tmp"))


# ---- ratings and predictions


def ratings(folder):
    V = planted(40, 30, 3, seed=1)
    V[V < 1] = 0
    return write_csr(folder / "V.h5", scipy.sparse.csr_matrix(V))


def words_of_ratings(folder):
    return ("fit", ratings(folder), "-o", folder / "m.h5", "-k", 2, "--method", "ccd", "--missing", "zero", "--bias", "--holdout", 0.1,
            "--max-iterations", 2)


def test_ratings_without_memory(tmp_path):
    watch(tmp_path, "memory", {"V.h5"}, *words_of_ratings(tmp_path))


@pytest.mark.parametrize("options", [("--top", 3), ("--entries", "{V}")])
@pytest.mark.parametrize("site", ["memory", "open", "read", "write"])
def test_failures_of_predictions(tmp_path, site, options):
    succeed(RANKS, *words_of_ratings(tmp_path))
    words = [str(word).format(V=tmp_path / "V.h5") for word in options]
    watch(tmp_path, site, {"V.h5", "m.h5"}, "predict", tmp_path / "m.h5", *words, "-o", tmp_path / "p.csv")
