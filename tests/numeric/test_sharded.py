"""H updated by shards is H updated on every rank, up to rounding, for all that reads or changes it."""

import numpy
import pytest
import scipy.sparse

from conftest import RANKS, error_line, fit, planted, run, succeed, write_csr, write_dense

FIXED = ("-k", 3, "--precision", "double", "--tolerance", 0, "--stall", 0)
CASES = {  # options, columns of V, how it is stored
    "hals": (("--max-iterations", 40), 25, "dense"),  # extrapolated: it goes back where the objective rises
    "few columns": ((), 5, "dense"),  # of which some ranks have none
    "columns": (("--distribute", "columns"), 25, "sparse"),
    "bpp, bounded": (("--method", "bpp", "--l1-w", 0.1, "--distribute", "columns"), 25, "dense"),
    "mu, normalised": (("--method", "mu", "--normalise", "l2", "--threads", 2), 25, "sparse"),
    "newton": (("--loss", "kl"), 25, "sparse"),
    "newton, correlated": (("--loss", "kl", "-k", 11, "--init", "nndsvda"), 25, "dense"),
    "kl": (("--loss", "kl", "--method", "mu", "--l1-h", 0.2), 25, "sparse"),
    "ratings": (("--missing", "zero", "--holdout", 0.1), 25, "sparse"),
    "denominators": (("--missing", "zero", "--method", "mu", "--extrapolate", "no"), 25, "dense"),
    "orthogonal": (("--orthogonal", "h", "--max-iterations", 40), 25, "dense"),
    "by a rule": (("--method", "orthogonal-mu"), 25, "dense"),
    "by a rule, W": (("--method", "orthogonal-mu", "--orthogonal", "w", "--distribute", "columns"), 25, "dense"),
    "dead components": (("-k", 8, "--l1-h", 30, "--no-bound", "--max-iterations", 12), 25, "dense"),
    "restarts": (("--restarts", 3, "--groups", 1), 25, "dense")}
COUNTS = [n for n in RANKS if n > 1]


def matrix(folder, columns, storage):
    V = planted(40, columns, 3, noise=0.3, seed=4) * (numpy.random.default_rng(5).random((40, columns)) < 0.8)
    if columns == 40:
        V = V + V.T
    return write_dense(folder / "V.h5", V) if storage == "dense" else write_csr(folder / "V.h5", scipy.sparse.csr_matrix(V))


def check_same(one, other):
    product = one["W"] @ one["H"]
    numpy.testing.assert_allclose(other["W"] @ other["H"], product, rtol=0, atol=1e-9 * abs(product).max())
    for figure in ("objective", "projected_gradient"):
        numpy.testing.assert_allclose(other[figure], one[figure], rtol=1e-7)


@pytest.mark.parametrize("case", CASES)
def test_shards_find_the_same(tmp_path, case):
    options, columns, storage = CASES[case]
    V = matrix(tmp_path, columns, storage)
    options = (*FIXED, "--max-iterations", 15, *options)
    whole = fit(2, V, tmp_path / "a.h5", *options, "--h-update", "replicated")
    ranks = COUNTS if case in ("hals", "few columns") else [COUNTS[len(case) % len(COUNTS)]]
    for n in ranks:
        check_same(whole, fit(n, V, tmp_path / "b.h5", *options, "--h-update", "sharded"))


@pytest.mark.parametrize("way", [("sharded", "replicated"), ("replicated", "sharded")], ids=str)
def test_a_run_goes_on_in_the_other_way(tmp_path, way):
    V = matrix(tmp_path, 25, "dense")
    whole = fit(3, V, tmp_path / "a.h5", *FIXED, "--max-iterations", 20, "--h-update", way[0])
    for n, iterations, how in ((3, 9, way[0]), (2, 20, way[1])):
        parts = fit(n, V, tmp_path / "b.h5", *FIXED, "--checkpoint", tmp_path / "c", "--max-iterations", iterations, "--h-update", how)
    check_same(whole, parts)


def test_a_scan(tmp_path):
    V = matrix(tmp_path, 25, "sparse")
    found = []
    for how in ("replicated", "sharded"):
        succeed(3, "scan", V, "-k", "2:4", "--restarts", 3, "--max-iterations", 15, "--groups", 1, "--precision", "double",
                "--h-update", how, "-o", tmp_path / f"{how}.h5")
        found.append((tmp_path / f"{how}.csv").read_text().splitlines())
    assert len(found[0]) == len(found[1]) == 4
    for one, other in zip(*found):
        for a, b in zip(one.split(","), other.split(",")):
            assert a == b or abs(float(a) - float(b)) <= 1e-7 * abs(float(a))


@pytest.mark.parametrize("words", [("--missing", "zero", "--method", "ccd"), ("--symmetric",)], ids=["ccd", "symmetric"])
def test_what_has_no_update_of_H_is_refused(tmp_path, words):
    V = matrix(tmp_path, 25, "sparse")
    done = run(1, "fit", V, "-k", 2, *words, "--h-update", "sharded")
    assert done.returncode == 2 and "--h-update" in error_line(done)
