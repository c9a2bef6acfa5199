"""The one door to Evidently: a page that shows how columns moved, for people to look at. It decides nothing."""

import html
import logging
import os
import warnings

import numpy as np
import pandas as pd

from headgate.report.page import write_page

log = logging.getLogger(__name__)
PREDICTED = "predicted class"
METHODS = {"psi": "psi", "jensen_shannon": "jensenshannon"}


def preload():
    """Import Evidently, which takes seconds, and let it send nothing to anybody."""
    os.environ.setdefault("DO_NOT_TRACK", "true")       # read while it is imported
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import evidently.presets  # noqa: F401


def write_evidently_page(path, compared, champion):
    """Write Evidently's drift report of a Compared as one HTML file that needs no network; return its path.

    Private columns are not on it, nor are columns without any value. Raises StorageError.
    """
    frames = [_shown(champion.spec, frame, classes) for frame, classes in (
        (compared.reference, compared.reference_classes), (compared.current, compared.current_classes))]
    names = [name for name in frames[0] if all(frame[name].notna().any() for frame in frames)]
    reference, current = (frame[names] for frame in frames)
    page = _render(reference, current, champion.spec.drift)
    return write_page(path, page.replace("<body>", f"<body>{_banner(compared, champion)}", 1))


def _render(reference, current, limits):
    preload()
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    texts = [name for name in reference if not pd.api.types.is_numeric_dtype(reference[name].dtype)]
    definition = DataDefinition(numerical_columns=[name for name in reference if name not in texts],
                                categorical_columns=texts)
    threshold = limits.max_psi if limits.method == "psi" else limits.max_jensen_shannon
    preset = DataDriftPreset(method=METHODS[limits.method], threshold=threshold, include_tests=False)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        snapshot = Report([preset]).run(Dataset.from_pandas(current, definition),
                                        Dataset.from_pandas(reference, definition))
        return snapshot.get_html_str(as_iframe=False)


def _shown(spec, frame, classes):
    """Return a copy of a typed frame as Evidently takes it, the predicted class as its last column."""
    shown = {column.name: _column(column, frame[column.name]) for column in spec.columns
             if not column.private and column.kind != "datetime" and column.name in frame}
    names = np.array([*(spec.target.labels.get(name, name) for name in spec.target.classes), None], dtype=object)
    return pd.DataFrame({**shown, PREDICTED: names[classes]})


def _column(column, values):
    if column.kind == "boolean":
        return values.map({1.0: "yes", 0.0: "no"}).astype(object)
    return values.astype(object).where(values.notna(), None) if column.kind == "category" else values


def _banner(compared, champion):
    comparison = compared.comparison
    text = (f"{champion.model}, version {champion.chosen.version}. {comparison.sentence} This page shows a sample: "
            f"{len(compared.current):,} of {comparison.rows:,} current rows, {len(compared.reference):,} of the "
            "training. It does not weigh columns; the verdict above does.")
    return (f'<p style="font-family: sans-serif; max-width: 75em; margin: 1em auto; padding: 0 1em">'
            f"{html.escape(text)}</p>")
