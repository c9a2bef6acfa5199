"""Where in a features.py an error came from: the line, the expressions around what failed, and what names meant."""

import ast
import builtins
from collections import ChainMap
from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True)
class Blame:
    """The last place of a features.py that an error passed through.

    line, text : the number of the line, and the line. nodes : syntax nodes around the operation that failed, from the
    innermost to its statement. names : what every name meant there.
    """

    line: int
    text: str
    nodes: tuple
    names: ChainMap


def blame(source, filename, error):
    """Return the Blame of `error` in the file compiled as `filename`, or None if it never passed through it."""
    found, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == filename:
            found = trace
        trace = trace.tb_next
    if found is None:
        return None
    frame, text = found.tb_frame, source.splitlines()[found.tb_lineno - 1].strip()
    names = ChainMap(dict(frame.f_locals), frame.f_globals, vars(builtins))
    return Blame(found.tb_lineno, text, _around(source, _position(found)), names)


def _position(trace):
    """Return ((line, column), (line, column)) of the instruction that failed; of its whole line where unknown."""
    positions = list(trace.tb_frame.f_code.co_positions())
    line, last, column, end = positions[trace.tb_lasti // 2]
    if None in (line, last, column, end):
        return (trace.tb_lineno, 10 ** 9), (trace.tb_lineno, -1)
    return (line, column), (last, end)


def _around(source, position):
    """Return the nodes that contain `position`, innermost first, up to the innermost statement."""
    start, end = position
    inside = [node for node in ast.walk(ast.parse(source)) if hasattr(node, "lineno")
              and (node.lineno, node.col_offset) <= start and end <= (node.end_lineno, node.end_col_offset)]
    nodes = []
    for node in reversed(inside):           # ast.walk goes from the outside to the inside
        nodes.append(node)
        if isinstance(node, ast.stmt):
            break
    return tuple(nodes)


def meaning(node, names):
    """Return (where it is from, its name) of what an expression names: ("math", "log"), ("builtins", "max").

    A method comes from the type of its value: ("numpy.ndarray", "mean"); ("a column", "mean") where that is unknown.
    """
    if isinstance(node, ast.Attribute):
        value = _value(node.value, names)
        if isinstance(value, ModuleType):
            return value.__name__, node.attr
        return "a column" if value is None else f"{type(value).__module__}.{type(value).__name__}", node.attr
    value = _value(node, names)
    if value is None:
        return "", ""
    return getattr(value, "__module__", None) or type(value).__module__, getattr(value, "__name__", "")


def _value(node, names):
    """Return what a dotted name stands for, or None."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        value = _value(node.value, names)
        return getattr(value, node.attr, None) if isinstance(value, ModuleType) else None
    return None
