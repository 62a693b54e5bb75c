"""docs/adding-a-method.md: its file and its line, put into a copy of the sources, make a method that works."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from conftest import ENVIRONMENT, ROOT, SLOW, error_line, fit, planted, run, write_dense

pytestmark = pytest.mark.release_only

PAGE = ROOT / "docs/adding-a-method.md"
MPICC = os.environ.get("MPICC", "mpicc")
MARK = "    /* a new one goes above this line */\n"


def make(copy, *targets):
    """The copy's release build, on its own."""
    env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    done = subprocess.run(["make", "-C", copy, "WERROR=1", "CFLAGS=-O1", f"BUILD={copy / 'build'}", *targets],
                          capture_output=True, text=True, timeout=300 * SLOW, env=env, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(name="copy", scope="module")
def sources_with_the_method(tmp_path_factory):
    """One new file and one new line, nothing else; program and unit test are built."""
    if not shutil.which(MPICC.split()[0]) or not shutil.which("make"):
        pytest.skip(f"{MPICC} or make is not there to build the example")
    copy = tmp_path_factory.mktemp("copy")
    for name in ("include", "src", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Makefile", copy)
    shutil.copy(ROOT / ".clang-format", copy)
    file, line = re.findall(r"^```c\n(.*?)^```", PAGE.read_text(), re.M | re.S)
    (copy / "src/update/pg.c").write_text(file)
    registry = copy / "src/base/methods.h"
    assert registry.read_text().count(MARK) == 1 and line.count("\n") == 1
    registry.write_text(registry.read_text().replace(MARK, line + MARK))
    unit = [f"{copy}/build/release/tests/unit/{name}" for name in ("test_methods", "test_options")]
    make(copy, f"{copy}/build/release/partwise", *unit)
    for program in unit:
        done = subprocess.run([program], capture_output=True, text=True, timeout=60 * SLOW, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return copy


def test_its_fit_is_as_good_as_that_of_hals(tmp_path, copy):
    V = write_dense(tmp_path / "V.h5", planted(300, 80, 4, noise=0.1))
    options = ("-k", 4, "--max-iterations", 2000, "--tolerance", 1e-6, "--stall", 0)
    binary = copy / "build/release/partwise"
    models = [fit(2, V, tmp_path / "m.h5", "--method", name, *options, binary=binary) for name in ("hals", "pg")]
    assert models[1]["options"]["method"] == "pg"
    errors = [model["attributes"]["relative_error"] for model in models]
    assert 0.05 < errors[0] < 0.11 and errors[1] == pytest.approx(errors[0], rel=1e-3)
    assert models[1]["attributes"]["iterations"] > 1


def test_it_stands_in_help_man_page_and_refusals(tmp_path, copy):
    binary = copy / "build/release/partwise"
    for words in (("help", "fit"), ("help", "--man")):
        shown = subprocess.run([binary, *words], capture_output=True, text=True, timeout=60 * SLOW, check=True).stdout
        assert re.search(r"\bpg:\s+projected\s+gradient\.", shown) and re.search(r"\sor\s+pg;", shown)
    V = write_dense(tmp_path / "V.h5", planted(30, 20, 2))
    done = run(2, "fit", V, "-k", 2, "--loss", "kl", "--method", "pg", "-o", tmp_path / "m.h5", binary=binary)
    assert done.returncode == 2 and "pg does not serve this --loss; take mu or newton" in error_line(done)
    done = run(1, "fit", V, "-k", 2, "--method", "mu", "--inner-iterations", 2, "-o", tmp_path / "m.h5", binary=binary)
    assert done.returncode == 2 and "it belongs to hals or pg." in error_line(done)


def test_what_all_methods_promise_is_tested_for_it(copy):
    """The copy's own tests/numeric/test_methods.py, for this method."""
    env = {**os.environ, **ENVIRONMENT, "PARTWISE": str(copy / "build/release/partwise"), "PYTHONPATH": str(copy / "tests")}
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/numeric/test_methods.py", "-k", "pg or program"],
                          cwd=copy, env=env, capture_output=True, text=True, timeout=300 * SLOW, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= 10
