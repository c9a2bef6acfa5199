"""Plots of rows and cells: confusion matrix, importance, slices, candidates."""

import textwrap

from headgate.report import canvas
from headgate.report.candidates import candidate_rows
from headgate.report.canvas import BLUE, GREEN, INK, LINE, ORANGE, QUIET, RED, WIDTH, plain

MOST_BARS = 20
MOST_NUMBERED_CLASSES = 12


def plot_confusion(evaluation, labels):
    """Draw counts of true against predicted class; colour is the share of the true class."""
    matrix = evaluation["confusion"]
    names = [_in_two_lines(labels.get(name, name)) for name in evaluation["classes"]]
    figure, axes = canvas.new_axes("Confusion matrix", "Predicted class", "True class", height=WIDTH * 0.8,
                                   subtitle="Rows of the holdout, and their share of the true class", grid=None)
    shares = [[count / sum(row) if sum(row) else 0.0 for count in row] for row in matrix]
    axes.imshow(shares, cmap=_blues(), vmin=0, vmax=1, aspect="auto")
    turn = 0 if len(names) <= 5 else 90
    axes.set_xticks(range(len(names)), names, rotation=turn)
    axes.set_yticks(range(len(names)), names)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    if len(names) <= MOST_NUMBERED_CLASSES:
        _write_cells(axes, matrix, shares)
    return figure


def _in_two_lines(name):
    return textwrap.fill(plain(name), width=17, break_long_words=False, max_lines=3)


def _write_cells(axes, matrix, shares):
    size = 13 if len(matrix) <= 3 else 10 if len(matrix) <= 7 else 8
    for row, counts in enumerate(matrix):
        for column, count in enumerate(counts):
            share = f"\n{100 * shares[row][column]:.1f} %" if len(matrix) <= 7 and sum(counts) else ""
            axes.text(column, row, f"{count:,}{share}", ha="center", va="center", fontsize=size,
                      color="white" if shares[row][column] > 0.55 else INK)


def _blues():
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("headgate", ["#f4f7fa", "#8fbbdc", BLUE, "#123f63"])


def plot_importance(evaluation):
    """Draw how much accuracy falls when a column is shuffled; None without importance."""
    known = [pair for pair in evaluation["importance"].items() if pair[1] is not None]
    ranked = sorted(known, key=lambda pair: pair[1])[-MOST_BARS:]
    if not ranked:
        return None
    hidden = len(known) - len(ranked)
    figure, axes = _rows_of("Permutation importance", "Accuracy lost when the column is shuffled",
                            [name for name, _ in ranked],
                            subtitle=f"{hidden} columns of less importance left out" if hidden else "")
    drops = [drop for _, drop in ranked]
    axes.barh(range(len(ranked)), drops, height=0.68, color=[BLUE if drop > 0 else "#b9c2cc" for drop in drops])
    for place, drop in enumerate(drops):
        axes.annotate(f"{drop:.4f}".replace("-", "\u2212"), (max(drop, 0), place), xytext=(5, 0), fontsize=9,
                      textcoords="offset points", va="center", color=QUIET)
    axes.axvline(0, color=QUIET, linewidth=1)
    axes.margins(x=0.12)
    return figure


def plot_slices(evaluation):
    """Draw accuracy and its 95 % interval per slice beside its floor; the lowest come first. None without slices."""
    slices = [piece for piece in evaluation["slices"] if piece["accuracy"] is not None]
    slices = sorted(slices, key=lambda piece: piece["accuracy"])[:MOST_BARS][::-1]
    if not slices:
        return None
    names = [f"{plain(slice_name(piece), longest=26)}  (n = {piece['rows']:,})" for piece in slices]
    figure, axes = _rows_of("Slices", "Accuracy on the holdout, 95 % interval", names, subtitle=_left_out(evaluation),
                            longest=60)
    for place, piece in enumerate(slices):
        _draw_slice(axes, place, piece)
    whole = evaluation["metrics"].get("accuracy")
    if whole is not None:
        axes.axvline(whole, color=QUIET, linewidth=1.2, linestyle=(0, (4, 4)), label=f"All rows {whole:.3f}")
    if any(piece.get("floor") is not None for piece in slices):
        axes.plot([], [], "|", color=RED, markersize=12, markeredgewidth=2, label="Floor")
    if axes.get_legend_handles_labels()[0]:
        canvas.legend_below(figure)
    axes.margins(x=0.05)
    return figure


def slice_name(piece):
    """Say a slice: `origin = JFK`, or `origin is missing`."""
    return f"{piece['column']} = {piece['value']}" if piece["value"] != "" else f"{piece['column']} is missing"


def _left_out(evaluation):
    hidden = len(evaluation["slices"]) - MOST_BARS
    return f"The lowest {MOST_BARS}; {hidden} more left out" if hidden > 0 else ""


def _draw_slice(axes, place, piece):
    low, high = piece["interval"] or (piece["accuracy"], piece["accuracy"])
    under = piece.get("floor") is not None and piece["accuracy"] < piece["floor"]
    color = ORANGE if under else BLUE
    axes.plot([low, high], [place, place], color=color, linewidth=2.4, solid_capstyle="round")
    axes.plot(piece["accuracy"], place, "o", color=color, markersize=7, markeredgecolor="white")
    if piece.get("floor") is not None:
        axes.plot(piece["floor"], place, "|", color=RED, markersize=14, markeredgewidth=2)


def plot_candidates(candidates, *, floor=None):
    """Draw accuracy per fold and its mean for every candidate, the best on top; None without candidates."""
    ranked = [row for row in candidate_rows(candidates) if row["mean"] is not None][:MOST_BARS][::-1]
    if not ranked:
        return None
    names = [f"{item['algorithm']}  {item['mean']:.4f}" for item in ranked]
    figure, axes = _rows_of("Cross-validation", "Accuracy", names, subtitle="A dot per fold, the bar is their mean",
                            longest=40)
    for place, item in enumerate(ranked):
        color = GREEN if place == len(ranked) - 1 else BLUE
        axes.plot(item["folds"], [place] * len(item["folds"]), "o", color=color, alpha=0.55, markersize=7,
                  markeredgecolor="white")
        axes.plot(item["mean"], place, "|", color=color, markersize=18, markeredgewidth=3)
    if floor is not None:
        axes.axvline(floor, color=RED, linewidth=1.2, linestyle=(0, (4, 4)), label=f"Floor {floor:g}")
        canvas.legend_below(figure)
    axes.margins(x=0.08)
    return figure


def _rows_of(title, x, names, *, subtitle="", longest=canvas.LONGEST):
    height = max(2.6, 1.8 + 0.34 * len(names))
    figure, axes = canvas.new_axes(title, x, "", height=height, subtitle=subtitle, grid="x")
    axes.set_yticks(range(len(names)), [plain(name, longest=longest) for name in names])
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_color(LINE)
    return figure, axes
