"""The job scripts on a real Slurm, whose hosts are namespaces of this machine (scripts/test_cluster.sh). Takes a
minute or two and root, so only with PARTWISE_TEST_SLURM=1."""

import os
import re
import subprocess
import tempfile
import time

import numpy
import pytest

from conftest import BINARY, ROOT, SLOW, fit, read_model, succeed

CLUSTER = ROOT / "scripts/test_cluster.sh"
JOBS = ROOT / "scripts/slurm"
HOSTS = "--nodes=2 --ntasks-per-node=1 --cpus-per-task=1".split()
K = 8
FIT = {"method": "mu", "max-iterations": 2500, "tolerance": 0, "stall": 0}  # always on the move, for some seconds

pytestmark = pytest.mark.skipif(os.environ.get("PARTWISE_TEST_SLURM") != "1", reason="takes root and minutes: PARTWISE_TEST_SLURM=1")


def environment(state):
    """Jobs get their options from the environment, and nothing that the tests set for mpirun."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("OMPI_", "PARTWISE", "SLURM_", "SBATCH_"))}
    env.update({f"PARTWISE_{name.upper().replace('-', '_')}": str(value) for name, value in FIT.items()})
    return {**env, "TEST_CLUSTER": state, "PARTWISE": BINARY}


class Cluster:
    """Commands are entered on the head, in a folder."""

    def __init__(self, state, folder):
        self.env, self.folder = environment(state), folder

    def call(self, *words, seconds=60):
        done = subprocess.run([CLUSTER, *words], env=self.env, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=seconds, check=False)
        assert done.returncode == 0, f"{words}\n{done.stdout}"
        return done.stdout

    def enter(self, *words):
        return self.call("enter", "head", *(str(word) for word in words))

    def submit(self, script, *arguments):
        return int(self.enter("sbatch", "--parsable", "--output=log", *HOSTS, JOBS / script, *arguments))

    def job(self, number):
        """What Slurm knows of a job, such as {"JobState": "RUNNING", "Restarts": "0", ...}."""
        return dict(re.findall(r"(\w+)=(\S*)", self.enter("scontrol", "show", "job", number)))

    def log(self):
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""

    def wait(self, seconds, condition):
        end = time.monotonic() + seconds * SLOW
        while not condition():
            assert time.monotonic() < end, f"{self.enter('scontrol', 'show', 'job')}\n{self.log()}"
            time.sleep(0.3)

    def wait_for_end(self, number):
        self.wait(150, lambda: self.job(number)["JobState"] not in ("PENDING", "RUNNING", "COMPLETING"))
        job = self.job(number)
        assert (job["JobState"], job["ExitCode"]) == ("COMPLETED", "0:0"), self.log()
        return job


@pytest.fixture(name="cluster")
def running_cluster(tmp_path):
    with tempfile.TemporaryDirectory(prefix="partwise-") as folder:  # sockets need short names
        cluster = Cluster(f"{folder}/cluster", tmp_path)
        try:
            cluster.call("up", "2")
            yield cluster
        finally:
            cluster.call("down")


@pytest.fixture(name="expected", scope="module")
def uninterrupted_fit(tmp_path_factory):
    """A matrix, and its fit on two ranks of this machine."""
    folder = tmp_path_factory.mktemp("expected")
    succeed(2, "generate", "lowrank", "--rows", 2000, "--columns", 800, "-k", K + 2, "--noise", 0.1, "-o", folder / "V.h5")
    options = [word for name, value in FIT.items() for word in (f"--{name}", value)]
    return folder / "V.h5", fit(2, folder / "V.h5", folder / "model.h5", "-k", K, *options, timeout=150)


def assert_same_fit(cluster, expected):
    model = read_model(cluster.folder / "model.h5")
    assert model["attributes"]["iterations"] == FIT["max-iterations"]
    numpy.testing.assert_allclose(model["objective"], expected["objective"], rtol=1e-8)


def test_job_that_is_told_to_stop_goes_on_by_itself(expected, cluster):
    V, expected = expected
    number = cluster.submit("requeue.sbatch", V, K, "model.h5")
    cluster.wait(60, lambda: "iteration = 1 " in cluster.log())
    cluster.enter("scancel", "--signal=USR1", "--batch", number)
    cluster.wait(60, lambda: cluster.job(number)["Restarts"] == "1" and cluster.job(number)["JobState"] == "PENDING")
    assert "stopped by signal" in cluster.log() and "Exit code:    75" in cluster.log()
    assert read_model(cluster.folder / "model.h5")["attributes"]["iterations"] < FIT["max-iterations"]
    cluster.enter("scontrol", "update", f"JobId={number}", "StartTime=now+5")  # else in two minutes; at once is too soon for Slurm
    assert cluster.wait_for_end(number)["Restarts"] == "1"
    assert "start 2 on n[1-2]" in cluster.log() and "resumed from" in cluster.log()
    assert_same_fit(cluster, expected)


def test_fit_over_two_hosts(expected, cluster):
    V, expected = expected
    cluster.wait_for_end(cluster.submit("fit.sbatch", V, K, "model.h5"))
    assert "on 2 hosts" in cluster.log()
    assert_same_fit(cluster, expected)
