"""Left joins by equal keys that can never multiply rows."""

import numpy as np
import pandas as pd

from headgate.data.texts import factorize_text, without_point
from headgate.errors import SourceError, SpecError


def join(left, right, rule, shown):
    """Add `rule.columns` of `right` to the rows of `left` that have equal `rule.on`; nulls where none has.

    A missing key matches nothing. Raises SourceError when `right` has two rows for one key, SpecError when a
    column is missing or would stand twice.
    """
    _check(left, right, rule, shown)
    left_codes, right_codes = _codes(left, right, rule.on)
    _check_single(right, right_codes, rule, shown)
    usable = right_codes >= 0
    place = np.full(max(left_codes.max(initial=-1), right_codes.max(initial=-1)) + 2, -1)
    place[right_codes[usable]] = np.flatnonzero(usable)
    rows = place[left_codes]
    right = right.reset_index(drop=True)
    taken = {name: right[name].reindex(rows).set_axis(left.index) for name in rule.columns}
    return pd.concat([left, pd.DataFrame(taken, index=left.index, copy=False)], axis=1)


def _check(left, right, rule, shown):
    for name, frame, where in [(name, left, "the table itself") for name in rule.on] + \
                              [(name, right, shown) for name in (*rule.on, *rule.columns)]:
        if name not in frame:
            raise SpecError(f"A join needs the column {name!r}, and {where} has none.",
                            limit=", ".join(map(str, frame.columns[:20])))
    both = [name for name in rule.columns if name in left]
    if both:
        raise SpecError(f"The join would bring a second column {both[0]!r}.", value=shown,
                        remedy="Take it off the join's columns, or rename it in one of the tables.")


def _codes(left, right, names):
    """Number the distinct keys of both tables alike; a key with a missing part is -1."""
    total = np.zeros(len(left) + len(right), dtype=np.int64)
    absent = np.zeros(len(total), dtype=bool)
    for name in names:
        codes, size = _shared(left[name], right[name])
        absent |= codes < 0
        total = pd.factorize(total * (size + 1) + codes + 1)[0].astype(np.int64)
    total[absent] = -1
    return total[:len(left)], total[len(left):]


def _shared(left, right):
    """Number the values of two series alike, 1, 1.0 and "1" being equal."""
    sides, numbers = [], {}
    for series in (left, right):
        codes, texts = factorize_text(series)
        known = [numbers.setdefault(without_point(text), len(numbers)) for text in texts]
        sides.append(np.array([*known, -1], dtype=np.int64)[codes])
    return np.concatenate(sides), len(numbers)


def _check_single(right, codes, rule, shown):
    repeated = pd.Series(codes).duplicated().to_numpy() & (codes >= 0)
    if repeated.any():
        row = right.iloc[int(repeated.argmax())]
        raise SourceError(f"{shown} has {int(repeated.sum())} rows too many for a join on {', '.join(rule.on)}: "
                          "they would multiply the rows of the table.",
                          value=", ".join(f"{name} = {row[name]}" for name in rule.on) + ", more than once",
                          limit="one row per key")
