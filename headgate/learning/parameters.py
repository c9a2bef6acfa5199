"""Hyperparameters of a spec: fixed values, lists to choose from, ranges {low, high}."""

import math

from headgate.errors import SpecError
from headgate.spec.explain import nearest

RANGE_KEYS = ("high", "log", "low")


def is_searchable(parameters):
    """Return True if any value is a list of several choices or a range {low, high}."""
    return any(_is_choice(value) or _is_range(value) for value in parameters.values())


def settled(algorithm, parameters):
    """Return parameters with one-element lists unwrapped; raises SpecError if a choice is still open."""
    if is_searchable(parameters):
        raise SpecError(f"algorithms.{algorithm}: lists and ranges are for a search; a fit needs single values.",
                        value=parameters, remedy="A value that is itself a list is written [[64, 32]].")
    _refuse_empty(algorithm, parameters)
    return {name: value[0] if isinstance(value, list) and len(value) == 1 else value
            for name, value in parameters.items()}


def ranges(algorithm, parameters):
    """Return the open parameters: dict of name to list of choices or (low, high, log); raises SpecError."""
    space = {}
    _refuse_empty(algorithm, parameters)
    for name, value in parameters.items():
        if _is_range(value):
            space[name] = _range(algorithm, name, value)
        elif _is_choice(value):
            space[name] = value
    return space


def _is_choice(value):
    return isinstance(value, list) and len(value) > 1


def _is_range(value):
    return isinstance(value, dict)


def _refuse_empty(algorithm, parameters):
    for name, value in parameters.items():
        if value == []:
            raise SpecError(f"algorithms.{algorithm}.{name}: a list of choices must not be empty.")


def _range(algorithm, name, value):
    where = f"algorithms.{algorithm}.{name}"
    unknown = [key for key in value if key not in RANGE_KEYS]
    if unknown or not {"low", "high"} <= value.keys():
        raise SpecError(f"{where}: a range has low, high and perhaps log.", value=value,
                        remedy=nearest(str(unknown[0]), RANGE_KEYS) or None if unknown else None)
    low, high, log = value["low"], value["high"], value.get("log", False)
    if not all(_is_number(end) for end in (low, high)):
        raise SpecError(f"{where}: low and high must be numbers.", value=value)
    if not low < high:
        raise SpecError(f"{where}: low must be smaller than high.", value=value)
    if not isinstance(log, bool):
        raise SpecError(f"{where}: log must be true or false.", value=value)
    if log and low <= 0:
        raise SpecError(f"{where}: a log range must start above 0.", value=value)
    return low, high, log


def _is_number(end):
    return isinstance(end, (int, float)) and not isinstance(end, bool) and math.isfinite(end)
