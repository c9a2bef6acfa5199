"""A first model.yaml for a table nobody has described yet, with comments where a person should look."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import yaml

from headgate.errors import SpecError
from headgate.spec.classes import RARE_CLASS, Answers, find_answers
from headgate.spec.guess import FEW, guess, widened
from headgate.spec.notes import notes
from headgate.spec.written import Written

FEWEST = 50


@dataclass(frozen=True)
class Draft:
    """A model.yaml to be looked at.

    text : the file. listed : names of the columns in it. left_out : name -> why. notes : what a person should decide.
    """

    text: str
    listed: tuple
    left_out: dict
    notes: tuple


def draft(name, frame, target, source):
    """Return the Draft of a model called `name` that predicts the column `target` of `frame`.

    frame : the table, a CSV's cells as they are written. source : the mapping to stand under data.source.
    Raises SpecError when the target is missing, has one value, is a quantity, or when no column is left.
    """
    look = _look(frame, target, Written.of(source))
    lines = [f"# {name}: a draft read off a table of {len(frame):,} rows. Read it from top to bottom and correct it.",
             f"name: {name}", f"description: {_text(f'Predicts {target}.')}", "",
             "data:", *_source(source), *_keep(look.frame, target, look.answers), *_key(look.keys, look.repeated),
             *_holdout(look.guesses), *_sizes(look.answers), "",
             "columns:   # what the model sees; ranges are a quarter wider than what the table has"]
    for found in look.listed:
        lines += _column(found)
    lines += [*_left_out(look.left_out), "", *_target(target, look.answers), "", *_rest()]
    return Draft("\n".join(lines) + "\n", tuple(found.name for found in look.listed), look.left_out,
                 tuple(notes(target, look.answers, look.guesses)))


@dataclass(frozen=True)
class _Look:
    """What a table seems to hold.

    frame : with its nulls. listed : the guesses whose columns go into the draft. left_out : name -> why. keys : names
    of columns that name rows. repeated : share of the rows that repeat another one.
    """

    frame: pd.DataFrame
    answers: Answers
    guesses: list
    listed: list
    left_out: dict
    keys: list
    repeated: float


def _look(frame, target, written):
    answers = find_answers(frame, target, written)
    guesses = [guess(frame[column], written) for column in frame.columns if column != target]
    listed = [found for found in guesses if found.kind not in ("out", "time") and str(found.name).strip()]
    left_out = {found.name: _why_left_out(found) for found in guesses if found not in listed}
    if not listed:
        raise SpecError("No column is left to learn from.", value=_told(left_out))
    frame = _as_read(frame, written, {target: answers.rows, **{found.name: found.categories for found in listed}})
    keys = [found.name for found in guesses if found.identifies and not found.nulls and str(found.name).strip()]
    alone = _without_repeats(frame, keys, [*(found.name for found in listed), target], left_out)
    answers = replace(find_answers(alone, target, written), missing=answers.missing)
    return _Look(frame, answers, guesses, listed, left_out, keys, 1 - len(alone) / len(frame))


def _as_read(frame, written, kept):
    """Return the frame with words such as NA missing, unless `kept` (column -> texts) lists them."""
    changed = frame.copy(deep=False)
    for name in frame.columns if written.null_words else ():
        missing = frame[name].isin(written.null_words.difference(kept.get(name, ())))
        if missing.any():
            changed[name] = frame[name].mask(missing)
    return changed


def _why_left_out(found):
    if not str(found.name).strip():
        return "it has no name"
    return found.why or "it is a time"


def _told(left_out):
    return "; ".join(f"{name!r}: {why}" for name, why in left_out.items())


def _without_repeats(frame, keys, names, left_out):
    """Return the rows that cleaning will keep: without a key, the same row counts once."""
    alone = frame if keys else frame[~frame[names].astype("str").duplicated()]
    if len(alone) < min(FEWEST, len(frame)):
        raise SpecError(f"Only {len(alone)} of {len(frame)} rows differ from one another; a repeated row is dropped.",
                        value=f"left out: {_told(left_out)}" if left_out else None,
                        remedy="If they are different things that only look alike, add a column that names each row "
                               "(1, 2, 3, ...) to the table.")
    return alone


def _source(source):
    return ["  source:"] + [f"    {key}: {_text(value)}" for key, value in source.items()]


def _key(keys, repeated):
    if keys:
        return [f"  key: [{_text(keys[0])}]   # no two rows share it; is it what names a row?"]
    if repeated <= 0.03:
        return ["  # key: [ID]   # the column that names a row, if the table has one"]
    return [f"  # {repeated:.1%} of the rows repeat another one and are dropped. If they are different things that",
            "  # only look alike, add a column that names each row to the table and state it as key: [ID].",
            f"  max_removed_share: {min(0.99, np.ceil(repeated * 100 + 5) / 100):.2f}"]


def _holdout(guesses):
    lines = []
    for found in guesses:
        if found.kind == "time":
            lines += ["  # Is this when a row happened? Then the newest rows should judge: replace holdout.share by",
                      f"  # time_column: {_text(found.name)}", *_as_of(found), "  # holdout: {days: 30}"]
    return lines + ["  holdout:", "    share: 0.2   # chosen by a hash of the row, so that no row ever changes sides"]


def _as_of(found):
    if found.day_after is None:
        return []
    return [f"  # as_of: {found.day_after}   # of a table that goes on no more: the day after its newest row"]


def _sizes(answers):
    usual = list(answers.usual.values())
    return [f"  min_rows: {max(10, min(100, sum(usual) // 2))}",
            f"  min_class_rows: {max(2, min(10, min(usual) // 2))}"]


def _keep(frame, target, answers):
    blank = frame[target].isna() | frame[target].astype("str").str.strip().eq("")
    if answers.rare:
        rule = f"one_of: [{', '.join(map(_text, answers.usual))}]"
        why = f"fewer than {RARE_CLASS} rows of a class teach nothing"
    elif blank.any() or answers.words:
        rule, why = "not_null: true", "without an answer there is nothing to learn"
    else:
        return []
    return ["  keep:", f"    - column: {_text(target)}", f"      {rule}", f"      why: {why}"]


def _column(found):
    lines = [f"  - name: {_text(found.name)}", f"    kind: {found.kind}"]
    if found.seen is not None:
        low, high = widened(*found.seen, found.kind == "integer")
        lines.append(f"    range: [{low:.12g}, {high:.12g}]   # seen {found.seen[0]:.6g} to {found.seen[1]:.6g}")
    if found.nulls:
        words = "".join(f" or {_text(word)}" for word, _ in found.missing)
        lines.append(f"    nullable: true   # {found.nulls:.1%} are empty{words}")
        if found.nulls > 0.4:
            lines.append(f"    max_null_share: {min(1.0, round(found.nulls + 0.1, 2))}")
    if found.categories:
        lines += _categories(found)
    return lines


def _categories(found):
    lines = [f"    categories: [{', '.join(map(_text, found.categories))}]"]
    if found.distinct > FEW or not found.listed_all:
        more = "" if found.listed_all else f"   # the {len(found.categories)} most frequent of {found.distinct}"
        lines.append(f"    unknown: treat_as_unknown{more}")
    return lines


def _left_out(left_out):
    if not left_out:
        return []
    return ["# Left out, so the model never sees them:",
            *(f"#   {_text(str(name))}: {' '.join(why.split())}" for name, why in left_out.items())]


def _target(target, answers):
    classes = answers.classes
    lines = ["target:", f"  column: {_text(target)}"]
    last = "   # the last is the positive class: is it the one you look for?" if len(classes) == 2 else ""
    lines += [f"  classes: [{', '.join(map(_text, classes))}]{last}"]
    return lines + [f"  # rows: {', '.join(f'{_text(text)} {rows}' for text, rows in answers.rows.items())}"]


def _rest():
    return ["algorithms:   # all of them are compared by cross-validation, and the best one is judged",
            "  hist_gradient_boosting: {}", "  logistic_regression: {}", "",
            "# Every gate has a default; accuracy on the holdout must reach 0.90. Another floor needs a reason:",
            "# gates:", "#   - {gate: accuracy, at_least: 0.85}"]


def _text(value):
    """Write one scalar as YAML: quoted wherever it could be read as anything but this text."""
    if isinstance(value, (bool, int, float)):
        return yaml.safe_dump(value).split("\n")[0]
    plain = str(value)
    simple = plain.replace("_", "").isascii() and plain.replace("_", "").isalnum() and plain[0].isalpha()
    if simple and yaml.safe_load(plain) == plain and plain.lower() not in ("y", "n"):
        return plain
    return yaml.safe_dump(plain, default_style='"', allow_unicode=True, width=float("inf")).split("\n")[0]
