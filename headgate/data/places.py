"""Where a source's bytes are: a local path, a URL or a database. Imports neither pandas nor numpy."""

import importlib.util
import os
import re
import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from headgate.errors import SourceError, SpecError

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
PASSWORD = re.compile(r"(?<=://)([^/@\s]*?):([^/@\s]+)@")
PARQUET = (".parquet", ".pq", ".parq")


@dataclass(frozen=True)
class Place:
    """A file to read, as a local path or a URL.

    address : what to open, variables filled in; may hold secrets, so it is never printed.
    shown : the same as a person may read it, variables as they were written and passwords masked.
    template : as it was written.
    """

    template: str
    address: str
    shown: str
    parquet: bool
    remote: bool

    def __repr__(self):
        return f"Place({self.shown!r})"


def expand(text, environment=None):
    """Replace each ${VARIABLE} by its value in the environment; SpecError names one that is not set."""
    environment = os.environ if environment is None else environment

    def value(match):
        if match[1] not in environment:
            raise SpecError(f"The environment variable {match[1]} is not set, and the spec's source needs it.",
                            remedy=f"Set {match[1]} and run again.")
        return environment[match[1]]

    return VARIABLE.sub(value, text)


def unset(text, environment=None):
    """Return the names of the ${VARIABLES} in `text` that the environment does not have, each once."""
    environment = os.environ if environment is None else environment
    return tuple(dict.fromkeys(name for name in VARIABLE.findall(text) if name not in environment))


def masked(text):
    """Return a URL as it may be shown: a password written in it becomes ***."""
    def hidden(match):
        return match[0] if VARIABLE.fullmatch(match[2]) else f"{match[1]}:***@"

    return PASSWORD.sub(hidden, text)


def scrubbed(message, template, environment=None):
    """Return an error's text as one line without any secret that `template` brought in."""
    environment = os.environ if environment is None else environment
    secrets = [environment[name] for name in VARIABLE.findall(template) if environment.get(name)]
    secrets += [match[2] for match in PASSWORD.finditer(expand(template, environment))]
    text = " ".join(str(message).split())
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def locate(source, folder):
    """Return the Place of a packaged, CSV or Parquet source; SourceError when there is nothing."""
    if source.package is not None:
        return _packaged(source)
    return _place(source.csv or source.parquet, Path(folder), source.parquet is not None)


def replacement(data):
    """Return the Place of a table given on the command line, relative to the working directory."""
    data = str(data)
    path = data.split("?")[0] if "://" in data else data
    return _place(data, Path.cwd(), path.lower().rstrip("/").endswith(PARQUET))


@contextmanager
def local_copy(place):
    """Yield a local path of the place; a URL is streamed into a temporary file first."""
    if not place.remote:
        yield Path(place.address)
        return
    suffix = "".join(Path(place.address.split("?")[0]).suffixes[-2:])
    with tempfile.TemporaryDirectory(prefix="headgate-") as folder:
        path = Path(folder) / f"table{suffix}"
        with open_stream(place) as stream, open(path, "wb") as target:
            shutil.copyfileobj(stream, target, 1 << 20)
        yield path


@contextmanager
def open_stream(place):
    """Open a file or URL as binary stream; every failure is a SourceError without secrets."""
    import fsspec
    try:
        with fsspec.open(place.address, "rb") as stream:
            yield stream
    except FileNotFoundError:
        raise missing(place) from None
    except (OSError, ValueError, ImportError, *_network_errors()) as error:
        raise SourceError(f"{place.shown} cannot be read ({type(error).__name__}).",
                          value=scrubbed(error, place.template)[:300],
                          remedy="Is the address right and the server up?") from None


def _network_errors():
    """Return what HTTP raises that is no OSError; evaluated only once something was raised."""
    if "aiohttp" not in sys.modules:
        return ()
    return (sys.modules["aiohttp"].ClientError,)


def missing(place):
    """Return the SourceError of a file that is not there."""
    remedy = ("Is the address right, the server up, and may you read it?" if place.remote else
              "Paths in model.yaml are relative to the model's folder, paths given to a command to the directory "
              "you are in.")
    return SourceError(f"There is no file at {place.shown}.", remedy=remedy)


def _place(template, folder, parquet):
    address, shown = expand(template), masked(template)
    if "://" in address and not address.startswith("file://"):
        return Place(template, address, shown, parquet, True)
    path = Path(os.path.normpath(folder.resolve() / address.removeprefix("file://")))
    place = Place(template, str(path), str(path) if address == template else shown, parquet, False)
    if not path.exists():
        raise missing(place)
    return place


def _packaged(source):
    parts = source.package.split(".")
    found = importlib.util.find_spec(parts[0])
    if found is None or not found.submodule_search_locations:
        raise SourceError(f"The package {source.package} is not installed, and it ships the table.",
                          remedy=f"pip install {parts[0]}")
    root = Path(next(iter(found.submodule_search_locations))).joinpath(*parts[1:]).resolve()
    path = (root / source.file).resolve()
    shown = f"{source.package}:{source.file}"
    if not path.is_relative_to(root):
        raise SpecError(f"{shown} leaves the package.", limit="a path inside the package")
    place = Place(shown, str(path), shown, path.name.lower().endswith(PARQUET), False)
    if not path.is_file():
        raise SourceError(f"The package {source.package} has no file {source.file}.")
    return place
