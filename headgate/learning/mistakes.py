"""The common ways to write a feature that cannot work, known by the expression that failed.

Each rule takes a syntax node, the node inside it where the error came from (None: the node itself), and the Case; it
returns (what is wrong, what to write instead), or None if the fault is elsewhere.
"""

import ast
from collections import ChainMap
from dataclasses import dataclass

from headgate.learning.blame import meaning
from headgate.learning.functions import (
    ALONE, BUILTINS, LIBRARIES, NO_RANDOM, RANDOM, STATISTICS, WHOLE, can_be_traced, instead_of)

CHOOSE = "Write xp.where(condition, x, y); combine conditions with & and |."


@dataclass(frozen=True)
class Case:
    """An error, what names meant where it arose, and whether the function ran on symbols (else on NumPy arrays)."""

    error: BaseException
    names: ChainMap
    traced: bool


def mistake(place, error, traced):
    """Return (what is wrong, what to write instead) of a Blame, or None."""
    case = Case(error, place.names, traced)
    if any(_is_random(node, case.names) for node in ast.walk(place.nodes[-1]) if isinstance(node, ast.Call)):
        return "it draws random numbers.", NO_RANDOM
    for node, inner in zip(place.nodes, (None, *place.nodes)):
        rule = RULES.get(type(node))
        found = rule and rule(node, inner, case)
        if found:
            return found
    return None


def _is_random(call, names):
    home, name = meaning(call.func, names)
    attributes = {one.attr for one in ast.walk(call.func) if isinstance(one, ast.Attribute)}
    return home.split(".")[0] in RANDOM or home.startswith("numpy.random") or "random" in attributes | {name}


def _of_call(node, inner, case):
    home, name = meaning(node.func, case.names)
    given = len(node.args) + len(node.keywords)
    if home == "builtins" and name in BUILTINS:
        what, remedy = BUILTINS[name]
        if name in ("max", "min") and given == 1:
            what, remedy = "`{0}()` goes through rows.", ALONE
        return what.format(name), remedy
    if name == "round" and given > (0 if _is_method(home) else 1):
        return "`round` to decimals is not in the array API standard.", "Write xp.round(x * 100) / 100."
    return _of_function(home, name, case)


def _of_attribute(node, inner, case):
    return _of_function(*meaning(node, case.names), case) if inner is None else None


def _of_function(home, name, case):
    """Judge a function by the module that it is from, and a method by that of its array."""
    library = home.split(".")[0]
    if not (_is_method(home) or library in LIBRARIES) or _may_be(home, name, case):
        return None
    if name in STATISTICS:
        return f"`{name}` is a statistic over rows.", ALONE
    missing = isinstance(case.error, AttributeError) and library in ("numpy", "ndonnx")
    what = ("Columns have no method `{0}`." if _is_method(home) else
            "`{0}` is not in the array API standard." if missing else LIBRARIES[library])
    return what.format(name), instead_of(name)


def _is_method(home):
    return home == "a column" or home.startswith(("numpy.", "ndonnx.")) and home.endswith((".ndarray", ".Array"))


def _may_be(home, name, case):
    """True where the function as such is not the fault, but perhaps what it was called with."""
    if home == "ndonnx":
        return can_be_traced(name) or not isinstance(case.error, (AttributeError, NotImplementedError))
    both = home.startswith("numpy") or home == "a column"       # np and xp are one until the function is traced
    return both and not case.traced and not isinstance(case.error, AttributeError)


def _of_choice(node, inner, case):
    if isinstance(case.error, AssertionError) or inner not in (None, node.test):
        return None
    word = {ast.While: "while", ast.Assert: "assert"}.get(type(node), "if")
    return f"`{word}` decides once, not for each row.", CHOOSE


def _of_bool(node, inner, case):
    word, sign = ("and", "&") if isinstance(node.op, ast.And) else ("or", "|")
    return f"`{word}` decides once, not for each row.", f"Write (x > 0) {sign} (y > 0), with the parentheses."


def _of_not(node, inner, case):
    return ("`not` decides once, not for each row.", "Write ~(x > 0).") if isinstance(node.op, ast.Not) else None


def _of_compare(node, inner, case):
    if isinstance(node.ops[0], (ast.In, ast.NotIn)):
        return "`in` decides once, not for each row.", "Write (x == 1) | (x == 2)."
    if len(node.ops) > 1:
        return "a chain of comparisons decides once, not for each row.", "Write (x > 0) & (x < 1)."
    return None


def _of_rows(node, inner, case):
    return ("the function goes through rows.", WHOLE) if inner in (None, node.iter) else None


def _of_cells(node, inner, case):
    if "read-only" in str(case.error) and any(isinstance(target, ast.Subscript) for target in node.targets):
        return "columns are read-only.", "Write x = xp.where(condition, 0.0, x) in place of x[condition] = 0.0."
    return None


def _of_change(node, inner, case):
    if "read-only" in str(case.error):
        return "columns are read-only.", "Write x = x + 1 in place of x += 1, and the like."
    return None


RULES = {ast.Call: _of_call, ast.Attribute: _of_attribute, ast.IfExp: _of_choice, ast.If: _of_choice,
         ast.While: _of_choice, ast.Assert: _of_choice, ast.BoolOp: _of_bool, ast.UnaryOp: _of_not,
         ast.Compare: _of_compare, ast.For: _of_rows, ast.Assign: _of_cells, ast.AugAssign: _of_change}
