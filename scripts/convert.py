#!/usr/bin/env python3
"""Turns a small matrix or graph in another format into HDF5 that partwise reads.

  MATLAB v4 … v7 (.mat)    the largest numeric matrix, or FILE.mat:NAME
  NumPy (.npy, .npz)       likewise; scipy.sparse .npz
  GML graphs (.gml)        adjacency matrix, names of the nodes, and their true groups as /labels

What is written is what `partwise convert` writes: /X, dense or a CSR group as anndata reads them, names in
/obs and /var. A symmetric matrix made from a graph has the attribute symmetric = 1 on /X.
"""
import argparse
import collections
import html
import os
import re
import sys

import h5py
import numpy
import scipy.io
import scipy.sparse

from whole_file import whole_file

BAD_INPUT, BAD_OUTPUT = 3, 4
HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
TEXT = h5py.string_dtype("utf-8")

Input = collections.namedtuple("Input", "X names labels symmetric", defaults=(None, None, False))


class Unreadable(Exception):
    """The input cannot be converted; the text says why and what to do."""


# ---- Choosing a matrix


def is_matrix(value):
    return getattr(value, "ndim", 0) == 2 and getattr(value, "dtype", numpy.dtype(object)).kind in "biufc"


def choose(variables, name, path):
    """The named variable, or the largest matrix."""
    matrices = {key: value for key, value in variables.items() if is_matrix(value)}
    known = ", ".join(f"{key} ({value.shape[0]} x {value.shape[1]})" for key, value in matrices.items())
    if name and name not in matrices:
        raise Unreadable(f"{path}: there is no numeric matrix {name}. There are: {known or 'none'}.")
    if not matrices:
        raise Unreadable(f"{path}: holds no numeric matrix with two dimensions.")
    return matrices[name or max(matrices, key=lambda key: matrices[key].shape[0] * matrices[key].shape[1])]


# ---- Formats


def read_mat(path, name):
    try:
        variables = scipy.io.loadmat(path, mat_dtype=False)
    except NotImplementedError:
        raise Unreadable(f"{path}: is MATLAB v7.3, which is HDF5. Give it to partwise as it is, FILE:/NAME; "
                         "its matrices appear transposed there.") from None
    return Input(choose({k: v for k, v in variables.items() if not k.startswith("__")}, name, path))


def read_numpy(path, name):
    array = numpy.load(path, allow_pickle=False)
    if isinstance(array, numpy.ndarray):
        return Input(choose({"array": array}, name, path))
    with array:
        if "format" in array and "shape" in array:
            return Input(scipy.sparse.load_npz(path))
        return Input(choose(dict(array), name, path))


GML_TOKEN = re.compile(r'#[^\n]*|"([^"]*)"|([\[\]])|([^\s\[\]"]+)')


def gml_tokens(text):
    for match in GML_TOKEN.finditer(text):
        if match[1] is not None:
            yield "text", html.unescape(match[1])
        elif match[2] or match[3]:
            yield ("bracket", match[2]) if match[2] else ("word", match[3])


def gml_list(tokens):
    """Pairs of key and value up to the closing bracket; values are text or such lists."""
    pairs = []
    for kind, key in tokens:
        if (kind, key) == ("bracket", "]"):
            break
        value_kind, value = next(tokens, (None, None))
        if kind != "word" or value is None or (value_kind, value) == ("bracket", "]"):
            raise Unreadable(f"the key {key} has no value")
        pairs.append((key.lower(), gml_list(tokens) if (value_kind, value) == ("bracket", "[") else value))
    return pairs


def gml_graph(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        top = dict(gml_list(gml_tokens(file.read())))
    if not isinstance(top.get("graph"), list):
        raise Unreadable("there is no graph [ … ]")
    pairs = top["graph"]
    nodes, edges = ([dict(value) for key, value in pairs if key == kind] for kind in ("node", "edge"))
    return nodes, edges, dict(pairs).get("directed", "0") == "1"


def gml_labels(nodes, attribute):
    """The nodes' true groups, as whole numbers where they all are."""
    names = [attribute] if attribute else ["gt", "value"]
    found = next((name for name in names if nodes and all(name in node for node in nodes)), None)
    if attribute and not found:
        raise Unreadable(f"not every node has an attribute {attribute}")
    if not found:
        return None
    labels = [node[found] for node in nodes]
    whole = all(re.fullmatch(r"[+-]?\d{1,18}", label) for label in labels)
    return numpy.array([int(label) for label in labels]) if whole else labels


def narrowest(values):
    """Whole numbers in the narrowest unsigned type that holds them all."""
    if values.size and ((values < 0).any() or (values != numpy.floor(values)).any()):
        return values
    largest = values.max(initial=0)
    return values.astype(next((t for t in ("u1", "u2", "u4") if largest <= numpy.iinfo(t).max), "f8"))


def read_gml(path, attribute):
    try:
        nodes, edges, directed = gml_graph(path)
        position = {node["id"]: i for i, node in enumerate(nodes)}
        ends = [(position[edge["source"]], position[edge["target"]]) for edge in edges]
        weight = numpy.array([float(edge.get("weight", edge.get("value", 1))) for edge in edges])
        labels = gml_labels(nodes, attribute)
    except KeyError as missing:
        raise Unreadable(f"{path}: {missing} is missing: a node has no id, or an edge leads nowhere.") from None
    except (ValueError, TypeError) as error:
        raise Unreadable(f"{path}: {error}.") from None
    except Unreadable as error:
        raise Unreadable(f"{path}: is no GML graph: {error}.") from None
    if not nodes:
        raise Unreadable(f"{path}: the graph has no nodes.")
    source, target = numpy.array(ends, dtype=numpy.int64).reshape(-1, 2).T
    if not directed:
        back = source != target
        source, target = numpy.concatenate([source, target[back]]), numpy.concatenate([target, source[back]])
        weight = numpy.concatenate([weight, weight[back]])
    X = scipy.sparse.coo_matrix((weight, (source, target)), shape=(len(nodes), len(nodes))).tocsr()
    X = scipy.sparse.csr_matrix((narrowest(X.data), X.indices, X.indptr), shape=X.shape)
    return Input(X, [node.get("label", node["id"]) for node in nodes], labels, not directed)


def read(path, name, attribute):
    with open(path, "rb") as file:
        start = file.read(1024)
    if start.startswith((b"\x93NUMPY", b"PK\x03\x04")):
        return read_numpy(path, name)
    if start[124:128] in (b"\x00\x01IM", b"\x01\x00MI") or b"MATLAB" in start[:128] or path.endswith(".mat"):
        return read_mat(path, name)
    if start.startswith(HDF5_SIGNATURE):
        raise Unreadable(f"{path}: is HDF5. Give it to partwise as it is.")
    if path.endswith(".gml") or re.search(rb"\bgraph\s*\[", start):
        return read_gml(path, attribute)
    raise Unreadable(f"{path}: is neither MATLAB, NumPy nor GML. HDF5, Matrix Market, CSV and docword files are "
                     "read by partwise itself.")


# ---- Writing


def plain(array, path):
    """Numbers in a type that partwise reads."""
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind not in "biuf":
        raise Unreadable(f"{path}: holds {array.dtype} numbers; V must be real.")
    wanted = "u1" if kind == "b" else "f4" if (kind, size) == ("f", 2) else "f8" if size > 8 else f"{kind}{size}"
    return numpy.ascontiguousarray(array).astype("<" + wanted, copy=False)


def encode(node, kind, version):
    node.attrs["encoding-type"], node.attrs["encoding-version"] = kind, version


def write_dense(file, X):
    file.create_dataset("X", data=X)
    encode(file["X"], "array", "0.2.0")


def write_sparse(file, X, path):
    X = X.tocsr()
    X.sum_duplicates()
    group = file.create_group("X")
    encode(group, "csr_matrix", "0.1.0")
    group.attrs["shape"] = numpy.array(X.shape, dtype=numpy.int64)
    group["data"] = plain(X.data, path)
    group["indices"] = X.indices.astype("<i4" if X.shape[1] <= 2**31 else "<i8", copy=False)
    group["indptr"] = X.indptr.astype("<i8")


def write_names(file, group, names, total):
    """AnnData wants names in any case: without any the numbers, and a mark by which partwise knows."""
    frame = file.create_group(group)
    encode(frame, "dataframe", "0.2.0")
    if names is None:
        names = [str(i) for i in range(total)]
        frame.attrs["partwise_unnamed"] = 1
    frame.attrs["_index"] = "_index"
    frame.attrs["column-order"] = numpy.array([], dtype=TEXT)
    frame.create_dataset("_index", data=names, dtype=TEXT)
    encode(frame["_index"], "string-array", "0.2.0")


def write_all(path, source, V):
    with h5py.File(path, "w") as file:
        encode(file, "anndata", "0.1.0")
        if scipy.sparse.issparse(V.X):
            write_sparse(file, V.X, source)
        else:
            write_dense(file, plain(V.X, source))
        if V.symmetric:
            file["X"].attrs["symmetric"] = 1
        write_names(file, "obs", V.names, V.X.shape[0])
        write_names(file, "var", V.names, V.X.shape[1])
        if V.labels is not None:
            file.create_dataset("labels", data=V.labels, dtype=TEXT if isinstance(V.labels, list) else None)


# ---- The command


def split_name(argument):
    """FILE[:NAME]; a file that has the whole name is meant first."""
    path, colon, name = argument.rpartition(":")
    return (path, name) if colon and not os.path.exists(argument) else (argument, None)


def convert(options):
    path, name = split_name(options.input)
    try:
        V = read(path, name, options.labels)
    except Unreadable:
        raise
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or error}.") from None
    except Exception as error:  # the libraries raise what they like on damaged files
        raise Unreadable(f"{path}: cannot be read: {type(error).__name__}: {error}.") from None
    if options.transpose:
        V = Input(V.X.T)
    with whole_file(options.output) as temporary:
        write_all(temporary, path, V)
    print(f"{options.output}: {V.X.shape[0]} x {V.X.shape[1]}, {'sparse' if scipy.sparse.issparse(V.X) else 'dense'} "
          f"{V.X.dtype}{', symmetric' if V.symmetric else ''}{', with labels' if V.labels is not None else ''}")


def fail(code, text):
    print("convert.py: error: " + " ".join(str(text).split()), file=sys.stderr)
    return code


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", metavar="FILE[:NAME]", help="what to convert")
    parser.add_argument("output", metavar="OUT.h5", help="the HDF5 file to write")
    parser.add_argument("--transpose", action="store_true", help="write the transposed matrix, without names")
    parser.add_argument("--labels", metavar="ATTRIBUTE",
                        help="node attribute of a graph that is its true group (default: gt, else value)")
    options = parser.parse_args()
    try:
        convert(options)
    except Unreadable as error:
        return fail(BAD_INPUT, error)
    except MemoryError:
        return fail(5, f"{options.input}: out of memory.")
    except OSError as error:
        return fail(BAD_OUTPUT, f"{options.output}: cannot be written: {error.strerror or error}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
