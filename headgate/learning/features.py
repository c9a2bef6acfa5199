"""A model's features.py: loaded from text, run on NumPy in training and traced into the graph for serving."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from headgate.errors import FeaturesError
from headgate.learning.advice import HOW
from headgate.learning.calendar import PARTS, calendar_parts
from headgate.learning.functions import ALONE
from headgate.learning.offered import Offered
from headgate.learning.team_code import load_module, told

FUNCTION = "engineer_features"
GRID = 2.0 ** 40


@dataclass(frozen=True)
class Features:
    """The text of a features.py and its function `engineer_features`; pickles as text.

    source : the whole file. path : where it came from, for messages.
    """

    source: str
    path: str = "features.py"

    @property
    def digest(self):
        """SHA-256 of the source."""
        return hashlib.sha256(self.source.encode()).hexdigest()

    def __getstate__(self):
        return {"source": self.source, "path": self.path}

    def __setstate__(self, state):
        self.__dict__.update(state)

    @cached_property
    def function(self):
        """The team's `engineer_features`; raises FeaturesError if the file does not give one."""
        found = getattr(load_module(self.source, self.path), FUNCTION, None)
        if not callable(found):
            raise FeaturesError(f"{self.path} has no function {FUNCTION}.",
                                remedy=f"Define {FUNCTION}(columns) that returns a dict, or delete the file.")
        return found

    def apply(self, offered):
        """Run the function.

        offered : dict of name to numeric array (n,), NumPy or traced; see `offered_columns`.
        Returns a dict of name to float64 array (n,) of the same kind. Raises FeaturesError when the function fails,
        with what to write instead, and when its answer is no such dict.
        """
        if not offered:
            raise FeaturesError(f"{self.path}: the model has no numeric column to make features from.",
                                remedy="Delete the file, or list a number, integer, boolean or datetime column.")
        like = next(iter(offered.values()))
        traced = not isinstance(like, np.ndarray)
        failed = "cannot become part of the model's graph" if traced else "fails"
        with told(self.source, self.path, failed, traced=traced):
            answer = self.function(Offered(offered))
            if not isinstance(answer, dict):
                raise FeaturesError(f"{self.path}: {FUNCTION} must return a dict of new columns.",
                                    value=type(answer).__name__)
            return {name: self._column(name, values, like, offered) for name, values in answer.items()}

    def _column(self, name, values, like, offered):
        if not isinstance(name, str) or not name:
            raise FeaturesError(f"{self.path}: a feature's name must be text.", value=repr(name))
        if name in offered:
            raise FeaturesError(f"{self.path}: the feature {name!r} has the name of a column.",
                                remedy="Give it a name of its own.")
        if isinstance(values, (int, float, np.generic)) and not isinstance(values, type(like)):
            raise FeaturesError(f"{self.path}: the feature {name!r} is one number for all rows, and no array like the "
                                "columns.", value=f"{values:.6g}", remedy=ALONE)
        if not isinstance(values, type(like)):
            raise FeaturesError(f"{self.path}: the feature {name!r} is no array like the columns it came from.",
                                value=f"{type(values).__module__}.{type(values).__name__}", remedy=HOW)
        if not _same_shape(values.shape, like.shape):
            raise FeaturesError(f"{self.path}: the feature {name!r} must have one value per row.",
                                value=f"shape {values.shape}", limit=f"shape {like.shape}")
        xp = values.__array_namespace__()
        if not xp.isdtype(values.dtype, ("bool", "numeric")):
            raise FeaturesError(f"{self.path}: the feature {name!r} must be numeric.", value=str(values.dtype))
        return xp.astype(values, xp.float64)


def load_features(folder):
    """Return the Features of a model folder (or of a path to a .py file); None where there is no such file."""
    path = Path(folder)
    path = path if path.suffix == ".py" else path / "features.py"
    try:
        features = Features(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise FeaturesError(f"{path} is not UTF-8 text ({error.reason} at byte {error.start}).") from None
    features.function
    return features


def offered_columns(spec, columns):
    """Return what `engineer_features` may see: dict of name to float64 array (n,).

    Numbers, integers and booleans by their name; of a datetime `t` its calendar parts `t.year` and so on;
    no categories. `columns` holds NumPy or traced arrays.
    """
    offered = {}
    for column in spec.columns:
        if column.numeric:
            offered[column.name] = columns[column.name]
        elif column.kind == "datetime":
            offered |= calendar_parts(column.name, columns[column.name])
    return offered


def offered_names(spec):
    """Return the names of `offered_columns`, in order."""
    names = []
    for column in spec.columns:
        if column.numeric:
            names.append(column.name)
        elif column.kind == "datetime":
            names.extend(f"{column.name}.{part}" for part in PARTS)
    return tuple(names)


def engineer(spec, features, columns):
    """Return the new columns of raw `columns` (NumPy): dict of name to float64 array (n,); {} without features.

    Values are rounded by `without_noise`. Raises FeaturesError if the function fails.
    """
    if features is None:
        return {}
    offered = offered_columns(spec, columns)
    with np.errstate(all="ignore"):
        answer = features.apply({name: _read_only(values) for name, values in offered.items()})
        return {name: without_noise(values) for name, values in answer.items()}


def check_features(features, spec, columns):
    """Check a model's features on raw training `columns` (dict of arrays (n,)); see headgate.learning.checking.

    Raises FeaturesError if a feature mixes rows, answers NaN or infinity where its inputs are given, takes the name
    of a column, cannot be traced, or comes out of the graph other than from NumPy.
    """
    from headgate.learning.checking import check

    check(features, spec, columns)


def _same_shape(found, wanted):
    """True for shapes that are equal as far as both are known; a traced array may not know how many rows it has."""
    return len(found) == len(wanted) and all(a == b or a is None or b is None for a, b in zip(found, wanted))


def _read_only(values):
    view = values.view()
    view.flags.writeable = False
    return view


def without_noise(values):
    """Round to a multiple of 2**-40 (about 1e-12).

    NumPy and ONNX Runtime differ in the last bit of sin or exp, even between a row alone and the same row in a
    batch; sin(0) and sin(pi) would then be told apart by a tree. values : float64 array, NumPy or traced.
    """
    return values.__array_namespace__().round(values * GRID) / GRID
