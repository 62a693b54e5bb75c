"""V from text files as other programs write them, and the ones that could be taken for something else."""

import gzip

import h5py
import numpy
import pytest
import scipy.io
import scipy.sparse

from conftest import error_line, run, succeed

INPUT = 3


def converted(folder, content, *options, ranks=2):
    """What partwise reads in a file of this content: the entries, the names of rows and columns, the warnings."""
    path = folder / "V.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    done = succeed(ranks, "convert", path, folder / "V.h5", *options)
    with h5py.File(folder / "V.h5") as file:
        X = file["X"]
        if isinstance(X, h5py.Group):
            parts = tuple(X[name][()] for name in ("data", "indices", "indptr"))
            X = scipy.sparse.csr_matrix(parts, shape=tuple(X.attrs["shape"])).toarray()
        names = [None if "partwise_unnamed" in file[frame].attrs else list(file[frame]["_index"].asstr()[()])
                 for frame in ("obs", "var")]
        return X[()].tolist(), *names, [line for line in done.stderr.splitlines() if "warning" in line]


def refused(folder, content, *words):
    (folder / "V.txt").write_bytes(content if isinstance(content, bytes) else content.encode())
    done = run(2, "info", folder / "V.txt", timeout=60)
    assert done.returncode == INPUT, done.stderr
    for word in ("V.txt", *words):
        assert word in error_line(done)


@pytest.mark.parametrize("content, rows, columns", [
    ("# a b\n1 2\n3 4\n", None, ["a", "b"]),  # numpy.savetxt(header="a b")
    ("# one\n# two words here\n1 2\n3 4\n", None, None),
    ("#remark\n1,2\n3,4\n", None, None),
    ("# remark\na,b\n1,2\n3,4\n", None, ["a", "b"]),
    ("#name\ta\tb\nx\t1\t2\ny\t3\t4\n", ["x", "y"], ["a", "b"]),
    ("name,2019,2020\nx,1,2\ny,3,4\n", ["x", "y"], ["2019", "2020"]),
    (",0,1\n7,1,2\n8,3,4\n", ["7", "8"], ["0", "1"]),  # pandas
    ('"a" "b"\n"1" 1 2\n"2" 3 4\n', ["1", "2"], ["a", "b"]),  # write.table of R
    ("\ufeffa;b\r\n1;2\r\n\r\n3;4", None, ["a", "b"]),
    ("2021-01-05,1,2\n2021-01-06,3,4\n", ["2021-01-05", "2021-01-06"], None)])
def test_headers(tmp_path, content, rows, columns):
    assert converted(tmp_path, content) == ([[1, 2], [3, 4]], rows, columns, [])


@pytest.mark.parametrize("content, rows, columns", [
    ("Type,Context,a,b\nC>A,ACA,1,2\nC>A,ACC,3,4\n", ["C>A ACA", "C>A ACC"], ["a", "b"]),
    ('"Type","Context","a","b"\n"C>A","A""CA",1,2\n"C>A","",3,4\n', ["C>A A\"CA", "C>A"], ["a", "b"]),
    ("C>A\tACA\tx\t1\t2\nC>A\tACC\ty\t3\t4\n", ["C>A ACA x", "C>A ACC y"], None),  # no header
    ("Context a b\nC>A ACA 1 2\nC>A ACC 3 4\n", ["C>A ACA", "C>A ACC"], ["a", "b"]),  # R leaves one out above the names
    ("# Type,Context,a,b\nC>A,ACA,1,2\nC>A,ACC,3,4\n", ["C>A ACA", "C>A ACC"], ["a", "b"]),
    ("id,Context,2019,2020\nC>A,ACA,1,2\nC>A,ACC,3,4\n", ["C>A ACA", "C>A ACC"], ["2019", "2020"])])
@pytest.mark.parametrize("ranks", [1, 2, 7])
def test_names_out_of_several_columns(tmp_path, content, rows, columns, ranks):
    assert converted(tmp_path, content, ranks=ranks) == ([[1, 2], [3, 4]], rows, columns, [])


@pytest.mark.parametrize("content, words", [
    ("n,a,b\nx,slip,1\ny,2,3\n", ["line 3, field 2", "2", "line 2"]),  # text where the first row should have a number
    ("n,a,b\nx,y,1\nz,u\n", ["line 3", "2 fields", "3"]), ("n,a,b\nx,y,1\nz\n", ["line 3", "1 field", "3"]),
    ("n,a,b\nx,5%,1\n", ["line 2, field 2", "5%"]), ("n,a,b\nx,NA,1\n", ["line 2, field 2", "NA", "Missing"]),
    ("n,a,b\nx,y,z\nu,v,w\n", ["line 2", "no numbers"]), ("n,a,b\nx,1,z\n", ["line 2, field 3", "z"])])
def test_columns_that_are_no_names(tmp_path, content, words):
    refused(tmp_path, content, *words)


def test_a_row_that_counts_behind_several_names(tmp_path):
    warnings = converted(tmp_path, "x,y,0,1,2,3\nz,u,5,5,5,5\n")[3]
    assert len(warnings) == 1 and "--header yes" in warnings[0]


@pytest.mark.parametrize("content", ["1;2,5\n3;4,5\n", "1 2,5\n3 4,5\n", "1 000,2\n3 000,4\n", "1,\t2\n3,\t4\n"])
def test_numbers_written_in_another_way_are_no_names(tmp_path, content):
    refused(tmp_path, content, "line 1", "--row-names")


def test_such_names_on_demand(tmp_path):
    assert converted(tmp_path, "1;2,5\n3;4,6\n", "--row-names", "yes")[:2] == ([[5], [6]], ["1;2", "3;4"])


@pytest.mark.parametrize("content, word", [
    ("0,1,2\n4,4,4\n", "--header yes"), ("id,a\n1,4\n2,5\n", "--row-names yes"), ("idx 1 2\n0 3 4\n1 5 6\n", "--row-names yes")])
def test_doubts_are_told(tmp_path, content, word):
    warnings = converted(tmp_path, content)[3]
    assert len(warnings) == 1 and word in warnings[0]


@pytest.mark.parametrize("content, words", [
    ("1,2\r3,4\r", ["line 1", "carriage return"]), ("# only\n# remarks\n", ["no rows"]), ("1,2\n# end\n", ["line 2"]),
    (gzip.compress(b"1,2\n3,4\n")[:-6], ["cut off"])])
def test_refused(tmp_path, content, words):
    refused(tmp_path, content, *words)


@pytest.mark.parametrize("content", [
    "\ufeff%%MatrixMarket matrix coordinate real general\n2 2 1\n1 2 5\n", "\ufeff2\n2\n1\n1 2 5\n",
    gzip.compress(b"2\n2\n1\n") + gzip.compress(b"1 2 5")])
def test_byte_order_mark_and_members(tmp_path, content):
    assert converted(tmp_path, content, ranks=3)[0] == [[0, 5], [0, 0]]


@pytest.mark.parametrize("ranks", [1, 3, 7])
@pytest.mark.parametrize("symmetry", ["general", "symmetric"])
def test_matrix_market_of_scipy(tmp_path, symmetry, ranks):
    S = scipy.sparse.random(40, 40, 0.2, "csr", random_state=ranks)
    S = S + S.T if symmetry == "symmetric" else S
    scipy.io.mmwrite(tmp_path / "S.mtx", S, comment="a\nb", symmetry=symmetry, precision=17)
    assert numpy.array_equal(converted(tmp_path, (tmp_path / "S.mtx").read_bytes(), ranks=ranks)[0], S.toarray())


@pytest.mark.parametrize("ranks", [2, 4])
def test_savetxt_keeps_every_bit(tmp_path, ranks):
    V = numpy.random.default_rng(0).random((50, 30)) * 10.0 ** numpy.random.default_rng(1).integers(-300, 300, (50, 30))
    numpy.savetxt(tmp_path / "V.csv", V, delimiter=",")
    assert converted(tmp_path, (tmp_path / "V.csv").read_bytes(), ranks=ranks)[0] == V.tolist()


def test_very_long_lines(tmp_path):
    V = numpy.arange(600000).reshape(2, -1) % 1000
    content = gzip.compress("\n".join(",".join(map(str, row)) for row in V).encode())
    assert converted(tmp_path, content, ranks=4)[0] == V.tolist()


def test_vocabulary_names_columns_of_any_format(tmp_path):
    (tmp_path / "words").write_text("one\ntwo\n")
    with h5py.File(tmp_path / "V.h5", "w") as file:
        file["X"], file["col_names"] = numpy.ones((3, 2)), numpy.array(["a", "b"], "S1")
    succeed(2, "convert", tmp_path / "V.h5", tmp_path / "W.h5", "--vocabulary", tmp_path / "words")
    with h5py.File(tmp_path / "W.h5") as file:
        assert list(file["var/_index"].asstr()[()]) == ["one", "two"]
    assert converted(tmp_path, "a,b\n1,2\n", "--vocabulary", tmp_path / "words")[2] == ["one", "two"]
