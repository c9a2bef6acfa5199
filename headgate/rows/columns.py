"""The cells of one column, as JSON gave them, to an array; and which of them may not reach a model."""

import numpy as np

from headgate.rows.times import seconds_of

LARGEST = float(np.finfo(np.float32).max)     # beyond it a model's own arithmetic, 32 bits wide, has no number
NUMBERS, TEXTS, TRUTHS = {int, float}, {str}, {bool}


def to_array(column, cells, zone):
    """Return (array (n,), suspects (k,) positions): float64 with NaN missing, or object with "" missing.

    cells : list of what JSON gave. A suspect may be wrong; every cell that is wrong is one. Its place in the array
    is missing.
    """
    if column.kind == "category":
        return _texts(column, cells)
    wanted = TRUTHS if column.kind == "boolean" else TEXTS if column.kind == "datetime" else NUMBERS
    cells, strange = _of_kind(cells, wanted)
    if column.kind == "datetime":
        return _times(column, cells, strange, zone)
    values, strange = _floats(cells, strange)
    wrong = ~in_range(column, values) | _missing(column, cells, values)
    return np.where(wrong, np.nan, values) if wrong.any() else values, _positions(wrong, strange)


def _missing(column, cells, values):
    """Return a mask (n,) of nulls where none may be; the word NaN, which some parsers take, is no null."""
    missing = np.isnan(values)
    if column.nullable:
        for place in np.flatnonzero(missing).tolist():
            missing[place] = cells[place] is not None
    return missing


def in_range(column, values):
    """Return a mask (n,) of float64 values that are whole where they must be and within the range; NaN is within."""
    low, high = column.range or (-LARGEST, LARGEST)
    good = (values >= low) & (values <= high)
    if column.kind == "integer":
        with np.errstate(invalid="ignore"):
            good &= values == np.floor(values)
    return good | np.isnan(values)


def refused(column, values):
    """Return a mask (n,) of typed values that a column does not allow: nulls, out of range, unknown categories.

    values : as a graph takes them, float64 with NaN missing, or object with "" missing.
    """
    if column.kind != "category":
        wrong = ~in_range(column, values)
        return wrong if column.nullable else wrong | np.isnan(values)
    strange = {text for text in set(values) if not _takes(column, text)}
    if not strange:
        return np.zeros(len(values), dtype=bool)
    return np.fromiter((text in strange for text in values), dtype=bool, count=len(values))


def _takes(column, text):
    if text == "":
        return column.nullable
    return column.unknown == "treat_as_unknown" or text in column.categories


def known_texts(column):
    """Return the texts of a category column that a graph tells apart from any other."""
    return frozenset((*column.categories, "", "None", "nan"))


def unseen_text(column):
    """Return a text that is none of the column's categories: what any unknown one is to the graph."""
    text = "?"
    while text in known_texts(column):
        text += "?"
    return text


def _of_kind(cells, wanted):
    """Return (cells with None for every one of another type, positions of those)."""
    kinds = set(map(type, cells))
    if kinds <= wanted or kinds <= (wanted | {type(None)}):
        return cells, ()
    strange = [place for place, cell in enumerate(cells) if cell is not None and type(cell) not in wanted]
    cells = list(cells)
    for place in strange:
        cells[place] = None
    return cells, strange


def _floats(cells, strange):
    try:
        return np.array(cells, dtype=np.float64), strange
    except OverflowError:       # a whole number with hundreds of digits
        strange = {*strange, *(place for place, cell in enumerate(cells) if _huge(cell))}
        return np.array([None if _huge(cell) else cell for cell in cells], dtype=np.float64), sorted(strange)


def _huge(cell):
    return type(cell) is int and abs(cell) > LARGEST


def _times(column, cells, strange, zone):
    found = {}
    for text in set(cells):
        try:
            found[text] = np.nan if text is None else seconds_of(text, zone)
        except ValueError:
            found[text] = np.nan
    values = np.fromiter(map(found.__getitem__, cells), dtype=np.float64, count=len(cells))
    missing = np.array([cell is None for cell in cells], dtype=bool)
    return values, _positions(np.isnan(values) & ~missing | (missing & (not column.nullable)), strange)


def _texts(column, cells):
    cells, strange = _of_kind(cells, TEXTS)
    listed, other = known_texts(column), unseen_text(column)
    lenient, place = column.unknown == "treat_as_unknown", {}
    wrong = set()
    for text in set(cells):
        place[text] = text if text in listed else other
        if text is None:
            place[text] = ""
            wrong |= set() if column.nullable else {text}
        elif text not in column.categories if not lenient else not text.strip():
            wrong.add(text)
    values = np.empty(len(cells), dtype=object)
    values[:] = list(map(place.__getitem__, cells))
    return values, _positions(np.array([cell in wrong for cell in cells], dtype=bool) if wrong else None, strange)


def _positions(mask, strange):
    found = set(strange)
    if mask is not None and np.any(mask):
        found |= set(np.flatnonzero(mask).tolist())
    return sorted(found)
