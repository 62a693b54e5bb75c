"""partwise cluster --truth: agreement with known classes, in every form that these may have, beside scikit-learn."""

import h5py
import numpy
import pytest
import scipy.optimize

from conftest import error_line, planted, run, write_dense
from test_cluster import INPUT, cluster, groups


def accuracy(truth, labels):
    classes, clusters = sorted(set(truth)), sorted(set(labels) - {-1})
    table = numpy.array([[sum((truth == a) & (labels == b)) for b in clusters] for a in classes])
    return table[scipy.optimize.linear_sum_assignment(table, maximize=True)].sum() / len(truth)


def check_measures(found, truth):
    metrics = pytest.importorskip("sklearn.metrics")
    labels = found["labels"]
    assert found["accuracy"] == pytest.approx(accuracy(truth, labels), abs=1e-12)
    assert found["nmi"] == pytest.approx(metrics.normalized_mutual_info_score(truth, labels), abs=1e-9)
    assert found["ari"] == pytest.approx(metrics.adjusted_rand_score(truth, labels), abs=1e-9)
    assert found["classes"] == len(set(truth))


@pytest.mark.parametrize("k", [1, 3, 9])
def test_agreement_with_classes(tmp_path, k):
    V, label = groups(noise=6)
    label[::7] = 6  # some that the data do not know
    numpy.savetxt(tmp_path / "truth.txt", label, fmt="%d")
    found = cluster(4, write_dense(tmp_path / "V.h5", V), tmp_path / "c.h5", "-k", k, "--truth", tmp_path / "truth.txt")
    check_measures(found, label)


def test_rows_of_no_cluster_count_as_wrong(tmp_path):
    V = planted(30, 20, 3)
    V[[4, 9]] = 0
    numpy.savetxt(tmp_path / "truth.txt", numpy.arange(30) % 3, fmt="%d")
    found = cluster(3, write_dense(tmp_path / "V.h5", V), tmp_path / "c.h5", "-k", 3, "--method", "nmf", "--truth", tmp_path / "truth.txt")
    check_measures(found, numpy.arange(30) % 3)


def write_truth(folder, kind, label):
    """In one of the forms that classes may have."""
    text = [f"type {'abcdefg'[c]}" for c in label]
    order = numpy.random.default_rng(1).permutation(len(label))
    if kind == "names":
        return write_text(folder / "t.csv", ["row,kind", *(f"r{i},{text[i]}" for i in order)])
    with h5py.File(folder / "t.h5", "w") as file:
        file["truth/labels"] = label
        file["text"] = numpy.array(text, "S")
        file["obs/kind/codes"], file["obs/kind/categories"] = label.astype("i1"), numpy.array([f"type {c}" for c in "abcdefg"], "S")
        file["short"] = label[:-1]
    return {"hdf5": folder / "t.h5", "hdf5 text": f"{folder}/t.h5:/text", "categories": f"{folder}/t.h5:obs/kind"}[kind]


def write_text(path, lines):
    path.write_text("\n".join(lines) + "\n")
    return path


def write_table(path, V):
    return write_text(path, ["," + ",".join(f"c{j}" for j in range(V.shape[1])),
                             *(f"r{i}," + ",".join(map(repr, map(float, row))) for i, row in enumerate(V))])


@pytest.mark.parametrize("kind", ["names", "hdf5", "hdf5 text", "categories"])
def test_forms_of_classes(tmp_path, kind):
    V, label = groups(60)
    table, truth = write_table(tmp_path / "V.csv", V), write_truth(tmp_path, kind, label)
    found = cluster(3, table, tmp_path / "c.h5", "-k", 4, "--restarts", 2, "--truth", truth)
    check_measures(found, label)
    assert found["ari"] > 0.5


def test_classes_of_columns_in_memory(tmp_path):
    """A wide V is distributed by columns."""
    V = planted(20, 120, 3, 0.05)
    label = numpy.arange(20) % 3
    write_text(tmp_path / "t.csv", [f"r{i},{label[i]}" for i in range(19, -1, -1)])
    found = cluster(3, write_table(tmp_path / "V.csv", V), tmp_path / "c.h5", "-k", 3, "--method", "nmf", "--truth", tmp_path / "t.csv")
    check_measures(found, label)


@pytest.mark.parametrize("lines, says", [(["1"] * 59, "has 59 labels for 60 rows"), ([f"r{i},1" for i in range(59)] + ["x,1"], "lacks 'r59'")])
def test_classes_that_do_not_fit_are_refused(tmp_path, lines, says):
    write_table(tmp_path / "V.csv", groups(60)[0])
    write_text(tmp_path / "t.txt", lines)
    done = run(2, "cluster", tmp_path / "V.csv", "-k", 3, "--truth", tmp_path / "t.txt", "-o", tmp_path / "c.h5")
    assert done.returncode == INPUT and "t.txt" in error_line(done) and says in error_line(done)
    assert not list(tmp_path.glob("c.h5*"))


def test_lists_that_do_not_fit_are_refused(tmp_path):
    V, label = groups(60)
    write_dense(tmp_path / "V.h5", V)
    write_truth(tmp_path, "hdf5", label)
    for place, says in ((":/short", "'/short' has 59 labels for 60 rows"), (":/nothing", "'/nothing' is not there"),
                        (":/obs", "'/obs' is no list of 60 labels")):
        done = run(2, "cluster", tmp_path / "V.h5", "-k", 3, "--truth", f"{tmp_path}/t.h5{place}", "-o", tmp_path / "c.h5")
        assert done.returncode == INPUT and says in error_line(done)
    done = run(2, "cluster", tmp_path / "V.h5", "-k", 3, "--truth", tmp_path / "V.h5", "-o", tmp_path / "c.h5")
    assert done.returncode == INPUT and "neither /truth/labels nor /labels" in error_line(done)
