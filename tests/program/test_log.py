"""What a run says: how much at which level, the key = value lines, the table of phases, the live line of a terminal."""

import os
import pty
import re
import subprocess

import h5py
import pytest

from conftest import BINARY, ENVIRONMENT, SLOW, error_line, planted, run, succeed, write_dense

PHASES = ("read", "initialise", "gram", "reduce", "replicated update", "objective", "write")


@pytest.fixture(name="V")
def matrix(tmp_path):
    return write_dense(tmp_path / "V.h5", planted(120, 80, 4, noise=0.1))


def log_of(V, *options, ranks=1, **keywords):
    """The lines of a run, but for what it says about the BLAS of this machine."""
    done = succeed(ranks, "fit", V, "-k", 4, "-o", V.parent / "m.h5", *options, **keywords)
    assert done.stdout == ""
    return [line for line in done.stderr.splitlines() if "warning: BLAS" not in line and "this BLAS" not in line]


def pairs(line):
    """`key = value  key = value`, two blanks between them."""
    return dict(pair.split(" = ", 1) for pair in re.split(r" {2,}", line.strip()) if " = " in pair)


def iterations(lines):
    return [pairs(line) for line in lines if line.startswith("iteration = ")]


# ---- how much


def test_quiet_says_nothing(V):
    assert log_of(V, "--quiet") == []


@pytest.mark.parametrize("arguments", [("convert", "V.h5", "out.h5"), ("generate", "swimmer", "-o", "out.h5")])
def test_other_commands_are_quiet_too(V, arguments):
    done = succeed(2, *arguments, "-q", cwd=V.parent)
    assert done.stdout == done.stderr == ""


def test_verbose_says_every_iteration(V):
    lines = log_of(V, "-v", "--max-iterations", 7, "--tolerance", 0, "--stall", 0)
    assert [int(told["iteration"]) for told in iterations(lines)] == list(range(1, 8))


def test_a_log_has_the_first_and_the_last_iteration(V):
    lines = log_of(V, "--max-iterations", 7, "--tolerance", 0, "--stall", 0, "--report-every", 1000)
    assert [int(told["iteration"]) for told in iterations(lines)] == [1, 7]


def test_report_after_every_iteration(V):
    lines = log_of(V, "--max-iterations", 5, "--tolerance", 0, "--stall", 0, "--report-every", 0)
    assert [int(told["iteration"]) for told in iterations(lines)] == [1, 2, 3, 4, 5]


# ---- what


def test_figures_are_those_of_the_model(V):
    lines = log_of(V, "--max-iterations", 9, "--tolerance", 0, "--stall", 0, "-v", ranks=2)
    with h5py.File(V.parent / "m.h5") as model:
        history = {key: model["history"][key][()] for key in model["history"]}
        final = dict(model.attrs)
    for i, told in enumerate(iterations(lines)):
        assert float(told["objective"]) == pytest.approx(history["objective"][i], rel=1e-8)
        assert float(told["relative_error"]) == pytest.approx(history["relative_error"][i], abs=1e-6)
        assert float(told["projected_gradient"]) == pytest.approx(history["projected_gradient"][i], rel=1e-3)
        assert {"seconds_per_iteration", "eta_at_most"} <= set(told)
    end = pairs(next(line for line in lines if line.startswith("stopped = ")))
    assert end["stopped"] == "iteration limit" and int(end["iterations"]) == 9
    assert float(end["objective"]) == pytest.approx(final["objective"], rel=1e-8)
    assert float(end["projected_gradient"]) == pytest.approx(final["projected_gradient"], rel=1e-3)
    assert lines[-1] == f"model = {V.parent / 'm.h5'}"


def test_phases_at_the_end(V):
    lines = log_of(V, ranks=3)
    stopped = next(i for i, line in enumerate(lines) if line.startswith("stopped = "))
    head = next(i for i, line in enumerate(lines) if line.startswith("phase"))
    assert head > stopped and lines[head].split()[-5:] == ["min", "mean", "max", "GF/s", "GB/s"]
    table = {}
    for line in lines[head + 1:]:
        row = re.match(r"(\w.*?) +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+|-) +([\d.]+|-)", line)
        if row:
            table[row[1]] = [float(x) for x in row.groups()[1:4]]
            assert table[row[1]] == sorted(table[row[1]])
    assert set(PHASES) <= set(table) and any(phase.startswith("sweep") for phase in table)
    share = next(line for line in lines if line.startswith("share of communication = "))
    assert 0 <= float(re.search(r"([\d.]+) %", share)[1]) <= 100
    with h5py.File(V.parent / "m.h5") as model:
        assert set(PHASES) <= set(model["timings/phase"].asstr()[()])


# ---- ranks and threads


@pytest.mark.parametrize("ranks, threads, words", [(1, 1, "1 rank × 1 thread on 1 host "), (2, 3, "2 ranks × 3 threads on 1 host ")])
def test_first_line_tells_ranks_and_threads(V, ranks, threads, words):
    lines = log_of(V, "--threads", threads, ranks=ranks)
    assert lines[0].startswith("partwise ") and words in lines[0] and "BLAS kernel " in lines[0]


def test_threads_of_the_environment(V):
    assert "1 rank × 2 threads" in log_of(V, env={"OMP_NUM_THREADS": "2"})[0]
    assert "1 rank × 1 thread " in log_of(V, "--threads", 1, env={"OMP_NUM_THREADS": "2"})[0]
    assert "1 rank × 1 thread " in log_of(V, "--threads", 1, env={"OMP_NUM_THREADS": "99999"})[0]
    with h5py.File(V.parent / "m.h5") as model:
        assert model["provenance"].attrs["threads"] == 1
    for words in (("fit", V, "-k", 2, "-o", V.parent / "m.h5"), ("generate", "swimmer", "-o", V.parent / "s.h5")):
        done = run(2, *words, env={"OMP_NUM_THREADS": "99999"})
        assert done.returncode == 2 and error_line(done).startswith("partwise: error: OMP_NUM_THREADS: 99999 threads")


def test_more_threads_than_cores_are_warned_of(V):
    cores = len(os.sched_getaffinity(0))
    warned = [line for line in log_of(V, "--threads", cores + 3, "-q") if line.startswith("partwise: warning: ")]
    assert len(warned) == 1 and "3 threads more than cores" in warned[0]
    assert not any("warning" in line for line in log_of(V, "--threads", 1))


# ---- a terminal


def on_terminal(*arguments):
    """What partwise, alone, writes to a terminal on standard error."""
    ours, its = pty.openpty()
    process = subprocess.Popen([BINARY, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=its,
                               env={**os.environ, **ENVIRONMENT})
    os.close(its)
    written = b""
    try:
        while True:
            written += os.read(ours, 4096)
    except OSError:  # the other side is closed
        pass
    os.close(ours)
    assert process.wait(60 * SLOW) == 0 and process.stdout.read() == b""
    process.stdout.close()
    return written.decode()


def test_live_line_on_a_terminal(tmp_path):
    V = write_dense(tmp_path / "V.h5", planted(120, 80, 4, noise=0.1))
    text = on_terminal("fit", V, "-k", 4, "-o", tmp_path / "m.h5", "--tolerance", 0, "--stall", 0,
                       "--max-iterations", 10**9, "--max-seconds", 1)
    live = re.findall(r"\riteration (\d+)  objective \S+  error \S+  gradient \S+  \S+ s/iteration  at most \S+ \w+ left", text)
    assert 3 <= len(live) <= 30 and list(map(int, live)) == sorted(map(int, live))
    shown = [line.rpartition("\r")[2] for line in text.split("\r\n")]
    assert len(iterations(shown)) == 1 and any(line.startswith("stopped = time limit") for line in shown)


def test_no_live_line_where_quiet(tmp_path, V):
    assert "\r" not in on_terminal("fit", V, "-k", 4, "-o", tmp_path / "m.h5", "-q").replace("\r\n", "")


def test_no_live_line_in_a_file(V):
    assert b"\r" not in succeed(1, "fit", V, "-k", 4, "-o", V.parent / "m.h5").stderr.encode()
