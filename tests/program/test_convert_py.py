"""scripts/convert.py: MATLAB, NumPy and GML files into HDF5 that partwise, h5py and anndata read."""
import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy
import pytest
import scipy.io
import scipy.sparse

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "convert.py"
DATA = Path(os.environ.get("PARTWISE_DATA", SCRIPT.parents[2] / "shared" / "data"))


def run(*arguments):
    return subprocess.run([sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, timeout=60)


def convert(tmp_path, *arguments):
    done = run(*arguments, tmp_path / "out.h5")
    assert done.returncode == 0, done.stderr
    assert [p.name for p in tmp_path.glob("out.h5*")] == ["out.h5"]
    return h5py.File(tmp_path / "out.h5", "r")


def matrix(file):
    X = file["X"]
    if isinstance(X, h5py.Dataset):
        assert X.attrs["encoding-type"] == "array"
        return X[()]
    assert X.attrs["encoding-type"] == "csr_matrix"
    parts = [X[name][()] for name in ("data", "indices", "indptr")]
    assert parts[2].dtype == "<i8" and parts[2][0] == 0 and parts[2][-1] == len(parts[0]) == len(parts[1])
    return scipy.sparse.csr_matrix(tuple(parts), shape=tuple(X.attrs["shape"])).toarray()


def refused(tmp_path, code, *arguments):
    done = run(*arguments, tmp_path / "out.h5")
    assert done.returncode == code
    assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("convert.py: error: ")
    assert not list(tmp_path.glob("out.h5*"))
    return done.stderr


GML = """# three friends and one apart
graph [
  directed 0
  node [ id 5 label "Ann &amp; Co" gt "2" ]
  node [ id 7 label "Bo" gt "2" ]
  node [ id 1 label "C [x]" gt "-1" ]
  node [ id 2 label "D" gt "3" graphics [ x 1.0 y 2.0 ] ]
  edge [ source 5 target 7 ]
  edge [ source 7 target 1 weight 3 ]
  edge [ source 1 target 5 ]
  edge [ source 1 target 1 ]
  edge [ source 5 target 7 ]
]
"""


def test_gml(tmp_path):
    (tmp_path / "g.gml").write_text(GML)
    with convert(tmp_path, tmp_path / "g.gml") as file:
        assert (matrix(file) == [[0, 2, 1, 0], [2, 0, 3, 0], [1, 3, 1, 0], [0, 0, 0, 0]]).all()
        assert file["X"].attrs["symmetric"] == 1 and file["X/data"].dtype == "u1"
        for names in ("obs/_index", "var/_index"):
            assert list(file[names].asstr()) == ["Ann & Co", "Bo", "C [x]", "D"]
        assert list(file["labels"]) == [2, 2, -1, 3]


def test_gml_directed_with_text_labels(tmp_path):
    (tmp_path / "g.gml").write_text(GML.replace("directed 0", "directed 1").replace('"-1"', '"red"'))
    with convert(tmp_path, tmp_path / "g.gml") as file:
        assert (matrix(file) == [[0, 2, 0, 0], [0, 0, 3, 0], [1, 0, 1, 0], [0, 0, 0, 0]]).all()
        assert "symmetric" not in file["X"].attrs
        assert list(file["labels"].asstr()) == ["2", "2", "red", "3"]


def test_gml_attribute_of_labels(tmp_path):
    (tmp_path / "g.gml").write_text(GML)
    with convert(tmp_path, tmp_path / "g.gml", "--labels", "id") as file:
        assert list(file["labels"]) == [5, 7, 1, 2]
    (tmp_path / "out.h5").unlink()
    assert "colour" in refused(tmp_path, 3, tmp_path / "g.gml", "--labels", "colour")


DAMAGES = [("target 7", "target 8"), ("source 5", ""), ("graph", "tree"), ("weight 3", "weight x"), ("id 5", "id [")]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_gml_is_refused(tmp_path, damage):
    (tmp_path / "g.gml").write_text(GML.replace(*damage))
    assert "g.gml" in refused(tmp_path, 3, tmp_path / "g.gml")


def test_mat_takes_the_largest_matrix(tmp_path):
    numbers = numpy.random.default_rng(1)
    small, large = numbers.random((3, 2)), numbers.integers(0, 99, (7, 4)).astype("u2")
    scipy.io.savemat(tmp_path / "v.mat", {"small": small, "large": large, "text": "none", "struct": {"a": 1}})
    with convert(tmp_path, tmp_path / "v.mat") as file:
        assert (matrix(file) == large).all() and file["X"].dtype == "u2"
        assert list(file["var/_index"].asstr()) == list("0123") and file["var"].attrs["partwise_unnamed"] == 1
    with convert(tmp_path, f"{tmp_path}/v.mat:small") as file:
        assert (matrix(file) == small).all() and file["X"].dtype == "f8"
    (tmp_path / "out.h5").unlink()
    assert "large (7 x 4)" in refused(tmp_path, 3, f"{tmp_path}/v.mat:other")


def test_sparse_mat(tmp_path):
    X = scipy.sparse.random(30, 20, 0.2, "csc", random_state=2)
    scipy.io.savemat(tmp_path / "v.mat", {"X": X})
    with convert(tmp_path, tmp_path / "v.mat") as file:
        assert (matrix(file) == X.toarray()).all()
    with convert(tmp_path, tmp_path / "v.mat", "--transpose") as file:
        assert (matrix(file) == X.T.toarray()).all()


TYPES = [("?", "u1"), ("f2", "f4"), (">f8", "<f8"), ("g", "<f8"), (">i2", "<i2"), ("u8", "<u8")]


@pytest.mark.parametrize("kind, stored", TYPES)
def test_npy_types(tmp_path, kind, stored):
    X = numpy.asfortranarray(numpy.arange(12).reshape(3, 4) % 2).astype(kind)
    numpy.save(tmp_path / "v.npy", X)
    with convert(tmp_path, tmp_path / "v.npy") as file:
        assert (matrix(file) == X).all() and file["X"].dtype == stored


def test_npz(tmp_path):
    X = scipy.sparse.random(9, 8, 0.3, "csc", random_state=3)
    scipy.sparse.save_npz(tmp_path / "s.npz", X)
    with convert(tmp_path, tmp_path / "s.npz") as file:
        assert (matrix(file) == X.toarray()).all()
    numpy.savez(tmp_path / "d.npz", a=numpy.ones((2, 2)), b=2 * numpy.ones((3, 3)), c=numpy.ones(50))
    with convert(tmp_path, tmp_path / "d.npz") as file:
        assert (matrix(file) == 2 * numpy.ones((3, 3))).all()
    with convert(tmp_path, f"{tmp_path}/d.npz:a") as file:
        assert (matrix(file) == numpy.ones((2, 2))).all()


def test_what_is_refused(tmp_path):
    numpy.save(tmp_path / "complex.npy", numpy.ones((2, 2), complex))
    numpy.save(tmp_path / "vector.npy", numpy.ones(4))
    numpy.save(tmp_path / "cube.npy", numpy.ones((2, 2, 2)))
    (tmp_path / "short.npy").write_bytes((tmp_path / "cube.npy").read_bytes()[:100])
    (tmp_path / "text.txt").write_text("what is this")
    (tmp_path / "damaged.mat").write_bytes(b"MATLAB 5.0 MAT-file" + bytes(200))
    with h5py.File(tmp_path / "v.h5", "w") as file:
        file["X"] = numpy.ones((2, 2))
    for name in ("complex.npy", "vector.npy", "cube.npy", "short.npy", "text.txt", "damaged.mat", "v.h5", "none.mat"):
        assert name in refused(tmp_path, 3, tmp_path / name)


def test_unwritable_output(tmp_path):
    numpy.save(tmp_path / "v.npy", numpy.ones((2, 2)))
    done = run(tmp_path / "v.npy", tmp_path / "nowhere" / "out.h5")
    assert done.returncode == 4 and len(done.stderr.splitlines()) == 1 and "nowhere" in done.stderr
    assert run(tmp_path / "v.npy").returncode == 2


GRAPHS = [("karate", 34, 78, 2), ("dolphins", 62, 159, 2), ("football", 115, 613, 12)]


@pytest.mark.skipif(not DATA.is_dir(), reason="the real data are not there")
@pytest.mark.parametrize("name, nodes, edges, groups", GRAPHS)
def test_real_graphs(tmp_path, name, nodes, edges, groups):
    with convert(tmp_path, DATA / "graphs" / f"{name}.gml") as file:
        X = matrix(file)
        assert X.shape == (nodes, nodes) and (X == X.T).all() and X.sum() == 2 * edges
        assert len(set(file["labels"][()])) == groups


def info(path):
    done = subprocess.run([os.environ["PARTWISE"], "info", path], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return dict(map(str.strip, line.split("=", 1)) for line in done.stdout.splitlines())


@pytest.mark.skipif("PARTWISE" not in os.environ, reason="the program is not given")
def test_partwise_reads_it(tmp_path):
    (tmp_path / "g.gml").write_text(GML)
    with convert(tmp_path, tmp_path / "g.gml"):
        pass
    told = info(tmp_path / "out.h5")
    assert [told[key] for key in ("rows", "columns", "nonzeros", "sum", "type")] == ["4", "4", "7", "13", "u8"]
    assert "Ann & Co" in told["row_names"] and "Ann & Co" in told["column_names"]
    numpy.save(tmp_path / "v.npy", numpy.ones((2, 3)))
    with convert(tmp_path, tmp_path / "v.npy"):
        pass
    told = info(tmp_path / "out.h5")
    assert [told[key] for key in ("rows", "columns", "row_names", "column_names")] == ["2", "3", "none", "none"]


@pytest.mark.skipif(not DATA.is_dir(), reason="the real data are not there")
def test_real_swimmer(tmp_path):
    with convert(tmp_path, DATA / "swimmer" / "swim.mat", "--transpose") as file:
        assert file["X"].shape == (256, 1024) and file["X"].dtype == "u1" and file["X"][()].max() == 24
