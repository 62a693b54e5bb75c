"""Files of generated data: the same bytes on any number of ranks, and which options go together."""

import pytest

from conftest import RANKS, error_line, run, succeed

USAGE = 2


@pytest.mark.parametrize("kind, options", [
    ("biclusters", ("--rows", 131, "--columns", 77, "-k", 6, "--noise", 0.5, "--value-type", "u8")),
    ("sbm", ("--rows", 331, "-k", 6, "--density", 0.05, "--noise", 0.5, "--value-type", "f32")),
    ("hyperspectral", ("--rows", 131, "--columns", 37, "-k", 6, "--snr", 25)),
])
def test_files_are_the_same_on_all_numbers_of_ranks(tmp_path, kind, options):
    for ranks in RANKS:
        succeed(ranks, "generate", kind, *options, "-o", tmp_path / f"{ranks}.h5")
    contents = {(tmp_path / f"{ranks}.h5").read_bytes() for ranks in RANKS}
    assert len(contents) == 1


@pytest.mark.parametrize("kind, options, words", [
    ("sbm", ("--columns", 100), ["columns", "belongs to lowrank, sparse, mixture, biclusters and hyperspectral."]),
    ("sbm", ("--snr", 10), ["snr", "hyperspectral"]),
    ("sbm", ("-k", 1, "--mixing", 0.2), ["mixing"]),
    ("sbm", ("-k", 1001), ["sbm", "row", "k"]),
    ("sbm", ("--density", 0.5), ["density", "mixing"]),
    ("sbm", ("--density", 0.95, "--mixing", 1), ["density", "mixing"]),
    ("sbm", ("--rows", 5e9), ["rows"]),
    ("hyperspectral", ("--noise", 0.1), ["noise", "swimmer, lowrank, sparse, mixture, biclusters and sbm."]),
    ("hyperspectral", ("--columns", 9), ["column", "k"]),
    ("hyperspectral", ("--snr", -3), ["snr", "-3"]),
    ("mixture", ("--rows", 9), ["mixture", "row", "k"]),
    ("mixture", ("--density", 0.1), ["density", "sparse and sbm"]),
    ("mixture", ("--mixing", 0.1), ["mixing", "sbm"]),
    ("biclusters", ("--columns", 9), ["biclusters", "column", "k"]),
    ("swimmer", ("-k", 3), ["k", "lowrank"]),
])
def test_what_makes_no_sense_is_refused(tmp_path, kind, options, words):
    done = run(3, "generate", kind, *options, "-o", tmp_path / "V.h5")
    assert done.returncode == USAGE
    assert all(word in error_line(done) for word in words), done.stderr
    assert not list(tmp_path.iterdir())
