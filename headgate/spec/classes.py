"""The classes of a target nobody has described yet."""

from dataclasses import dataclass

from headgate.errors import SpecError
from headgate.spec.guess import FEW, is_number, present
from headgate.spec.written import Written

MOST_CLASSES = 30
RARE_CLASS = 5
SEPARATORS = ";\t|,"
YES = {"1", "1.0", "yes", "y", "true", "t", "positive", "late", "churned", "default", "fraud", "bad"}


@dataclass(frozen=True)
class Answers:
    """What a target holds.

    classes : in order, the positive one of two last. rows : text -> rows, rare ones too, most frequent first.
    words : classes that may stand for a missing answer, such as None. missing : (text, rows) of those that do.
    """

    classes: tuple
    rows: dict
    words: tuple = ()
    missing: tuple = ()

    @property
    def usual(self):
        """Those of `rows` that are enough for a class."""
        return {text: rows for text, rows in self.rows.items() if rows >= RARE_CLASS}

    @property
    def rare(self):
        return [text for text, rows in self.rows.items() if rows < RARE_CLASS]


def find_answers(frame, target, written=Written()):
    """Return the Answers in the column `target`.

    A word such as None or NA is a class like any other, but beside numbers it is a missing answer.
    Raises SpecError when the target is missing, has one value, or is a quantity.
    """
    if target not in frame:
        raise _no_target(frame, target)
    texts = present(frame[target])
    words = texts.isin(written.null_words)
    others = _merged(texts[~words].value_counts())
    numeric = bool(others) and all(map(is_number, list(others)[:1000]))
    counts = others if numeric else _merged(texts.value_counts())
    _check_few(counts, numeric, target)
    missing = tuple(texts[words].value_counts().items()) if numeric else ()
    answers = Answers((), counts, (), missing)
    if len(answers.usual) < 2:
        raise SpecError(f"The target {target!r} has fewer than two classes with {RARE_CLASS} rows or more.",
                        value=", ".join(f"{text}: {rows}" for text, rows in list(counts.items())[:5]))
    return Answers(_ordered(answers.usual), counts, tuple(t for t in answers.usual if t in written.null_words), missing)


def _no_target(frame, target):
    names = [str(name) for name in frame.columns]
    sign = max(SEPARATORS, key=names[0].count) if len(names) == 1 else ","
    remedy = f"Are its columns separated otherwise? Add --separator {sign!r}." if sign in names[0] else None
    return SpecError(f"The table has no column {target!r} to predict.", limit=", ".join(names[:30]), remedy=remedy)


def _check_few(counts, numeric, target):
    if len(counts) < 2:
        raise SpecError(f"The target {target!r} has {len(counts) or 'no'} value: nothing to tell apart.",
                        value=", ".join(counts), limit="two classes or more")
    most = FEW if numeric else MOST_CLASSES
    if len(counts) > most:
        raise SpecError(f"The target {target!r} has {len(counts)} different values: it is "
                        + ("a quantity, and Headgate predicts classes, not quantities." if numeric else "no class."),
                        value=", ".join(list(counts)[:5]) + ", ...", limit=f"at most {most} classes",
                        remedy="Choose another column, or ask whether it reaches a limit: write `derive: {column: "
                               f"{target}, at_least: LIMIT}}` under target in a model.yaml of your own."
                               if numeric else "Choose another column.")


def _merged(counts):
    """Count 1 and 1.0 as one class."""
    merged = {}
    for text, rows in counts.items():
        text = text[:-2] if text.endswith(".0") and is_number(text) else text
        merged[text] = merged.get(text, 0) + int(rows)
    return dict(sorted(merged.items(), key=lambda item: (-item[1], item[0])))


def _ordered(counts):
    if len(counts) == 2:
        return tuple(sorted(counts, key=lambda text: (text.strip().lower() in YES, -counts[text], text)))
    return tuple(sorted(counts, key=lambda text: (0, float(text), "") if is_number(text) else (1, 0.0, text)))
