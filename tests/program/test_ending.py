"""What the MPI library does while it ends does not change what came of a run."""

import os
import shutil
import subprocess

import numpy
import pytest

from conftest import SLOW, run, write_dense

MPICC = os.environ.get("MPICC", "mpicc")
CRASH = """
#include <mpi.h>
#include <signal.h>
#include <stdlib.h>
int MPI_Finalize(void)
{
    const int ended = PMPI_Finalize();
    const char *rank = getenv("OMPI_COMM_WORLD_RANK");
    if (rank && atoi(rank) > 0)
        *(volatile int *)8 = 0;
    return ended;
}
"""


@pytest.mark.skipif(SLOW > 1, reason="the address sanitizer must be loaded before anything else")
def test_crash_of_the_mpi_library_at_its_end(tmp_path):
    if not shutil.which(MPICC.split()[0]):
        pytest.skip(f"{MPICC} is not there to build a library that crashes")
    (tmp_path / "crash.c").write_text(CRASH)
    subprocess.run([*MPICC.split(), "-shared", "-fPIC", "crash.c", "-o", "crash.so"], cwd=tmp_path, check=True, timeout=60)
    env = {"LD_PRELOAD": str(tmp_path / "crash.so")}
    path = write_dense(tmp_path / "V.h5", numpy.ones((6, 4)))
    done = run(3, "info", path, env=env)
    assert (done.returncode, done.stderr) == (0, "") and "rows           = 6" in done.stdout
    done = run(3, "info", tmp_path / "absent.h5", env=env)
    assert done.returncode == 3 and "absent.h5" in done.stderr and "signal" not in done.stderr
