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
    return RightSide(right, rule, shown).join(left)


class RightSide:
    """The table that rows are joined to, its keys numbered once for any number of left sides. Raises as `join`."""

    def __init__(self, right, rule, shown):
        _check_there(right, (*rule.on, *rule.columns), shown)
        self._rule, self._shown, self._keys = rule, shown, []
        total, absent = np.zeros(len(right), dtype=np.int64), np.zeros(len(right), dtype=bool)
        for name in rule.on:
            numbers = {}
            codes = _numbered(right[name], numbers, learn=True)
            absent |= codes < 0
            total, known = pd.factorize(total * (len(numbers) + 1) + codes + 1)
            self._keys.append((name, numbers, pd.Index(known)))
        codes = np.where(absent, -1, total)
        _check_single(right, codes, rule, shown)
        self._place = np.full(codes.max(initial=-1) + 2, -1)
        self._place[codes[~absent]] = np.flatnonzero(~absent)
        self._right = right.reset_index(drop=True)

    def join(self, left):
        """Return the rows of `left` with the columns of the rule."""
        _check_there(left, self._rule.on, "the table itself")
        both = [name for name in self._rule.columns if name in left]
        if both:
            raise SpecError(f"The join would bring a second column {both[0]!r}.", value=self._shown,
                            remedy="Take it off the join's columns, or rename it in one of the tables.")
        rows = self._place[self._codes(left)]
        taken = {name: self._right[name].reindex(rows).set_axis(left.index) for name in self._rule.columns}
        return pd.concat([left, pd.DataFrame(taken, index=left.index, copy=False)], axis=1)

    def _codes(self, left):
        """Return the number of each row's key, -1 for one that the right side does not have."""
        total, absent = np.zeros(len(left), dtype=np.int64), np.zeros(len(left), dtype=bool)
        for name, numbers, known in self._keys:
            codes = _numbered(left[name], numbers)
            absent |= codes < 0
            total = known.get_indexer(total * (len(numbers) + 1) + codes + 1)   # -1, and less from there on, is unknown
        return np.where(absent, -1, total)


def _check_there(frame, names, where):
    for name in names:
        if name not in frame:
            raise SpecError(f"A join needs the column {name!r}, and {where} has none.",
                            limit=", ".join(map(str, frame.columns[:20])))


def _numbered(series, numbers, learn=False):
    """Return the number of each value, 1, 1.0 and "1" being equal; -1 for none. `learn` adds new ones to `numbers`."""
    codes, texts = factorize_text(series)
    texts = [without_point(text) for text in texts]
    if learn:
        for text in texts:
            numbers.setdefault(text, len(numbers))
    return np.array([*(numbers.get(text, -1) for text in texts), -1], dtype=np.int64)[codes]


def _check_single(right, codes, rule, shown):
    repeated = pd.Series(codes).duplicated().to_numpy() & (codes >= 0)
    if repeated.any():
        row = right.iloc[int(repeated.argmax())]
        raise SourceError(f"{shown} has {int(repeated.sum())} rows too many for a join on {', '.join(rule.on)}: "
                          "they would multiply the rows of the table.",
                          value=", ".join(f"{name} = {row[name]}" for name in rule.on) + ", more than once",
                          limit="one row per key")
