#!/usr/bin/env python3
"""Draws what `partwise scan` found: the criteria against k, and the consensus of the restarts for each k.

  PREFIX-survey.png, .pdf  every criterion that is defined, against k; the k that each suggests, and why;
                           the objective of each restart
  PREFIX-k3.png, .pdf      k = 3: how often two items fell into one cluster, in the order of the dendrogram,
                           beside the dendrogram, the clusters and the silhouette of each item

Of more than 900 items the picture shows means over neighbours. The file is never read as a whole.
"""
import argparse
import collections
import re
import sys
import textwrap
import warnings

try:
    import matplotlib
    import numpy
    from scipy.optimize import linear_sum_assignment

    matplotlib.use("Agg")  # needs no screen
    from matplotlib import pyplot
    from matplotlib.collections import LineCollection
    from matplotlib.colors import to_rgb
    from matplotlib.patches import Patch
    from matplotlib.ticker import MaxNLocator
    from scan_file import (COUNTS, OBJECTIVES, Unreadable, bin_edges, bin_means, open_scan, read_consensus, read_names,
                           read_survey, read_truth)
    from whole_file import whole_file
except ImportError as missing:
    sys.exit(f"plot_scan.py: error: {missing}. Run scripts/install_deps.sh, then build/venv/bin/python3 scripts/plot_scan.py.")

BAD_OPTIONS, BAD_INPUT, BAD_OUTPUT, NO_MEMORY = 2, 3, 4, 5
FORMATS = ("png", "pdf")
NAMED = 100  # items up to which their names are written
DPI = 160

# Okabe and Ito 2008 without black, then darker ones of Tol: colour-blind people tell neighbours apart.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442",
           "#332288", "#882255", "#999933", "#117733", "#AA4499")
BLUE, ORANGE, GREY, MARK = PALETTE[0], PALETTE[1], "#666666", "#D55E00"
NO_LABEL = "#DDDDDD"

Panel = collections.namedtuple("Panel", "columns title hint")
PANELS = (
    Panel(("relative_error",), "relative error", "look for a bend"),
    Panel(("residual_sum_of_squares",), "residual sum of squares", "look for a bend"),
    Panel(("explained_variance",), "explained variance", "look for a bend"),
    Panel(("cophenetic",), "cophenetic correlation", "higher is better"),
    Panel(("dispersion",), "dispersion", "higher is better"),
    Panel(("consensus_silhouette",), "silhouette of the consensus", "higher is better"),
    Panel(("stability_mean", "stability_min"), "stability of components", "higher is better"),
    Panel(("holdout_error",), "held-out error", "lower is better"),
    Panel(("aic",), "AIC", "lower is better"),
    Panel(("bic",), "BIC", "lower is better"),
    Panel(("sparseness_w", "sparseness_h"), "sparseness", "1: one entry, 0: all equal"),
    Panel(("mean_iterations",), "iterations", "mean, until a model stopped"),
)


class BadOptions(Exception):
    """The options do not suit the file."""


class Unwritable(Exception):
    """A picture cannot be written."""


# ---- Truth beside clusters


def misplaced(cluster, labels):
    """Items apart from most of their kind, and in words what that means.

    With fewer clusters than labels a cluster may hold several labels, but a label should lie in one cluster;
    with as many or more a label may be split, but a cluster should hold one.
    """
    at = [i for i, label in enumerate(labels) if label is not None]
    few = len(set(cluster[at])) < len({labels[i] for i in at})
    group, value = ((lambda i: labels[i]), (lambda i: cluster[i])) if few else ((lambda i: cluster[i]), (lambda i: labels[i]))
    counts = collections.defaultdict(collections.Counter)
    for i in at:
        counts[group(i)][value(i)] += 1
    main = {key: counter.most_common(1)[0][0] for key, counter in counts.items()}
    words = "outside the main cluster of their label" if few else "not of the main label of their cluster"
    return [i for i in at if value(i) != main[group(i)]], f"of {len(at)} {words}"


def label_colours(cluster, labels):
    """Label → colour: that of the cluster which it suits best, one to one, as far as there are clusters."""
    kinds = sorted({label for label in labels if label is not None})
    counts = numpy.zeros((len(kinds), cluster.max() + 1), dtype=int)
    for label, c in zip(labels, cluster):
        if label is not None:
            counts[kinds.index(label), c] += 1
    rows, columns = linear_sum_assignment(counts, maximize=True)
    chosen = dict(zip(rows, columns))
    free = iter(sorted(set(range(len(kinds) + counts.shape[1])) - set(range(counts.shape[1]))))
    return {kind: colour(chosen[i] if i in chosen else next(free)) for i, kind in enumerate(kinds)}


# ---- Drawing


def colour(number):
    return PALETTE[number % len(PALETTE)]


def plain(text):
    """Text that matplotlib does not take for mathematics."""
    return " ".join(str(text).split()).replace("$", r"\$")


def short(text, length=28):
    text = plain(text)
    return text if len(text) <= length else text[:length - 1] + "…"


def counted(number, noun):
    return f"{number:.0f} {noun}{'' if number == 1 else 's'}"


def finite(values):
    return values[numpy.isfinite(values)]


class Page:
    """A figure on which things are placed in inches from the upper left corner."""

    def __init__(self, width, height):
        self.width, self.height = width, height
        self.figure = pyplot.figure(figsize=(width, height))

    def axes(self, left, top, width, height):
        box = (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height)
        axes = self.figure.add_axes(box)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
        return axes

    def text(self, left, top, words, **how):
        return self.figure.text(left / self.width, 1 - top / self.height, words, va="top", **how)

    def title(self, first, *rest):
        self.text(0.25, 0.15, first, fontsize=13, fontweight="bold")
        self.text(0.25, 0.45, "\n".join(rest), fontsize=9.5, linespacing=1.4)


def defined(survey):
    """The panels to draw, those that the script does not know at the end, and the columns that hold nothing."""
    known = {name for panel in PANELS for name in panel.columns}.union(OBJECTIVES, COUNTS)
    others = tuple(Panel((name,), name.replace("_", " "), "") for name in survey.columns if name not in known)
    has = {name for name, values in survey.columns.items() if numpy.isfinite(values).any()}
    cut = (panel._replace(columns=tuple(name for name in panel.columns if name in has)) for panel in PANELS + others)
    return [panel for panel in cut if panel.columns], sorted(set(survey.columns) - has)


def suggested(survey, panel):
    """The k that criteria of this panel suggest. A criterion may leave out the end of a column's name: stability."""
    found = {s.k for s in survey.suggestions for name in panel.columns
             if (name + "_").startswith(re.sub(r"\W+", "_", s.criterion.strip().lower()) + "_")}
    return sorted(found.intersection(survey.k.tolist()))


def finish_panel(axes, survey, title, hint=""):
    axes.set_title(title, fontsize=9.5, loc="left", fontweight="bold", pad=15)
    axes.text(0, 1.02, hint, transform=axes.transAxes, fontsize=8, color=GREY, va="bottom")
    axes.set_xlabel("k", fontsize=8.5, labelpad=1)
    axes.set_xlim(survey.k[0] - 0.5, survey.k[-1] + 0.5)
    if len(survey.k) <= 12:
        axes.set_xticks(survey.k)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(10, integer=True))
    axes.grid(axis="y", color="#E6E6E6", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.margins(y=0.12)
    axes.ticklabel_format(axis="y", useMathText=True, scilimits=(-3, 4))
    axes.yaxis.get_offset_text().set(x=1, ha="right", fontsize=8)  # at the right, the hint is at the left


def draw_criterion(axes, survey, panel):
    for name, line, shade in zip(panel.columns, ("o-", "s--"), (BLUE, GREY)):
        axes.plot(survey.k, survey.columns[name], line, color=shade, markersize=4, linewidth=1.4,
                  label={"w": "W", "h": "H"}.get(part := name.rpartition("_")[2], part))
    for k in suggested(survey, panel):
        axes.axvspan(k - 0.35, k + 0.35, color=MARK, alpha=0.18, linewidth=0, zorder=0)
        at = survey.k.tolist().index(k)
        axes.plot(k, survey.columns[panel.columns[0]][at], "o", markersize=10, fillstyle="none", color=MARK, markeredgewidth=1.8)
    finish_panel(axes, survey, panel.title, panel.hint)
    if len(panel.columns) > 1:
        axes.legend(fontsize=8, frameon=False, handlelength=2, borderaxespad=0.2)


def scatter_restarts(axes, ks, values):
    """Each restart a dot, spread sideways so that they do not hide each other."""
    for k, each in zip(ks, values):
        aside = 0.5 * ((numpy.arange(len(each)) * 0.618034) % 1 - 0.5)
        axes.plot(k + aside, each, "o", markersize=3.2, color=GREY, alpha=0.45, markeredgewidth=0,
                  rasterized=len(each) > 500, label="a restart" if k == ks[0] else None)


def draw_objectives(axes, survey):
    scatter_restarts(axes, survey.k, survey.objectives)
    axes.plot(survey.k, survey.columns["mean_objective"], "s--", color=ORANGE, markersize=4, linewidth=1.4, label="mean")
    axes.plot(survey.k, survey.columns["best_objective"], "o-", color=BLUE, markersize=4, linewidth=1.4, label="best")
    finish_panel(axes, survey, "objective", "look for a bend")
    axes.legend(fontsize=8, frameon=False, handlelength=2, borderaxespad=0.2)


def draw_excess(axes, survey):
    """How far the restarts of a k are from the best of them, in percent; the middle half as a box."""
    found = [finite(objective) for objective in survey.objectives]
    excess = [100 * (each - each.min()) / (abs(each.min()) or 1) if each.size else each for each in found]
    line = {"color": BLUE, "linewidth": 1.2}
    axes.boxplot(excess, positions=survey.k, widths=0.62, showfliers=False, manage_ticks=False, boxprops=line,
                 whiskerprops=line, capprops=line, medianprops={**line, "linewidth": 2})
    scatter_restarts(axes, survey.k, excess)
    finish_panel(axes, survey, "restarts above the best, %", "box: median and middle half")


def suggestion_rows(survey, missing):
    """What is written below the panels, a tuple of (place from the left in inches, words, looks) for each line."""
    strong, loud, faint = {"fontweight": "bold"}, {"fontweight": "bold", "color": "#A33B00"}, {"color": GREY}
    rows = [[(0, "Suggested" if survey.suggestions else "No criterion suggests a k.", strong)]]
    for s in survey.suggestions:
        first, *rest = textwrap.wrap(s.reason, 125) or [""]
        told = f"k = {s.k}" if s.k in survey.k else "no k"
        rows.append([(0, short(s.criterion.replace("_", " ")), {}), (2, told, strong), (2.65, first, {})])
        rows += [[(2.65, more, {})] for more in rest]
    for words, look in ((survey.warning.strip() and "Warning: " + survey.warning, loud),
                        (missing and "Not defined or not asked for: " + ", ".join(missing).replace("_", " "), faint)):
        if words:
            rows += [[], *([(0, line, look)] for line in textwrap.wrap(words, 135))]
    return rows


def draw_survey(survey):
    panels, missing = defined(survey)
    below = suggestion_rows(survey, missing)
    across, wide, high, line = 4, 3.0, 2.4, 0.19
    drawn = [draw_objectives, draw_excess] + [lambda axes, survey, panel=panel: draw_criterion(axes, survey, panel) for panel in panels]
    bottom = 0.85 + -(-len(drawn) // across) * high
    page = Page(across * wide + 0.35, bottom + len(below) * line + 0.25)
    least, most = survey.columns["restarts"].min(), survey.columns["restarts"].max()
    restarts = counted(most, "restart") if least == most else f"{least:.0f} to {most:.0f} restarts"
    page.title(f"Rank survey: {restarts} of each k", survey.about)
    for place, draw in enumerate(drawn):
        draw(page.axes(0.75 + place % across * wide, 1.2 + place // across * high, wide - 0.9, high - 0.95), survey)
    handle = pyplot.Line2D([], [], marker="o", markersize=10, fillstyle="none", color=MARK, linestyle="", markeredgewidth=1.8)
    page.figure.legend([handle], ["suggested by this criterion"], loc="upper right", fontsize=9, frameon=False,
                       bbox_to_anchor=(1 - 0.2 / page.width, 1 - 0.1 / page.height))
    for i, row in enumerate(below):
        for left, words, look in row:
            page.text(0.25 + left, bottom + i * line, plain(words), fontsize=9, **look)
    return page.figure


def branches(consensus):
    """The dendrogram as lines of (distance, place), and the cluster of each, -1 above the cut.

    Not by hierarchy.dendrogram: that has an order of leaves of its own, and recurses as deep as the tree.
    """
    items, merges = len(consensus.order), consensus.linkage
    place = numpy.empty(items + len(merges))
    place[consensus.order] = numpy.arange(items)
    height, cluster = numpy.zeros(len(place)), numpy.full(len(place), -1)
    cluster[:items] = consensus.cluster
    lines = []
    for i, (a, b) in enumerate(merges[:, :2].astype(int), items):
        place[i], height[i] = (place[a] + place[b]) / 2, merges[i - items, 2]
        cluster[i] = cluster[a] if cluster[a] == cluster[b] else -1
        lines.append([(height[a], place[a]), (height[i], place[a]), (height[i], place[b]), (height[b], place[b])])
    return lines, cluster[items:]


def draw_dendrogram(axes, consensus):
    lines, cluster = branches(consensus)
    many = len(consensus.order) > 10 * NAMED
    shades = [colour(c) if c >= 0 else "#333333" for c in cluster]
    axes.add_collection(LineCollection(lines, colors=shades, linewidths=0.5 if many else 1.1, rasterized=many))
    heights = consensus.linkage[:, 2]
    axes.set_xlim(1.04 * max(heights, default=0) or 1, 0)
    if 1 < consensus.k <= len(heights):  # between the last merge within clusters and the first across
        axes.axvline(heights[-consensus.k + 1:][0] / 2 + heights[-consensus.k] / 2, color=GREY, linestyle=":", linewidth=1)
    axes.set_xlabel("distance,\n1 − consensus", fontsize=8.5)
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])


def draw_strip(axes, shades, title):
    """Colours from top to bottom, one an item or that of the middle item where items are many."""
    edges = bin_edges(len(shades))
    picked = [to_rgb(shades[i]) for i in (edges[:-1] + edges[1:]) // 2]
    axes.imshow(numpy.array(picked)[:, None], aspect="auto", extent=(0, 1, len(shades) - 0.5, -0.5), interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.set_xlabel(title, fontsize=8.5, rotation=90)
    axes.spines[:].set_visible(False)


def draw_clusters(axes, consensus):
    ordered = consensus.cluster[consensus.order]
    draw_strip(axes, [colour(c) for c in ordered], "cluster")
    for c in range(consensus.k):
        at = numpy.flatnonzero(ordered == c)
        if len(at) and len(at) >= 0.02 * len(ordered):
            dark = numpy.dot(to_rgb(colour(c)), (0.299, 0.587, 0.114)) < 0.5
            axes.text(0.5, at.mean(), str(c), ha="center", va="center", fontsize=8.5, color="white" if dark else "black")


def draw_silhouettes(axes, consensus):
    items = len(consensus.order)
    values, ordered = bin_means(consensus.silhouette[consensus.order]), consensus.cluster[consensus.order]
    edges = bin_edges(items)
    middle = (edges[:-1] + edges[1:]) // 2
    axes.barh((edges[:-1] + edges[1:] - 1) / 2, values, height=numpy.diff(edges) * (0.8 if items <= NAMED else 1),
              color=[colour(c) for c in ordered[middle]], linewidth=0, rasterized=items > NAMED)
    low = numpy.nanmin(values, initial=0)
    axes.set_xlim(min(0, -0.05 if low < 0 else 0, 1.1 * low), 1.02)
    axes.axvline(0, color="black", linewidth=0.8)
    mean = finite(consensus.silhouette)
    if mean.size:
        axes.axvline(mean.mean(), color="black", linestyle="--", linewidth=0.8)
    axes.set_xlabel("silhouette" + ("\n(dashed: mean)" if mean.size else ""), fontsize=8.5)
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])


def draw_image(page, axes, consensus, bar):
    items = len(consensus.order)
    picture = axes.imshow(consensus.image, vmin=0, vmax=1, cmap="cividis", aspect="auto",
                          extent=(-0.5, items - 0.5, items - 0.5, -0.5), rasterized=True)
    axes.set(xticks=[], yticks=[])
    page.figure.colorbar(picture, cax=bar, orientation="horizontal")
    bar.tick_params(labelsize=8)
    bar.set_xlabel("share of the restarts in which two items are in one cluster", fontsize=8.5)


def row_labels(consensus, names, labels):
    """What is written beside the rows, from top to bottom."""
    return [short(names[i]) + (f"  ({short(labels[i])})" if labels and labels[i] is not None else "") for i in consensus.order]


def headings(consensus, survey, side, labels):
    """The lines of the title."""
    items, at = len(consensus.order), survey.k.tolist().index(consensus.k)
    told = [f"{title} {survey.columns[name][at]:.4f}" for name, title in
            (("cophenetic", "cophenetic correlation"), ("dispersion", "dispersion"), ("consensus_silhouette", "mean silhouette"))
            if name in survey.columns and numpy.isfinite(survey.columns[name][at])]
    lines = [f"k = {consensus.k}: consensus of {counted(survey.columns['restarts'][at], 'restart')}, "
             f"{counted(items, side[:-1])}", survey.about, ", ".join(told)]
    if labels:
        wrong, words = misplaced(consensus.cluster, labels)
        lines.append(f"{len(wrong)} {words}")
    return [plain(line) for line in lines if line]


def draw_legend(page, consensus, labels, left, top):
    shades = label_colours(consensus.cluster, labels)
    patches = [Patch(color=shade, label=short(label)) for label, shade in shades.items()][:12]
    if len(shades) > 12:
        patches.append(Patch(alpha=0, label=f"and {len(shades) - 12} more"))
    if None in labels:
        patches.append(Patch(color=NO_LABEL, label="not labelled"))
    page.figure.legend(handles=patches, loc="upper left", ncol=5, fontsize=8.5, frameon=False, title="label",
                       title_fontsize=8.5, alignment="left", bbox_to_anchor=(left / page.width, 1 - top / page.height))


def draw_consensus(consensus, survey, names, side, labels=None):
    items = len(consensus.order)
    size = float(numpy.clip(0.125 * items, 6, 11)) if items <= NAMED else 7.5
    rows = row_labels(consensus, names, labels) if items <= NAMED else []
    font = min(8, 0.82 * 72 * size / items)
    margin = 0.35 + max(map(len, rows), default=0) * 0.6 * font / 72
    strips = 0.45 if labels else 0.24
    left, top, aside = 1.77 + strips, 1.3 if labels else 1.1, 1.2
    page = Page(left + size + 0.1 + aside + margin, top + size + (1.6 if labels else 0.95))
    page.title(*headings(consensus, survey, side, labels))
    tree = page.axes(0.25, top, 1.4, size)
    draw_dendrogram(tree, consensus)
    draw_clusters(page.axes(1.74, top, 0.2, size), consensus)
    if labels:
        shades = {None: NO_LABEL, **label_colours(consensus.cluster, labels)}
        draw_strip(page.axes(1.98, top, 0.2, size), [shades[labels[i]] for i in consensus.order], "label")
        draw_legend(page, consensus, labels, 0.25, top + size + 0.85)
    draw_image(page, page.axes(left, top, size, size), consensus, page.axes(left + size / 2 - 2, top + size + 0.2, 4, 0.13))
    bars = page.axes(left + size + 0.1, top, aside, size)
    draw_silhouettes(bars, consensus)
    for axes in (tree, bars):
        axes.set_ylim(items - 0.5, -0.5)
    if rows:
        bars.yaxis.tick_right()
        bars.set_yticks(range(items), rows, fontsize=font)
        bars.tick_params(axis="y", length=0)
    return page.figure


# ---- The command


def save_all(figure, stem, formats):
    for kind in formats:
        try:
            with whole_file(f"{stem}.{kind}") as temporary:
                figure.savefig(temporary, format=kind, dpi=DPI)
        except OSError as error:
            raise Unwritable(f"{stem}.{kind}: cannot be written: {error.strerror or error}. Name another place with -o.") from None
    pyplot.close(figure)
    print(", ".join(f"{stem}.{kind}" for kind in formats))


def chosen_ks(asked, survey, path):
    known = survey.k.tolist()
    for k in asked or ():
        if k not in known:
            raise BadOptions(f"--k {k}: {path} has k = {', '.join(map(str, known))}. Name some of these.")
    return sorted(set(asked)) if asked is not None else known


def plot(options):
    prefix = options.output or re.sub(r"\.(h5|hdf5)$", "", options.scan)
    with open_scan(options.scan) as file:
        survey = read_survey(file)
        ks = chosen_ks(options.k, survey, options.scan)
        save_all(draw_survey(survey), f"{prefix}-survey", options.format)
        for k in ks:
            consensus = read_consensus(file, k)
            names, every, side = read_names(file, len(consensus.order))
            labels = read_truth(options.truth, names, every) if options.truth else None
            save_all(draw_consensus(consensus, survey, names, side, labels), f"{prefix}-k{k}", options.format)
            if labels:
                wrong, words = misplaced(consensus.cluster, labels)
                some = ", ".join(names[i] for i in wrong[:20]) + (", …" if len(wrong) > 20 else "")
                print(f"k = {k}: {len(wrong)} {words}" + (f": {some}" if wrong else ""))


def fail(code, text):
    print("plot_scan.py: error: " + " ".join(str(text).split()), file=sys.stderr)
    return code


def formats(text):
    found = text.split(",")
    if not set(found) <= set(FORMATS):
        raise argparse.ArgumentTypeError(f"{text} is none of png, pdf or png,pdf")
    return sorted(set(found), key=FORMATS.index)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scan", metavar="SCAN.h5", help="what partwise scan has written")
    parser.add_argument("-o", "--output", metavar="PREFIX", help="how the pictures' names begin (default: SCAN)")
    parser.add_argument("--k", metavar="K", type=int, nargs="*",
                        help="the consensus of these k only; none after --k: the survey alone (default: all)")
    parser.add_argument("--truth", metavar="FILE.csv",
                        help="known labels of the items, name,label in a line; items without a name go by their number from 0. "
                             "They are drawn beside the clusters, and items apart from their label are named")
    parser.add_argument("--format", metavar="LIST", type=formats, default=formats("png,pdf"),
                        help="png, pdf or png,pdf (default: both)")
    options = parser.parse_args(arguments)
    warnings.filterwarnings("ignore", message="Glyph .* missing")  # drawn as boxes
    try:
        plot(options)
    except BadOptions as error:
        return fail(BAD_OPTIONS, error)
    except Unreadable as error:
        return fail(BAD_INPUT, error)
    except Unwritable as error:
        return fail(BAD_OUTPUT, error)
    except MemoryError:
        return fail(NO_MEMORY, f"{options.scan}: out of memory.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
