"""Reads and checks scan.h5 as `partwise scan` writes it, for the scripts that draw it.

Whatever is missing or damaged raises Unreadable, with the file, the place and what to do.
"""
import collections
import csv
import functools
import os

import h5py
import numpy
from scipy.cluster import hierarchy

BINS = 900  # rows of the picture of a consensus
STRIP = 2**24  # entries of the consensus that are in memory at a time
OBJECTIVES = ("best_objective", "mean_objective")
COUNTS = ("k", "restarts")

Suggestion = collections.namedtuple("Suggestion", "criterion k reason")
Survey = collections.namedtuple("Survey", "k columns objectives suggestions warning about")
Consensus = collections.namedtuple("Consensus", "k image linkage order cluster silhouette")



class Unreadable(Exception):
    """The input cannot be drawn; the text says where, why and what to do."""


# ---- Data sets


def open_scan(path):
    try:
        return h5py.File(path, "r")
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else f"is no whole HDF5 file ({error})"
        raise Unreadable(f"{path}: {reason}. Give the file that partwise scan wrote.") from None


def reader(read):
    """What HDF5 raises on damaged files becomes Unreadable."""
    @functools.wraps(read)
    def checked(file, *arguments):
        try:
            return read(file, *arguments)
        except (OSError, RuntimeError, KeyError) as error:
            raise Unreadable(f"{file.filename}: is damaged: {error}. Run partwise scan again.") from None
    return checked


def dataset(file, name, shape, cure="Is the scan unfinished? Run partwise scan again", text=False):
    """The data set, checked to be of numbers, or text, and of that shape; None stands for any size."""
    path = file.file.filename
    node = file.get(name)
    if not isinstance(node, h5py.Dataset):
        raise Unreadable(f"{path}: has no data set {name}. {cure}.")
    if text != (h5py.check_string_dtype(node.dtype) is not None) or not text and node.dtype.kind not in "biuf":
        raise Unreadable(f"{path}: {name} holds no {'text' if text else 'numbers'}. {cure}.")
    if len(node.shape) != len(shape) or any(want not in (None, size) for want, size in zip(shape, node.shape)):
        wanted = " x ".join("any" if size is None else str(size) for size in shape)
        raise Unreadable(f"{path}: {name} has shape {' x '.join(map(str, node.shape))}, not {wanted}. {cure}.")
    return node


def texts(file, name, shape):
    return list(dataset(file, name, shape, text=True).asstr(errors="replace")[()])


def attribute(node, name):
    """An attribute's text, "" where there is none."""
    value = node.attrs.get(name, "") if node is not None else ""
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def about(file):
    """What was factorised and how, for the title."""
    source = attribute(file.get("provenance"), "input")
    name = os.path.basename(source) or os.path.basename(file.filename)
    found = [name if len(name) <= 60 else name[:59] + "…"]
    found += [f"{name} {value}" for name in ("loss", "method") if (value := attribute(file.get("options"), name))]
    return ", ".join(found)


@reader
def read_survey(file):
    group = file.get("survey")
    if not isinstance(group, h5py.Group):
        raise Unreadable(f"{file.filename}: has no group /survey. Give the file that partwise scan wrote.")
    ks = dataset(file, "/survey/k", (None,))[()].astype(int)
    if not ks.size or (numpy.diff(ks) <= 0).any() or ks[0] < 1:
        raise Unreadable(f"{file.filename}: /survey/k must be whole numbers from 1 that rise. Run partwise scan again.")
    columns = {name: dataset(file, f"/survey/{name}", ks.shape)[()].astype(float) for name in group}
    for name in OBJECTIVES + COUNTS:
        dataset(file, f"/survey/{name}", ks.shape)
    objectives = [dataset(file, f"/k{k}/objective", (None,))[()].astype(float) for k in ks]
    criteria = texts(file, "/suggestions/criterion", (None,))
    suggested = dataset(file, "/suggestions/k", (len(criteria),))[()].astype(int)
    reasons = texts(file, "/suggestions/reason", (len(criteria),))
    suggestions = [Suggestion(*fields) for fields in zip(criteria, map(int, suggested), reasons)]
    return Survey(ks, columns, objectives, suggestions, attribute(file["suggestions"], "warning"), about(file))


def bin_edges(items):
    """Where the rows of the picture begin, in items; the last entry is the number of items."""
    return numpy.linspace(0, items, min(items, BINS) + 1).astype(int)


def bin_means(values):
    edges = bin_edges(len(values))
    return numpy.add.reduceat(values, edges[:-1], axis=0) / numpy.diff(edges).reshape(-1, *[1] * (values.ndim - 1))


def read_image(node, order):
    """The consensus in the order of the dendrogram, means over neighbours where items are many. Read in strips."""
    items = len(order)
    edges, place = bin_edges(items), numpy.empty(items, dtype=int)
    place[order] = numpy.repeat(numpy.arange(len(edges) - 1), numpy.diff(edges))
    image = numpy.zeros((len(edges) - 1,) * 2)
    height = max(1, STRIP // items)
    for first in range(0, items, height):
        strip = node[first:first + height].astype(float)
        if not (strip.min() >= -1e-5 and strip.max() <= 1 + 1e-5):  # not a number is neither
            raise Unreadable(f"{node.file.filename}: {node.name}, rows from {first}: a share is not between 0 and 1. "
                             "The file is damaged: run partwise scan again.")
        numpy.add.at(image, place[first:first + height], numpy.add.reduceat(strip[:, order], edges[:-1], axis=1))
    width = numpy.diff(edges)
    return image / numpy.outer(width, width)


def spans(linkage, order):
    """First and last place, from left to right, of each node of the tree: of the items, then of the merges."""
    items = len(order)
    first = numpy.empty(items + len(linkage), dtype=int)
    first[order] = numpy.arange(items)
    last = first.copy()
    for i, (a, b) in enumerate(linkage[:, :2].astype(int), items):
        if a < 0 or b < 0 or max(a, b) >= i or not (last[a] + 1 == first[b] or last[b] + 1 == first[a]):
            return None
        first[i], last[i] = min(first[a], first[b]), max(last[a], last[b])
    return first, last


@reader
def read_consensus(file, k):
    where, path = f"/k{k}", file.filename
    cure = "Is the scan unfinished? Run partwise scan again, or name other k with --k"
    node = dataset(file, f"{where}/consensus", (None, None), cure)
    items = node.shape[0]
    dataset(file, f"{where}/consensus", (items, items), cure)
    order, cluster, silhouette = (dataset(file, f"{where}/{name}", (items,), cure)[()]
                                  for name in ("order", "cluster", "item_silhouette"))
    linkage = dataset(file, f"{where}/linkage", (max(items - 1, 0), 4), cure)[()].astype(float)
    order, cluster = order.astype(int), cluster.astype(int)
    if not items or (numpy.sort(order) != numpy.arange(items)).any():
        raise Unreadable(f"{path}: {where}/order does not name each of the {items} items once. {cure}.")
    if cluster.min() < 0 or cluster.max() >= k:
        raise Unreadable(f"{path}: {where}/cluster must be from 0 to {k - 1}. {cure}.")
    if items > 1 and not (numpy.isfinite(linkage).all() and hierarchy.is_valid_linkage(linkage)):
        raise Unreadable(f"{path}: {where}/linkage is no dendrogram of {items} items. {cure}.")
    if spans(linkage, order) is None:
        raise Unreadable(f"{path}: {where}/order is no order of the leaves of {where}/linkage. {cure}.")
    return Consensus(k, read_image(node, order), linkage, order, cluster, silhouette.astype(float))


@reader
def read_names(file, items):
    """Names of the items of the consensus, their numbers where they have none; and all that could be sampled."""
    side = attribute(file, "items_of") or "columns"
    if side not in ("columns", "rows"):
        raise Unreadable(f"{file.filename}: attribute items_of of / is {side}, not columns or rows. Run partwise scan again.")
    stored = "/col_names" if side == "columns" else "/row_names"
    every = texts(file, stored, (None,)) if stored in file else None
    if "items" not in file:
        if every is not None and len(every) != items:
            raise Unreadable(f"{file.filename}: {stored} has {len(every)} names for {items} items. Run partwise scan again.")
        return every or [str(i) for i in range(items)], every, side
    sample = dataset(file, "/items", (items,))[()].astype(int)
    if sample.min() < 0 or every is not None and sample.max() >= len(every):
        raise Unreadable(f"{file.filename}: /items names items that {stored} does not have. Run partwise scan again.")
    return [every[i] if every else str(i) for i in sample], every, side


def read_truth(path, names, every):
    """The label of each item, None where the file gives none. A first line that names no item is a header."""
    known, labels = set(names if every is None else every), {}
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            for number, fields in enumerate(csv.reader(file), 1):
                if not fields:
                    continue
                if len(fields) != 2:
                    raise Unreadable(f"{path}: line {number} has {len(fields)} fields, not two. Write name,label.")
                name, label = (field.strip() for field in fields)
                if name not in known and number > 1 and every is not None:
                    raise Unreadable(f"{path}: line {number}: no item is named {name}. Names must be those of the scan.")
                if labels.setdefault(name, label) != label:
                    raise Unreadable(f"{path}: line {number}: {name} has two labels. Keep one of the lines.")
    except (UnicodeDecodeError, csv.Error) as error:
        raise Unreadable(f"{path}: is no CSV file in UTF-8: {error}. Write name,label in each line.") from None
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or error}. Give --truth a CSV file, name,label in each line.") from None
    if not known.intersection(labels):
        raise Unreadable(f"{path}: names no item of the scan; the first is named {names[0]}. Lines are name,label.")
    return [labels.get(name) for name in names]
