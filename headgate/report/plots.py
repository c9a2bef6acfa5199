"""The plots of an evaluation, as PNG files."""

from pathlib import Path

from headgate.report import canvas
from headgate.report.bars import plot_candidates, plot_confusion, plot_importance, plot_slices
from headgate.report.canvas import INK, LINE, PALETTE, QUIET, WIDTH, plain

ONE_CLASS = "Nothing to draw: the holdout has no rows,\nor rows of one class only."
NAMED_CURVES = len(PALETTE)


def write_plots(evaluation, folder, *, labels=None, candidates=(), floor=None):
    """Draw an evaluation and return {name: path of its PNG} in the order of the report.

    evaluation : dict of `Evaluation.to_dict()`.
    folder : where the PNGs go; made if missing.
    labels : dict class -> what a person reads for it.
    candidates : dicts or objects with algorithm, folds and mean; compared if there are any.
    floor : accuracy the cross-validation must reach, drawn as a line.
    Names: roc, precision_recall, calibration, confusion, importance, slices, candidates; the last three only
    with something to show. Raises StorageError if the disk is full or not writable.
    """
    folder, labels = Path(folder), labels or {}
    figures = {
        "roc": plot_roc(evaluation, labels),
        "precision_recall": plot_precision_recall(evaluation, labels),
        "calibration": plot_calibration(evaluation, labels),
        "confusion": plot_confusion(evaluation, labels),
        "importance": plot_importance(evaluation),
        "slices": plot_slices(evaluation),
        "candidates": plot_candidates(candidates, floor=floor),
    }
    canvas.make_folder(folder)
    return {name: canvas.save(figure, folder / f"{name}.png") for name, figure in figures.items() if figure}


def plot_roc(evaluation, labels):
    """Draw true against false positive rate; binary also marks the threshold that serves."""
    figure, axes = canvas.new_axes("ROC curve", "False positive rate", "True positive rate",
                                   subtitle=_whose(evaluation, labels))
    axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1, linestyle=(0, (4, 4)), label="Guessing")
    return _finish_curves(figure, axes, evaluation, labels, "roc", place="lower right")


def plot_precision_recall(evaluation, labels):
    """Draw precision against recall; binary also marks the threshold that serves."""
    figure, axes = canvas.new_axes("Precision and recall", "Recall", "Precision",
                                   subtitle=_whose(evaluation, labels))
    return _finish_curves(figure, axes, evaluation, labels, "precision_recall", place="lower left")


def _finish_curves(figure, axes, evaluation, labels, name, *, place):
    curves = evaluation["curves"][name]
    _draw_curves(axes, curves, labels, area="AP" if name == "precision_recall" else "AUC")
    point = _serving_point(evaluation, name)
    if curves and point:
        axes.plot(*point, "o", color=INK, markersize=7, markeredgecolor="white", zorder=4,
                  label=f"Threshold {evaluation['threshold']:g}")
    canvas.unit_square(axes)
    if curves:
        canvas.legend(axes, loc=place)
    else:
        canvas.say_nothing_to_show(axes, ONE_CLASS)
    return figure


def _draw_curves(axes, curves, labels, *, area):
    for index, curve in enumerate(curves):
        named = index < NAMED_CURVES
        name = labels.get(curve["class"], curve["class"])
        axes.plot(curve["x"], curve["y"], color=PALETTE[index] if named else LINE,
                  linewidth=2 if named else 1, zorder=3 if named else 2,
                  label=f"{plain(name)} ({area} {curve['area']:.3f})" if named else "_")


def _serving_point(evaluation, name):
    """Where the threshold puts a binary model: (x, y) on the ROC or precision-recall plane, or None."""
    if evaluation.get("threshold") is None or len(evaluation["confusion"]) != 2:
        return None
    (right_no, alarms), (missed, hits) = evaluation["confusion"]
    if not hits + missed or not hits + alarms or not right_no + alarms:
        return None
    recall = hits / (hits + missed)
    return (alarms / (right_no + alarms), recall) if name == "roc" else (recall, hits / (hits + alarms))


def plot_calibration(evaluation, labels):
    """Draw observed share against predicted probability, with how many rows stand behind each point."""
    error = evaluation["metrics"].get("expected_calibration_error")
    figure, axes, below = _two_panels("" if error is None else f"Expected calibration error {error:.3f}")
    curves = evaluation["curves"]["calibration"][:NAMED_CURVES]
    axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1, linestyle=(0, (4, 4)), label="Perfect")
    for index, curve in enumerate(curves):
        name = plain(labels.get(curve["class"], curve["class"]))
        axes.plot(curve["x"], curve["y"], "o-", color=PALETTE[index], linewidth=2, markersize=5, label=name)
    _draw_rows(below, curves)
    if curves:
        canvas.legend(axes, loc="upper left")
    else:
        canvas.say_nothing_to_show(axes, ONE_CLASS)
    return figure


def _two_panels(subtitle):
    figure, axes = canvas.new_axes("Calibration", "", "Observed share", subtitle=subtitle, height=WIDTH * 0.85)
    grid = figure.add_gridspec(4, 1)
    axes.set_subplotspec(grid[:3])
    below = figure.add_subplot(grid[3])
    canvas.dress(below, "Predicted probability", "Rows", grid="y")
    canvas.unit_square(axes)
    axes.tick_params(labelbottom=False)
    below.set_xlim(axes.get_xlim())
    return figure, axes, below


def _draw_rows(axes, curves):
    """Bars for one curve, lines for more."""
    for index, curve in enumerate(curves):
        if len(curves) == 1:
            axes.bar(curve["x"], curve["rows"], width=0.05, color=PALETTE[index])
        else:
            axes.plot(curve["x"], curve["rows"], "o-", color=PALETTE[index], linewidth=1.2, markersize=3.5)
    if curves:
        _count_in_powers(axes)
    else:
        axes.set_yticks([])


def _count_in_powers(axes):
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axes.set_yscale("log")
    axes.set_ylim(bottom=0.7)
    axes.yaxis.set_major_locator(LogLocator(numticks=4))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda count, _: f"{count:,.0f}"))


def _whose(evaluation, labels):
    classes = evaluation["classes"]
    rows = f"{evaluation['rows']:,} holdout rows"
    if len(classes) == 2:
        return f"{labels.get(classes[-1], classes[-1])} is the positive class; {rows}"
    hidden = len(classes) - NAMED_CURVES
    return f"Each class against the rest; {rows}" + (f"; {hidden} classes unnamed" if hidden > 0 else "")
