"""scripts/plot_scan.py: pictures of a small scan.h5 made here, in the order of its dendrogram; refusals in one line."""

import importlib.util
import subprocess
import sys

import h5py
import numpy
import pytest
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from conftest import ROOT, SLOW

pytestmark = pytest.mark.release_only

SCRIPT = ROOT / "scripts" / "plot_scan.py"
TEXT = h5py.string_dtype("utf-8")
ITEMS, RESTARTS, KS = 12, 8, (2, 3)
GROUPS = numpy.arange(ITEMS) % 3  # neighbours in the file are never of one group
NAMES = [f"item {'abc'[g]}{i} $x_{{" for i, g in enumerate(GROUPS)]  # as mathematics this would be an error


@pytest.fixture(scope="module", name="script")
def the_script():
    sys.path.insert(0, str(SCRIPT.parent))
    specification = importlib.util.spec_from_file_location("plot_scan", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    sys.path.pop(0)
    return module


def write_consensus(group, k, groups, mirrored=True):
    """Of restarts that mostly see the groups; the order is the mirror image of scipy's, as good as that."""
    random = numpy.random.default_rng(k)
    seen = numpy.where(random.random((RESTARTS, len(groups))) < 0.1, random.integers(0, k, (RESTARTS, len(groups))), groups % k)
    consensus = (seen[:, :, None] == seen[:, None]).mean(0)
    linkage = hierarchy.linkage(squareform(1 - consensus), "average")
    order = hierarchy.leaves_list(linkage)[::-1 if mirrored else 1]
    cut = hierarchy.fcluster(linkage, k, "maxclust")
    number = {c: i for i, c in enumerate(dict.fromkeys(cut[order]))}
    group["consensus"], group["linkage"], group["order"] = consensus.astype("f4"), linkage, order
    group["cluster"] = [number[c] for c in cut]
    group["item_silhouette"] = numpy.linspace(-0.2, 1, len(groups))
    group["objective"] = 100 / k + random.random(RESTARTS)


def write_scan(path, names=NAMES, groups=GROUPS):
    with h5py.File(path, "w") as file:
        for k in KS:
            write_consensus(file.create_group(f"k{k}"), k, groups)
        objectives = numpy.array([file[f"k{k}/objective"][:] for k in KS])
        columns = {"k": KS, "restarts": [RESTARTS] * 2, "best_objective": objectives.min(1), "mean_objective": objectives.mean(1),
                   "cophenetic": [0.98765, numpy.nan], "dispersion": [0.9, 0.8], "stability_mean": [0.9, 0.95], "aic": [numpy.nan] * 2}
        for name, values in columns.items():
            file[f"survey/{name}"] = values
        file.create_dataset("suggestions/criterion", data=["cophenetic", "stability", "no column"], dtype=TEXT)
        file["suggestions/k"] = [2, 3, 0]
        file.create_dataset("suggestions/reason", data=["the highest", "the steadiest $", "nothing to see"], dtype=TEXT)
        file["suggestions"].attrs["warning"] = "cophenetic says 2, stability 3"
        file.attrs["items_of"] = "columns"
        if names:
            file.create_dataset("col_names", data=names, dtype=TEXT)
    return path


@pytest.fixture(name="scan")
def the_scan(tmp_path):
    return write_scan(tmp_path / "scan.h5")


def write_truth(path, header="name,label\n"):
    path.write_text(header + "".join(f"{name},{'abc'[g]}\n" for name, g in zip(NAMES, GROUPS)))
    return path


def words_of(figure):
    return [text.get_text() for text in figure.findobj(match=lambda artist: hasattr(artist, "get_text"))]


def test_command_writes_pictures(scan, tmp_path):
    truth = write_truth(tmp_path / "truth.csv")
    done = subprocess.run([sys.executable, SCRIPT, scan, "--k", "3", "-o", tmp_path / "out", "--truth", truth],
                          capture_output=True, text=True, timeout=120 * SLOW, check=False)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert sorted(p.name for p in tmp_path.glob("out*")) == ["out-k3.pdf", "out-k3.png", "out-survey.pdf", "out-survey.png"]
    from matplotlib import image
    for name in ("survey", "k3"):
        picture = image.imread(tmp_path / f"out-{name}.png")[..., :3]
        assert min(picture.shape[:2]) > 700 and max(picture.shape[:2]) < 4000
        assert picture[:40].std() > 0.01 and picture[:, :, 0].std() > 0.05 and len(numpy.unique(picture.reshape(-1, 3), axis=0)) > 50
        assert (picture[-3:] == 1).all() and (picture[:, -3:] == 1).all()  # nothing runs over the edge
        assert (tmp_path / f"out-{name}.pdf").read_bytes().startswith(b"%PDF")


def test_survey_shows_what_is_defined(script, scan):
    with h5py.File(scan) as file:
        survey = script.read_survey(file)
    panels, missing = script.defined(survey)
    assert [panel.columns for panel in panels] == [("cophenetic",), ("dispersion",), ("stability_mean",)] and missing == ["aic"]
    assert [script.suggested(survey, panel) for panel in panels] == [[2], [], [3]]
    figure = script.draw_survey(survey)
    words = words_of(figure)
    for told in ("k = 2", "k = 3", "no k", "the highest", r"the steadiest \$", "Warning: cophenetic says 2, stability 3",
                 "Not defined or not asked for: aic"):
        assert told in words
    drawn = {axes.get_title(loc="left"): axes for axes in figure.axes}
    dots = numpy.concatenate([line.get_ydata() for line in drawn["objective"].lines if len(line.get_ydata()) == RESTARTS])
    assert sorted(dots) == sorted(numpy.concatenate(survey.objectives))
    marks = [line for line in drawn["cophenetic correlation"].lines if line.get_markersize() == 10]
    assert [(*line.get_xdata(), *line.get_ydata()) for line in marks] == [(2, 0.98765)]
    script.pyplot.close(figure)


def test_consensus_is_in_the_order_of_the_file(script, scan, tmp_path):
    with h5py.File(scan) as file:
        consensus, stored = script.read_consensus(file, 3), {name: node[()] for name, node in file["k3"].items()}
        names, every, side = script.read_names(file, ITEMS)
        survey = script.read_survey(file)
    order = stored["order"]
    assert names == every == NAMES and side == "columns"
    assert consensus.image == pytest.approx(stored["consensus"][order][:, order])
    labels = script.read_truth(write_truth(tmp_path / "truth.csv"), names, every)
    assert labels == ["abc"[g] for g in GROUPS]
    figure = script.draw_consensus(consensus, survey, names, side, labels)
    bars = next(axes for axes in figure.axes if "silhouette" in axes.get_xlabel())
    figure.canvas.draw()
    assert [tick.get_text() for tick in bars.get_yticklabels()] == [script.short(NAMES[i]) + f"  ({labels[i]})" for i in order]
    assert [bar.get_width() for bar in bars.patches] == pytest.approx(stored["item_silhouette"][order])
    strips = {axes.get_xlabel(): numpy.asarray(axes.images[0].get_array())[:, 0]
              for axes in figure.axes if axes.get_xlabel() in ("cluster", "label")}
    shades = script.label_colours(consensus.cluster, labels)
    assert strips["cluster"] == pytest.approx(numpy.array([script.to_rgb(script.colour(stored["cluster"][i])) for i in order]))
    assert strips["label"] == pytest.approx(numpy.array([script.to_rgb(shades[labels[i]]) for i in order]))
    assert "k = 3: consensus of 8 restarts, 12 columns" in words_of(figure)
    script.pyplot.close(figure)
    assert "cophenetic correlation 0.9877" in " ".join(script.headings(consensus._replace(k=2), survey, side, None))


def test_dendrogram_joins_what_the_linkage_joins(script, scan):
    with h5py.File(scan) as file:
        consensus = script.read_consensus(file, 3)
    lines, cluster = script.branches(consensus)
    place = {int(item): at for at, item in enumerate(consensus.order)}
    assert [line[1][0] for line in lines] == [line[2][0] for line in lines] == list(consensus.linkage[:, 2])
    for line, (a, b) in zip(lines, consensus.linkage[:, :2].astype(int)):
        for (height, at), node in ((line[0], a), (line[3], b)):
            if node < ITEMS:
                assert height == 0 and at == place[node]
            else:
                assert height == consensus.linkage[node - ITEMS, 2] and at == (lines[node - ITEMS][1][1] + lines[node - ITEMS][2][1]) / 2
    assert sorted(cluster)[:3] == [-1, -1, 0] and set(cluster) <= {-1, 0, 1, 2}  # two merges across three clusters


def test_many_items_are_averaged(script, scan, monkeypatch):
    reading = sys.modules["scan_file"]
    monkeypatch.setattr(reading, "BINS", 5)
    monkeypatch.setattr(reading, "STRIP", 3 * ITEMS)  # in four strips
    with h5py.File(scan) as file:
        consensus, survey = script.read_consensus(file, 3), script.read_survey(file)
        stored = file["k3/consensus"][:][consensus.order][:, consensus.order]
    cuts = [0, 2, 4, 7, 9, 12]
    means = [[stored[a:b, c:d].mean() for c, d in zip(cuts, cuts[1:])] for a, b in zip(cuts, cuts[1:])]
    assert consensus.image == pytest.approx(numpy.array(means))
    monkeypatch.setattr(script, "NAMED", 5)
    figure = script.draw_consensus(consensus, survey, NAMES, "columns", list("abc" * 4))
    bars = next(axes for axes in figure.axes if "silhouette" in axes.get_xlabel())
    assert len(bars.patches) == 5 and not set(words_of(figure)).intersection(map(script.plain, NAMES))
    script.pyplot.close(figure)


def test_misplaced_items(script):
    cluster = numpy.array([0, 0, 0, 1, 1, 1])
    assert script.misplaced(cluster, list("aabbbb"))[0] == [2]
    assert script.misplaced(cluster, ["a", "a", "b", "c", "c", "a"]) == ([5], "of 6 outside the main cluster of their label")
    assert script.misplaced(cluster, ["a", "b", "a", "b", "b", None]) == ([1], "of 5 not of the main label of their cluster")
    colours = script.label_colours(cluster, list("bbaaac"))
    assert (colours["b"], colours["a"]) == (script.colour(0), script.colour(1)) and len(set(colours.values())) == 3


def test_sampled_items_keep_their_names(script, scan):
    with h5py.File(scan, "a") as file:
        file["items"] = numpy.arange(ITEMS)[::-1] * 2
        del file["col_names"]
        assert script.read_names(file, ITEMS) == ([str(2 * i) for i in reversed(range(ITEMS))], None, "columns")
        file.create_dataset("col_names", data=[f"n{i}" for i in range(2 * ITEMS)], dtype=TEXT)
        assert script.read_names(file, ITEMS)[0] == [f"n{2 * i}" for i in reversed(range(ITEMS))]


def remove(name):
    def change(file):
        del file[name]
    return change


def replace(name, make):
    def change(file):
        values = make(file[name][()])
        del file[name]
        file[name] = values
    return change


def swapped(order):
    order = order.copy()
    order[[0, -1]] = order[[-1, 0]]
    return order


@pytest.mark.parametrize("change, told", [
    (remove("survey"), "/survey"),
    (remove("survey/mean_objective"), "/survey/mean_objective"),
    (remove("suggestions"), "/suggestions/criterion"),
    (remove("k3/objective"), "/k3/objective"),
    (remove("k3"), "/k3/objective"),
    (remove("k3/linkage"), "/k3/linkage"),
    (replace("survey/dispersion", lambda x: x[:1]), "/survey/dispersion has shape 1, not 2"),
    (replace("survey/k", lambda x: x[::-1]), "/survey/k"),
    (replace("suggestions/reason", lambda x: numpy.zeros(len(x))), "/suggestions/reason holds no text"),
    (replace("k3/consensus", lambda x: x[1:]), "/k3/consensus has shape 11 x 12"),
    (replace("k3/consensus", lambda x: numpy.where(x == 1, numpy.nan, x)), "/k3/consensus, rows from 0"),
    (replace("k3/order", lambda x: x - 1), "/k3/order does not name each"),
    (replace("k3/order", swapped), "/k3/order is no order"),
    (replace("k3/cluster", lambda x: x + 1), "/k3/cluster must be from 0 to 2"),
    (replace("k3/linkage", lambda x: x[::-1]), "/k3/linkage is no dendrogram"),
    (replace("k3/item_silhouette", lambda x: [b"a"] * len(x)), "/k3/item_silhouette holds no numbers"),
    (replace("col_names", lambda x: x[1:]), "/col_names has 11 names for 12 items"),
])
def test_damage_is_told_in_one_line(script, scan, capsys, change, told):
    with h5py.File(scan, "a") as file:
        change(file)
    refused(script, capsys, 3, told, scan, "--k", 3)


def refused(script, capsys, code, told, *arguments):
    """Without drawing: these are found before, or it does not matter."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(script, "save_all", lambda *_: script.pyplot.close("all"))
        assert script.main([str(a) for a in arguments]) == code
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("plot_scan.py: error: "), lines
    assert told in lines[0] and lines[0].count(". ") >= 1


def test_files_that_are_no_scan(script, scan, tmp_path, capsys):
    refused(script, capsys, 3, "No such file", tmp_path / "none.h5")
    (tmp_path / "text.h5").write_text("k,cophenetic\n")
    refused(script, capsys, 3, "is no whole HDF5 file", tmp_path / "text.h5")
    (tmp_path / "cut.h5").write_bytes(scan.read_bytes()[:9000])
    refused(script, capsys, 3, "cut.h5", tmp_path / "cut.h5")


@pytest.mark.parametrize("text, told", [
    ("", "names no item"),
    ("who,what\nnobody,a\n", "line 2: no item is named nobody"),
    (f"{NAMES[0]},a\n{NAMES[0]},b\n", "line 2"),
    (f"{NAMES[0]},a\n\n{NAMES[1]}\n", "line 3 has 1 fields"),
    (b"\xff\xfe\n", "UTF-8"),
    (None, "No such file"),
])
def test_bad_truth_is_told_in_one_line(script, scan, tmp_path, capsys, text, told):
    path = tmp_path / "truth.csv"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    refused(script, capsys, 3, f"{path}: ", scan, "--k", 2, "--truth", path)


def test_bad_options(script, scan, tmp_path, capsys):
    refused(script, capsys, 2, "--k 9: ", scan, "--k", 3, 9)
    for words in (["--format", "svg"], ["--k", "x"], []):
        with pytest.raises(SystemExit) as end:
            script.main([*([str(scan)] if words else []), *words])
        assert end.value.code == 2
    capsys.readouterr()
    assert script.main([str(scan), "--k", "--format", "png", "-o", str(tmp_path / "none" / "out")]) == 4
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1 and "none/out-survey.png: cannot be written: No such file or directory" in error
