"""CSV files, plain or compressed, into a frame of raw types."""

import lzma
import zipfile
import zlib
from contextlib import contextmanager

import fsspec
import numpy as np
import pandas as pd
from pandas.errors import EmptyDataError, ParserError

from headgate.errors import SourceError, SpecError


def read_csv(path, shown, source, *, wanted=None, text=()):
    """Read a local CSV.

    wanted : names of the columns to keep; None keeps all. One that the file lacks is left out of the result.
    text : names of columns that stay text, so that "007" is not 7.
    Raises SourceError for an empty file, a header only, wrong encoding or separator, ragged lines, and for a
    column wanted that the header names twice.
    """
    with _explained(shown, source):
        names = _names(path, source)
        check_unique(names, shown, wanted)
        chosen = [i for i, name in enumerate(names) if wanted is None or name in wanted]
        if not chosen:
            raise no_columns(shown, names)
        frame = pd.read_csv(path, names=range(len(names)), usecols=chosen, **_options(source),
                            dtype={i: str for i in chosen if names[i] in text})
        _check_rows(path, source, names, shown, len(frame))
    frame.columns = [names[i] for i in frame.columns]
    return frame


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


def _check_rows(path, source, names, shown, rows):
    if not rows:
        raise SourceError(f"{shown} has a header but no rows.", value=f"columns {', '.join(map(str, names[:8]))}",
                          limit="at least one row")
    if _separators(path, source) <= (len(names) - 1) * (rows + 1):
        return
    long = _overflow(path, source, len(names))
    if long.any():
        raise SourceError(f"{shown} has {int(long.sum())} rows with more fields than the header.",
                          value=f"row {int(long.argmax()) + 1} after the header", limit=f"{len(names)} fields",
                          remedy="Is a text with a comma in it not quoted, or another `separator:` in use?")


def _separators(path, source):
    """Count the separators in a file, quoted ones included."""
    count, sought = 0, source.separator.encode("utf-8")
    with fsspec.open(str(path), "rb", compression="infer") as stream:
        while block := stream.read(1 << 20):
            count += block.count(sought)
    return count


def _overflow(path, source, width):
    """Return a mask (n,) of rows with something in the field after the last; the parser itself drops it silently."""
    try:
        extra = pd.read_csv(path, names=range(width + 1), usecols=[width], dtype=str, **_options(source))
    except ParserError:
        return np.zeros(1, dtype=bool)
    return extra[width].notna().to_numpy()


@contextmanager
def _explained(shown, source):
    """Turn what the parser raises into SourceErrors that a newcomer understands."""
    try:
        yield
    except EmptyDataError:
        raise SourceError(f"{shown} is empty.", limit="a header and at least one row") from None
    except UnicodeDecodeError as error:
        byte = error.object[error.start] if error.start < len(error.object) else 0
        raise SourceError(f"{shown} is not {source.encoding} text.", value=f"the byte 0x{byte:02x}",
                          remedy="State how it is encoded, for example `encoding: latin-1` (older Windows and "
                                 "Excel files: `encoding: cp1252`) beside `csv:` in model.yaml; "
                                 "for a draft, `headgate new --encoding latin-1`.") from None
    except LookupError:
        raise SpecError("source.encoding is no known text encoding.", value=source.encoding,
                        limit="a name such as utf-8 or latin-1") from None
    except ParserError as error:
        raise SourceError(f"{shown} is no regular CSV.", value=" ".join(str(error).split()),
                          remedy=f"Is {source.separator!r} its separator? State another as `separator:` "
                                 "in model.yaml.") from None
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError) as error:
        raise SourceError(f"{shown} cannot be read ({type(error).__name__}).", value=" ".join(str(error).split()),
                          remedy="Is the file whole, and is its name's ending (.csv, .gz, .zip) right?") from None
