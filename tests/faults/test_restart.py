"""Runs that are stopped or killed, and started again by the same command."""

import os
import random
import signal
import subprocess
import time

import h5py
import pytest

from conftest import ENVIRONMENT, SLOW, command, error_line, fit, planted, read_model, run, succeed, write_dense

OPTIONS = ("-k", 6, "--precision", "double", "--tolerance", 0, "--stall", 0, "--seed", 1)


@pytest.fixture(name="V")
def matrix(tmp_path):
    return write_dense(tmp_path / "V.h5", planted(300, 200, 6, noise=0.1, seed=1))


def start(ranks, *arguments):
    return subprocess.Popen(
        command(ranks, *arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, **ENVIRONMENT}, start_new_session=True,
    )


def ranks_of(process):
    """Process ids of the ranks below an mpirun."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split()]


def wait_for(path, seconds=30):
    end = time.monotonic() + seconds * SLOW
    while not path.exists():
        assert time.monotonic() < end, f"{path} did not appear"
        time.sleep(0.02)


def kill_all(process):
    """SIGKILL to mpirun and its ranks at once, as when a node dies."""
    for pid in [*ranks_of(process), process.pid]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    process.communicate(timeout=60 * SLOW)


def wait_for_changes(process, path, changes):
    """Waits until the file was replaced so often, or the run is over; tells whether it still runs."""
    seen = None
    while process.poll() is None:
        try:
            now = path.stat().st_ino
        except FileNotFoundError:
            now = seen
        changes -= now != seen
        seen = now
        if changes < 0:
            return True
        time.sleep(0.001)
    return False


def run_and_kill(checkpoint, ranks, most, *arguments):
    """Runs a command to its end, on one of these numbers of ranks each time, in spite of up to `most` kills; how many there were."""
    arguments = (*arguments, "--quiet", "--checkpoint", checkpoint, "--checkpoint-every", 0.001)
    chance = random.Random(7)
    for kills in range(most + 1):
        process = start(chance.choice(ranks), *arguments)
        if kills == most or not wait_for_changes(process, checkpoint, chance.randrange(1, 15)):
            break
        kill_all(process)
    process.communicate(timeout=120 * SLOW)
    assert process.returncode == 0
    return kills


def test_killed_at_random_and_started_again(tmp_path, V):
    iterations = ("--max-iterations", 400)
    expected = fit(2, V, tmp_path / "whole.h5", *OPTIONS, *iterations)
    assert run_and_kill(tmp_path / "c.h5", (1, 2, 3, 4), 6, "fit", V, "-o", tmp_path / "m.h5", *OPTIONS, *iterations) > 0
    model = read_model(tmp_path / "m.h5")
    assert model["iteration"][-1] == 400
    assert model["objective"][-1] == pytest.approx(expected["objective"][-1], rel=1e-8)


@pytest.mark.parametrize("whom", ["mpirun", "one rank"])
def test_signal_ends_in_a_checkpoint(tmp_path, V, whom):
    arguments = ("fit", V, "-o", tmp_path / "m.h5", *OPTIONS, "--max-iterations", 10**8,
                 "--checkpoint", tmp_path / "c.h5", "--checkpoint-every", 0.2)
    process = start(3, *arguments)
    wait_for(tmp_path / "c.h5")
    os.kill(process.pid if whom == "mpirun" else ranks_of(process)[1], signal.SIGUSR1)
    process.communicate(timeout=60 * SLOW)
    assert process.returncode == 75
    stopped = read_model(tmp_path / "m.h5")
    assert stopped["provenance"]["stop_reason"] == "stopped by signal"
    done = int(stopped["iteration"][-1])
    resumed = fit(2, V, tmp_path / "m.h5", *OPTIONS, "--max-iterations", done + 10,
                  "--checkpoint", tmp_path / "c.h5")
    assert list(resumed["iteration"]) == list(range(1, done + 11))


def test_signal_without_checkpoint_writes_the_model(tmp_path, V):
    process = start(2, "fit", V, "-o", tmp_path / "m.h5", *OPTIONS, "--max-iterations", 10**8, "-v")
    for line in process.stderr:
        if line.startswith("iteration = 5 "):
            break
    os.kill(process.pid, signal.SIGUSR1)
    process.communicate(timeout=60 * SLOW)
    assert process.returncode == 76
    assert read_model(tmp_path / "m.h5")["iteration"][-1] >= 5


@pytest.mark.parametrize("damage", ["truncated", "flipped", "garbage", "missing"])
def test_damaged_checkpoint_gives_way_to_the_one_before(tmp_path, V, damage):
    checkpoint = tmp_path / "c.h5"
    options = (*OPTIONS, "--checkpoint", checkpoint, "--checkpoint-every", 0.001)
    fit(2, V, tmp_path / "m.h5", *options, "--max-iterations", 200)
    assert (tmp_path / "c.h5.prev").exists()
    content = bytearray(checkpoint.read_bytes())
    if damage == "truncated":
        checkpoint.write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        content[len(content) - 5000] ^= 16
        checkpoint.write_bytes(content)
    elif damage == "garbage":
        checkpoint.write_bytes(b"no HDF5 at all")
    else:
        checkpoint.unlink()
    done = run(3, "fit", V, "-o", tmp_path / "m.h5", *options, "--max-iterations", 210)
    assert done.returncode == 0, done.stderr
    assert "resumed from" in done.stderr
    assert damage == "missing" or "warning" in done.stderr
    whole = fit(2, V, tmp_path / "whole.h5", *OPTIONS, "--max-iterations", 210)
    assert read_model(tmp_path / "m.h5")["objective"][-1] == pytest.approx(whole["objective"][-1], rel=1e-10)


def test_both_checkpoints_damaged(tmp_path, V):
    for name in ("c.h5", "c.h5.prev"):
        (tmp_path / name).write_bytes(b"no HDF5 at all")
    done = run(2, "fit", V, "-o", tmp_path / "m.h5", *OPTIONS, "--checkpoint", tmp_path / "c.h5")
    assert done.returncode == 6
    assert "c.h5" in error_line(done)


@pytest.mark.parametrize("option, value", [("-k", 5), ("--seed", 2), ("--method", "mu")])
def test_checkpoint_of_another_run_is_refused(tmp_path, V, option, value):
    checkpoint = ("--checkpoint", tmp_path / "c.h5")
    fit(2, V, tmp_path / "m.h5", *OPTIONS, *checkpoint, "--max-iterations", 5)
    done = run(3, "fit", V, "-o", tmp_path / "n.h5", *OPTIONS, option, value, *checkpoint)
    assert done.returncode == 6
    assert option.lstrip("-") in error_line(done)
    assert not (tmp_path / "n.h5").exists()


def test_checkpoint_of_another_matrix_is_refused(tmp_path, V):
    checkpoint = ("--checkpoint", tmp_path / "c.h5")
    fit(2, V, tmp_path / "m.h5", *OPTIONS, *checkpoint, "--max-iterations", 5)
    other = write_dense(tmp_path / "U.h5", planted(300, 200, 6, noise=0.1, seed=2))
    done = run(2, "fit", other, "-o", tmp_path / "m.h5", *OPTIONS, *checkpoint)
    assert done.returncode == 6


def test_a_finished_run_goes_on_with_a_larger_limit(tmp_path, V):
    options = (*OPTIONS, "--normalise", "l2", "--checkpoint", tmp_path / "c.h5", "--checkpoint-every", 0)
    for limit in (10, 20, 20):
        model = fit(2, V, tmp_path / "m.h5", *options, "--max-iterations", limit)
        assert list(model["iteration"]) == list(range(1, limit + 1))
        assert model["provenance"]["stop_reason"] == "iteration limit"
    whole = fit(2, V, tmp_path / "whole.h5", *OPTIONS, "--normalise", "l2", "--max-iterations", 20)
    assert model["W"] == pytest.approx(whole["W"], abs=1e-9)


# ---- many models ----

MANY = ("-k", "2:4", "--restarts", 4, "--precision", "double", "--max-iterations", 300)


def survey_of(path):
    with h5py.File(path) as file:
        return {name: column[:] for name, column in file["survey"].items()}


@pytest.mark.parametrize("options", [("--distribute", "columns", "--normalise", "l2"), ("--loss", "kl", "--holdout", 0.1),
                                     ("--perturb", "uniform:0.3")], ids=str)
def test_a_scan_killed_at_random_gives_the_same_table(tmp_path, options):
    V = write_dense(tmp_path / "V.h5", planted(60, 40, 3, noise=0.3, seed=1))
    succeed(2, "scan", V, "-o", tmp_path / "whole.h5", *MANY, *options)
    kills = run_and_kill(tmp_path / "c.h5", (1, 2, 4, 7), 6, "scan", V, "-o", tmp_path / "s.h5", *MANY, *options)
    assert kills > 0
    expected, survey = survey_of(tmp_path / "whole.h5"), survey_of(tmp_path / "s.h5")
    assert len(set(expected["mean_iterations"])) == 3
    for name, column in expected.items():
        assert survey[name] == pytest.approx(column, rel=1e-6, nan_ok=True), name
    with h5py.File(tmp_path / "whole.h5") as whole, h5py.File(tmp_path / "s.h5") as file:
        for name in ("W", "H", "objective", "iterations"):
            assert file["k3"][name][:] == pytest.approx(whole["k3"][name][:], rel=1e-4, abs=1e-6)
        assert ("scale" in file["k3"]) == ("scale" in whole["k3"]) == ("--normalise" in options)


def test_a_signal_to_a_scan_ends_in_a_checkpoint(tmp_path, V):
    arguments = ("scan", V, "-o", tmp_path / "s.h5", *MANY[:6], "--tolerance", 0, "--stall", 0, "--max-iterations", 10**8,
                 "--checkpoint", tmp_path / "c.h5")
    process = start(3, *arguments, "--checkpoint-every", 0.2)
    wait_for(tmp_path / "c.h5")
    os.kill(process.pid, signal.SIGUSR1)
    process.communicate(timeout=60 * SLOW)
    assert process.returncode == 75
    before = survey_of(tmp_path / "s.h5")
    assert list(before["restarts"]) == [4, 4, 4]
    done = run(2, *arguments, "--max-seconds", 0.01)  # of all parts together
    assert done.returncode == 0, done.stderr
    assert "models_finished = 0  running = 12" in done.stderr
    after = survey_of(tmp_path / "s.h5")
    assert (after["mean_iterations"] >= before["mean_iterations"]).all() and (after["mean_iterations"] <= before["mean_iterations"] + 2).all()


def test_finished_models_stay_as_they_are(tmp_path):
    V = write_dense(tmp_path / "V.h5", planted(60, 40, 3, noise=0.3, seed=1))
    arguments = ("fit", V, "-k", 3, "--restarts", 5, "--checkpoint", tmp_path / "c.h5", "--checkpoint-every", 0.001)
    first = fit(2, *arguments[1:2], tmp_path / "m.h5", *arguments[2:])
    second = fit(3, *arguments[1:2], tmp_path / "n.h5", *arguments[2:])
    assert len(second["iteration"]) == len(first["iteration"])
    assert second["W"] == pytest.approx(first["W"], rel=1e-9)
    content = (tmp_path / "c.h5").read_bytes()
    (tmp_path / "c.h5").write_bytes(content[: len(content) // 2])
    third = run(2, *arguments, "-o", tmp_path / "m.h5")
    assert third.returncode == 0 and "c.h5.prev instead" in third.stderr
    assert read_model(tmp_path / "m.h5")["W"] == pytest.approx(first["W"], rel=1e-6)
    other = run(2, *arguments, "-o", tmp_path / "o.h5", "--tolerance", 1e-7)
    assert other.returncode == 6 and "its option tolerance is" in error_line(other)
    assert not (tmp_path / "o.h5").exists()
