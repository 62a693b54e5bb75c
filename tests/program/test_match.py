"""partwise match: components beside profiles of a reference, by name or by position, and what is refused."""

import csv

import h5py
import numpy
import pytest
import scipy.sparse
from scipy.optimize import linear_sum_assignment

from conftest import RANKS, error_line, fit, planted, run, succeed, write_csr, write_dense

USAGE, INPUT, OUTPUT = 2, 3, 4
M, N, K = 40, 25, 5
ROWS = [f"gene {i}" for i in range(M)]
COLUMNS = [f"cell {j}" for j in range(N)]


def write_model(path, W, H, rows=None, columns=None):
    with h5py.File(path, "w") as file:
        file["W"], file["H"] = W, H
        for name, values in (("row_names", rows), ("col_names", columns)):
            if values is not None:
                file[name] = numpy.array(values, "S")
    return path


def write_table(path, S, items, profiles):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([""] + list(profiles))
        writer.writerows([item, *map(repr, map(float, row))] for item, row in zip(items, S))
    return path


def cosines(A, B):
    lengths = [numpy.linalg.norm(X, axis=0) for X in (A, B)]
    return (A / numpy.where(lengths[0] > 0, lengths[0], 1)).T @ (B / numpy.where(lengths[1] > 0, lengths[1], 1))


def read_matches(done):
    """Component, cosine, reference of each line, None where there is no match; the mean and the least cosine."""
    head, *lines = done.stdout.splitlines()
    *rows, mean, minimum = (line.split(maxsplit=2) for line in lines)
    assert head.split() == ["component", "cosine", "reference"] and (mean[0], minimum[0]) == ("mean", "minimum")
    assert [int(row[0]) for row in rows] == list(range(len(rows)))
    matches = [None if row[1:] == ["-", "-"] else (row[2], float(row[1])) for row in rows]
    values = [match[1] for match in matches if match]
    assert float(mean[1]) == pytest.approx(numpy.mean(values), abs=2e-6)
    assert mean[2] == f"{len(values)} of {len(rows)} components"
    assert float(minimum[1]) == min(values) == matches[int(minimum[2].removeprefix("component "))][1]
    return matches


def expected(A, B, names):
    """The best pairs by an independent program."""
    C = cosines(A, B)
    pairs = dict(zip(*linear_sum_assignment(C, maximize=True)))
    return [(names[pairs[c]], C[c, pairs[c]]) if c in pairs else None for c in range(len(C))]


def check(done, wanted):
    found = read_matches(done)
    assert [match and match[0] for match in found] == [match and match[0] for match in wanted]
    assert [match[1] for match in found if match] == pytest.approx([match[1] for match in wanted if match], abs=1e-6)


@pytest.fixture(name="random")
def generator():
    return numpy.random.default_rng(3)


@pytest.fixture(name="model")
def model_with_names(tmp_path, random):
    return write_model(tmp_path / "m.h5", random.random((M, K)), random.random((K, N)), ROWS, COLUMNS)


def factors(path):
    with h5py.File(path) as file:
        return file["W"][()], file["H"][()].T


def refuse(code, words, *arguments):
    """Expects a refusal in these words, the same on 1 and on 3 ranks."""
    lines = set()
    for ranks in (1, 3):
        done = run(ranks, "match", *arguments, timeout=60)
        assert done.returncode == code and not done.stdout, done.stderr
        lines.add(error_line(done))
    assert len(lines) == 1
    line = lines.pop()
    assert len(line) < 700
    for word in words:
        assert str(word) in line


# ---- which pairs


@pytest.mark.parametrize("ranks", RANKS)
@pytest.mark.parametrize("of", ["w", "h"])
def test_pairs_by_name_in_another_order(tmp_path, random, model, ranks, of):
    X, items = (factors(model)[0], ROWS) if of == "w" else (factors(model)[1], COLUMNS)
    S = X @ random.permutation(numpy.eye(K)) * random.random(K) * 100 + random.random(X.shape) / 5
    S = numpy.hstack([random.random((len(X), 2)), S])
    names = [f"profile, {j}" for j in range(K + 2)]
    order = random.permutation(len(X))
    table = write_table(tmp_path / "S.csv", S[order], [items[i] for i in order], names)
    for options in ([], ["--of", of]):
        done = succeed(ranks, "match", model, table, *options)
        check(done, expected(X, S, names))
        assert "warning" not in done.stderr and f"{len(X)} items matched by name" in done.stderr


@pytest.mark.parametrize("ranks", RANKS)
def test_pairs_by_position(tmp_path, random, ranks):
    m, profiles = 90000, 30  # more than one block of rows
    W, S = random.random((m, 3)), random.random((m, profiles)).astype("f4")
    S[:, 4:7] = W
    write_model(tmp_path / "m.h5", W, random.random((3, 8)))
    done = succeed(ranks, "match", tmp_path / "m.h5", write_dense(tmp_path / "S.h5", S), "-q")
    check(done, expected(W, S.astype(float), list(map(str, range(profiles)))))
    assert [match[0] for match in read_matches(done)] == ["4", "5", "6"] and not done.stderr.count("items")


@pytest.mark.parametrize("ranks", [1, 3, 7])
@pytest.mark.parametrize("kind", ["csr_matrix", "csc_matrix"])
def test_sparse_reference(tmp_path, random, model, ranks, kind):
    S = scipy.sparse.random(M, 9, 0.3, random_state=1).asformat(kind[:3])
    write_csr(tmp_path / "S.h5", S, kind=kind)
    check(succeed(ranks, "match", model, tmp_path / "S.h5"), expected(factors(model)[0], S.toarray(), list(map(str, range(9)))))


def test_all_ones(tmp_path, model):
    (tmp_path / "S.mtx").write_text("%%MatrixMarket matrix coordinate pattern general\n40 2 3\n1 1\n7 1\n40 2\n")
    S = numpy.zeros((M, 2))
    S[[0, 6, 39], [0, 0, 1]] = 1
    check(succeed(2, "match", model, tmp_path / "S.mtx"), expected(factors(model)[0], S, ["0", "1"]))


@pytest.mark.parametrize("ranks", [1, 2, 7])
def test_profiles_that_are_rows(tmp_path, random, model, ranks):
    S = random.random((7, M))
    names = [f"topic {j}" for j in range(7)]
    table = write_table(tmp_path / "S.csv", S[:, ::-1], names, ROWS[::-1])
    check(succeed(ranks, "match", model, table, "--profiles", "rows"), expected(factors(model)[0], S.T, names))


@pytest.mark.parametrize("ranks", [1, 3])
def test_more_components_than_profiles(tmp_path, random, model, ranks):
    W, S = factors(model)[0], random.random((M, 3))
    done = succeed(ranks, "match", model, write_table(tmp_path / "S.csv", S, ROWS, "abc"), "-o", tmp_path / "o.csv")
    wanted = expected(W, S, "abc")
    assert wanted.count(None) == 2
    check(done, wanted)
    with open(tmp_path / "o.csv", newline="") as file:
        assert [row[1] for row in csv.reader(file)][1:] == [match[0] if match else "" for match in wanted]


@pytest.mark.parametrize("scale", [1, 1e-200, 1e200])
def test_scale_and_components_of_zeros(tmp_path, random, scale):
    W, S = random.random((M, K)), random.random((M, K + 1))
    W[:, 2], S[:, 0] = 0, 0
    write_model(tmp_path / "m.h5", W * scale, random.random((K, N)))
    done = succeed(2, "match", tmp_path / "m.h5", write_dense(tmp_path / "S.h5", S / scale))
    matches = read_matches(done)
    assert matches[2][1] == 0 and "nan" not in done.stdout
    used = [c for c in range(K) if c != 2]
    best = expected(W[:, used], S, list(map(str, range(K + 1))))
    assert sum(match[1] for match in matches) == pytest.approx(sum(match[1] for match in best), abs=1e-5)


# ---- models as reference


@pytest.mark.parametrize("ranks", RANKS)
def test_two_fits_of_the_same_data(tmp_path, ranks):
    V = planted(M, N, 3)
    write_table(tmp_path / "V.csv", V, ROWS, COLUMNS)
    models = [fit(2, tmp_path / "V.csv", tmp_path / f"{seed}.h5", "-k", 3, "--seed", seed) for seed in (1, 2)]
    names = list(map(str, range(3)))
    for of, X in (("w", [model["W"] for model in models]), ("h", [model["H"].T for model in models]), ("auto", None)):
        done = succeed(ranks, "match", tmp_path / "1.h5", tmp_path / "2.h5", "--of", of)
        check(done, expected(*(X or [model["W"] for model in models]), names))
        assert "warning" not in done.stderr


def test_planted_answer(tmp_path):
    succeed(2, "generate", "lowrank", "--rows", 200, "--columns", 60, "-k", 4, "-o", tmp_path / "V.h5")
    fit(2, tmp_path / "V.h5", tmp_path / "m.h5", "-k", 4, "--tolerance", 1e-7, "--stall", 0)
    with h5py.File(tmp_path / "V.h5") as file:
        truth = file["truth/W"][()], file["truth/H"][()].T
    for X, S, options in zip(factors(tmp_path / "m.h5"), truth, ([":/truth/W"], [":/truth/H", "--profiles", "rows"])):
        done = succeed(3, "match", tmp_path / "m.h5", f"{tmp_path / 'V.h5'}{options[0]}", *options[1:])
        check(done, expected(X, S, "0123"))
        assert min(match[1] for match in read_matches(done)) > .8


def test_square_models(tmp_path, random):
    """Names decide between the factors; without them W is taken, and that is said."""
    X, S = [random.random((M, 2)), random.random((M, 2))], random.random((M, 2))
    square = write_model(tmp_path / "m.h5", X[0], X[1].T, ROWS, [f"cell {i}" for i in range(M)])
    table = write_table(tmp_path / "S.csv", S, [f"cell {i}" for i in range(M)], "ab")
    check(succeed(2, "match", square, table), expected(X[1], S, "ab"))
    numbers = write_dense(tmp_path / "S.h5", S)
    done = succeed(2, "match", square, numbers)
    check(done, expected(X[0], S, "01"))
    assert "warning" in done.stderr and "--of h" in done.stderr
    done = succeed(2, "match", square, numbers, "--of", "h")
    check(done, expected(X[1], S, "01"))
    assert "warning" not in done.stderr


def test_as_many_components_as_columns(tmp_path, random):
    """The names of V's columns do not become names of W's components."""
    W = random.random((M, 4))
    write_model(tmp_path / "m.h5", W, random.random((4, 4)), ROWS, "abcd")
    write_model(tmp_path / "other.h5", W, random.random((4, 4)), ROWS, "abcd")
    check(succeed(1, "match", tmp_path / "m.h5", tmp_path / "other.h5"), [(str(c), 1) for c in range(4)])


# ---- mutation classes

CLASSES = [(f, a, b, t) for a, bs in (("C", "AGT"), ("T", "ACG")) for b in bs for f in "ACGT" for t in "ACGT"]
ONE = [f"{f}[{a}>{b}]{t}" for f, a, b, t in CLASSES]


@pytest.mark.parametrize("ranks", RANKS)
@pytest.mark.parametrize("head, line, first", [
    (("Type", "SubType"), lambda f, a, b, t: (f"{a}>{b}", f + a + t), 0),
    (("Type", "SubType"), lambda f, a, b, t: (f"{a}>{b}", f + a + t), 7),
    (("Substitution Type", "Trinucleotide", "Somatic Mutation Type"), lambda f, a, b, t: (f"{a}>{b}", f + a + t, f"{f}[{a}>{b}]{t}"), 3)])
def test_notations_of_mutation_classes(tmp_path, random, ranks, head, line, first):
    W, S = random.random((96, 3)), random.random((96, 5))
    write_model(tmp_path / "m.h5", W, random.random((3, 8)), ONE)
    order = numpy.roll(numpy.arange(96), first)
    lines = [",".join([*head, *(f"SBS{j}" for j in range(5))])]
    lines += [",".join([*line(*CLASSES[i]), *map(repr, map(float, S[i]))]) for i in order]
    (tmp_path / "S.csv").write_text("\n".join(lines) + "\n")
    done = succeed(ranks, "match", tmp_path / "m.h5", tmp_path / "S.csv")
    check(done, expected(W, S, [f"SBS{j}" for j in range(5)]))


# ---- the CSV


def test_csv_has_all_cosines(tmp_path, random, model):
    names = ['with "quotes"', "comma, and blank", "plain", "d", "e", "f"]
    S = random.random((M, 6))
    done = succeed(3, "match", model, write_table(tmp_path / "S.csv", S, ROWS, names), "-o", tmp_path / "o.csv")
    with open(tmp_path / "o.csv", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["component", "reference", "cosine", *names]
    assert numpy.array([row[3:] for row in rows], float) == pytest.approx(cosines(factors(model)[0], S), abs=2e-9)
    for c, (row, match) in enumerate(zip(rows, read_matches(done))):
        assert row[:2] == [str(c), match[0]] and float(row[2]) == pytest.approx(match[1], abs=1e-6)
        assert row[2] == row[3 + names.index(row[1])]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["S.csv", "m.h5", "o.csv"]


# ---- refused


def test_items_that_are_missing(tmp_path, model):
    S = numpy.ones((M, 2))
    short = write_table(tmp_path / "S.csv", S[3:], ROWS[3:], "ab")
    refuse(INPUT, ["S.csv", "m.h5:/W", "'gene 0'", "3 in all"], model, short)
    refuse(INPUT, ["S.csv", "m.h5:/W", "'gene 0'", "3 in all"], model, short, "--of", "w")
    long = write_table(tmp_path / "S.csv", numpy.ones((M + 2, 2)), [*ROWS, "x", "y"], "ab")
    refuse(INPUT, ["S.csv", "m.h5:/W", "'x'", "2 in all"], model, long)
    both = write_table(tmp_path / "S.csv", S, ["x", *ROWS[1:]], "ab")
    refuse(INPUT, ["'gene 0'", "'x'", "1 in all"], model, both)
    cells = write_table(tmp_path / "S.csv", S[: N - 1], COLUMNS[1:], "ab")
    refuse(INPUT, ["m.h5:/H", "columns", "'cell 0'", "1 in all"], model, cells)


def test_names_that_do_not_fit_at_all(tmp_path, model):
    table = write_table(tmp_path / "S.csv", numpy.ones((M, 2)), [f"ENSG{i}" for i in range(M)], "ab")
    refuse(INPUT, ["neither", "40 rows of W", "25 columns of H", "--of"], model, table)
    refuse(INPUT, ["none", "'ENSG0'", "'gene 0'"], model, table, "--of", "w")
    refuse(INPUT, ["none", "'ENSG0'", "'cell 0'"], model, table, "--of", "h")


def test_items_called_the_same(tmp_path, model):
    table = write_table(tmp_path / "S.csv", numpy.ones((M, 2)), [*ROWS[:-1], "gene 7"], "ab")
    refuse(INPUT, ["S.csv", "'gene 7'", "number 39"], model, table, "--of", "w")


def test_wrong_number_of_items(tmp_path, model):
    S = write_dense(tmp_path / "S.h5", numpy.ones((30, 2)))
    refuse(INPUT, ["S.h5", "neither", "40", "25"], model, S)
    refuse(INPUT, ["S.h5", "30", "40", "position"], model, S, "--of", "w")


@pytest.mark.parametrize("value, word", [(numpy.nan, "nan"), (-1, "-1"), (numpy.inf, "inf")])
def test_entries_that_cannot_be(tmp_path, model, value, word):
    S = numpy.ones((M, 4))
    S[12, 3] = value
    refuse(INPUT, ["S.h5", "row 12, column 3", word], model, write_dense(tmp_path / "S.h5", S))
    H = numpy.ones((K, N))
    H[2, 7] = value
    bad = write_model(tmp_path / "bad.h5", numpy.ones((M, K)), H)
    refuse(INPUT, ["bad.h5:/H", "row 2, column 7", word], bad, write_dense(tmp_path / "S.h5", numpy.ones((N, 2))))


def test_what_is_no_model(tmp_path, model):
    S = write_dense(tmp_path / "S.h5", numpy.ones((M, 2)))
    refuse(INPUT, ["S.h5", "/W and /H"], S, model)
    refuse(INPUT, ["none.h5"], tmp_path / "none.h5", S)
    refuse(INPUT, ["none.csv"], model, tmp_path / "none.csv")
    table = write_table(tmp_path / "S.csv", numpy.ones((M, 2)), ROWS, "ab")
    refuse(INPUT, ["S.csv"], table, model)
    odd = write_model(tmp_path / "odd.h5", numpy.ones((M, 3)), numpy.ones((2, N)))
    refuse(INPUT, ["odd.h5", "factors"], odd, S)


def test_options_that_make_no_sense(tmp_path, model):
    S = write_dense(tmp_path / "S.h5", numpy.ones((M, 2)))
    refuse(USAGE, ["reference"], model)
    refuse(USAGE, ["--output", "input"], model, S, "-o", S)
    refuse(USAGE, ["--output", "model"], model, S, "-o", model)
    refuse(USAGE, ["--profiles", "model"], model, model, "--profiles", "rows")
    refuse(USAGE, ["--header"], model, model, "--header", "yes")
    refuse(USAGE, ["--header"], model, S, "--header", "yes")
    refuse(USAGE, ["of", "x"], model, S, "--of", "x")
    refuse(USAGE, ["k"], model, S, "-k", 3)
    refuse(OUTPUT, ["none"], model, S, "-o", tmp_path / "none" / "o.csv")


# ---- real data


def test_signatures_of_breast_cancer_have_names(tmp_path, data):
    model = fit(2, data / "brca21/Samples_SBS_21breast.txt", tmp_path / "m.h5", "-k", 4)
    path = data / "pcawg/sigProfiler_SBS_signatures_2019_05_22.csv"
    with open(path, newline="") as file:
        head, *lines = csv.reader(file)
    with h5py.File(tmp_path / "m.h5") as file:
        rows = list(file["row_names"].asstr()[()])
    S = {f"{context[0]}[{kind}]{context[2]}": list(map(float, values)) for kind, context, *values in lines}
    S = numpy.array([S[row] for row in rows])
    for ranks in RANKS:
        done = succeed(ranks, "match", tmp_path / "m.h5", path)
        check(done, expected(model["W"], S, head[2:]))
        assert {"SBS2", "SBS13"} < {match[0] for match in read_matches(done)}  # APOBEC, as was published


def test_true_signatures_are_met(tmp_path, data):
    folder = data / "signatures_benchmark"
    fit(2, folder / "Samples.txt", tmp_path / "m.h5", "-k", 3, "--tolerance", 1e-6, "--stall", 1e-9)
    signatures = read_matches(succeed(3, "match", tmp_path / "m.h5", folder / "ground.truth.syn.sigs.csv"))
    exposures = read_matches(succeed(2, "match", tmp_path / "m.h5", folder / "ground.truth.syn.exposures.csv", "--profiles", "rows"))
    assert [match[0] for match in signatures] == [match[0] for match in exposures]
    assert {match[0] for match in signatures} == {"SBS3", "SBS5", "SBS40"}
    assert min(match[1] for match in [*signatures, *exposures]) > .97
