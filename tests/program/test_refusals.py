"""Bad input: one clear line, a documented exit code, the same on every number of ranks, nothing half-written."""

import shutil
import subprocess
import sys

import h5py
import numpy
import pytest
import scipy.sparse

from conftest import BINARY, ROOT, error_line, planted, run, write_csr, write_dense

USAGE, INPUT, OUTPUT, MEMORY = 2, 3, 4, 5


def refuse(folder, code, words, V, *options):
    """Expects a fit to be refused with this code, in these words, on 1 and on 3 ranks."""
    lines = set()
    before = sorted(path.name for path in folder.iterdir())
    for ranks in (1, 3):
        done = run(ranks, "fit", V, *options, timeout=60)
        assert done.returncode == code, done.stderr
        lines.add(error_line(done))
        for word in words:
            assert str(word) in error_line(done), done.stderr
    assert len(lines) == 1 or code == MEMORY, lines  # how much is needed and free depends on the ranks
    assert sorted(path.name for path in folder.iterdir()) == before


def output(folder):
    return ("-k", 2, "-o", folder / "m.h5")


@pytest.fixture(name="V")
def matrix(tmp_path):
    return write_dense(tmp_path / "V.h5", planted(12, 9, 2))


def test_missing_file(tmp_path):
    refuse(tmp_path, INPUT, ["none.h5"], tmp_path / "none.h5", *output(tmp_path))


def test_folder_instead_of_file(tmp_path):
    refuse(tmp_path, INPUT, [tmp_path], tmp_path, *output(tmp_path))


def test_empty_file(tmp_path):
    (tmp_path / "empty").touch()
    refuse(tmp_path, INPUT, ["empty"], tmp_path / "empty", *output(tmp_path))


def test_truncated_hdf5(tmp_path, V):
    content = V.read_bytes()
    (tmp_path / "cut.h5").write_bytes(content[: len(content) // 2])
    refuse(tmp_path, INPUT, ["cut.h5"], tmp_path / "cut.h5", *output(tmp_path))


def test_no_such_data_set(tmp_path, V):
    refuse(tmp_path, INPUT, ["/W"], f"{V}:/W", *output(tmp_path))


def test_path_inside_a_file_that_has_none(tmp_path):
    (tmp_path / "V.csv").write_text("1,2\n3,4\n")
    refuse(tmp_path, INPUT, ["V.csv"], f"{tmp_path / 'V.csv'}:/X", *output(tmp_path))


@pytest.mark.parametrize("shape", [(), (7,), (2, 3, 4)])
def test_wrong_number_of_dimensions(tmp_path, shape):
    refuse(tmp_path, INPUT, ["dimension"], f"{write_dense(tmp_path / 'V.h5', numpy.ones(shape))}:/V", *output(tmp_path))


@pytest.mark.parametrize("shape", [(0, 4), (4, 0)])
def test_no_rows_or_columns(tmp_path, shape):
    refuse(tmp_path, INPUT, ["V.h5"], f"{write_dense(tmp_path / 'V.h5', numpy.ones(shape))}:/V", *output(tmp_path))


def test_text_in_hdf5(tmp_path):
    with h5py.File(tmp_path / "V.h5", "w") as file:
        file["V"] = numpy.array([[b"a", b"b"], [b"c", b"d"]])
    refuse(tmp_path, INPUT, ["V.h5"], f"{tmp_path / 'V.h5'}:/V", *output(tmp_path))


def test_complex_numbers(tmp_path):
    refuse(tmp_path, INPUT, ["V.h5"], f"{write_dense(tmp_path / 'V.h5', numpy.ones((3, 3)) * 1j)}:/V", *output(tmp_path))


def test_which_data_set(tmp_path):
    with h5py.File(tmp_path / "V.h5", "w") as file:
        file["first"] = file["second"] = numpy.ones((3, 3))
    refuse(tmp_path, INPUT, ["first", "second"], tmp_path / "V.h5", *output(tmp_path))


@pytest.mark.parametrize("text, place", [
    ("a,b\n1,2\n3,x\n", ["line 3", "x"]),
    ("a,b\n1,2\n3\n", ["line 3"]),
    ("a,b\n1,2\n3,4,5\n", ["line 3"]),
    ("a,b\n1,\n3,4\n", ["line 2"]),
    ("a,b\n1,NA\n", ["line 2", "NA"]),
])
def test_text_where_numbers_belong(tmp_path, text, place):
    (tmp_path / "V.csv").write_text(text)
    refuse(tmp_path, INPUT, ["V.csv", *place], tmp_path / "V.csv", *output(tmp_path))


@pytest.mark.parametrize("header, lines, words", [
    ("coordinate real general", "2 2 2\n1 1 1\n3 1 1\n", ["3"]),
    ("coordinate real general", "2 2 2\n1 1 1\n", ["2"]),
    ("coordinate real general", "2 2 1\n1 1 1\n2 2 1\n", ["V.mtx"]),
    ("coordinate real general", "2 2 1\n1 0 1\n", ["line 3", "0"]),
    ("coordinate real general", "2 2 1\n1 1 x\n", ["line 3", "x"]),
    ("coordinate complex general", "2 2 1\n1 1 1 1\n", ["complex"]),
    ("array real general", "2 2\n1\n2\n3\n", ["V.mtx"]),
    ("coordinate real general", "", ["V.mtx"]),
])
def test_matrix_market(tmp_path, header, lines, words):
    (tmp_path / "V.mtx").write_text(f"%%MatrixMarket matrix {header}\n{lines}")
    refuse(tmp_path, INPUT, ["V.mtx", *words], tmp_path / "V.mtx", *output(tmp_path))


@pytest.mark.parametrize("value", [numpy.nan, numpy.inf, -0.5])
@pytest.mark.parametrize("storage", ["dense", "csr", "csv", "columns"])
def test_entries_that_cannot_be(tmp_path, value, storage):
    V = planted(12, 9, 2) + 0.1
    V[4, 7] = V[4, 8] = V[11, 0] = value
    options = output(tmp_path)
    if storage == "csr":
        path = write_csr(tmp_path / "V.h5", scipy.sparse.csr_matrix(V))
    elif storage == "csv":
        path = tmp_path / "V.csv"
        numpy.savetxt(path, V, delimiter=",")
    else:
        path = write_dense(tmp_path / "V.h5", V)
    if storage == "columns":
        options = (*options, "--distribute", "columns")
    refuse(tmp_path, INPUT, ["row 4", "column 7", f"{value:g}", "3"], path, *options)


def damaged_csr(folder, **parts):
    matrix = scipy.sparse.random(10, 8, 0.4, "csr", random_state=1)
    whole = {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr, "shape": (10, 8)}
    whole.update({name: change(whole[name].copy() if hasattr(whole[name], "copy") else whole[name])
                  for name, change in parts.items()})
    with h5py.File(folder / "V.h5", "w") as file:
        group = file.create_group("X")
        group.attrs["encoding-type"], group.attrs["encoding-version"] = "csr_matrix", "0.1.0"
        group.attrs["shape"] = whole.pop("shape")
        for name, values in whole.items():
            group[name] = values
    return folder / "V.h5"


def put(index, value):
    def change(array):
        array[index] = value
        return array
    return change


@pytest.mark.parametrize("distribute", ["rows", "columns"])
@pytest.mark.parametrize("parts", [
    {"indptr": put(0, 1)},
    {"indptr": put(4, 0)},
    {"indptr": put(-1, 1000)},
    {"indptr": lambda a: a[:-1]},
    {"indices": put(3, 8)},
    {"indices": put(3, -1)},
    {"indices": lambda a: a[:-2]},
    {"data": lambda a: a[:-2]},
    {"shape": lambda s: (11, 8)},
    {"shape": lambda s: (10, 3)},
    {"shape": lambda s: (-10, 8)},
])
def test_inconsistent_sparse_matrix(tmp_path, parts, distribute):
    refuse(tmp_path, INPUT, ["V.h5"], damaged_csr(tmp_path, **parts), *output(tmp_path), "--distribute", distribute)


@pytest.mark.parametrize("options, words", [
    (("-k", 0), ["k", "0"]),
    (("-k", -3), ["k", "-3"]),
    (("-k", "x"), ["k", "x"]),
    (("-k", 2, "--metod", "mu"), ["metod", "method"]),
    (("-k", 2, "--method", "hels"), ["hels", "hals"]),
    (("-k", 2, "--tolerance", "nan"), ["tolerance"]),
    (("-k", 2, "--max-iterations", -1), ["max-iterations"]),
    (("-k", 2, "--density", 0.5), ["density", "generate"]),
    (("-k", 2, "--seed"), ["seed"]),
    ((), ["k"]),
])
def test_options(tmp_path, V, options, words):
    refuse(tmp_path, USAGE, words, V, *options, "-o", tmp_path / "m.h5")


def test_unknown_command():
    done = run(2, "fitt", "V.h5")
    assert done.returncode == USAGE
    assert "fit" in error_line(done)


def test_configuration_file(tmp_path, V):
    (tmp_path / "bad.ini").write_text("[model]\nk = 3\nmetod = mu\n")
    refuse(tmp_path, USAGE, ["bad.ini", "3", "method"], V, "-o", tmp_path / "m.h5", "--config", tmp_path / "bad.ini")
    refuse(tmp_path, INPUT, ["none.ini"], V, "-k", 2, "-o", tmp_path / "m.h5", "--config", tmp_path / "none.ini")


def test_output_that_cannot_be_written(tmp_path, V):
    (tmp_path / "folder").mkdir()
    refuse(tmp_path, OUTPUT, ["none"], V, "-k", 2, "-o", tmp_path / "none" / "m.h5")
    refuse(tmp_path, OUTPUT, ["folder"], V, "-k", 2, "-o", tmp_path / "folder")
    refuse(tmp_path, OUTPUT, ["/proc"], V, "-k", 2, "-o", "/proc/m.h5")


def test_larger_than_memory(tmp_path):
    with h5py.File(tmp_path / "V.h5", "w") as file:
        file.create_dataset("V", (2_000_000, 1_000_000), "f8")
    refuse(tmp_path, MEMORY, ["TiB", "free"], f"{tmp_path / 'V.h5'}:/V", *output(tmp_path))


def test_factors_larger_than_memory(tmp_path):
    S = scipy.sparse.csr_matrix(([1.0], ([0], [0])), shape=(100, 3_000_000_000))
    refuse(tmp_path, MEMORY, ["free"], write_csr(tmp_path / "V.h5", S), "-k", 1000, "-o", tmp_path / "m.h5",
           "--distribute", "rows")


@pytest.mark.parametrize("change, words", [
    ({"W": numpy.ones((11, 2))}, ["W", "12", "11"]),
    ({"H": numpy.ones((2, 8))}, ["H", "9", "8"]),
    ({"W": -numpy.ones((12, 2))}, ["W", "-1"]),
    ({"H": numpy.full((2, 9), numpy.nan)}, ["H", "nan"]),
    ({"H": None}, ["H"]),
])
def test_factors_to_start_from(tmp_path, V, change, words):
    factors = {"W": numpy.ones((12, 2)), "H": numpy.ones((2, 9)), **change}
    with h5py.File(tmp_path / "start.h5", "w") as file:
        for name, values in factors.items():
            if values is not None:
                file[name] = values
    refuse(tmp_path, INPUT, ["start.h5", *words], V, *output(tmp_path), "--init-file", tmp_path / "start.h5")


def test_an_existing_result_survives_a_refusal(tmp_path, V):
    (tmp_path / "m.h5").write_text("precious")
    refuse(tmp_path, INPUT, ["none.h5"], tmp_path / "none.h5", *output(tmp_path))
    assert (tmp_path / "m.h5").read_text() == "precious"


@pytest.mark.release_only
@pytest.mark.parametrize("code, words, script, options", [
    (USAGE, "V needs rows and columns", "simulate_scaling.py", ("--rows", 1000)),
    (USAGE, "3 is no power of two", "simulate_scaling.py", ("--ranks", 3)),
    (USAGE, "'0' is no whole number from 1 on", "simulate_scaling.py", ("--ranks", 0)),
    (USAGE, "--rows: '0.0' is below 1", "simulate_scaling.py", ("--rows", 0, "--columns", 10)),
    (USAGE, "more than V has entries", "simulate_scaling.py", ("--rows", 10, "--columns", 10, "--nonzeros", 101)),
    (USAGE, "no part has 'zzz' in its name", "bench_peers.py", ("--only", "zzz")),
    (USAGE, "'0' is no whole number from 1 on", "bench_peers.py", ("--rounds", 0)),
    (USAGE, "'0' is no whole number from 1 on", "fit_cost_model.py", ("--repeats", 0)),
    (USAGE, "no/such: No such file", "fit_cost_model.py", ("--partwise", "no/such")),
    (USAGE, "required: -k", "measure_memory.py", ("V.h5",)),
    (INPUT, "none.h5: cannot be opened", "measure_memory.py", ("--ranks", 2, "none.h5", "-k", 3))])
def test_scripts(tmp_path, code, words, script, options):
    if "columns" in str(options) and not shutil.which("smpirun"):
        pytest.skip("SimGrid is not there")
    program = () if "--partwise" in options else ("--partwise", BINARY)
    done = subprocess.run([sys.executable, *map(str, (ROOT / "scripts" / script, *program, *options))], capture_output=True, text=True, timeout=60,
                          check=False, cwd=tmp_path)
    last = done.stderr.splitlines()[-1]
    assert done.returncode == code and words in last and "error: " in last and "Traceback" not in done.stderr, done.stderr
