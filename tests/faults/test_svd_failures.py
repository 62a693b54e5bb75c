"""Each failure of memory on one rank only, in decompositions and in what begins with them."""

import pytest

from conftest import planted
from test_local_failures import watch


@pytest.mark.parametrize("words", [
    ("svd", "V.csv", "-k", 5, "--center", "-o", "s.h5"),
    ("fit", "V.csv", "-k", 3, "--init", "nndsvdar", "--svd-bound", "--max-iterations", 1, "-o", "m.h5")], ids=["svd", "fit"])
def test_decompositions_without_memory(tmp_path, words):
    """V has rank 3 and enough columns for an iteration: more triplets bring vectors at random and a refinement."""
    V = planted(120, 100, 3)
    (tmp_path / "V.csv").write_text("\n".join(",".join(map(repr, map(float, row))) for row in V))
    watch(tmp_path, "memory", {"V.csv"}, *words, cwd=tmp_path, both_ends=False)
