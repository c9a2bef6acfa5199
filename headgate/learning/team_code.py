"""Run a team's own code: load it from text, and turn whatever it raises into a FeaturesError with the line."""

import hashlib
import linecache
import sys
import types
from contextlib import contextmanager

from headgate.errors import FeaturesError
from headgate.learning.advice import advise
from headgate.learning.blame import blame


def filename_of(source):
    """Return the name under which `source` is compiled, by which its lines are known in a traceback."""
    return f"<{_module_name(source)}>"


def load_module(source, path):
    """Run a features.py; return its module. `__file__` is `path`. Raises FeaturesError for whatever goes wrong."""
    name, filename = _module_name(source), filename_of(source)
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    module = types.ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module          # dataclasses look their module up there
    with told(source, path, "cannot be loaded"):
        exec(compile(source, filename, "exec", dont_inherit=True), module.__dict__)
    return module


@contextmanager
def told(source, path, failed, *, traced=False):
    """Turn what the code of `source` raises into FeaturesError("`path` `failed`: ..."); an interruption stays itself.

    traced : True while the code runs on symbols.
    """
    try:
        yield
    except FeaturesError:
        raise
    except BaseException as error:
        if not _of_the_code(error, source):
            raise
        place = blame(source, filename_of(source), error)
        what, remedy = advise(place, error, traced=traced)
        raise FeaturesError(f"{path} {failed}: {_where(place, error)}{what}", remedy=remedy) from error


def _of_the_code(error, source):
    """False for what comes from outside: an interruption, or a signal that ends the run."""
    return isinstance(error, (Exception, SystemExit, GeneratorExit)) or type(error).__module__ == _module_name(source)


def _where(place, error):
    if place is not None:
        return f"line {place.line}, `{place.text}`: "
    if isinstance(error, SyntaxError) and error.lineno:
        return f"line {error.lineno}, `{(error.text or '').strip()}`: "
    return ""


def _module_name(source):
    return f"headgate_features_{hashlib.sha256(source.encode()).hexdigest()[:16]}"
