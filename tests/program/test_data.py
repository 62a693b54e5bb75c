"""The real data: figures that other programs reached, and names, formats and refusals as these files have them."""

import csv
import gzip
import re

import h5py
import numpy
import pytest
import scipy.sparse

from conftest import error_line, fit, read_model, run, succeed, write_dense

INPUT = 3
GOLUB = "golub/esGolub_5000x38.csv"
KOS = "kos/docword.kos.txt.gz"
H5AD = "singlecell/10x_pbmc68k_reduced.h5ad"
TENX = "singlecell/10x_data_3.0.0_filtered_feature_bc_matrix.h5"
TENX_MTX = "singlecell/10x_3.0.0_mtx/matrix.mtx.gz"
FIXED = ("--precision", "double", "--max-iterations", 30, "--tolerance", 0, "--stall", 0)


def error_of(ranks, V, output, k, seed):
    return fit(ranks, V, output, "-k", k, "--seed", seed)["attributes"]["relative_error"]


def names(path, which):
    with h5py.File(path) as file:
        return list(file[which].asstr()[()])


def check_factors(model, m, n, k):
    assert model["W"].shape == (m, k) and model["H"].shape == (k, n)
    for factor in (model["W"], model["H"]):
        assert numpy.isfinite(factor).all() and (factor >= 0).all()
    assert 0 < model["attributes"]["relative_error"] < 1


# ---- how well V is approximated


@pytest.mark.release_only
@pytest.mark.parametrize("k, bound", [(2, .55637), (3, .50270), (4, .45776), (5, .43198)])
def test_golub_reaches_the_best_known_error(tmp_path, data, k, bound):
    assert min(error_of(2, data / GOLUB, tmp_path / "m.h5", k, seed) for seed in range(1, 6)) <= bound


@pytest.mark.release_only
def test_kos_reaches_the_best_known_error(tmp_path, data):
    errors = [error_of(2, data / KOS, tmp_path / "m.h5", 10, seed) for seed in range(1, 11)]
    assert max(errors) <= .850
    assert min(errors) <= .8424


@pytest.mark.parametrize("path, shape, k, bound", [
    ("brca21/Samples_SBS_21breast.txt", (96, 21), 4, .1), ("signatures_benchmark/Samples.txt", (96, 1000), 3, .05),
    ("movielens_subset/movielens_3867x610.mtx", (3867, 610), 10, .8), (TENX, (507, 1107), 5, .9)])
def test_fits(tmp_path, data, path, shape, k, bound):
    model = fit(3, data / path, tmp_path / "m.h5", "-k", k)
    check_factors(model, *shape, k)
    assert model["attributes"]["relative_error"] < bound


@pytest.mark.release_only
def test_signatures_are_found(tmp_path, data):
    """Of the catalogue made of three known signatures; each is met by a column of W."""
    path = data / "signatures_benchmark/Samples.txt"
    best = min((fit(2, path, tmp_path / f"{seed}.h5", "-k", 3, "--seed", seed, "--tolerance", 1e-6, "--stall", 1e-9)
                for seed in range(1, 4)), key=lambda model: model["attributes"]["relative_error"])
    assert best["attributes"]["relative_error"] <= .0026
    rows = names(tmp_path / "1.h5", "row_names")
    with open(data / "signatures_benchmark/ground.truth.syn.sigs.csv", newline="") as file:
        lines = list(csv.reader(file))[1:]
    truth = {f"{line[1][0]}[{line[0]}]{line[1][2]}": list(map(float, line[2:])) for line in lines}
    S = numpy.array([truth[row] for row in rows])
    cosine = (S / numpy.linalg.norm(S, axis=0)).T @ (best["W"] / numpy.linalg.norm(best["W"], axis=0))
    assert (cosine.max(axis=1) > .97).all()


def graph_of(path):
    """A graph in GML as an adjacency matrix, and the true groups of its nodes."""
    text = path.read_text()
    nodes = re.findall(r"node\s*\[\s*id\s+(\d+).*?gt\s+\"?(\w+)", text, re.S)
    place = {node: i for i, (node, _) in enumerate(nodes)}
    A = numpy.zeros((len(nodes), len(nodes)))
    for source, target in re.findall(r"edge\s*\[\s*source\s+(\d+)\s+target\s+(\d+)", text):
        A[place[source], place[target]] = A[place[target], place[source]] = 1
    return A, [group for _, group in nodes]


@pytest.mark.parametrize("name, k, mistakes", [("karate", 2, 1), ("dolphins", 2, 1)])
def test_groups_of_a_graph(tmp_path, data, name, k, mistakes):
    A, groups = graph_of(data / f"graphs/{name}.gml")
    model = fit(2, write_dense(tmp_path / "A.h5", A), tmp_path / "m.h5", "-k", k, "--symmetric", "--affinity", "normalised")
    wrong = [label != (group == groups[0]) for label, group in zip(model["W"].argmax(axis=1), groups)]
    assert min(sum(wrong), len(wrong) - sum(wrong)) <= mistakes


# ---- counts


@pytest.mark.release_only
@pytest.mark.parametrize("k, bound", [(2, 16.2726e6), (3, 13.8067e6), (4, 12.4540e6), (5, 11.3390e6)])
def test_golub_reaches_the_best_known_divergence(tmp_path, data, k, bound):
    assert min(fit(2, data / GOLUB, tmp_path / "m.h5", "-k", k, "--loss", "kl", "--seed", seed)["attributes"]["objective"]
               for seed in (1, 2, 3, 4, 5)[: 5 if k == 5 else 2]) <= bound


# ---- the same matrix in several files


def test_10x_is_its_matrix_market_twin(tmp_path, data):
    h5, mtx = (fit(2, data / path, tmp_path / "m.h5", "-k", 6, *FIXED) for path in (TENX, TENX_MTX))
    assert h5["objective"] == pytest.approx(mtx["objective"], rel=1e-10)
    assert h5["provenance"]["input_fingerprint"] == mtx["provenance"]["input_fingerprint"]


@pytest.mark.parametrize("path, k", [(GOLUB, 3), (KOS, 10), (f"{H5AD}:raw/X", 8)])
def test_converted_is_the_same(tmp_path, data, path, k):
    V, own = f"{data}/{path}", tmp_path / "own.h5"
    succeed(3, "convert", V, own)
    before, after = (fit(2, source, tmp_path / f"{i}.h5", "-k", k, *FIXED) for i, source in enumerate((V, own)))
    assert before["objective"] == pytest.approx(after["objective"], rel=1e-10)
    assert before["provenance"]["input_fingerprint"] == after["provenance"]["input_fingerprint"]
    with h5py.File(tmp_path / "0.h5") as first, h5py.File(tmp_path / "1.h5") as second:
        for which in ("row_names", "col_names"):
            assert (which in first) == (which in second)
            if which in first:
                assert (first[which][()] == second[which][()]).all()


@pytest.mark.parametrize("path", [GOLUB, KOS, f"{H5AD}:raw/X"])
def test_anndata_opens_what_is_converted(tmp_path, data, path):
    anndata = pytest.importorskip("anndata", reason="anndata is not there")
    succeed(2, "convert", f"{data}/{path}", tmp_path / "own.h5")
    table = anndata.read_h5ad(tmp_path / "own.h5")
    told = dict(map(str.strip, line.split("=", 1)) for line in succeed(1, "info", f"{data}/{path}").stdout.splitlines())
    assert table.shape == (int(told["rows"]), int(told["columns"]))
    entries = table.X.data if scipy.sparse.issparse(table.X) else table.X
    assert entries.sum(dtype=float) == pytest.approx(float(told["sum"]), rel=1e-9)


# ---- names


def test_names_of_a_table(tmp_path, data):
    fit(3, data / GOLUB, tmp_path / "m.h5", "-k", 2, "--max-iterations", 2)
    with open(data / GOLUB, newline="") as file:
        lines = list(csv.reader(file))
    assert names(tmp_path / "m.h5", "col_names") == lines[0][1:]
    assert names(tmp_path / "m.h5", "row_names") == [line[0] for line in lines[1:]]


@pytest.mark.parametrize("distribute", ["rows", "columns"])
def test_names_of_anndata(tmp_path, data, distribute):
    model = fit(2, f"{data / H5AD}:raw/X", tmp_path / "m.h5", "-k", 10, "--max-iterations", 20, "--distribute", distribute)
    check_factors(model, 700, 765, 10)
    assert names(tmp_path / "m.h5", "row_names") == names(data / H5AD, "obs/index")
    assert names(tmp_path / "m.h5", "col_names") == names(data / H5AD, "raw/var/index")


def test_names_of_10x(tmp_path, data):
    fit(2, data / TENX, tmp_path / "m.h5", "-k", 2, "--max-iterations", 2)
    folder = (data / TENX_MTX).parent
    with gzip.open(folder / "barcodes.tsv.gz", "rt") as file:
        assert names(tmp_path / "m.h5", "col_names") == file.read().split()
    with gzip.open(folder / "features.tsv.gz", "rt") as file:
        assert names(tmp_path / "m.h5", "row_names") == [line.split("\t")[0] for line in file]


def test_names_from_a_vocabulary(tmp_path, data):
    words = [f"word{j}" for j in range(6906)]
    (tmp_path / "vocabulary").write_text("\n".join(words) + "\n")
    arguments = ("fit", data / KOS, "-o", tmp_path / "m.h5", "-k", 2, "--max-iterations", 2, "--vocabulary", tmp_path / "vocabulary")
    succeed(2, *arguments)
    assert names(tmp_path / "m.h5", "col_names") == words
    (tmp_path / "vocabulary").write_text("\n".join(words[:-1]) + "\n")
    done = run(2, *arguments)
    assert done.returncode == INPUT
    assert "6905" in error_line(done) and "6906" in error_line(done)


def test_a_vocabulary_names_the_columns_of_any_format(tmp_path, data):
    (tmp_path / "users").write_text("".join(f"user {j}\n" for j in range(610)))
    fit(2, data / "movielens_subset/movielens_3867x610.mtx", tmp_path / "m.h5", "-k", 2, "--max-iterations", 2,
        "--vocabulary", tmp_path / "users")
    assert names(tmp_path / "m.h5", "col_names") == [f"user {j}" for j in range(610)]


# ---- refused


@pytest.mark.parametrize("ranks", [1, 3])
@pytest.mark.parametrize("inside", ["", ":X"])
def test_scaled_expression_is_refused(tmp_path, data, ranks, inside):
    done = run(ranks, "fit", f"{data / H5AD}{inside}", "-k", 5, "-o", tmp_path / "m.h5")
    assert done.returncode == INPUT
    for words in ("row 0", "column 0", "-0.326", "397164"):
        assert words in error_line(done)
    assert not list(tmp_path.iterdir())


def test_resumed_on_other_ranks(tmp_path, data):
    options = ("-k", 10, "--precision", "double", "--tolerance", 0, "--stall", 0)
    whole = fit(2, data / KOS, tmp_path / "whole.h5", *options, "--max-iterations", 20)
    for ranks, iterations in ((2, 8), (4, 15), (1, 20)):
        succeed(ranks, "fit", data / KOS, "-o", tmp_path / "m.h5", *options, "--max-iterations", iterations,
                "--checkpoint", tmp_path / "c.h5")
    assert read_model(tmp_path / "m.h5")["objective"] == pytest.approx(whole["objective"], rel=1e-8)
