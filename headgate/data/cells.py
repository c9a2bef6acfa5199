"""How the cells of a CSV become values: which stay text, which are numbers, and what counts as missing."""

from dataclasses import dataclass, field

NULL_WORDS = frozenset({"#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>",
                        "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"})


@dataclass(frozen=True)
class Cells:
    """What is wanted of the cells of a CSV, by names of columns.

    text : columns that are not turned into numbers, so that "007" is not 7.
    numbers : columns whose numbers are written as the source states.
    words : column -> texts that are values there, although they mean a missing cell elsewhere.
    as_written : every cell of every column stays the text that it is; only an empty one is missing.
    """

    text: frozenset = frozenset()
    numbers: frozenset = frozenset()
    words: dict = field(default_factory=dict)
    as_written: bool = False

    def is_text(self, name):
        return self.as_written or name in self.text

    def null_words(self, name):
        """Return the texts that mean a missing cell in a column, beside the empty one."""
        return frozenset() if self.as_written else NULL_WORDS - self.words.get(name, frozenset())


def cells_of(spec):
    """Return the Cells of every table that a spec reads."""
    return Cells(_text(spec), _numbers(spec), _words(spec))


def _text(spec):
    names = {column.name for column in spec.columns if column.kind in ("category", "datetime")}
    names |= {*spec.data.key} | {name for rule in spec.data.joins for name in rule.on}
    names |= {rule.column for rule in spec.data.keep if rule.one_of is not None}
    names |= {spec.data.time_column} if spec.data.time_column else set()
    return frozenset(names if spec.target.derive else names | {spec.target.column})


def _numbers(spec):
    names = {column.name for column in spec.columns if column.kind in ("number", "integer")}
    names |= {rule.column for rule in spec.data.keep if rule.at_least is not None or rule.at_most is not None}
    return frozenset(names | {spec.target.derive.column} if spec.target.derive else names)


def _words(spec):
    """A text that the spec lists as a category, a class or in a keep rule is a value, and so is every key."""
    listed = {column.name: set(column.categories) for column in spec.columns if column.categories}
    for rule in spec.data.keep:
        listed[rule.column] = listed.get(rule.column, set()) | {str(item) for item in rule.one_of or ()}
    if spec.target.derive is None:
        listed[spec.target.column] = listed.get(spec.target.column, set()) | set(spec.target.classes)
    listed |= {name: NULL_WORDS for name in _only_keys(spec)}
    return {name: frozenset(texts & NULL_WORDS) for name, texts in listed.items() if texts & NULL_WORDS}


def _only_keys(spec):
    """Return the columns that only name a row: NA there is Namibia, or whoever has that name."""
    joined = {name for rule in spec.data.joins for name in rule.on}
    others = {spec.data.time_column, spec.target.column, spec.target.derive and spec.target.derive.column}
    return {*spec.data.key} - {*spec.column_names} - joined - others
