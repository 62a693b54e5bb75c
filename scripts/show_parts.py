#!/usr/bin/env python3
"""Shows the parts that a model of the Swimmer images has found, beside the true ones.

Every image has the torso and exactly four limbs. So the torso can be handed to the limbs in any shares that add
up to one, without changing W H: where it ends up is no property of the data. Limbs are therefore compared with
the torso's pixels left out, each true limb with the found part that suits it best, one to one.
"""
import argparse
import sys

import h5py
import numpy
from scipy.optimize import linear_sum_assignment

SIDE = 32
LIMBS = ("left arm", "right arm", "left leg", "right leg")
FOUND = 0.9  # cosine from which a limb counts as found
SHOWN = 0.2  # share of its brightest pixel from which a pixel is drawn
MISSED = 1  # exit codes
UNREADABLE = 3


class Unreadable(Exception):
    pass


def read(path, name, columns=SIDE * SIDE):
    try:
        with h5py.File(path, "r") as file:
            array = file[name][()].astype(float)
    except OSError as error:
        raise Unreadable(f"{path}: cannot be read: {error}") from None
    except KeyError:
        raise Unreadable(f"{path}: has no {name}") from None
    if array.ndim != 2 or array.shape[1] != columns:
        raise Unreadable(f"{path}: {name} has shape {array.shape}, not (…, {columns})")
    return array


# ---- Comparing


def unit_rows(X):
    length = numpy.linalg.norm(X, axis=1, keepdims=True)
    return X / numpy.where(length > 0, length, 1)


def match(limbs, H, torso):
    """For each limb the row of H that is its own, −1 where there is none left, and their cosine."""
    cosine = unit_rows(limbs) @ unit_rows(numpy.where(torso > 0, 0, H)).T
    part = numpy.full(len(limbs), -1)
    best = numpy.zeros(len(limbs))
    rows, columns = linear_sum_assignment(cosine, maximize=True)
    part[rows], best[rows] = columns, cosine[rows, columns]
    return part, best


# ---- Drawing: one character is 2 × 4 pixels of dots (Braille patterns)

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def frame(parts):
    """Rows and columns that the swimmer can touch."""
    used = parts.sum(axis=0).reshape(SIDE, SIDE) > 0
    rows, columns = numpy.flatnonzero(used.any(axis=1)), numpy.flatnonzero(used.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def draw(image, window, brightest):
    lit = image.reshape(SIDE, SIDE)[window] > SHOWN * brightest
    lit = numpy.pad(lit, ((0, -lit.shape[0] % 4), (0, -lit.shape[1] % 2)))
    lines = []
    for top in range(0, lit.shape[0], 4):
        cells = lit[top : top + 4].reshape(4, -1, 2)
        codes = sum(cells[r, :, c].astype(int) * DOTS[r][c] for r in range(4) for c in range(2))
        lines.append("".join(chr(0x2800 + code) for code in codes))
    return lines


def beside(*pictures, gap=" "):
    height = max(len(picture) for picture in pictures)
    filled = [picture + [" " * len(picture[0])] * (height - len(picture)) for picture in pictures]
    return [gap.join(lines) for lines in zip(*filled)]


def part_image(H, row, torso):
    """A found part, its limb of brightness 1; where it has hardly anything but the torso, that."""
    found = H[row] if row >= 0 else numpy.zeros(SIDE * SIDE)
    limb, all_pixels = found[torso == 0].max(), found.max()
    return found / (limb if limb > SHOWN * all_pixels else all_pixels or 1)


def show_images(V, window):
    print("Some of the 256 images:\n")
    chosen = numpy.linspace(0, len(V) - 1, 6).astype(int)
    pictures = [draw(V[i], window, V[i].max()) for i in chosen]
    print("\n".join("  " + line for line in beside(*pictures, gap="   ")), end="\n\n")


def show_parts(limbs, H, torso, part, window):
    print("Each limb's four positions: the truth on the left, what was found on the right\n")
    for limb, name in enumerate(LIMBS):
        pairs = []
        for p in range(4 * limb, 4 * limb + 4):
            found = part_image(H, part[p], torso)
            pairs.append(beside(draw(limbs[p], window, 1), draw(found, window, 1)))
        print(f"{name}")
        print("\n".join(beside(*pairs, gap="|")), end="\n\n")


def save_png(path, limbs, H, torso, part):
    try:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot
    except ImportError:
        print("matplotlib is not there: no picture written")
        return
    figure, axes = pyplot.subplots(8, 4, figsize=(5, 10))
    for p in range(16):
        found = part_image(H, part[p], torso)
        for row, image in ((2 * (p // 4), limbs[p]), (2 * (p // 4) + 1, found)):
            axes[row, p % 4].imshow(image.reshape(SIDE, SIDE), cmap="gray_r", vmin=0, vmax=1)
            axes[row, p % 4].set(xticks=[], yticks=[])
    for row in range(8):
        axes[row, 0].set_ylabel("found" if row % 2 else f"{LIMBS[row // 2]}\ntrue")
    figure.tight_layout()
    figure.savefig(path, dpi=100)
    pyplot.close(figure)
    print(f"the same as a picture: {path}")


# ---- The command


def can_draw():
    try:
        chr(0x28FF).encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def show(options):
    parts, V = read(options.data, "truth/parts"), read(options.data, "X")
    H = read(options.model, "H")
    if len(parts) != 17:
        raise Unreadable(f"{options.data}: has {len(parts)} true parts, not 16 limbs and a torso")
    limbs, torso = parts[:16], parts[16]
    part, cosine = match(limbs, H, torso)
    if can_draw():
        window = frame(parts)
        show_images(V, window)
        show_parts(limbs, H, torso, part, window)
    if options.png:
        save_png(options.png, limbs, H, torso, part)
    print("Every image has the torso, so it may be shared out among the limbs in any way that adds up to one:\n"
          "limbs are compared without the torso's pixels.")
    found = int((cosine >= FOUND).sum())
    print(f"{found} of 16 limbs found (mean cosine {cosine.mean():.4f})")
    return 0 if found >= options.least else MISSED


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="what partwise fit has written")
    parser.add_argument("data", help="what partwise generate swimmer has written")
    parser.add_argument("--png", metavar="FILE", help="write a picture too")
    parser.add_argument("--least", type=int, default=14, metavar="N", help="fail when fewer than N limbs are found (14)")
    options = parser.parse_args()
    try:
        return show(options)
    except Unreadable as error:
        print(f"show_parts.py: error: {error}", file=sys.stderr)
        return UNREADABLE


if __name__ == "__main__":
    sys.exit(main())
