"""How the table behind a draft is written, and numbers in it that are written otherwise."""

import re
import shlex
from dataclasses import dataclass

from headgate.data.cells import NULL_WORDS
from headgate.data.numerals import Numerals

WAYS = tuple(Numerals(*marks) for marks in ((",", None), (".", ","), (",", "."), (".", " "), (",", " "), (".", "'"),
                                            (".", "_"), (".", None)))
SIGNS = "$€£¥₹%‰"
SIGN = re.compile(rf"\s*[{SIGNS}]\s*")
MOST = 0.95


@dataclass(frozen=True)
class Written:
    """How a table is written. null_words : texts that mean a missing cell. csv : its cells are texts."""

    null_words: frozenset = frozenset()
    numerals: Numerals = Numerals()
    csv: bool = False

    @classmethod
    def of(cls, source):
        """Return how a source is written, given the mapping that stands under data.source."""
        if "csv" not in source:
            return cls()
        return cls(NULL_WORDS, Numerals(source.get("decimal", "."), source.get("thousands")), True)


def other_number(texts, written):
    """Return what a column of text looks like that holds numbers written in another way, or an empty text."""
    ways = [way for way in WAYS if way != written.numerals and _fits(texts, way)]
    if not ways:
        return ""
    example = f"it looks like numbers written as {texts[~Numerals().matches(texts)].iloc[0].strip()!r}; "
    if not written.csv:
        return example + "write them as plain numbers"
    return example + "try " + " or ".join(_options(way, written.numerals) for way in ways)


def signed_number(texts):
    """Return why a column is left out whose numbers stand with a sign, as in $1,234.50 or 12.3%, or an empty text."""
    signs = texts.str.contains(SIGN)
    if signs.mean() < 0.5:
        return ""
    bare = texts.str.replace(SIGN, "", n=1, regex=True)
    if max(way.matches(bare).mean() for way in WAYS) < MOST:
        return ""
    example = texts[signs].iloc[0].strip()
    sign = next(mark for mark in example if mark in SIGNS)
    return f"it is a number with the sign {sign} in the text ({example!r}); write it as a plain number"


def _fits(texts, way):
    """Nearly all texts are written so, and each mark that the way has of its own is in use."""
    own = [mark for mark in (way.decimal if way.decimal != "." else None, way.thousands) if mark is not None]
    if way.matches(texts).mean() < MOST:
        return False
    return all(texts.str.contains(mark, regex=False).any() for mark in own)


def _options(way, stated):
    words = ["--decimal", way.decimal] if way.decimal != stated.decimal else []
    words += ["--thousands", way.thousands] if way.thousands not in (None, stated.thousands) else []
    return shlex.join(words)
