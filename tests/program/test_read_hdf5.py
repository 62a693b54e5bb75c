"""V from HDF5 files as other programs write them: types, layouts, sparse encodings, names; rows and columns swept."""

import gzip

import h5py
import numpy
import pytest
import scipy.sparse

from conftest import SLOW, error_line, run, succeed

INPUT = 3
TEXT = h5py.string_dtype()


def converted(ranks, V, folder):
    """What `partwise convert` made of V: the matrix, and the names of rows and columns (None: there are none)."""
    out = folder / "converted.h5"
    succeed(ranks, "convert", V, out)
    with h5py.File(out) as file:
        X = file["X"]
        if isinstance(X, h5py.Group):
            parts = [X[name][()] for name in ("data", "indices", "indptr")]
            assert all(numpy.all(numpy.diff(parts[1][a:b]) > 0) for a, b in zip(parts[2], parts[2][1:]))
            X = scipy.sparse.csr_matrix(tuple(parts), shape=tuple(X.attrs["shape"])).toarray()
        names = [None if "partwise_unnamed" in file[frame].attrs else list(file[frame]["_index"].asstr()[()])
                 for frame in ("obs", "var")]
        return X[()], *names


def fingerprint(V):
    """As V is in memory when it is swept by rows."""
    lines = succeed(1, "info", V).stdout.splitlines()
    return next(line.split("=")[1].strip() for line in lines if line.startswith("fingerprint"))


def fingerprint_by_columns(ranks, V, folder):
    """As V is in memory when it is swept by columns."""
    model = folder / "model.h5"
    succeed(ranks, "fit", V, "-k", 1, "--max-iterations", 1, "--distribute", "columns", "-o", model)
    with h5py.File(model) as file:
        return file["provenance"].attrs["input_fingerprint"]


def check(folder, V, wanted, rows=None, columns=None, dtype=None, ranks=(3,), swept=(2,)):
    """V is read as `wanted`, on any number of ranks, both ways round."""
    for size in ranks:
        X, row_names, column_names = converted(size, V, folder)
        numpy.testing.assert_array_equal(X, wanted)
        assert (row_names, column_names) == (rows, columns)
        assert dtype is None or X.dtype == dtype
    for size in swept:
        assert fingerprint_by_columns(size, V, folder) == fingerprint(V)


def refused(V, *words):
    """Refused in one line with these words."""
    done = run(2, "info", V, timeout=60)
    assert done.returncode == INPUT, done.stderr
    for word in words:
        assert word in error_line(done)


def counts(m, n, density=1.0, seed=0):
    random = numpy.random.default_rng(seed)
    return random.integers(1, 100, (m, n)) * (random.random((m, n)) < density)


# ---- dense


@pytest.mark.parametrize("stored, held", [
    ("u1", "u1"), ("i1", "i1"), ("u2", "u2"), ("i2", "i2"), ("u4", "u4"), ("i4", "i4"), ("u8", "u8"), ("i8", "i8"),
    ("f2", "f4"), ("f4", "f4"), ("f8", "f8"), (">i2", "i2"), (">u8", "u8"), (">f4", "f4"), (">f8", "f8"), ("?", "u1")])
def test_types(tmp_path, stored, held):
    V = counts(13, 9, 0.5).astype(stored)
    with h5py.File(tmp_path / "V.h5", "w") as file:
        file["A"] = V
    check(tmp_path, tmp_path / "V.h5", V, dtype=held, ranks=(2,), swept=())


@pytest.mark.parametrize("layout", [
    {}, {"chunks": (7, 5), "compression": "gzip", "shuffle": True, "fletcher32": True}, {"chunks": (101, 1)},
    {"chunks": (1, 37)}, {"chunks": (64, 64), "maxshape": (None, None)}])
def test_layouts(tmp_path, layout):
    V = numpy.random.default_rng(1).random((101, 37))
    with h5py.File(tmp_path / "V.h5", "w") as file:
        file.create_dataset("group/V", data=V, **layout)
    check(tmp_path, f"{tmp_path / 'V.h5'}:group/V", V, ranks=(4,), swept=(3,))


def test_user_block_and_names(tmp_path):
    V = counts(5, 12)
    rows, columns = [f"r{i}" for i in range(5)], [f"ä{i}" for i in range(12)]
    with h5py.File(tmp_path / "V.h5", "w", userblock_size=512) as file:
        file["V"] = V
        file["row_names"] = numpy.array(rows, "S5")
        file.create_dataset("col_names", data=columns, dtype=TEXT)
    check(tmp_path, tmp_path / "V.h5", V, rows, columns, ranks=(2, 7), swept=(4,))


@pytest.mark.parametrize("shape", [(1, 9), (9, 1), (1, 1)])
def test_thin(tmp_path, shape):
    with h5py.File(tmp_path / "V.h5", "w") as file:
        file["V"] = counts(*shape)
    check(tmp_path, tmp_path / "V.h5", counts(*shape), swept=(4,))


# ---- sparse


def sparse_file(path, V, encoding="new", index="i4", pointer="i4", name="X", **layout):
    order = "csc" if scipy.sparse.isspmatrix_csc(V) else "csr"
    with h5py.File(path, "w") as file:
        group = file.create_group(name)
        group.create_dataset("data", data=V.data, **layout)
        group.create_dataset("indices", data=V.indices.astype(index), **layout)
        group.create_dataset("indptr", data=V.indptr.astype(pointer), **layout)
        if encoding == "new":
            group.attrs["encoding-type"] = f"{order}_matrix"
            group.attrs["shape"] = V.shape
        elif encoding == "old":
            group.attrs["h5sparse_format"] = numpy.bytes_(order)
            group.attrs["h5sparse_shape"] = numpy.array(V.shape, "i4")
        else:
            group["shape"] = numpy.array(V.shape, "i4")
    return path


@pytest.mark.parametrize("kind", [scipy.sparse.csr_matrix, scipy.sparse.csc_matrix])
@pytest.mark.parametrize("index, pointer, dtype, encoding", [
    ("i4", "i4", "f4", "new"), ("u1", "u2", "u1", "old"), ("i8", "u8", "f8", "new"), (">u4", ">i8", "i2", "new")])
def test_sparse(tmp_path, kind, index, pointer, dtype, encoding):
    V = counts(60, 23, 0.2)
    V[10:20] = 0
    path = sparse_file(tmp_path / "V.h5", kind(V.astype(dtype)), encoding, index, pointer,
                       chunks=(17,), compression="gzip")
    check(tmp_path, path, V, dtype=dtype, ranks=(1, 7) if encoding == "new" else (4,), swept=(3,))


@pytest.mark.parametrize("kind", [scipy.sparse.csr_matrix, scipy.sparse.csc_matrix])
def test_ones_and_nothing(tmp_path, kind):
    V = (counts(30, 20, 0.3) > 0).astype("f8")
    check(tmp_path, sparse_file(tmp_path / "V.h5", kind(V)), V, dtype="u1")
    check(tmp_path, sparse_file(tmp_path / "V.h5", kind((5, 4))), numpy.zeros((5, 4)), swept=())


@pytest.mark.parametrize("dtype", ["u1", "i8", "f4"])
@pytest.mark.parametrize("kind", ["csr", "csc"])
def test_unsorted_and_duplicates(tmp_path, dtype, kind):
    """The duplicates' sum of 300 does not fit a byte."""
    parts = (numpy.array([200, 5, 100, 7, 1, 2, 3, 4, 5, 9], dtype), [3, 1, 3, 0, 2, 2, 2, 1, 0, 0], [0, 4, 4, 9, 10])
    make, shape = getattr(scipy.sparse, f"{kind}_matrix"), (4, 5) if kind == "csr" else (5, 4)
    wanted = make((parts[0].astype("i8"), *parts[1:]), shape=shape).toarray()
    V = make(parts, shape=shape)
    check(tmp_path, sparse_file(tmp_path / "V.h5", V), wanted, dtype="u2" if dtype == "u1" else dtype)


def test_few_entries_in_many_rows(tmp_path):
    V = scipy.sparse.csr_matrix(([1.0, 2, 3], ([150000, 150001, 299999], [0, 1, 2])), shape=(300000, 3))
    check(tmp_path, sparse_file(tmp_path / "V.h5", V), V.toarray(), ranks=(3,), swept=(3,))


def test_several_rounds(tmp_path):
    V = scipy.sparse.csc_matrix(counts(4000, 1500, 0.5, seed=2).astype("u1"))
    check(tmp_path, sparse_file(tmp_path / "V.h5", V, index="i8"), V.toarray(), ranks=(2,), swept=(2,))


@pytest.mark.parametrize("group, features", [("matrix", "features/id"), ("GRCh38", "genes")])
def test_10x(tmp_path, group, features):
    V = scipy.sparse.csc_matrix(counts(20, 7, 0.5))
    rows, columns = [f"gene{i}" for i in range(20)], [f"cell{i}" for i in range(7)]
    path = sparse_file(tmp_path / "V.h5", V, encoding="10x", index="i8", pointer="i8", name=group)
    with h5py.File(path, "a") as file:
        file[group][features] = numpy.array(rows, "S9")
        file[group]["barcodes"] = numpy.array(columns, "S9")
    check(tmp_path, path, V.toarray(), rows, columns)


# ---- AnnData


def test_anndata(tmp_path):
    """Names that are categories, with a missing one, or numbers; layers and raw; null and scalar oddities."""
    V = counts(6, 4)
    with h5py.File(tmp_path / "V.h5ad", "w") as file:
        file["X"], file["layers/twice"], file["raw/X"] = V, 2 * V, counts(6, 5)
        file["X"].attrs["nothing"] = h5py.Empty("f4")
        file.attrs["encoding-type"] = h5py.Empty("S10")
        file["uns/nothing"], file["uns/one"] = h5py.Empty("f4"), 1
        obs, var, raw = (file.create_group(name) for name in ("obs", "var", "raw/var"))
        obs.attrs["_index"], var.attrs["_index"], raw.attrs["_index"] = "cell", "_index", "gene"
        obs["cell/codes"] = numpy.array([0, 1, 2, -1, 1, 0], "i1")
        obs.create_dataset("cell/categories", data=["α", "b", "c"], dtype=TEXT)
        var["_index"] = numpy.arange(4)
        raw.create_dataset("gene", data=[f"g{i}" for i in range(5)], dtype=TEXT)
    cells = ["α", "b", "c", "", "b", "α"]
    genes = ["0", "1", "2", "3"]
    check(tmp_path, tmp_path / "V.h5ad", V, cells, genes)
    check(tmp_path, f"{tmp_path / 'V.h5ad'}:layers/twice", 2 * V, cells, genes)
    check(tmp_path, f"{tmp_path / 'V.h5ad'}:/raw/X", counts(6, 5), cells, [f"g{i}" for i in range(5)])


def test_own_files_come_back(tmp_path):
    """What convert wrote is read as it was, without the names that AnnData insists on."""
    V = scipy.sparse.csr_matrix(counts(20, 7, 0.5))
    succeed(2, "convert", sparse_file(tmp_path / "V.h5", V), tmp_path / "own.h5")
    check(tmp_path, tmp_path / "own.h5", V.toarray())


def test_real_anndata(tmp_path, data):
    path = data / "singlecell/10x_pbmc68k_reduced.h5ad"
    with h5py.File(path) as file:
        X, raw = file["X"][()], file["raw/X"]
        raw = scipy.sparse.csr_matrix(tuple(raw[p][()] for p in ("data", "indices", "indptr")), shape=X.shape).toarray()
        names = [list(file[index].asstr()[()]) for index in ("obs/index", "raw/var/index")]
    check(tmp_path, path, X, *names, ranks=(3,), swept=())
    check(tmp_path, f"{path}:raw/X", raw, *names, ranks=(1, 7), swept=(4,))


def test_real_10x_is_its_matrix_market_twin(data, tmp_path):
    twin = data / "singlecell/10x_3.0.0_mtx/matrix.mtx.gz"
    path = data / "singlecell/10x_data_3.0.0_filtered_feature_bc_matrix.h5"
    assert fingerprint(path) == fingerprint(twin) == fingerprint_by_columns(3, path, tmp_path)


# ---- refused


@pytest.mark.parametrize("part, place, value, words", [
    ("indptr", 0, 1, ["begins with 1"]), ("indptr", 3, 100, ["element 3 is 100"]), ("indptr", 3, -5, ["element 3 is -5"]),
    ("indptr", 6, 0, ["element 6 is 0"]), ("indices", 2, 5, ["element 2 is 5", "5 columns"]),
    ("indices", 2, -1, ["element 2 is -1"])])
@pytest.mark.parametrize("index", ["i4", "i8"])
def test_inconsistent_sparse(tmp_path, part, place, value, words, index):
    V = scipy.sparse.csr_matrix(counts(6, 5, 0.7))
    getattr(V, part)[place] = value
    refused(sparse_file(tmp_path / "V.h5", V, index=index, pointer=index), "V.h5", f"/X/{part}", *words)


@pytest.mark.parametrize("shape", [(5, 6), (6, 5, 1), (6, -5), h5py.Empty("i8")])
def test_inconsistent_shape(tmp_path, shape):
    path = sparse_file(tmp_path / "V.h5", scipy.sparse.csr_matrix(counts(6, 5)))
    with h5py.File(path, "a") as file:
        file["X"].attrs["shape"] = shape
    refused(path, "V.h5", "/X")


def test_what_is_there_is_named(tmp_path):
    with h5py.File(tmp_path / "V.h5", "w") as file:
        file["layers/counts"], file["layers/other"] = counts(3, 4), counts(3, 4)
        file["list"], file["cube"], file["empty"] = [1.0, 2], numpy.ones((2, 2, 2)), numpy.ones((0, 4))
        file["nothing"], file["complex"] = h5py.Empty("f8"), numpy.ones((2, 2)) * 1j
        file["dangling"] = h5py.SoftLink("/nowhere")
        file["loop/again"] = h5py.SoftLink("/loop")
    for inside, words in {
        "count": ["'/layers/counts'"], "layers/count": ["'/layers/counts'"], "dangling": ["/layers/other"],
        "loop/again": ["is a group"], "list": ["1 dimension"], "cube": ["3 dimensions"], "empty": ["0 × 4"],
        "nothing": ["nothing"], "complex": ["complex"]}.items():
        refused(f"{tmp_path / 'V.h5'}:{inside}", *words)
    refused(tmp_path / "V.h5", "/layers/counts, /layers/other")


def test_model_instead_of_matrix(tmp_path):
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["W"], file["H"] = counts(5, 2), counts(2, 4)
    refused(tmp_path / "m.h5", "/W and /H")


def test_filter_that_is_missing(tmp_path):
    with h5py.File(tmp_path / "V.h5", "w") as file:
        file.create_dataset("V", data=numpy.zeros((100, 100)), compression="lzf")
    refused(tmp_path / "V.h5", "lzf", "h5repack")


def test_damaged_and_foreign(tmp_path):
    with h5py.File(tmp_path / "V.h5", "w") as file:
        file.create_dataset("V", data=numpy.random.default_rng(0).random((200, 100)), chunks=(20, 100), compression="gzip")
    content = (tmp_path / "V.h5").read_bytes()
    half = len(content) // 2
    for name, changed, word in [
        ("cut.h5", content[:half], "truncated"), ("hurt.h5", content[:half] + bytes(200) + content[half + 200:], "/V"),
        ("head.h5", content[:8] + bytes(500), "HDF5"), ("packed.h5", gzip.compress(content), "gzip"),
        ("noise.h5", bytes(range(256)) * 9, "neither"), ("a.npy", b"\x93NUMPY\x01\x00" + bytes(99), "NumPy")]:
        (tmp_path / name).write_bytes(changed)
        refused(tmp_path / name, name, word)


@pytest.mark.skipif(SLOW > 1, reason="a sanitizer takes the crash first")
def test_hdf5_crashes_are_refusals(tmp_path):
    """Lengths in the heap of texts that reach beyond the file: the HDF5 library does not check them."""
    path = tmp_path / "hurt.h5ad"
    with h5py.File(path, "w") as file:
        file["X"] = counts(30, 4)
        file.create_dataset("obs/index", data=[f"cell{i}" for i in range(30)], dtype=TEXT)
        file["obs"].attrs["_index"] = "index"
    content = bytearray(path.read_bytes())
    heap = content.find(b"GCOL")
    assert heap >= 0
    while heap >= 0:
        content[heap + 24 : heap + 32] = (1 << 40).to_bytes(8, "little")
        heap = content.find(b"GCOL", heap + 4)
    path.write_bytes(content)
    refused(path, "hurt.h5ad")


def test_one_matrix_among_many_members(tmp_path):
    with h5py.File(tmp_path / "V.h5", "w") as file:
        for i in range(5000):
            file[f"scalar{i}"] = i
        file["V"] = counts(3, 4)
    check(tmp_path, tmp_path / "V.h5", counts(3, 4), ranks=(1,), swept=())
