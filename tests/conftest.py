"""What the Python tests share: running the binary on some ranks, reading its models, the real data."""

import os
import pathlib
import subprocess

import h5py
import numpy
import pytest

from environment import ENVIRONMENT, rank_counts

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = os.environ.get("PARTWISE", str(ROOT / "build/release/partwise"))
FAULTY = os.environ.get("PARTWISE_FAULTS", str(ROOT / "build/faults/partwise"))
MPIRUN = os.environ.get("MPIRUN", "mpirun").split()
SLOW = float(os.environ.get("PARTWISE_SLOW", "1"))  # sanitized builds take longer
SANITIZED = SLOW > 1
RANKS = rank_counts(SANITIZED)


def pytest_configure(config):
    config.addinivalue_line("markers", "release_only: says nothing about this build's memory or arithmetic when it is sanitized: it runs "
                            "programs of another build, or many fits whose quality is in question, of data that other tests fit too")


def pytest_collection_modifyitems(config, items):
    left_out = [item for item in items if SANITIZED and item.get_closest_marker("release_only")]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def command(ranks, *arguments, binary=BINARY):
    """The words that start `partwise arguments` on so many ranks."""
    return [*MPIRUN, "-n", str(ranks), binary, *(str(a) for a in arguments)]


def run(ranks, *arguments, binary=BINARY, timeout=120, env=None, cwd=None):
    """Runs partwise; a hang is a failure (subprocess.TimeoutExpired). What MPI's hwloc says of the machine is left out."""
    done = subprocess.run(
        command(ranks, *arguments, binary=binary),
        capture_output=True, text=True, timeout=timeout * SLOW, cwd=cwd,
        env={**os.environ, **ENVIRONMENT, **(env or {})}, check=False,
    )
    done.stderr = "".join(line for line in done.stderr.splitlines(True) if not line.startswith("[hwloc"))
    return done


def succeed(ranks, *arguments, **keywords):
    """Runs partwise and expects exit code 0."""
    done = run(ranks, *arguments, **keywords)
    assert done.returncode == 0, done.stderr
    return done


def fit(ranks, V, output, *options, **keywords):
    """Factorises V and returns the model as a dictionary of arrays and attributes."""
    succeed(ranks, "fit", V, "-o", output, *options, **keywords)
    return read_model(output)


def read_model(path):
    with h5py.File(path) as file:
        model = {name: file[name][()] for name in ("W", "H")}
        model.update({name: file["history"][name][()] for name in file["history"]})
        model["attributes"] = dict(file.attrs)
        model["provenance"] = dict(file["provenance"].attrs)
        model["options"] = dict(file["options"].attrs)
    return model


def error_line(done):
    """The one line of partwise on standard error, without the words of mpirun around it."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("partwise: error:")]
    assert len(lines) == 1, done.stderr
    return lines[0]


def write_dense(path, V, name="V"):
    with h5py.File(path, "w") as file:
        file[name] = V
    return path


def write_csr(path, V, name="X", kind="csr_matrix"):
    """A scipy matrix in the encoding of AnnData."""
    with h5py.File(path, "w") as file:
        group = file.create_group(name)
        group.attrs["encoding-type"] = kind
        group.attrs["encoding-version"] = "0.1.0"
        group.attrs["shape"] = V.shape
        for part in ("data", "indices", "indptr"):
            group[part] = getattr(V, part)
    return path


def planted(m, n, k, noise=0.0, seed=0):
    """A non-negative matrix of rank k, with noise relative to its norm."""
    random = numpy.random.default_rng(seed)
    V = random.gamma(0.5, size=(m, k)) @ random.gamma(0.5, size=(k, n))
    E = random.normal(size=(m, n))
    return numpy.maximum(V + noise * numpy.linalg.norm(V) / numpy.linalg.norm(E) * E, 0)


def relative_error(V, model):
    return numpy.linalg.norm(V - model["W"] @ model["H"]) / numpy.linalg.norm(V)


@pytest.fixture(scope="session")
def data():
    """The folder of real data, or a skipped test."""
    folder = pathlib.Path(os.environ.get("PARTWISE_DATA", ROOT.parent / "shared/data"))
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder} (PARTWISE_DATA names the folder)")
    return folder
