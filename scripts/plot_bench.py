#!/usr/bin/env python3
"""Draws what `partwise bench` measured, of one run or of several on different numbers of ranks:

  roofline   rate of both products of a sweep against operations per byte, under the roof of peak and bandwidth
  share      what share of the roof (sparse: that of gather and scatter) each case reaches, and how many times longer BLAS takes
  scaling    how many times faster all ranks are than one alone, against the ranks
  iterations where the time of whole iterations goes

  plot_bench.py one.json two.json four.json -o bench.png
"""
import argparse
import json
import sys

try:
    import matplotlib

    matplotlib.use("Agg")  # needs no screen
    from matplotlib import pyplot
except ImportError as missing:
    sys.exit(f"plot_bench.py: error: {missing}. Run scripts/install_deps.sh, then build/venv/bin/python3 scripts/plot_bench.py.")

# Okabe and Ito 2008: colour-blind people tell neighbours apart.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#999999")
MARKS = "osD^vP*X"
PHASES = {"products": ("sweep: V Ht", "sweep: Wt V"), "update": ("sweep: update",), "rest": ("sweep: rest",), "reduce": ("reduce",),
          "H update": ("replicated update",), "other": ("gram", "objective")}


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            run = json.load(file)
        run["machine"]["all"], run["sweeps"], run["iterations"]  # what a file of something else does not have
        return run
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"plot_bench.py: error: {path}: not written by partwise bench ({error!r}).")


def kind(case):
    """What has one colour: all k of it."""
    return f"{case['storage']} {case['rows']}×{case['columns']} {case['type']}, {case['precision']}"


def colour_of(runs):
    kinds = dict.fromkeys(kind(case) for run in runs for case in run["sweeps"] + run["iterations"])
    return {name: PALETTE[i % len(PALETTE)] for i, name in enumerate(kinds)}


def draw_roofline(axes, runs, colours):
    for number, run in enumerate(runs):
        machine = run["machine"]["all" if run["ranks"] * run["threads"] > 1 else "one"]
        x = [2.0 ** i for i in range(-4, 11)]
        for precision, style in (("f64", "-"), ("f32", "--")):
            axes.plot(x, [1e-9 * min(machine[f"peak_{precision}"], machine["bandwidth"] * i) for i in x], style, color="#666666", lw=1,
                      label=f"roof {precision}" if number == 0 else None)
        for case in run["sweeps"]:
            axes.plot(case["flops"] / case["bytes"], 1e-9 * case["flops"] / case["seconds"], MARKS[number % len(MARKS)],
                      color=colours[kind(case)], ms=5, mfc="none" if number else None)
    for name, colour in colours.items():
        axes.plot([], [], "o", color=colour, label=name)
    for number, run in enumerate(runs):
        axes.plot([], [], MARKS[number % len(MARKS)], color="black", mfc="none", label=f"{run['ranks']} ranks × {run['threads']} threads")
    axes.set(xscale="log", yscale="log", xlabel="operations per byte that must cross memory", ylabel="GF/s", title="Both products of a sweep")
    axes.legend(fontsize=6, loc="lower right")


def draw_shares(axes, run, colours):
    cases = run["sweeps"]
    places = range(len(cases))
    axes.barh(places, [100 * case["of_roof"] for case in cases], color=[colours[kind(case)] for case in cases])
    for place, case in zip(places, cases):
        if case["blas_ratio"]:
            axes.text(1, place, f"BLAS {case['blas_ratio']:.1f}×", va="center", fontsize=5)
    axes.set_yticks(places, [f"{case['storage']} {case['type']} {case['precision']} k={case['k']}" for case in cases], fontsize=5)
    axes.invert_yaxis()
    axes.axvline(100, color="#666666", lw=1)
    axes.set(xlabel="% of the roof", title=f"{run['ranks']} ranks × {run['threads']} threads: share of the roof")


def draw_scaling(axes, runs, colours):
    curves = {}
    for run in runs:
        for case in run["sweeps"]:
            ratio = 1 if run["ranks"] == 1 else case["alone_ratio"]
            curves.setdefault((kind(case), case["k"]), {})[run["ranks"]] = ratio
    most = max(run["ranks"] for run in runs)
    axes.plot([1, most], [1, most], "--", color="#666666", lw=1, label="ideal")
    for (name, k), curve in curves.items():
        points = sorted({1: 1, **curve}.items())
        axes.plot(*zip(*points), "o-", color=colours[name], lw=0.8, ms=3)
        if most > 1:
            axes.annotate(f"k={k}", points[-1], fontsize=5, xytext=(3, 0), textcoords="offset points")
    axes.set(xlabel="ranks", ylabel="times one rank alone", title="Scaling of the products" if most > 1 else "Scaling: give runs on more ranks")
    axes.legend(fontsize=6)


def draw_iterations(axes, run):
    cases = run["iterations"]
    left = [0.0] * len(cases)
    for number, (name, phases) in enumerate(PHASES.items()):
        widths = [1e3 * sum(case["phases"].get(phase, 0) for phase in phases) for case in cases]
        axes.barh(range(len(cases)), widths, left=left, color=PALETTE[number], label=name)
        left = [a + b for a, b in zip(left, widths)]
    axes.set_yticks(range(len(cases)), [f"{c['storage']} {c['type']} {c['precision']} k={c['k']} {c['loss']}:{c['method']}" for c in cases],
                    fontsize=5)
    axes.invert_yaxis()
    axes.set(xlabel="ms of an iteration", title="Whole iterations")
    if cases:
        axes.legend(fontsize=6)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="FILE.json")
    parser.add_argument("-o", "--output", default="bench.png", help="picture: .png, .pdf, .svg")
    options = parser.parse_args()
    runs = sorted((read(path) for path in options.files), key=lambda run: run["ranks"] * run["threads"])
    colours = colour_of(runs)
    height = max(9, 4 + 0.14 * max(len(run["iterations"]) + len(run["sweeps"]) for run in runs))
    figure, axes = pyplot.subplots(2, 2, figsize=(13, height), layout="constrained")
    draw_roofline(axes[0, 0], runs, colours)
    draw_shares(axes[0, 1], runs[-1], colours)
    draw_scaling(axes[1, 0], runs, colours)
    draw_iterations(axes[1, 1], runs[-1])
    try:
        figure.savefig(options.output, dpi=160)
    except (OSError, ValueError) as error:
        sys.exit(f"plot_bench.py: error: {options.output}: {error}.")
    print(options.output)


if __name__ == "__main__":
    main()
