"""make install and uninstall: the files that come and go, and a program of somebody else that uses the library."""

import os
import pathlib
import shutil
import subprocess

import pytest

from conftest import BINARY, ENVIRONMENT, MPIRUN, ROOT, SLOW

pytestmark = pytest.mark.release_only

BUILD = pathlib.Path(BINARY).resolve().parent.parent
MPICC = os.environ.get("MPICC", "mpicc")
PKG_CONFIG = os.environ.get("PKG_CONFIG", "pkg-config")
PREFIX = "/opt/partwise"

PROGRAM = r"""
#include <partwise/partwise.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 4, COLUMNS = 6 };

int main(int argc, char **argv)
{
    int rank, size;
    float V[ROWS * COLUMNS];
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++)
            V[i * COLUMNS + j] = (float)((1 + rank * ROWS + i) * (j % 3) + (i % 2) * (j % 2));
    const pw_input input = {.rows = (int64_t)size * ROWS, .columns = COLUMNS, .count = ROWS, .type = PW_F32, .values = V};
    pw_factors factors = {.k = 0};
    const char *good[] = {"k=2", "precision=double", "tolerance=1e-9", "stall=0", NULL}, *bad[] = {"k=0", NULL};
    if (pw_factorise(MPI_COMM_WORLD, &input, bad, &factors) != PW_ERROR_USAGE || !strstr(pw_failure(), "k"))
        return 10;
    pw_factors_destroy(&factors);
    if (pw_factorise(MPI_COMM_WORLD, &input, good, &factors) != PW_OK)
        return 11;
    double largest = 0;
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++) {
            double d = V[i * COLUMNS + j];
            for (int c = 0; c < 2; c++)
                d -= factors.W[i * 2 + c] * factors.H[c * COLUMNS + j];
            largest = d * d > largest ? d * d : largest;
        }
    if (rank == 0)
        printf("%s %s\n", PW_VERSION, largest < 1e-3 && factors.relative_error < 1e-3 ? "fits" : "does not fit");
    pw_factors_destroy(&factors);
    MPI_Finalize();
    return 0;
}
"""


def make(target, *variables):
    """Make with the build as it stands: nothing is compiled anew."""
    env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    done = subprocess.run(["make", "-o", "release", target, f"BUILD={BUILD}", *variables], cwd=ROOT, env=env,
                          capture_output=True, text=True, timeout=120 * SLOW, check=False)
    assert done.returncode == 0, done.stderr
    assert "  CC " not in done.stdout and "  LINK " not in done.stdout


def files_below(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


@pytest.fixture(name="tools", autouse=True)
def tools_and_release():
    for tool in (MPICC.split()[0], PKG_CONFIG, "make"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not there")
    if not (BUILD / "release/libpartwise.so").exists() or not (BUILD / "release/partwise").exists():
        pytest.skip("the release build is not there to be installed")


def test_what_comes_goes(tmp_path):
    (tmp_path / "opt/partwise/lib").mkdir(parents=True)
    (tmp_path / "opt/partwise/lib/libother.so").touch()
    make("install", f"PREFIX={PREFIX}", f"DESTDIR={tmp_path}")
    found = files_below(tmp_path / "opt/partwise")
    wanted = {"bin/partwise", "lib/libpartwise.a", "lib/libpartwise.so", "lib/pkgconfig/partwise.pc", "share/man/man1/partwise.1"}
    wanted |= {f"include/partwise/{path.name}" for path in (ROOT / "include/partwise").iterdir()}
    assert wanted <= found
    assert str(tmp_path) not in (tmp_path / "opt/partwise/lib/pkgconfig/partwise.pc").read_text()
    program = tmp_path / "opt/partwise/bin/partwise"
    assert subprocess.run([program, "--version"], capture_output=True, check=True).stdout.startswith(b"partwise ")
    make("uninstall", f"PREFIX={PREFIX}", f"DESTDIR={tmp_path}")
    assert files_below(tmp_path) == {"opt/partwise/lib/libother.so"}
    assert not (tmp_path / "opt/partwise/include/partwise").exists()


def flags(lib, env, *options):
    done = subprocess.run([PKG_CONFIG, "--cflags", "--libs", *options, "partwise"], capture_output=True, text=True, check=False,
                          env={**os.environ, "PKG_CONFIG_PATH": str(lib / "pkgconfig"), **env})
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def compile_and_run(folder, words, env):
    (folder / "program.c").write_text(PROGRAM)
    env = {**os.environ, **ENVIRONMENT, **env}
    done = subprocess.run([*MPICC.split(), "-Wall", "-Werror", "program.c", "-o", "program", *words], cwd=folder, env=env,
                          capture_output=True, text=True, timeout=60 * SLOW, check=False)
    assert done.returncode == 0, done.stderr
    done = subprocess.run([*MPIRUN, "-n", "2", "./program"], cwd=folder, env=env, capture_output=True, text=True,
                          timeout=60 * SLOW, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split(maxsplit=1)


def version():
    return (ROOT / "include/partwise/version.h").read_text().split('PW_VERSION "')[1].split('"')[0]


def test_program_with_the_shared_library(tmp_path):
    make("install", f"PREFIX={PREFIX}", f"DESTDIR={tmp_path}")
    lib = tmp_path / "opt/partwise/lib"
    words = flags(lib, {"PKG_CONFIG_SYSROOT_DIR": str(tmp_path)})
    assert f"-L{lib}" in words
    assert compile_and_run(tmp_path, words, {"LD_LIBRARY_PATH": str(lib)}) == [version(), "fits\n"]


def test_program_with_the_static_library(tmp_path):
    make("install", f"PREFIX={tmp_path}")
    words = flags(tmp_path / "lib", {}, "--static")
    for shared in (tmp_path / "lib").glob("*.so*"):
        shared.unlink()
    assert compile_and_run(tmp_path, words, {}) == [version(), "fits\n"]
