"""partwise bench: which figures there are, on 1, 2 and 3 ranks, and that they are of the work asked for; the pictures."""

import json
import subprocess
import sys

import pytest

from conftest import ROOT, SANITIZED, error_line, run, succeed

WORDS = ("bench", "--dense", "70x40", "--sparse", "90x50x400", "-k", "3,5", "--types", "u8,f64", "--methods", "hals,kl:mu", "--repeats", 2)


def measured(folder, ranks, *options):
    succeed(ranks, *WORDS, *options, "-o", folder / f"{ranks}.json")
    assert [path.name for path in folder.iterdir() if path.suffix == ".tmp"] == []
    return json.loads((folder / f"{ranks}.json").read_text())


@pytest.mark.parametrize("ranks", [2] if SANITIZED else [1, 2, 3])
def test_every_case_has_its_figures(tmp_path, ranks):
    bench = measured(tmp_path, ranks)
    assert (bench["ranks"], bench["threads"], bench["repeats"]) == (ranks, 1, 2)
    assert bench["machine"]["one"]["cores"] == 1 and bench["machine"]["all"]["cores"] >= ranks
    assert all(bench["machine"][which][name] > 0 for which in ("one", "all") for name in ("peak_f64", "peak_f32", "bandwidth"))
    cases = [(case["storage"], case["type"], case["precision"], case["k"]) for case in bench["sweeps"]]
    assert cases == [(storage, *kind, k) for storage in ("dense", "sparse") for kind in (("u8", "single"), ("f64", "double")) for k in (3, 5)]
    for case in bench["sweeps"]:
        dense = case["storage"] == "dense"
        assert case["entries"] == 70 * 40 if dense else 300 < case["entries"] <= 400
        assert case["flops"] == 4 * case["k"] * case["entries"]
        assert all(case[name] > 0 for name in ("seconds", "peak", "bandwidth", "of_peak", "of_roof", "bytes"))
        assert (case["blas_seconds"] is not None, case["gather"] is None) == (dense, dense)
        assert (case["alone_seconds"] is None) == (ranks == 1)
    assert len(bench["iterations"]) == 2 * len(cases)
    assert [(case["loss"], case["method"]) for case in bench["iterations"][:2]] == [("frobenius", "hals"), ("kl", "mu")]
    for case in bench["iterations"]:
        assert case["seconds"] > 0 and case["phases"]["sweep: V Ht"] > 0


@pytest.mark.release_only
def test_matrices_are_the_same_on_any_number_of_ranks(tmp_path):
    entries = [[case["entries"] for case in measured(tmp_path, ranks, "--skew", 3)["sweeps"]] for ranks in (1, 2)]
    assert entries[0] == entries[1]


@pytest.mark.parametrize("options, message", [
    (("--dense", "12"), "'12' is no size"), (("--dense", "12x0"), "no size"), (("--sparse", "10x10x90"), "half of V"),
    (("--types", "f99"), "'f99' is no type"), (("--methods", "nosuch"), "--methods: 'nosuch' is not one of"),
    (("--methods", "hals,kl:bpp"), "--methods: bpp does not serve"), (("--methods", "is"), "--sparse none"), (("--methods", "spa"), "no iterations"),
    (("-k", "0"), "no list")])
def test_refusals(tmp_path, options, message):
    given = dict(zip(WORDS[1::2], WORDS[2::2])) | {options[0]: options[1]}
    done = run(2, "bench", *(word for pair in given.items() for word in pair), "-o", tmp_path / "b.json")
    assert done.returncode == 2 and message in error_line(done)
    assert not done.stdout  # nothing was measured
    assert not list(tmp_path.iterdir())


def test_losses_with_their_usual_method(tmp_path):
    bench = measured(tmp_path, 1, "--sparse", "none", "-k", 3, "--types", "f64", "--methods", "is,beta,kl,hals")
    assert [(case["loss"], case["method"]) for case in bench["iterations"]] == [("is", "auto"), ("beta", "auto"), ("kl", "auto"), ("frobenius", "hals")]
    assert all(case["seconds"] > 0 for case in bench["iterations"])


@pytest.mark.release_only
def test_pictures(tmp_path):
    for ranks in (1, 2):
        measured(tmp_path, ranks)
    done = subprocess.run([sys.executable, ROOT / "scripts/plot_bench.py", tmp_path / "1.json", tmp_path / "2.json", "-o", tmp_path / "b.png"],
                          capture_output=True, text=True, check=True)
    assert (tmp_path / "b.png").read_bytes()[1:4] == b"PNG" and not done.stderr
    (tmp_path / "x.json").write_text("{}")
    done = subprocess.run([sys.executable, ROOT / "scripts/plot_bench.py", tmp_path / "x.json"], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stderr.startswith("plot_bench.py: error: ") and done.stderr.count("\n") == 1
