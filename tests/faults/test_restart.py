"""Runs that are stopped or killed, and started again by the same command."""

import os
import random
import signal
import subprocess
import time

import pytest

from conftest import ENVIRONMENT, SLOW, command, error_line, fit, planted, read_model, run, write_dense

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


def test_killed_at_random_and_started_again(tmp_path, V):
    iterations = ("--max-iterations", 400)
    expected = fit(2, V, tmp_path / "whole.h5", *OPTIONS, *iterations)
    arguments = ("fit", V, "-o", tmp_path / "m.h5", *OPTIONS, *iterations, "--quiet",
                 "--checkpoint", tmp_path / "c.h5", "--checkpoint-every", 0.001)
    chance = random.Random(7)
    kills = 0
    while True:
        process = start(chance.choice((1, 2, 3, 4)), *arguments)
        if kills < 6 and wait_for_changes(process, tmp_path / "c.h5", chance.randrange(1, 15)):
            kill_all(process)
            kills += 1
            continue
        process.communicate(timeout=120 * SLOW)
        assert process.returncode == 0
        break
    assert kills > 0
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
