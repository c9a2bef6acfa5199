"""The model card: report.html, which needs nothing but itself, and report.md with the same content."""

import os
from dataclasses import dataclass
from pathlib import Path

from headgate.report.context import card_context
from headgate.report.page import image_uri, render, write_page
from headgate.report.words import PLOTS


@dataclass(frozen=True)
class CardPaths:
    """Where a model card was written."""

    html: Path
    markdown: Path


def write_model_card(folder, *, spec, lineage, evaluation, verdict, candidates=(), reading=None, champion=None,
                     plots=None, version=None):
    """Write report.html and report.md into `folder` and return their CardPaths.

    spec : headgate.spec.ModelSpec.
    lineage : dict {algorithm, parameters, seed, spec_digest, features_digest, data_digest, as_of, holdout,
        training_rows, holdout_rows, git_commit, lock_digest, libraries, python}; any of them may be missing or None.
    evaluation : dict of `headgate.evaluation.Evaluation.to_dict()`.
    verdict : dict {decision: promote | hold | reject, gates: [{name, observed, limit, verdict, sentence}], sentence};
        without a sentence those of the gates that stopped it are told.
    candidates : dicts or objects with {algorithm, parameters, folds, mean, seconds}.
    reading : dict {source, rows_read, dropped: {why: rows}, removed: rows or {reason: rows}, training_rows,
        holdout_rows}; any may be missing.
    champion : None, or dict {version, metrics: {name: value}, note}; note says on which rows it was measured.
    plots : folder of PNGs, or dict name -> path as `write_plots` returns it; `folder`/plots if None.
    version : what the registry called it, if that is known already.
    Raises StorageError if the disk is full or not writable.
    """
    context = card_context(spec=spec, lineage=lineage, evaluation=evaluation, verdict=verdict, version=version,
                           candidates=candidates, reading=reading, champion=champion)
    pictures = find_plots(Path(folder) / "plots" if plots is None else plots)
    embedded = [(image_uri(path), PLOTS[name]) for name, path in pictures]
    linked = [(Path(os.path.relpath(path, folder)).as_posix(), PLOTS[name]) for name, path in pictures]
    return CardPaths(write_page(Path(folder) / "report.html", render("card.html", plots=embedded, **context)),
                     write_page(Path(folder) / "report.md", render("card.md", plots=linked, **context)))


def find_plots(plots):
    """Return (name, path) of the plots that are there, in the order of the report.

    plots : folder, or dict name -> path.
    """
    paths = plots if isinstance(plots, dict) else {name: Path(plots) / f"{name}.png" for name in PLOTS}
    return [(name, Path(paths[name])) for name in PLOTS if name in paths and Path(paths[name]).is_file()]
