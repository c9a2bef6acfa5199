"""HTML pages that need nothing but themselves: no script, no style sheet and no picture from elsewhere."""

import base64
import math
import numbers
import os
import tempfile
from functools import lru_cache
from pathlib import Path

import jinja2

from headgate.errors import StorageError

TEMPLATES = Path(__file__).with_name("templates")


def render(template, **context):
    """Fill a template of headgate/report/templates and return the page as text.

    template : file name such as "validation.html".
    Every value is escaped in .html templates; raises jinja2.UndefinedError for a name that `context` lacks.
    """
    return _environment().get_template(template).render(**context)


def image_uri(png):
    """Return a PNG as a `data:` URI.

    png : its bytes, or its path; raises OSError for a path that cannot be read.
    """
    content = bytes(png) if isinstance(png, (bytes, bytearray, memoryview)) else Path(png).read_bytes()
    return "data:image/png;base64," + base64.b64encode(content).decode("ascii")


def write_page(path, text):
    """Write `text` to `path` so that a reader sees the old page or the whole new one; returns the path.

    Makes missing folders. Raises StorageError if the disk is full or not writable.
    """
    path, half = Path(path), None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, half = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(half, 0o644)
        os.replace(half, path)
    except OSError as error:
        if half is not None:
            Path(half).unlink(missing_ok=True)
        raise StorageError(f"The page {path} could not be written: {error.strerror or error}.",
                           remedy="Make room or name a folder that can be written.") from error
    return path


def number(value, digits=4):
    """Say a number for a reader: `0.9132`, `28,618`, `1.2e-07`; a dash for None, NaN and nothing at all."""
    if value is None or value == "" or isinstance(value, float) and math.isnan(value):
        return "–"
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return str(value)
    if isinstance(value, numbers.Integral) or float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) < 10.0 ** -digits or abs(value) >= 1e15:
        return f"{value:.{min(digits, 2)}g}"
    return f"{value:,.{digits}f}".rstrip("0").rstrip(".")


def percent(value, digits=1):
    """Say a share as a percentage: `91.3 %`; a dash for None and NaN."""
    if value is None or isinstance(value, float) and math.isnan(value):
        return "–"
    return f"{100 * value:.{digits}f} %"


@lru_cache(maxsize=1)
def _environment():
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined,
        autoescape=lambda name: name is None or name.endswith(".html"),
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    environment.filters.update(number=number, percent=percent, markdown=markdown)
    return environment


def markdown(value):
    """Escape text for one cell of a Markdown table: no HTML, no new cell, no new line."""
    text = " ".join(str(value).split())
    for raw, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(raw, safe)
    return "".join("\\" + letter if letter in "\\`*_[]|!" else letter for letter in text)
