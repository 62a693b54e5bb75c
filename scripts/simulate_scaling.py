#!/usr/bin/env python3
"""Simulates iterations of `partwise fit` on networks that are not at hand, and prints how they scale.

What each rank computes is what `partwise plan` predicts, and the time of adding up what comes; what its messages take, while those of all ranks
share the links of a fat tree, comes from SimGrid (smpirun -replay, Debian package simgrid), which plays the calls of an iteration one after the
other: allreduces with Open MPI's algorithms, those among some of the ranks (src/dist/shards.h), for which traces have no words, as rings.

    scripts/simulate_scaling.py                     the tables of docs/performance.md
    scripts/simulate_scaling.py --ranks 64 --rows 1e6 --columns 5000 --nonzeros 1e8 -k 30
"""

import argparse
import itertools
import pathlib
import random
import re
import shutil
import subprocess
import tempfile

import mistakes

ROOT = pathlib.Path(__file__).resolve().parent.parent
HOSTS = 1024  # of the simulated network
SPEED = 1e9  # flops per second of a simulated host: only their seconds count
ITERATIONS = 3
ADDING = 10e9  # bytes of sums per second to which a rank adds what comes: they are read from memory
COLUMNS = ("ranks", "how", "products", "update_w", "update_h", "messages", "seconds", "efficiency")


def power_of_two(text):
    ranks = mistakes.count(text)
    if ranks & (ranks - 1) or ranks > HOSTS:
        raise argparse.ArgumentTypeError(f"{ranks} is no power of two up to {HOSTS}.")
    return ranks


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--partwise", default=str(ROOT / "build/release/partwise"), metavar="PROGRAM")
    parser.add_argument("--ranks", type=power_of_two, nargs="+", help=f"powers of two, up to {HOSTS}")
    parser.add_argument("--rows", type=float, help="with --columns: of this V, instead of the tables")
    parser.add_argument("--columns", type=float)
    parser.add_argument("--nonzeros", type=float)
    parser.add_argument("-k", type=int, default=50)
    parser.add_argument("--bandwidth", type=float, default=12.5e9, help="bytes per second of each link and direction (default 12.5e9)")
    parser.add_argument("--latency", type=float, default=1e-6, help="seconds of each link (default 1e-6)")
    parser.add_argument("--noise", type=float, default=0, help="standard deviation of the ranks' computing times, relative (default 0)")
    options = parser.parse_args()
    if (options.rows is None) != (options.columns is None) or (options.rows is None and options.nonzeros is not None):
        parser.error("--rows, --columns and --nonzeros: V needs rows and columns.")
    return options


# ---- what ranks compute


def plan(options, ranks, rows, columns, nonzeros, how):
    """The predicted seconds of an iteration, by part."""
    words = ["--rows", rows, "--columns", columns, "--nonzeros", nonzeros, "-k", options.k, "--ranks", ranks, "--h-update", how, "--distribute", "rows",
             "--latency", options.latency, "--bandwidth", options.bandwidth]
    told = mistakes.run(options.partwise, "plan", *(f"{w:.0f}" if isinstance(w, float) and w > 1 else w for w in words))
    line = re.search(rf"^ *{ranks} +(?:sharded|replicated) .*", told, re.M)
    return dict(zip(COLUMNS, line[0].split()))


# ---- what they say to each other


def ring(member, sizes, rank_of):
    """The messages of a ring of members that have so many bytes each: whom it goes to, whom another comes from, bytes out and in."""
    n = len(sizes)
    to, source = rank_of((member + 1) % n), rank_of((member - 1) % n)
    return [(to, source, sizes[(member - turn) % n], sizes[(member - turn - 1) % n]) for turn in range(n - 1)]


def steps(ranks, shares):
    """For a rank the messages of the steps within its group and across groups: of runs of shards, and of the shards of its run."""
    members = 1 << ranks.bit_length() // 2  # of a group: pw_shards_group with a rank a node
    groups = ranks // members
    runs = [sum(shares[i * groups:(i + 1) * groups]) for i in range(members)]

    def within(r):
        return ring(r % members, runs, lambda i: r // members * members + i)

    def across(r):
        run = r % members
        return ring(r // members, shares[run * groups:(run + 1) * groups], lambda g: g * members + run)

    return within, across


def calls(options, ranks, columns, how, cost):
    """The calls of an iteration by all ranks: words, of computing seconds, of rings the messages of a rank."""
    k, square = options.k, 8 * options.k**2
    message = int(8 * columns * k)
    sweep, update, add = float(cost["products"]) + float(cost["update_w"]), float(cost["update_h"]), message / ADDING
    figures = ("allreduce", f"{max(4096, 8 * (4 + 2 * k))} 0")  # a broadcast, which takes less: SimGrid 3.32 crashes in small ones
    if how == "replicated":
        return [("compute", sweep), ("allreduce", f"{message + square} 0"), ("compute", add), ("compute", update), figures]
    within, across = steps(ranks, [8 * k * (int(columns) // ranks + (q < int(columns) % ranks)) for q in range(ranks)])
    return [("compute", sweep), ("ring", within), ("ring", across), ("compute", add), ("allreduce", f"{square} 0"), ("compute", update),
            ("allreduce", f"{square} 0"), ("ring", across), ("ring", within), figures]


def lines(options, chance, rank, call, what):
    """How a trace says it."""
    if call == "compute":
        yield f"compute {what * max(0, chance.gauss(1, options.noise)) * SPEED:.0f}"
    elif call == "ring":
        for to, source, sent, received in what(rank):
            yield from (f"irecv {source} 0 {received}", f"send {to} 0 {sent}", f"wait {source} {rank} 0")
    else:
        yield f"{call} {what}"


def write_traces(folder, options, ranks, program):
    chance = random.Random(0)
    for r in range(ranks):
        said = itertools.chain.from_iterable(lines(options, chance, r, *call) for _ in range(ITERATIONS) for call in program)
        with open(folder / f"{r}.trace", "w", encoding="ascii") as trace:
            trace.writelines(f"{r} {line}\n" for line in itertools.chain(["init"], said, ["finalize"]))
    (folder / "traces").write_text("".join(f"{folder / f'{r}.trace'}\n" for r in range(ranks)))


def write_network(folder, options):
    """A fat tree of HOSTS hosts, one rank on each, with half as many links up from each switch as hosts at it."""
    (folder / "network.xml").write_text(f"""<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1"><zone id="world" routing="Full">
<cluster id="tree" prefix="n" suffix="" radical="0-{HOSTS - 1}" speed="{SPEED:.0f}f" bw="{options.bandwidth:.0f}Bps" lat="{options.latency * 1e9:.0f}ns"
 topology="FAT_TREE" topo_parameters="2;32,32;1,16;1,1" sharing_policy="SPLITDUPLEX" loopback_bw="20GBps" loopback_lat="0"/>
</zone></platform>
""")
    (folder / "hosts").write_text("".join(f"n{r}\n" for r in range(HOSTS)))


def simulate(options, ranks, program):
    """Seconds of an iteration."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_traces(folder, options, ranks, program)
        write_network(folder, options)
        done = subprocess.run(["smpirun", "-np", str(ranks), "-platform", folder / "network.xml", "-hostfile", folder / "hosts",
                               "--cfg=smpi/coll-selector:ompi", f"--cfg=smpi/host-speed:{SPEED:.0f}f", "--cfg=smpi/display-timing:yes", "--log=root.thres:critical",
                               "--log=smpi_utils.thres:info", "-replay", folder / "traces"], capture_output=True, text=True, check=False)
    found = re.search(r"Simulated time: ([0-9.e+-]+)", done.stdout + done.stderr)
    if done.returncode or not found:
        mistakes.end(f"smpirun: {(done.stdout + done.stderr)[-2000:]}", 1)
    return float(found[1]) / ITERATIONS


# ---- tables


def show(options, title, cases):
    print(f"\n{title}\n\n| ranks | H update | sweep and W [s] | H [s] | s / iteration | of it messages and waiting | efficiency | against the first |")
    print("|---|---|---|---|---|---|---|---|")
    first = {}
    for ranks, rows, columns, nonzeros in cases:
        for how in ("sharded", "replicated"):
            cost = plan(options, ranks, rows, columns, nonzeros, how)
            alone = plan(options, 1, rows, columns, nonzeros, how)
            seconds = simulate(options, ranks, calls(options, ranks, columns, how, cost))
            own = float(cost["products"]) + float(cost["update_w"])
            rest = max(0.0, seconds - own - float(cost["update_h"]))
            work = float(alone["seconds"]) / ranks
            efficiency = work / seconds
            relative = efficiency / first.setdefault(how, efficiency)
            print(f"| {ranks} | {how} | {own:.4g} | {float(cost['update_h']):.3g} | {seconds:.4g} | {rest:.3g} | {100 * efficiency:.1f} % "
                  f"| {100 * relative:.1f} % |", flush=True)


def main():
    options = parse()
    if not shutil.which("smpirun"):
        mistakes.end("smpirun is missing; it is in SimGrid (Debian: apt install simgrid).")
    print(f"latency {options.latency:g} s and {options.bandwidth:g} bytes/s a link and direction, a rank a host, k = {options.k}, noise {options.noise:g}")
    if options.rows is not None:
        show(options, f"{options.rows:.0f} × {options.columns:.0f}", [(p, options.rows, options.columns, options.nonzeros or 0) for p in options.ranks or (1024,)])
        return
    weak, strong = options.ranks or (16, 256, 1024), options.ranks or (256, 512, 1024)
    show(options, "Weak: 19,500 rows a rank × 10,000 columns, dense", [(p, 19500 * p, 10000, 0) for p in weak])
    show(options, "Weak: 19,500 rows a rank × 100,000 columns, 100 nonzeros a row", [(p, 19500 * p, 100000, 100 * 19500 * p) for p in weak])
    show(options, "Strong: 20,000,000 × 10,000, dense", [(p, 20_000_000, 10000, 0) for p in strong])
    show(options, "Strong: 20,000,000 × 100,000, 100 nonzeros a row", [(p, 20_000_000, 100000, 2_000_000_000) for p in strong])


if __name__ == "__main__":
    main()
