"""What a column of an unknown table probably is: a kind with its range or categories, or why it is left out."""

import math
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from headgate.data.times import to_wall_clock
from headgate.spec.written import Written, other_number, signed_number

TRUTH = ({"true", "false"}, {"yes", "no"}, {"y", "n"}, {"t", "f"}, {"0", "1"})
ZEROS = re.compile(r"[+-]?0\d+")
TIME = re.compile(r"\d{4}[-/]\d{2}[-/]\d{2}([T ].*)?")
MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
LOCAL_TIME = re.compile(rf"\d{{1,2}}([./ -])(\d{{1,2}}|({MONTHS})[a-z]*)\1\d{{2,4}}([T ,].*)?|"
                        rf"({MONTHS})[a-z]*\.? \d{{1,2}},? \d{{4}}.*|"
                        r"\d{4}[./-]\d{1,2}[./-]\d{1,2}([T ].*)?", re.IGNORECASE)
WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
NAMES_A_ROW = {"id", "key", "uuid", "guid", "index", "number", "no", "nr", "rownames"}
LISTED = 100
FEW = 20
MOST_UNLISTED = 0.4
A_VALUE = {"None"}


@dataclass(frozen=True)
class Guess:
    """What one column probably is.

    kind : a column kind, "time", or "out" with `why`. identifies : every row has its own value and the name or the
    values look like a number of rows. seen : (lowest, highest) of a number. categories : texts, most frequent first.
    missing : (text, cells) of words that are read as missing. day_after : of a time, the day after its newest.
    note : what a person should look at.
    """

    name: str
    kind: str
    why: str = ""
    nulls: float = 0.0
    distinct: int = 0
    seen: tuple | None = None
    categories: tuple = ()
    listed_all: bool = True
    identifies: bool = False
    missing: tuple = ()
    day_after: date | None = None
    note: str = ""


def guess(series, written=Written()):
    """Return the Guess of one column of text (from a CSV) or of native values (from Parquet).

    A word such as NA is a missing cell; but None beside texts is a text.
    """
    texts = present(series)
    words = texts.isin(written.null_words)
    found, values = _guess(series, texts[~words], written), words & texts.isin(A_VALUE)
    if values.any() and (found.kind == "category" or found.distinct == 1 and not is_number(texts[~words].iloc[0])):
        found, words = _guess(series, texts[~words | values], written), words & ~values
    if found.kind not in ("category", "boolean"):
        return found
    return replace(found, missing=tuple(texts[words].value_counts().items()))


def present(series):
    """Return the texts of a column without missing and blank cells."""
    texts = series.dropna().astype("str")
    if series.dtype == object or pd.api.types.is_string_dtype(series.dtype):
        return texts[texts.str.strip() != ""]
    return texts


def is_number(text):
    """Return whether Python reads a text as a finite number."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _guess(series, texts, written):
    facts = {"name": series.name, "nulls": 1 - len(texts) / max(len(series), 1), "distinct": texts.nunique()}
    if facts["distinct"] == 0:
        return Guess(kind="out", why="it is empty", **facts)
    if facts["distinct"] == 1:
        return Guess(kind="out", why=f"it is always {_short(texts.iloc[0])}", **facts)
    if pd.api.types.is_datetime64_any_dtype(series.dtype) or texts.str.fullmatch(TIME).all():
        return Guess(kind="time", day_after=_day_after(series), **facts)
    if texts.str.fullmatch(LOCAL_TIME).all():
        return Guess(kind="out", why=f"it is a time written as {_short(texts.iloc[0])}; one written as YYYY-MM-DD can "
                                     "be used", **facts)
    return _boolean(texts, facts) or _number(series, texts, facts, written.numerals) \
        or _oddly_written(texts, facts, written) or _category(texts, len(series), facts)


def widened(low, high, whole):
    """Return a range a quarter wider than what was seen on either side, rounded; never across zero."""
    margin = (high - low) / 4 or abs(high) / 4 or 1.0
    step = 10.0 ** math.floor(math.log10(margin))
    step = max(step, 1.0) if whole else step
    wide = [math.floor((low - margin) / step) * step, math.ceil((high + margin) / step) * step]
    wide = [0.0 if low >= 0 > wide[0] else wide[0], 0.0 if high <= 0 < wide[1] else wide[1]]
    return tuple(float(f"{value:.12g}") for value in wide)


def names_rows(name):
    """Return whether a column is called like something that names rows: id, CustomerID, order_no, Unnamed: 0."""
    words = [word.lower() for word in WORDS.findall(str(name))]
    return not words or words[0] == "unnamed" or words[-1] in NAMES_A_ROW


def _boolean(texts, facts):
    values = {text.strip().lower() for text in texts.unique()}
    if facts["distinct"] <= 4 and len(values) == 2 and any(values == pair for pair in TRUTH):
        return Guess(kind="boolean", **facts)
    return None


def _number(series, texts, facts, numerals):
    if texts.str.fullmatch(ZEROS).any():
        return None
    values = _values(texts, numerals)
    finite = np.isfinite(values)
    if pd.api.types.is_bool_dtype(series.dtype) or not finite.all():
        return None if finite.mean() < 0.95 else Guess(kind="out", why=_mixed(texts, finite), **facts)
    whole = bool((values % 1 == 0).all())
    seen = (float(values.min()), float(values.max()))
    steps = np.abs(np.diff(values)) == 1
    own = whole and facts["distinct"] == len(series) and len(series) > FEW
    if own and (steps.all() or names_rows(facts["name"])):
        return Guess(kind="out", why="every row has its own value, so it names rows", identifies=True, **facts)
    return Guess(kind="integer" if whole else "number", seen=seen, **facts)


def _values(texts, numerals):
    if not numerals.plain:
        texts = numerals.rewritten(texts).where(numerals.matches(texts))
    return pd.to_numeric(texts, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)


def _oddly_written(texts, facts, written):
    """Numbers that only a person can tell from text: few of them may be categories."""
    different = texts.drop_duplicates()
    why = signed_number(different)
    look = "" if why else other_number(different, written)
    if look and facts["distinct"] <= FEW:
        return replace(_category(texts, len(texts), facts), note=look)
    return Guess(kind="out", why=why or look, **facts) if why or look else None


def _category(texts, rows, facts):
    counts = texts.value_counts()
    share = facts["distinct"] / len(texts)
    if share == 1 and len(texts) == rows and rows > FEW:
        return Guess(kind="out", why="every row has its own text, so it names rows", identifies=True, **facts)
    if facts["distinct"] > FEW and share > 0.5:
        return Guess(kind="out", why=f"it is free text ({facts['distinct']} different ones)", **facts)
    covered = int(counts.iloc[:LISTED].sum())
    if len(texts) - covered > MOST_UNLISTED * rows:
        return Guess(kind="out", why=f"it has {facts['distinct']} different texts; the {LISTED} most frequent cover "
                                     f"only {100 * covered / rows:.0f} % of the rows", **facts)
    names = tuple(str(text) for text in counts.index[:LISTED])
    return Guess(kind="category", categories=names, listed_all=len(names) == facts["distinct"], **facts)


def _mixed(texts, finite):
    odd = texts[~finite]
    return f"it is a number except for {len(odd)} cells such as {_short(odd.iloc[0])}"


def _short(text):
    text = " ".join(str(text).split())
    return repr(text if len(text) <= 30 else text[:27] + "...")


def _day_after(series):
    times, _ = to_wall_clock(series, "UTC")
    return None if times.isna().all() else times.max().date() + timedelta(days=1)
