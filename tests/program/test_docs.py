"""What the documentation says: its examples run, its links lead somewhere, its lists are those of the program."""

import gzip
import os
import re
import shlex
import shutil
import signal
import subprocess
import time

import h5py
import numpy
import pytest
import scipy.sparse

from conftest import BINARY, ROOT, SLOW, fit, planted, relative_error, succeed, write_csr, write_dense

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
SHELL = sorted([*ROOT.glob("scripts/*.sh"), *ROOT.glob("scripts/slurm/*"), ROOT / ".ci/run"])
COMMANDS = ("fit", "scan", "svd", "transform", "match", "predict", "cluster", "convert", "generate", "info", "plan", "bench")
EXAMPLE = rf"(?:mpirun(?: -n \S+)? |srun )?(?:build/release/)?partwise ((?:{'|'.join(COMMANDS)}) [^#&\n]+)"
PLACEHOLDERS = {"FILE", "IN", "OUT", "OUT.h5", "V", "K", "KIND", "MODEL", "REFERENCE", "COMMAND", "R", "..."}
OF_OTHERS = {"transpose", "labels", "signal", "version", "help", "man", "only", "truth", "format", "with-r", "rounds", "scratch", "copies", "bind-to", "map-by", "cpu-bind"}  # other programs', or no options of a command


def name_of(path):
    return str(path.relative_to(ROOT))


def blocks(path, language):
    """The blocks of code of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text(), re.M | re.S)


def told(*arguments):
    """What the program prints without MPI."""
    done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=60 * SLOW, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout


def options_of(command):
    return set(re.findall(r"^ +(?:-\w, )?--([a-z0-9-]+)", told("help", command), re.M))


# ---- links and scripts


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if not re.match(r"[a-z]+:|#", link):
            assert (page.parent / link.partition("#")[0]).exists(), link


def test_pages_have_no_blanks_at_line_ends():
    for page in PAGES:
        assert not re.search(r"[ \t]+$", page.read_text(), re.M), page


@pytest.mark.parametrize("script", SHELL, ids=name_of)
def test_shell_scripts_parse(script):
    shell = "bash" if "bash" in script.read_text().partition("\n")[0] else "sh"
    subprocess.run([shell, "-n", script], check=True)


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "sh")], ids=name_of)
def test_shell_examples_parse(page):
    for block in blocks(page, "sh"):
        subprocess.run(["bash", "-n"], input=block, text=True, check=True)


# ---- job scripts, with an mpirun that behaves like the real one, and a scontrol that keeps what it is told

MPIRUN = """#!/bin/bash
trap 'exit 75' USR1
printf '%s\\n' "$@" >"$FOLDER/mpirun"
[ -z "$CODE" ] || exit "$CODE"
while :; do sleep 0.05; done
"""


def run_job(folder, script, code, *arguments):
    """Runs a job script; without a code of mpirun it gets Slurm's early signal. Returns its exit code and requeueing."""
    for name, text in {"mpirun": MPIRUN, "scontrol": '#!/bin/sh\necho "$@" >"$FOLDER/scontrol"\n'}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    (folder / "job").write_text(script)
    env = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "FOLDER": str(folder / "seen"), "CODE": code,
           "SLURM_JOB_ID": "42", "SLURM_JOB_NODELIST": "node[1-4]", "SLURM_CPUS_PER_TASK": "3"}
    (folder / "seen").mkdir()
    job = subprocess.Popen(["bash", folder / "job", *arguments], env=env, cwd=folder, start_new_session=True)
    try:
        end = time.monotonic() + 20 * SLOW
        while not (folder / "seen/mpirun").exists() and time.monotonic() < end:
            time.sleep(0.02)
        if not code:
            time.sleep(0.3)
            job.send_signal(signal.SIGUSR1)
        outcome = job.wait(20 * SLOW)
    finally:
        if job.poll() is None:
            os.killpg(job.pid, signal.SIGKILL)
            job.wait()
    words = (folder / "seen/mpirun").read_text().split("\n")
    assert words[words.index("partwise") + 1] == "fit" and "--checkpoint" in words
    requeued = folder / "seen/scontrol"
    return outcome, requeued.read_text().strip() if requeued.exists() else None


def slurm_block():
    return next(block for block in blocks(ROOT / "README.md", "sh") if "#SBATCH" in block)


@pytest.mark.parametrize("code, requeued", [("", "requeue 42"), ("75", "requeue 42"), ("0", None), ("3", None)])
@pytest.mark.parametrize("source", ["README.md", "requeue.sbatch"])
def test_job_puts_itself_into_the_queue_again(tmp_path, source, code, requeued):
    script = slurm_block() if source == "README.md" else (ROOT / "scripts/slurm" / source).read_text()
    outcome, told_slurm = run_job(tmp_path, script, code, "V.h5", "5", "m.h5")
    assert told_slurm == requeued
    assert source == "README.md" or outcome == int(code or 75)


def test_job_that_stops_with_the_code_of_partwise(tmp_path):
    assert run_job(tmp_path, (ROOT / "scripts/slurm/fit.sbatch").read_text(), "", "V.h5", "5", "m.h5") == (75, None)


# ---- examples

@pytest.fixture(name="folder")
def files_of_the_examples(tmp_path):
    """Small files with the names that the examples use."""
    V = scipy.sparse.csr_matrix(numpy.round(planted(40, 30, 3)))
    for name, place in {"expression.h5ad": "X", "atlas.h5ad": "layers/counts", "cells.h5ad": "raw/X"}.items():
        write_csr(tmp_path / name, V, place)
    write_dense(tmp_path / "V.h5", V.toarray(), "X")
    (tmp_path / "expressions.csv").write_text("\n".join(",".join(map(str, row)) for row in V.toarray()))
    entries = [f"{i + 1} {j + 1} {int(x)}" for i, j, x in zip(*scipy.sparse.find(V))]
    head = f"%%MatrixMarket matrix coordinate integer general\n40 30 {len(entries)}"
    (tmp_path / "ratings.mtx").write_text("\n".join([head, *entries, ""]))
    succeed(1, "fit", "ratings.mtx", "-k", 2, "-o", "model.h5", "--max-iterations", 2, cwd=tmp_path)
    for name in ("docword.kos.txt.gz", "docword.txt.gz"):
        with gzip.open(tmp_path / name, "wt") as file:
            file.write("\n".join(["40", "30", str(len(entries)), *entries, ""]))
    (tmp_path / "vocab.kos.txt").write_text("".join(f"word{j}\n" for j in range(30)))
    numpy.savetxt(tmp_path / "catalogue.csv", planted(40, 5, 3), delimiter=",")
    numpy.savetxt(tmp_path / "counts.txt", V.toarray(), delimiter="\t")
    for name in ("model.h5", "other.h5"):
        with h5py.File(tmp_path / name, "w") as file:
            file["W"], file["H"] = planted(40, 3, 3), planted(3, 30, 3)
    (tmp_path / "held_out.mtx").write_text("%%MatrixMarket matrix coordinate integer general\n40 30 2\n1 2 3\n7 8 9\n")
    (tmp_path / "fit.ini").write_text("[files]\ninput = V.h5:/X\n[model]\nk = 2\n")
    with h5py.File(write_dense(tmp_path / "graph.h5", (V @ V.T).toarray(), "X"), "a") as file:
        file["labels"] = numpy.arange(40) % 3
    (tmp_path / "types.csv").write_text("".join(f"{i % 3}\n" for i in range(40)))
    write_dense(tmp_path / "new.h5", V[:9].toarray(), "X")
    fit(1, tmp_path / "V.h5", tmp_path / "model.h5", "-k", 3, "--max-iterations", 5)
    return tmp_path


def example(line):
    """The words behind `partwise` of a line that starts it, or None."""
    match = re.match(EXAMPLE, line)
    words = shlex.split(match[1]) if match else []
    return words if len(words) > 1 and not PLACEHOLDERS & set(words) else None


def examples(path):
    """Those in the blocks of a page or in its text between backticks."""
    text = path.read_text()
    lines = [line.strip() for block in re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S) for line in block.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
    return list(filter(None, map(example, lines)))


def run_example(folder, words):
    """The real thing with less work."""
    words = [re.sub(r"^\de\d$", "50", word) for word in words]
    if words[0] in ("fit", "scan"):
        words += ["--max-iterations", "5"]
    if words[0] == "bench":
        words = [word for word in words if word != "--full"] + ["--dense", "40x30", "--sparse", "60x50x200", "--repeats", "1"]
    succeed(2, *words, cwd=folder)


@pytest.mark.parametrize("page", [page for page in PAGES if examples(page)], ids=name_of)
def test_examples_of_pages_run(folder, page):
    for words in examples(page):
        run_example(folder, words)


def test_there_are_examples():
    assert sum(len(examples(page)) for page in PAGES) >= 3


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_examples_of_the_help_run(folder, command):
    shown = told("help", *filter(None, [command]))
    lines = re.split(r"^(?:Examples|Try it)\n", shown, maxsplit=1, flags=re.M)[1].splitlines()
    found = list(filter(None, (example(line.strip()) for line in lines)))
    assert found and (command is None or all(words[0] == command for words in found))
    for words in found:
        run_example(folder, words)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=name_of)
def test_python_examples_run(tmp_path, monkeypatch, page):
    V = planted(30, 20, 3)
    fit(2, write_dense(tmp_path / "V.h5", V), tmp_path / "model.h5", "-k", 3)
    if "scan.h5" in page.read_text():
        succeed(2, "scan", tmp_path / "V.h5", "-k", "2:3", "--restarts", 2, "-o", tmp_path / "scan.h5")
    if "clusters.h5" in page.read_text():
        succeed(2, "cluster", tmp_path / "V.h5", "-k", 3, "-o", tmp_path / "clusters.h5")
    monkeypatch.chdir(tmp_path)
    for block in blocks(page, "python"):
        found = {}
        exec(compile(block, str(page), "exec"), found)
        if "clusters" in found:
            assert found["clusters"].shape == (20,)
            continue
        if "labels" in found:
            assert found["labels"].shape == (30,) and found["centroids"].shape == (3, 20) and found["inertia"] > 0
            continue
        assert found["W"].shape == (30, 3) and found["H"].shape == (3, 20)
        assert found["error"] == pytest.approx(relative_error(V, found), abs=1e-7)


# ---- help and man page


def test_help_names_the_commands():
    general = told("help")
    assert general == told("--help")
    for command in COMMANDS:
        assert re.search(rf"^  {command} +\w", general, re.M)
        assert told("help", command).startswith(f"Usage: partwise {command} ")
        assert told("help", command) == succeed(1, command, "--help").stdout


def test_lines_of_the_help_fit_a_terminal():
    for command in (None, *COMMANDS):
        assert max(map(len, told("help", *filter(None, [command])).splitlines())) <= 100


def test_man_page_has_every_option():
    page = told("help", "--man").replace(r"\-", "-")
    page = re.sub(r"\\f[BIR]", "", page)
    for command in COMMANDS:
        options = options_of(command) - {"help"}
        assert options
        for option in options:
            assert re.search(rf"^(-\w, )?--{option} .*\((.*, )?{command}[,)]", page, re.M), option


def test_man_page_is_laid_out_without_complaint():
    if not shutil.which("groff"):
        pytest.skip("groff is not there to lay out the man page")
    done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-K", "utf8"], input=told("help", "--man"),
                          capture_output=True, text=True, check=True)
    shown = re.sub(r"\x1b\[\d*m|.\x08", "", done.stdout)
    assert not done.stderr and "--max-iterations" in shown.replace("‐", "-").replace("−", "-")


def test_options_in_pages_exist():
    known = set().union(*map(options_of, COMMANDS)) | OF_OTHERS
    for page in PAGES:
        for code in re.findall(r"`([^`\n]+)`", page.read_text()):
            if "sbatch" in code:  # has options of its own
                continue
            for option in re.findall(r"(?:^|[\s(])--([a-z][a-z0-9-]+)", code):
                assert option in known, f"{page}: --{option}"


# ---- lists


def test_exit_codes_are_those_of_the_header():
    header = (ROOT / "include/partwise/status.h").read_text()
    codes = [int(code) for code in re.findall(r"^ +PW_\w+ = (\d+)", header, re.M)]
    section = (ROOT / "docs/running.md").read_text().partition("## Exit codes")[2]
    page = told("help", "--man").partition(".SH EXIT STATUS")[2].partition(".SH")[0]
    assert len(codes) > 5
    assert codes == [int(code) for code in re.findall(r"^\| (\d+) \|", section, re.M)]
    assert codes == [int(code) for code in re.findall(r"^(\d+)$", page, re.M)]


def test_version_is_the_same_everywhere():
    version = re.search(r'PW_VERSION "(.+)"', (ROOT / "include/partwise/version.h").read_text())[1]
    assert told("--version").startswith(f"partwise {version} (commit ")
    assert f"\n## {version}" in (ROOT / "CHANGELOG.md").read_text()
    assert re.search(rf"^version: \"?{re.escape(version)}\"?$", (ROOT / "CITATION.cff").read_text(), re.M)


# Between them they write all that a file may hold; the last has no checkpoint.
RUNS = [("--normalise", "l2", "--weight", "tfidf"), ("--method", "ccd", "--missing", "zero", "--bias", "--holdout", 0.3), ("--method", "spa")]


def test_result_page_lists_what_the_files_hold(tmp_path):
    (tmp_path / "V.csv").write_text(",a,b,c\nx,1,2,3\ny,4,5,7\nz,4,5,0\n")
    text = (ROOT / "docs/result.md").read_text()
    named = set(re.findall(r"`([^`\n]+)`", text))
    table = re.findall(r"^\| (`/.+?`) \|", text, re.M)
    paths = set()
    for code in re.findall(r"`([^`]+)`", " ".join(table)):
        group, _, members = code.partition("{")
        paths |= {group + member for member in members.rstrip("}").split(",")}
    state = {path for path in paths if path.startswith("/state/")}
    there = {"m.h5": {"/options", "/provenance"}, "c.h5": {"/options", "/provenance"}}
    for options in RUNS:
        fit(1, tmp_path / "V.csv", tmp_path / "m.h5", "-k", 2, *(() if "spa" in options else ("--checkpoint", tmp_path / "c.h5")), *options)
        for name, found in there.items():
            if not (tmp_path / name).exists():
                continue
            with h5py.File(tmp_path / name) as file:
                file.visititems(lambda path, item: found.add(f"/{path}") if isinstance(item, h5py.Dataset) else None)
                for group in ["/", "/provenance"] + ["/state"] * (name == "c.h5"):
                    assert set(file[group].attrs) <= named, group
                assert set(file["options"].attrs) == options_of("fit") - {"help"}
        for file in tmp_path.glob("c.h5*"):
            file.unlink()
    assert there == {"m.h5": paths - state, "c.h5": paths - {"/scale", "/anchors", "/anchor_names"}}
