"""Resampled inputs: a scan with --perturb is a row of plain fits to matrices that independent code has drawn."""

import itertools

import h5py
import numpy
import pytest
import scipy.sparse
import scipy.stats
from scipy.special import gammaln

from conftest import error_line, fit, planted, run, succeed, write_csr, write_dense

STREAM = 7  # PW_RANDOM_PERTURB
FIXED = ("--precision", "double", "--max-iterations", 20, "--tolerance", 0, "--stall", 0)


# ---- the twin: Philox 4x32-10 and PTRS as the papers have them ----

def philox(row, column, draw, seed):
    """Two uniform numbers for each element of the arrays."""
    low, high = numpy.uint64(0xFFFFFFFF), numpy.uint64(32)
    row, column = numpy.broadcast_arrays(numpy.uint64(row), numpy.uint64(column))
    c = [row & low, (row >> high) ^ numpy.uint64(STREAM << 24), column, numpy.full(row.shape, draw, numpy.uint64)]
    key = [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        a, b = c[0] * numpy.uint64(0xD2511F53), c[2] * numpy.uint64(0xCD9E8D57)
        c = [(b >> high) ^ c[1] ^ numpy.uint64(key[0]), b & low, (a >> high) ^ c[3] ^ numpy.uint64(key[1]), a & low]
        key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return [((c[i + 1] << high | c[i]) >> numpy.uint64(12)).astype(float) * 2.0**-52 + 2.0**-53 for i in (0, 2)]


def small_poisson(u, mean):
    x, p = numpy.zeros(u.shape), numpy.exp(-mean)
    total = p.copy()
    while (u > total).any() and x.max() < 100:
        more = u > total
        x[more] += 1
        p[more] *= mean[more] / x[more]
        total[more] += p[more]
    return x


def logarithm_of_probability(x, mean):
    """Of Poisson numbers; large ones by Stirling, where the terms of the formula would cancel."""
    d = (x - mean) / mean
    large = -mean * ((1 + d) * numpy.log1p(d) - d) - 0.5 * numpy.log(2 * numpy.pi * x) - 1 / (12 * x)
    return numpy.where(mean > 1e4, large, x * numpy.log(mean) - mean - gammaln(x + 1))


def large_poisson(row, column, mean, seed):
    b = 0.931 + 2.53 * numpy.sqrt(mean)
    a = -0.059 + 0.02483 * b
    result, wanted, draw = numpy.zeros(mean.shape), mean > 0, 0
    while wanted.any():
        u, v = philox(row, column, draw, seed)
        u = u - 0.5
        edge = 0.5 - abs(u)
        x = numpy.floor((2 * a / edge + b) * u + mean + 0.43)
        quick = (edge >= 0.07) & (v <= 0.9277 - 3.6224 / (b - 2))
        fails = (x < 0) | ((edge < 0.013) & (v > edge))
        bound = numpy.log(v * (1.1239 + 1.1328 / (b - 3.4)) / (a / edge**2 + b))
        slow = ~fails & (bound <= logarithm_of_probability(numpy.maximum(x, 1e-300), mean))
        taken = wanted & (quick | slow)
        result[taken] = x[taken]
        wanted &= ~taken
        draw += 1
    return result


def resample(V, how, seed):
    row, column = numpy.indices(V.shape)
    if how.startswith("uniform"):
        return V * (1 + float(how.split(":")[1]) * (2 * philox(row, column, 0, seed)[0] - 1))
    result = small_poisson(philox(row, column, 0, seed)[0], V * (V < 10))
    large = V >= 10
    result[large] = large_poisson(row[large], column[large], V[large], seed)
    return result


# ---- the draws ----

def draws(folder, V, how, ranks=1, seed=3):
    """What the program draws for a matrix of one column: its only component is exact."""
    V = write_dense(folder / "V.h5", V[:, None])
    succeed(ranks, "scan", V, "-k", 1, "--restarts", 1, "--seed", seed, "--perturb", how, "-o", folder / "scan.h5",
            "--consensus", "none", "--precision", "double", "--max-iterations", 5)
    with h5py.File(folder / "scan.h5") as file:
        return file["k1/W"][:, 0] * file["k1/H"][0, 0]


def chi_square(x, mean):
    """p of whole numbers x, in classes of about equal probability."""
    distribution = scipy.stats.poisson(mean)
    edges = numpy.unique(distribution.ppf(numpy.linspace(0.02, 0.98, 49)))
    probability = numpy.diff(numpy.concatenate([[0], distribution.cdf(edges), [1]]))
    seen = numpy.bincount(numpy.searchsorted(edges, x), minlength=len(edges) + 1)
    return scipy.stats.chisquare(seen, probability * len(x)).pvalue


@pytest.mark.parametrize("mean", [0.01, 0.5, 3, 9.9, 10, 12, 40, 1e3, 1e6, 1e10])
def test_poisson_numbers_are_exact(tmp_path, mean):
    means = numpy.full(60000, mean)
    x = draws(tmp_path, means, "poisson", ranks=2)
    assert x == pytest.approx(resample(means[:, None], "poisson", 3)[:, 0], rel=1e-12, abs=1e-9)
    x = numpy.round(x)
    assert 1e-3 < chi_square(x, mean) < 1 - 1e-3
    assert abs(x.mean() - mean) < 4 * numpy.sqrt(mean / len(x))
    assert x.var() / mean == pytest.approx(1, abs=4 * numpy.sqrt((2 + 1 / mean) / len(x)))


def test_huge_means_are_normal(tmp_path):
    z = (draws(tmp_path, numpy.full(20000, 1e17), "poisson") - 1e17) / 1e17**0.5
    assert scipy.stats.kstest(z, "norm").pvalue > 1e-3


def test_uniform_numbers(tmp_path):
    V = numpy.linspace(1, 2, 20000)
    u = (draws(tmp_path, V, "uniform:0.3", ranks=3) / V - 1) / 0.3
    assert scipy.stats.kstest(u, "uniform", (-1, 2)).pvalue > 1e-3
    assert abs(scipy.stats.pearsonr(u, V)[0]) < 0.03


# ---- the fits ----

COUNTS = numpy.round(planted(40, 30, 3, noise=0.1) * 20) * (numpy.random.default_rng(1).random((40, 30)) < 0.7)


def check(folder, ranks, V, how, options, plain=None):
    """Each restart is a fit to the resample of its seed, whatever its k."""
    plain = V if plain is None else plain
    write = write_csr if scipy.sparse.issparse(V) else write_dense
    file = write(folder / "V.h5", V)
    succeed(ranks, "scan", file, "-k", "2,4", "--restarts", 2, "--seed", 5, "--perturb", how, "-o", folder / "scan.h5", *options)
    with h5py.File(folder / "scan.h5") as scan:
        for k, seeds in ((2, (5,)), (4, (5, 6))):
            alone = []
            for seed in seeds:
                drawn = write_dense(folder / "drawn.h5", resample(plain, how, seed).astype(plain.dtype))
                alone.append(fit(1, drawn, folder / "m.h5", "-k", k, "--seed", seed, *options))
            assert scan[f"k{k}/objective"][: len(seeds)] == pytest.approx([m["attributes"]["objective"] for m in alone], rel=1e-6)
            if len(seeds) == 1:
                continue
            best = min(alone, key=lambda m: m["attributes"]["relative_error"])
            at = list(scan["survey/k"]).index(k)
            assert scan["survey/relative_error"][at] == pytest.approx(best["attributes"]["relative_error"], rel=1e-6)
            assert numpy.isnan(scan["survey/residual_sum_of_squares"][at])
            for factor in ("W", "H"):
                assert numpy.abs(scan[f"k{k}"][factor][:] - best[factor]).max() <= 1e-5 * best[factor].max()


@pytest.mark.parametrize("how, options", zip(itertools.cycle(("poisson", "uniform:0.5")), [
    (), (), ("--loss", "kl"), ("--method", "mu"), ("--loss", "kl", "--method", "mu"), ("--loss", "kl"), ("--weight", "log1p"),
    ("--method", "bpp"), ("--loss", "is", "--floor", 0.5)]), ids=str)
def test_restarts_are_fits_to_resamples(tmp_path, options, how):
    check(tmp_path, 2, COUNTS, how, (*options, *FIXED))


@pytest.mark.parametrize("ranks, sparse, loss, more", [
    (1, True, "kl", ()), (4, True, "frobenius", ()), (4, False, "kl", ("--distribute", "columns")),
    (7, True, "kl", ("--distribute", "columns")), (7, False, "frobenius", ("--distribute", "columns")),
    (2, True, "kl", ("--threads", 2)), (2, False, "frobenius", ("--threads", 2))], ids=str)
def test_resamples_do_not_depend_on_the_layout(tmp_path, ranks, sparse, loss, more):
    V = scipy.sparse.csr_matrix(COUNTS) if sparse else COUNTS
    check(tmp_path, ranks, V, "poisson", ("--loss", loss, *FIXED, *more), plain=COUNTS)


@pytest.mark.parametrize("loss", ["kl", "frobenius"])
def test_several_tiles_in_float(tmp_path, loss):
    V = numpy.round(planted(3000, 300, 3, noise=0.1) * 20).astype(numpy.float32)
    options = ("--loss", loss, "--precision", "single", "--max-iterations", 5, "--tolerance", 0, "--stall", 0)
    file = write_dense(tmp_path / "V.h5", V)
    drawn = write_dense(tmp_path / "drawn.h5", resample(V.astype(float), "poisson", 5).astype(numpy.float32))
    alone = fit(1, drawn, tmp_path / "m.h5", "-k", 3, "--seed", 5, *options)["attributes"]
    succeed(2, "scan", file, "-k", 3, "--restarts", 2, "--seed", 5, "--perturb", "poisson", "-o", tmp_path / "scan.h5",
            "--consensus", "none", *options, "--threads", 2)
    with h5py.File(tmp_path / "scan.h5") as scan:
        assert scan["k3/objective"][0] == pytest.approx(alone["objective"], rel=1e-5)


def test_missing_entries_stay_so(tmp_path):
    V = numpy.where(numpy.random.default_rng(2).random(COUNTS.shape) < 0.1, numpy.nan, COUNTS)
    drawn = numpy.where(numpy.isnan(V), numpy.nan, resample(numpy.nan_to_num(V), "poisson", 5))
    for options in (("--loss", "kl"), (), ("--method", "ccd")):
        options = ("--missing", "nan", *options, *FIXED)
        alone = fit(1, write_dense(tmp_path / "drawn.h5", drawn), tmp_path / "m.h5", "-k", 3, "--seed", 5, *options)["attributes"]
        succeed(3, "scan", write_dense(tmp_path / "V.h5", V), "-k", 3, "--restarts", 2, "--seed", 5, "--perturb", "poisson",
                "-o", tmp_path / "scan.h5", *options)
        with h5py.File(tmp_path / "scan.h5") as scan:
            assert scan["k3/objective"][0] == pytest.approx(alone["objective"], rel=1e-6)


def test_held_out_entries_are_those_of_V(tmp_path):
    """The fit sees a resample, with next to no effect; what it is judged by is V."""
    V = write_csr(tmp_path / "V.h5", scipy.sparse.csr_matrix(COUNTS))
    options = ("--holdout", 0.2, "--missing", "zero", *FIXED)
    errors = []
    for how in ("none", "uniform:1e-9"):
        succeed(2, "scan", V, "-k", 3, "--restarts", 2, "--perturb", how, "-o", tmp_path / "scan.h5", *options)
        with h5py.File(tmp_path / "scan.h5") as scan:
            errors.append(scan["survey/holdout_error"][0])
    assert errors[0] > 0 and errors[1] == pytest.approx(errors[0], rel=1e-6)


# ---- refusals ----

@pytest.mark.parametrize("words, what", [
    (("--perturb", "gauss"), "neither none, poisson nor uniform:D"), (("--perturb", "uniform"), "uniform:D"),
    (("--perturb", "uniform:0"), "uniform:D"), (("--perturb", "uniform:1.5"), "uniform:D"),
    (("--perturb", "uniform:nan"), "uniform:D"), (("--perturb", "uniform:0.1x"), "uniform:D"),
    (("--perturb", "poisson", "--symmetric"), "--symmetric"), (("--perturb", "poisson", "--weight", "tfidf"), "--weight"),
    (("--perturb", "uniform:0.1", "--weight", "column-l2"), "--weight"),
    (("--perturb", "poisson", "--missing", "zero"), "--missing zero"), (("--perturb", "poisson", "--loss", "is"), "--floor"),
    (("--perturb", "poisson", "--loss", "beta", "--beta", -1), "--floor")], ids=str)
def test_what_does_not_go_together(tmp_path, words, what):
    V = write_dense(tmp_path / "V.h5", planted(8, 6, 2))
    done = run(2, "scan", V, "-k", 2, "-o", tmp_path / "scan.h5", *words)
    assert done.returncode == 2
    assert "--perturb: " in error_line(done) and what in error_line(done)
