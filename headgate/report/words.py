"""What a report calls things, and how it says values that are not text."""

import numbers
import re

from headgate.gates.metrics import NAMES
from headgate.report.page import number

BANNERS = {"promote": ("pass", "Promote"), "hold": ("hold", "Hold"), "reject": ("fail", "Reject")}
PLOTS = {"roc": "ROC curve: true against false positive rate on the holdout",
         "precision_recall": "Precision against recall on the holdout",
         "calibration": "Calibration: observed share against predicted probability",
         "confusion": "Confusion matrix: true against predicted class",
         "importance": "Permutation importance: accuracy lost when a column is shuffled",
         "slices": "Accuracy per slice with its 95 % interval and floor",
         "candidates": "Cross-validated accuracy of the candidates"}


def name_metric(name):
    """Say a metric's name as a person would."""
    return NAMES.get(name, str(name).replace("_", " ").capitalize())


def say(value):
    """Say any JSON value in one line: numbers short, lists and dicts flat, None as a dash."""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {say(item)}" for key, item in value.items()) or "–"
    if isinstance(value, (list, tuple)):
        return ", ".join(say(item) for item in value) or "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or isinstance(value, numbers.Real):
        return number(value)
    return str(value)


def exact(value):
    """Say a parameter as it is: numbers unrounded and without thousands separators."""
    if isinstance(value, (dict, list, tuple)):
        pairs = [f"{key}: {exact(item)}" for key, item in value.items()] if isinstance(value, dict) \
            else [exact(item) for item in value]
        return ", ".join(pairs) or "–"
    return "–" if value is None else str(value)


def score(value):
    """Say a metric with its four decimals, so that a table of them lines up; a dash for None."""
    return "–" if value is None else f"{value:.4f}"


def say_interval(interval):
    """Say an interval: `0.9012 to 0.9187`, or a dash."""
    return "–" if not interval else " to ".join(score(end) for end in interval)


def without_secrets(source):
    """Take a password and a query string (which may carry a token) off any URL in a text."""
    text = re.sub(r"(://[^/\s:@]*):\S*@", r"\1:***@", str(source))
    return re.sub(r"(://[^\s?]*)\?\S*", r"\1?…", text)
