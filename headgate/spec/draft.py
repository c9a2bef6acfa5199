"""A first model.yaml for a table nobody has described yet, with comments where a person should look."""

from dataclasses import dataclass

import numpy as np
import yaml

from headgate.errors import SpecError
from headgate.spec.guess import FEW, guess, widened

MOST_CLASSES = 30
RARE_CLASS = 5
FEWEST = 50
YES = {"1", "1.0", "yes", "y", "true", "t", "positive", "late", "churned", "default", "fraud", "bad"}


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

    frame : the table, a CSV's columns as text. source : the mapping to stand under data.source.
    Raises SpecError when the target is missing, has one value, is a quantity, or when no column is left.
    """
    _classes(frame, target)
    guesses = [guess(frame[column]) for column in frame.columns if column != target]
    listed = [found for found in guesses if found.kind not in ("out", "time") and str(found.name).strip()]
    if not listed:
        raise SpecError("No column is left to learn from.", value="; ".join(f"{g.name}: {g.why}" for g in guesses))
    left_out = {found.name: found.why or "it is a time" for found in guesses if found not in listed}
    keys = [found.name for found in guesses if found.identifies and not found.nulls and str(found.name).strip()]
    alone = _without_repeats(frame, keys, [found.name for found in listed], target)
    classes, answers = _classes(alone, target)
    lines = [f"# {name}: a draft read off a table of {len(frame):,} rows. Read it from top to bottom and correct it.",
             f"name: {name}", f"description: {_text(f'Predicts {target}.')}", ""]
    lines += ["data:", *_source(source), *_keep(frame, target, answers), *_key(keys, 1 - len(alone) / len(frame)),
              *_holdout(guesses), *_sizes(answers), ""]
    lines += ["columns:   # what the model sees; ranges are a quarter wider than what the table has"]
    for found in listed:
        lines += _column(found)
    lines += _left_out(left_out) + [""] + _target(target, classes, answers) + [""] + _rest()
    return Draft("\n".join(lines) + "\n", tuple(g.name for g in listed), left_out, tuple(_notes(guesses, answers)))


def _without_repeats(frame, keys, names, target):
    """Return the rows that cleaning will keep: without a key, the same row counts once."""
    alone = frame if keys else frame[~frame[[*names, target]].astype("str").duplicated()]
    if len(alone) < min(FEWEST, len(frame)):
        raise SpecError(f"Only {len(alone)} of {len(frame)} rows differ from one another; a repeated row is dropped.",
                        remedy="If they are different things that only look alike, add a column that names each row "
                               "(1, 2, 3, ...) to the table.")
    return alone


def _classes(frame, target):
    """Return (classes in order, {class: rows}) of the target, the positive one of two last."""
    if target not in frame:
        raise SpecError(f"The table has no column {target!r} to predict.",
                        limit=", ".join(map(str, list(frame.columns)[:30])))
    texts = frame[target].dropna().astype("str")
    counts = _merged(texts[texts.str.strip() != ""].value_counts())
    if len(counts) < 2:
        raise SpecError(f"The target {target!r} has {len(counts) or 'no'} value: nothing to tell apart.",
                        value=", ".join(counts), limit="two classes or more")
    numeric = all(_is_number(text) for text in list(counts)[:1000])
    if len(counts) > (FEW if numeric else MOST_CLASSES):
        raise SpecError(f"The target {target!r} has {len(counts)} different values: it is "
                        + ("a quantity, and Headgate predicts classes, not quantities." if numeric else "no class."),
                        value=", ".join(list(counts)[:5]) + ", ...",
                        limit=f"at most {FEW if numeric else MOST_CLASSES} classes",
                        remedy="Choose another column, or ask whether it reaches a limit: write `derive: {column: "
                               f"{target}, at_least: LIMIT}}` under target in a model.yaml of your own."
                               if numeric else "Choose another column.")
    usual = {text: rows for text, rows in counts.items() if rows >= RARE_CLASS}
    if len(usual) < 2:
        raise SpecError(f"The target {target!r} has fewer than two classes with {RARE_CLASS} rows or more.",
                        value=", ".join(f"{text}: {rows}" for text, rows in list(counts.items())[:5]))
    return _ordered(usual), counts


def _merged(counts):
    """Count 1 and 1.0 as one class."""
    merged = {}
    for text, rows in counts.items():
        text = text[:-2] if text.endswith(".0") and _is_number(text) else text
        merged[text] = merged.get(text, 0) + int(rows)
    return dict(sorted(merged.items(), key=lambda item: (-item[1], item[0])))


def _is_number(text):
    try:
        return np.isfinite(float(text))
    except ValueError:
        return False


def _ordered(counts):
    if len(counts) == 2:
        return sorted(counts, key=lambda text: (text.strip().lower() in YES, -counts[text], text))
    return sorted(counts, key=lambda text: (0, float(text), "") if _is_number(text) else (1, 0.0, text))


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
                      f"  # time_column: {_text(found.name)}", "  # holdout: {days: 30}"]
    return lines + ["  holdout:", "    share: 0.2   # chosen by a hash of the row, so that no row ever changes sides"]


def _sizes(answers):
    usual = [rows for rows in answers.values() if rows >= RARE_CLASS]
    return [f"  min_rows: {max(10, min(100, sum(usual) // 2))}",
            f"  min_class_rows: {max(2, min(10, min(usual) // 2))}"]


def _keep(frame, target, answers):
    rare = [text for text, rows in answers.items() if rows < RARE_CLASS]
    blank = frame[target].isna() | frame[target].astype("str").str.strip().eq("")
    if rare:
        usual = [text for text in answers if text not in rare]
        rule = f"one_of: [{', '.join(map(_text, usual))}]"
        why = f"fewer than {RARE_CLASS} rows of a class teach nothing"
    elif blank.any():
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
        lines.append(f"    nullable: true   # {found.nulls:.1%} are empty")
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


def _target(target, classes, answers):
    lines = ["target:", f"  column: {_text(target)}"]
    last = "   # the last is the positive class: is it the one you look for?" if len(classes) == 2 else ""
    lines += [f"  classes: [{', '.join(map(_text, classes))}]{last}"]
    return lines + [f"  # rows: {', '.join(f'{_text(text)} {rows}' for text, rows in answers.items())}"]


def _rest():
    return ["algorithms:   # all of them are compared by cross-validation, and the best one is judged",
            "  hist_gradient_boosting: {}", "  logistic_regression: {}", "",
            "# Every gate has a default; accuracy on the holdout must reach 0.90. Another floor needs a reason:",
            "# gates:", "#   - {gate: accuracy, at_least: 0.85}"]


def _notes(guesses, answers):
    for found in guesses:
        if found.kind == "time":
            yield f"{found.name!r} is a time: should it be data.time_column, so that the newest rows judge?"
        if found.identifies:
            yield f"{found.name!r} seems to name rows and is left out of the columns."
    rare = [text for text, rows in answers.items() if rows < RARE_CLASS]
    if rare:
        yield f"Classes with fewer than {RARE_CLASS} rows are left out: {', '.join(rare[:5])}."


def _text(value):
    """Write one scalar as YAML: quoted wherever it could be read as anything but this text."""
    if isinstance(value, (bool, int, float)):
        return yaml.safe_dump(value).split("\n")[0]
    plain = str(value)
    simple = plain.replace("_", "").isascii() and plain.replace("_", "").isalnum() and plain[0].isalpha()
    if simple and yaml.safe_load(plain) == plain and plain.lower() not in ("y", "n"):
        return plain
    return yaml.safe_dump(plain, default_style='"', allow_unicode=True, width=float("inf")).split("\n")[0]
