#!/usr/bin/env python3
"""Runs all tests of one build and ends with one line: N passed, N failed, N skipped.

Which tests there are:
  tests/unit/test_*.c    programs of cmocka, run on their own
  tests/mpi/test_*.c     programs of cmocka, run on 1, 2, 3, 4 and 7 ranks, sanitized on 1, 2 and 7; a test passes
                         if it does on all
  tests/*/test_*.py      pytest; sanitized without those marked release_only
  with --static          layout of the sources, and direction of includes
A file that takes too long counts as a failure, as does a sanitizer's report and a leak from our own code.

What the tests find in their environment, besides settings that let mpirun start more ranks than cores:
  PARTWISE, PARTWISE_FAULTS    the program, and the one that fails on purpose (PARTWISE_FAULT=SITE:RANK:N)
  PARTWISE_DATA                folder of real data; may be absent: tests that need it are skipped
  PARTWISE_SLOW                how many times slower than usual to expect this build (1, sanitized 5)
  PARTWISE_TEST_SLURM          1: also run jobs on a Slurm of our own (scripts/test_cluster.sh)
  MPIRUN                       the starter of MPI programs
"""
import argparse
import collections
import concurrent.futures
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from environment import ENVIRONMENT, rank_counts  # noqa: E402

SECONDS = {"unit": 60, "mpi": 60, "pytest": 600}
SLOW_WHEN_SANITIZED = 5
SKIPPED_CODE = 77

Result = collections.namedtuple("Result", "name outcome text")
Run = collections.namedtuple("Run", "code output timed_out")


def environment(options):
    env = dict(os.environ, **ENVIRONMENT)
    env["PARTWISE"] = str(options.build / "partwise")
    env["PARTWISE_FAULTS"] = str(options.faults)
    env.setdefault("PARTWISE_DATA", str(ROOT.parent / "shared" / "data"))
    env.setdefault("MPIRUN", "mpirun")
    env["PARTWISE_SLOW"] = str(options.slow)
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT / "tests"), env.get("PYTHONPATH")]))
    return env


def sanitizer_settings(folder):
    """Reports go to files, as tests read what the program prints. Leaks are left out of the exit code, as
    the MPI library leaks in every run; ours are found in the files. Other errors abort. Names of functions
    are looked up here, and for our code only: a rank that names what MPI leaks takes twice as long to end."""
    return {
        "ASAN_OPTIONS": f"exitcode=0:abort_on_error=1:log_path={folder}/report:allocator_may_return_null=1"
                        ":symbolize=0",
        "UBSAN_OPTIONS": "print_stacktrace=1:abort_on_error=1",
    }


def end_group(process):
    """Asks first, so that pytest writes what it has and mpirun takes its ranks along."""
    for signal_number, seconds in ((signal.SIGINT, 15), (signal.SIGTERM, 5), (signal.SIGKILL, 5)):
        try:
            os.killpg(process.pid, signal_number)
            process.wait(seconds)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            pass


def run(command, seconds, env):
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                   cwd=ROOT, env=env, start_new_session=True)
        timed_out = False
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            timed_out = True
        except BaseException:
            end_group(process)
            raise
        if timed_out:
            end_group(process)
        output.seek(0)
        return Run(process.returncode, output.read().decode(errors="replace"), timed_out)


def failures_beside_tests(name, finished, seconds, results):
    """A program can fail although each of its tests that told its end was fine."""
    if finished.timed_out:
        return [Result(f"{name}: not done after {seconds} s", "failed", finished.output)]
    if finished.code != 0 and not any(r.outcome == "failed" for r in results):
        return [Result(f"{name}: exit code {finished.code}", "failed", finished.output)]
    return []


# ---- cmocka, which reports in the Test Anything Protocol

TAP_LINE = re.compile(r"(not )?ok (\d+)(?: - |\s*)(?:# SKIP )?(.*)")


def read_tap(text):
    """Outcomes by test, in order. Tests that were announced and never reported have failed."""
    results, announced = {}, 0
    for line in text.splitlines():
        plan = re.fullmatch(r"1\.\.(\d+)", line)
        match = TAP_LINE.match(line)
        if plan:
            announced += int(plan[1])
        elif match:
            name = match[3] or f"test {len(results) + 1}"
            if "# SKIP" in line:
                results[name] = "skipped"
            elif match[1]:
                results[name] = "failed"
            else:
                results.setdefault(name, "passed")
    if announced > len(results):
        results["(tests that never ended)"] = "failed"
    return results


def run_unit(path, options, env):
    program = options.build / path.with_suffix("")
    finished = run([str(program)], options.seconds["unit"], dict(env, CMOCKA_MESSAGE_OUTPUT="tap"))
    results = [Result(f"{path.stem}: {test}", outcome, finished.output if outcome == "failed" else "")
               for test, outcome in read_tap(finished.output).items()]
    return results + failures_beside_tests(path.stem, finished, options.seconds["unit"], results)


def worst(outcomes):
    return next((o for o in ("failed", "skipped") if o in outcomes), "passed")


def run_mpi(path, ranks, options, env):
    """Each rank reports into a file of its own."""
    program = options.build / path.with_suffix("")
    redirect = 'exec "$0" >"$1/${OMPI_COMM_WORLD_RANK:-${PMI_RANK:-0}}" 2>&1'
    name = f"{path.stem} on {ranks}"
    with tempfile.TemporaryDirectory() as folder:
        command = env["MPIRUN"].split() + ["-n", str(ranks), "sh", "-c", redirect, str(program), folder]
        finished = run(command, options.seconds["mpi"], dict(env, CMOCKA_MESSAGE_OUTPUT="tap"))
        texts = [p.read_text(errors="replace") for p in sorted(Path(folder).iterdir(), key=lambda p: int(p.name))]
    output = "".join(f"--- rank {rank}\n{text}" for rank, text in enumerate(texts)) + finished.output
    reports = [read_tap(text) for text in texts] or [{"(no rank started)": "failed"}]
    tests = dict.fromkeys(test for report in reports for test in report)
    results = []
    for test in tests:
        outcome = worst([report.get(test, "failed") for report in reports])
        results.append(Result(f"{name}: {test}", outcome, output if outcome == "failed" else ""))
    finished = finished._replace(output=output)
    return results + failures_beside_tests(name, finished, options.seconds["mpi"], results)


# ---- pytest, which reports in JUnit's XML

def read_junit(path):
    results = []
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        marks = {child.tag: f"{child.get('message') or ''}\n{child.text or ''}".strip() for child in case}
        outcome = "failed" if {"failure", "error"} & set(marks) else "skipped" if "skipped" in marks else "passed"
        text = marks.get("failure") or marks.get("error") or marks.get("skipped") or ""
        results.append(Result(f"{case.get('classname')}: {case.get('name')}", outcome, text))
    return results


def run_pytest(path, options, env):
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", "-o",
                   "junit_family=xunit1", "--basetemp", f"{folder}/tmp", f"--junitxml={report}", str(path)]
        finished = run(command, options.seconds["pytest"], env)
        results = read_junit(report) if report.exists() else []
    if finished.code == 5 and not results:
        if re.search(r"\b\d+ deselected", finished.output):
            return []
        return [Result(str(path), "failed", "no tests in this file")]
    return results + failures_beside_tests(str(path), finished, options.seconds["pytest"], results)


# ---- everything else

def run_static(script, options, env):
    finished = run([f"scripts/{script}"], 120, env)
    outcome = {0: "passed", SKIPPED_CODE: "skipped"}.get(finished.code, "failed")
    return [Result(script, outcome, finished.output.strip())]


FRAME = re.compile(r"^( +#\d+ 0x[0-9a-f]+) +\((/[^()]+)\+(0x[0-9a-f]+)\).*$", re.M)


def name_frames(text, build):
    """A report with names and lines instead of addresses where they are of programs of this build."""
    addresses, names = collections.defaultdict(set), {}
    for _, program, address in FRAME.findall(text):
        if Path(program).is_relative_to(build):
            addresses[program].add(address)
    for program, found in addresses.items():
        found = sorted(found)
        looked_up = subprocess.run(["addr2line", "-f", "-e", program, *found], capture_output=True, text=True, check=True)
        lines = [line.removeprefix(f"{ROOT}/") for line in looked_up.stdout.splitlines()]
        names.update(((program, address), f"in {name} {place}") for address, name, place in zip(found, lines[::2], lines[1::2]))
    return FRAME.sub(lambda match: f"{match[1]} {names[match.group(2, 3)]}" if match.group(2, 3) in names else match[0], text)


# What called malloc, calloc, ... is a function of ours; the build names sources by their path below ROOT.
OUR_LEAK = re.compile(r"^(Direct|Indirect) leak of .*\n +#0 .*\n +#1 \S+ in \S+ (src|tests)/", re.M)


def read_reports(name, folder, build):
    """Sanitizers' reports of one file of tests: errors and the leaks that are ours."""
    results = []
    for path in sorted(Path(folder).glob("report.*")):
        text = name_frames(path.read_text(errors="replace"), build)
        if "AddressSanitizer:" in text.replace("SUMMARY: AddressSanitizer:", "") or "runtime error:" in text:
            results.append(Result(f"{name}: sanitizer", "failed", text))
        paragraphs = [p for p in text.split("\n\n") if OUR_LEAK.search(p)]
        if paragraphs:
            results.append(Result(f"{name}: leak", "failed", "\n\n".join(paragraphs)))
    return results[:1]


def run_item(item, options, env):
    if not options.sanitized:
        return item.work(options, env)
    with tempfile.TemporaryDirectory() as folder:
        results = item.work(options, dict(env, **sanitizer_settings(folder)))
        return results + read_reports(item.name, folder, options.build)


def time_item(item, options, env):
    start = time.monotonic()
    return run_item(item, options, env), time.monotonic() - start


Item = collections.namedtuple("Item", "name work")


def find_items(options):
    items = []
    if options.static:
        for script in ("check_format.sh", "check_includes.sh"):
            items.append(Item(script, lambda o, e, s=script: run_static(s, o, e)))
    for path in sorted(ROOT.glob("tests/unit/test_*.c")):
        path = path.relative_to(ROOT)
        items.append(Item(str(path), lambda o, e, p=path: run_unit(p, o, e)))
    for path in sorted(ROOT.glob("tests/mpi/test_*.c")):
        path = path.relative_to(ROOT)
        for ranks in rank_counts(options.sanitized):
            items.append(Item(f"{path} on {ranks}", lambda o, e, p=path, r=ranks: run_mpi(p, r, o, e)))
    for path in sorted(ROOT.glob("tests/*/test_*.py")):
        path = path.relative_to(ROOT)
        items.append(Item(str(path), lambda o, e, p=path: run_pytest(p, o, e)))
    return [item for item in items if options.only in item.name]


def count(results, outcome):
    return sum(r.outcome == outcome for r in results)


def show(item, results, seconds):
    failed, skipped = count(results, "failed"), count(results, "skipped")
    parts = [f"{count(results, 'passed')} ok"] + [f"{failed} FAILED"] * bool(failed) + [f"{skipped} skipped"] * bool(skipped)
    print(f"{item.name:<44} {', '.join(parts)} ({seconds:.1f} s)", flush=True)
    shown = set()
    for result in results:
        if result.outcome == "failed":
            text = result.text.rstrip()
            print(f"  FAILED {result.name}")
            if text not in shown:
                print("\n".join("    | " + line for line in text.splitlines()), flush=True)
            shown.add(text)


def summarise(results):
    reasons = collections.Counter(r.text.splitlines()[0] if r.text else r.name for r in results if r.outcome == "skipped")
    for reason, times in reasons.items():
        print(f"skipped {times}: {reason}")
    for result in results:
        if result.outcome == "failed":
            print(f"failed: {result.name}")
    print(f"{count(results, 'passed')} passed, {count(results, 'failed')} failed, {count(results, 'skipped')} skipped",
          flush=True)


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, required=True, help="folder with partwise and tests/")
    parser.add_argument("--faults", type=Path, required=True, help="the program that fails on purpose")
    parser.add_argument("--static", action="store_true", help="check the sources too")
    parser.add_argument("--sanitized", action="store_true", help="the build has sanitizers")
    parser.add_argument("--only", default="", metavar="WORD", help="run the files whose name contains this")
    options = parser.parse_args()
    options.build, options.faults = options.build.resolve(), options.faults.resolve()
    options.slow = SLOW_WHEN_SANITIZED if options.sanitized else 1
    options.seconds = {kind: seconds * options.slow for kind, seconds in SECONDS.items()}
    return options


def main():
    options = read_options()
    env = environment(options)
    if not shutil.which(env["MPIRUN"].split()[0]):
        sys.exit(f"run_tests: {env['MPIRUN']} is not there")
    results = []
    # Tests mostly wait for processes to start and end: a few files run side by side, one more than there are cores.
    with concurrent.futures.ThreadPoolExecutor(min(4, (os.cpu_count() or 1) + 1)) as pool:
        waiting = [(item, pool.submit(time_item, item, options, env)) for item in find_items(options)]
        for item, future in waiting:
            outcome, seconds = future.result()
            show(item, outcome, seconds)
            results += outcome
    summarise(results)
    return 1 if count(results, "failed") or not results else 0


if __name__ == "__main__":
    sys.exit(main())
