"""Every file in configs/ runs: on stand-ins under the names that it uses, and on the real data where they are."""

import gzip

import numpy
import pytest

from conftest import ROOT, planted, read_model, succeed

CONFIGS = ROOT / "configs"


def expressions(folder):
    """A table with names, as R's write.csv makes it."""
    V = planted(60, 8, 3).round(3)
    lines = ['"",' + ",".join(f'"sample {j}"' for j in range(8))]
    lines += [f'"gene{i}",' + ",".join(map(str, row)) for i, row in enumerate(V)]
    (folder / "esGolub_5000x38.csv").write_text("\n".join(lines) + "\n")


def swimmer(folder):
    succeed(2, "generate", "swimmer", "-o", folder / "swimmer.h5")


def topics(folder):
    random = numpy.random.default_rng(0)
    V = random.poisson(planted(50, 40, 4) / 2)
    with gzip.open(folder / "docword.kos.txt.gz", "wt") as file:
        file.write(f"50\n40\n{numpy.count_nonzero(V)}\n")
        file.writelines(f"{i + 1} {j + 1} {V[i, j]}\n" for i, j in zip(*V.nonzero()))


CASES = {"expressions.ini": (expressions, "expressions.h5", (60, 8, 3)),
         "swimmer.ini": (swimmer, "swimmer_model.h5", (256, 1024, 17)),
         "topics.ini": (topics, "topics.h5", (50, 40, 10))}


def check(model, shape):
    m, n, k = shape
    assert model["W"].shape == (m, k) and model["H"].shape == (k, n)
    assert (model["W"] >= 0).all() and (model["H"] >= 0).all()
    assert model["objective"][-1] <= model["objective"][0]


def test_all_of_them_are_tried():
    assert sorted(CASES) == sorted(path.name for path in CONFIGS.iterdir())


@pytest.mark.parametrize("name", CASES)
def test_runs_as_it_is(tmp_path, name):
    make, output, shape = CASES[name]
    make(tmp_path)
    succeed(2, "fit", "--config", CONFIGS / name, cwd=tmp_path)
    model = read_model(tmp_path / output)
    check(model, shape)
    assert model["options"]["config"] == str(CONFIGS / name)


def test_command_line_beats_the_file(tmp_path):
    expressions(tmp_path)
    succeed(1, "fit", "--config", CONFIGS / "expressions.ini", "-k", 2, "-o", "other.h5", cwd=tmp_path)
    check(read_model(tmp_path / "other.h5"), (60, 8, 2))
    assert not (tmp_path / "expressions.h5").exists()


def test_swimmer_goes_on_where_it_stopped(tmp_path):
    swimmer(tmp_path)
    arguments = ("fit", "--config", CONFIGS / "swimmer.ini", "--precision", "double", "--max-iterations")
    # Not further: WH soon is V but for less than the rounding of the sums, which depends on the ranks.
    succeed(2, *arguments, 8, cwd=tmp_path)
    assert "at iteration 8" in succeed(3, *arguments, 16, cwd=tmp_path).stderr
    model = read_model(tmp_path / "swimmer_model.h5")
    succeed(1, *arguments, 16, "--checkpoint", "other.checkpoint", "-o", "whole.h5", cwd=tmp_path)
    assert model["iteration"][-1] == 16
    assert model["objective"][-1] == pytest.approx(read_model(tmp_path / "whole.h5")["objective"][-1], rel=1e-8)


@pytest.mark.parametrize("name, path, shape", [
    ("expressions.ini", "golub/esGolub_5000x38.csv", (5000, 38, 3)), ("topics.ini", "kos/docword.kos.txt.gz", (3430, 6906, 10))])
def test_runs_on_real_data(tmp_path, data, name, path, shape):
    succeed(2, "fit", "--config", CONFIGS / name, "--input", data / path, "-o", tmp_path / "m.h5", "--max-iterations", 100)
    check(read_model(tmp_path / "m.h5"), shape)
