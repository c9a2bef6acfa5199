"""CSV files, plain or compressed, into frames of raw types: whole, or one block of rows after the other."""

import csv
import io
import lzma
import zipfile
import zlib
from contextlib import contextmanager

import fsspec
import pandas as pd
from pandas.errors import EmptyDataError, ParserError

from headgate.data.cells import NULL_WORDS, Cells
from headgate.data.numerals import Numerals, rewritten_column
from headgate.data.regular import Irregular, RegularBlocks, may_be_regular
from headgate.data.scan import count_separators, watched
from headgate.errors import SourceError, SpecError

MISSING = NULL_WORDS | {""}


def read_csv(path, shown, source, *, wanted=None, cells=Cells()):
    """Read a local CSV; return (frame, names of all columns of the file).

    wanted : names of the columns to keep; None keeps all. One that the file lacks is left out of the result.
    cells : how cells become values.
    Raises SourceError for an empty file, a header only, wrong encoding or separator, ragged lines, NUL bytes, numbers
    written otherwise than stated, and for a column wanted that the header names twice.
    """
    with _explained(shown, source):
        names = _names(path, source)
        separators = count_separators(path, shown, source)
        chosen = _chosen(names, shown, wanted)
        frame = pd.read_csv(path, names=range(len(names)), usecols=chosen, **_options(source),
                            **_cell_options(names, chosen, source, cells))
        _check_rows(path, source, names, shown, len(frame), separators)
    return _rewritten(_named(frame, names), source, cells, shown), names


def csv_blocks(path, shown, source, *, rows, wanted=None, cells=Cells()):
    """Yield (frame of at most `rows` rows, names of all columns of the file) to the end of a local CSV, read once.

    Cells become values as in `read_csv`, which says what `wanted` and `cells` are; the kind of a column that is not
    text is found out for each block alone. Raises as `read_csv`; for rows that are too long, behind the last block.
    """
    with _explained(shown, source):
        names, done = _names(path, source), 0
        chosen = _chosen(names, shown, wanted)
        try:
            for frame in _regular_blocks(path, shown, source, rows, names, chosen, cells):
                done += len(frame)
                yield _named(frame, names), names
        except Irregular:
            for frame in _other_blocks(path, shown, source, rows, names, chosen, cells, done):
                yield _rewritten(_named(frame, names), source, cells, shown), names


def _regular_blocks(path, shown, source, rows, names, chosen, cells):
    """Yield frames with columns by position; raises Irregular, after whole blocks, when it takes pandas to go on."""
    words = {i: cells.null_words(names[i]) for i in chosen}
    texts = {i for i in chosen if cells.is_text(names[i])}
    if not may_be_regular(source, names) or not numerals_of(source).plain \
            or any(words[i] != NULL_WORDS for i in chosen if i not in texts):
        raise Irregular()
    count, options = 0, _options(source) | {"header": None}

    def read(lines, places):
        return pd.read_csv(io.BytesIO(lines), names=range(len(names)), usecols=places, **options)

    with watched(path, shown, source) as (stream, seen):
        for frame in RegularBlocks(source, names, words, texts, read).frames(stream, rows):
            count += len(frame)
            yield frame
    _check_rows(path, source, names, shown, count, seen.separators)


def _other_blocks(path, shown, source, rows, names, chosen, cells, done):
    """Yield frames as pandas reads them, without the first `done` rows, which are whole blocks."""
    count, options = 0, _options(source) | _cell_options(names, chosen, source, cells)
    with watched(path, shown, source) as (stream, seen), pd.read_csv(
            stream, names=range(len(names)), usecols=chosen, chunksize=rows, **options) as parts:
        for frame in parts:
            count += len(frame)
            if count > done and len(frame):
                yield frame
    _check_rows(path, source, names, shown, count, seen.separators)


def _named(frame, names):
    frame.columns = [names[i] for i in frame.columns]
    return frame


def _chosen(names, shown, wanted):
    """Return the positions of the columns wanted."""
    check_unique(names, shown, wanted)
    chosen = [i for i, name in enumerate(names) if wanted is None or name in wanted]
    if not chosen:
        raise no_columns(shown, names)
    return chosen


def no_columns(shown, names):
    """Return the SourceError of a table that has nothing of what is wanted."""
    return SourceError(f"{shown} has none of the columns of the model.", value=", ".join(map(str, names[:8])),
                       remedy="Is it the right file, and the right `separator:`?")


def check_unique(names, shown, wanted=None):
    """Raise SourceError when a wanted name stands twice in a header."""
    seen, twice = set(), []
    for name in names:
        if name in seen and (wanted is None or name in wanted):
            twice.append(name)
        seen.add(name)
    if twice:
        raise SourceError(f"{shown} has more than one column called {twice[0]!r}, so it is not clear which is meant.",
                          remedy="Give every column its own name.")


def _names(path, source):
    """Return the names of all columns of the file, in order."""
    head = pd.read_csv(path, sep=source.separator, encoding=source.encoding, skiprows=source.skip_rows, header=None,
                       nrows=2, dtype=str, na_filter=False, index_col=False)
    if source.columns is None:
        return head.iloc[0].tolist()
    if len(source.columns) != head.shape[1]:
        raise SpecError("source.columns does not fit the file.", value=f"{head.shape[1]} columns in the file",
                        limit=f"{len(source.columns)} names in the spec")
    return source.columns


def _options(source):
    return dict(sep=source.separator, encoding=source.encoding, skiprows=source.skip_rows, index_col=False,
                header=0 if source.columns is None else None, low_memory=False, float_precision="round_trip")


def _cell_options(names, chosen, source, cells):
    """Return what pandas must know about single columns: which stay text, and which words are no nulls there."""
    plain = numerals_of(source).plain
    options = {"dtype": {i: str for i in chosen if not plain or cells.is_text(names[i])}}
    words = {i: cells.null_words(names[i]) for i in chosen}
    if all(found == NULL_WORDS for found in words.values()):
        return options
    return options | {"keep_default_na": False, "na_values": {i: {"", *found} for i, found in words.items()}}


def numerals_of(source):
    """Return how the numbers of a source are written."""
    return Numerals(source.decimal, source.thousands)


def _rewritten(frame, source, cells, shown):
    numerals = numerals_of(source)
    if numerals.plain or cells.as_written:
        return frame
    return frame.assign(**{name: rewritten_column(frame[name], numerals, shown)
                           for name in frame.columns if name in cells.numbers})


def _check_rows(path, source, names, shown, rows, separators):
    if not rows:
        raise SourceError(f"{shown} has a header but no rows.", value=f"columns {', '.join(map(str, names[:8]))}",
                          limit="at least one row")
    if separators <= (len(names) - 1) * (rows + 1):
        return
    long, first = _overflow(path, source, len(names))
    if long:
        raise SourceError(f"{shown} has {long} rows with more fields than the header.",
                          value=f"row {first} after the header", limit=f"{len(names)} fields",
                          remedy="Is a text with a comma in it not quoted, or another `separator:` in use?")


def _overflow(path, source, width):
    """Return (rows with something in the field after the last, number of the first); pandas drops it silently."""
    count, first = 0, None
    with fsspec.open(str(path), "rt", compression="infer", encoding=source.encoding, newline="") as stream:
        for _ in range(source.skip_rows):
            next(stream, None)
        rows = filter(None, csv.reader(stream, delimiter=source.separator))
        for number, row in enumerate(rows, source.columns is not None):
            if len(row) > width and number and row[width] not in MISSING:
                count, first = count + 1, first or number
    return count, first


@contextmanager
def _explained(shown, source):
    """Turn what the parser raises into SourceErrors that a newcomer understands."""
    try:
        yield
    except EmptyDataError:
        raise SourceError(f"{shown} is empty.", limit="a header and at least one row") from None
    except UnicodeDecodeError as error:
        byte = error.object[error.start] if error.start < len(error.object) else 0
        likely = "utf-16" if byte in (0xfe, 0xff) and error.start == 0 else "latin-1"
        raise SourceError(f"{shown} is not {source.encoding} text.", value=f"the byte 0x{byte:02x}",
                          remedy=f"State how it is encoded, for example `encoding: {likely}` (older Windows and "
                                 "Excel files: `encoding: cp1252`) beside `csv:` in model.yaml; "
                                 f"for a draft, `headgate new --encoding {likely}`.") from None
    except LookupError:
        raise SpecError("source.encoding is no known text encoding.", value=source.encoding,
                        limit="a name such as utf-8 or latin-1") from None
    except (ParserError, csv.Error) as error:
        raise SourceError(f"{shown} is no regular CSV.", value=" ".join(str(error).split()),
                          remedy=f"Is {source.separator!r} its separator? State another as `separator:` "
                                 "in model.yaml; for a draft, `headgate new --separator ';'`.") from None
    except ImportError as error:
        raise SourceError(f"{shown} cannot be unpacked here.", value=" ".join(str(error).split()),
                          limit="a plain CSV, or one in .gz, .zip, .bz2 or .xz",
                          remedy="Unpack it, or compress it otherwise.") from None
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, OverflowError) as error:
        raise SourceError(f"{shown} cannot be read ({type(error).__name__}).", value=" ".join(str(error).split()),
                          remedy="Is the file whole, and is its name's ending (.csv, .gz, .zip) right?") from None
