"""Which functions a features.py has, and what to write for the others."""

import difflib

# Those of the array API that NumPy, the tracer and ONNX Runtime all compute, row by row, on float64.
ONE = ("abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "exp", "expm1", "floor",
       "isfinite", "isinf", "isnan", "log", "log10", "log1p", "log2", "logical_not", "negative", "positive",
       "reciprocal", "round", "sign", "sin", "sinh", "sqrt", "square", "tanh", "trunc", "zeros_like", "ones_like")
TWO = ("add", "divide", "equal", "floor_divide", "greater", "greater_equal", "less", "less_equal", "logaddexp",
       "logical_and", "logical_or", "logical_xor", "maximum", "minimum", "multiply", "not_equal", "pow", "remainder",
       "subtract")
MORE = ("astype", "clip", "full_like", "where")
THERE_ARE = frozenset((*ONE, *TWO, *MORE))

# NumPy, pandas and Python write some of them otherwise.
SPELLINGS = {"absolute": "abs", "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh",
             "arctan": "atan", "arctanh": "atanh", "around": "round", "fabs": "abs", "fmax": "maximum",
             "fmin": "minimum", "isna": "isnan", "isnull": "isnan", "mod": "remainder", "power": "pow", "rint": "round",
             "true_divide": "divide"}

FORMULAS = {
    "arctan2": "xp.where(x > 0, a, xp.where(y >= 0, a + math.pi, a - math.pi)) with a = xp.atan(y / x), x never 0",
    "apply": "the function's arithmetic on whole columns",
    "cbrt": "xp.sign(x) * xp.abs(x) ** (1 / 3)",
    "copysign": "xp.abs(x) * xp.where(y < 0, -xp.ones_like(y), 1.0)",
    "cut": "xp.astype(x >= 3, xp.float64) + xp.astype(x >= 7, xp.float64), one term for each edge",
    "deg2rad": "x * (math.pi / 180)",
    "erf": "xp.tanh(1.1284 * x + 0.1009 * x ** 3), close to it",
    "expit": "1 / (1 + xp.exp(-x))",
    "fillna": "xp.where(xp.isnan(x), 0.0, x)",
    "heaviside": "xp.astype(x > 0, xp.float64)",
    "hypot": "xp.sqrt(x ** 2 + y ** 2)",
    "interp": "xp.where(x < edge, first, second), one for each piece",
    "isclose": "xp.abs(x - y) < 1e-9",
    "isin": "(x == 1) | (x == 2)",
    "logit": "xp.log(x / (1 - x))",
    "nan_to_num": "xp.where(xp.isnan(x), 0.0, x)",
    "notna": "~xp.isnan(x)",
    "rad2deg": "x * (180 / math.pi)",
    "select": "xp.where(first, x, xp.where(second, y, 0.0))",
    "signbit": "x < 0",
    "softmax": "xp.exp(x) / (xp.exp(x) + xp.exp(y))",
    "tan": "xp.sin(x) / xp.cos(x)",
}
FORMULAS |= {"atan2": FORMULAS["arctan2"], "between": "(x >= 0) & (x <= 1)", "degrees": FORMULAS["rad2deg"],
             "digitize": FORMULAS["cut"], "map": FORMULAS["apply"], "notnull": FORMULAS["notna"],
             "radians": FORMULAS["deg2rad"], "searchsorted": FORMULAS["cut"], "vectorize": FORMULAS["apply"]}

# Over rows: a row's value would follow from the rows that happen to be beside it.
STATISTICS = frozenset(
    "all amax amin any argmax argmin argsort average bincount corrcoef count count_nonzero cov cummax cummin cumprod "
    "cumsum cumulative_sum diff ewm expanding factorize groupby histogram max mean median min mode nanmax nanmean "
    "nanmedian nanmin nanstd nansum nanvar nunique pct_change percentile prod ptp qcut quantile rank roll rolling "
    "shift skew sort sort_values std sum unique value_counts var zscore".split())
LIST = "docs/features.md lists what there is; write it as a formula of that."
RANDOM = ("random", "numpy.random", "secrets", "uuid")


ALONE = "Each row is computed from that row alone: no mean, maximum, sorting, shifting or random number. The " \
        "preprocessing scales already; a mean or an edge is written into the file as a number."
NO_RANDOM = "There is no randomness: each row is computed from that row alone, and the same again in serving."
WHOLE = "Write whole-column arithmetic; each row is computed from that row alone."

# What is wrong with a function of Python, or of another library.
_NUMBER = ("`{0}()` takes one number, not a column.", "Write xp.astype(x, xp.float64), or xp.floor(x).")
_ROWS = ("`{0}()` goes through rows, or counts them.", WHOLE)
BUILTINS = {"float": _NUMBER, "int": _NUMBER, "bool": _NUMBER, "complex": _NUMBER,
            "max": ("`max()` decides once, not for each row.", "Write xp.maximum(x, y)."),
            "min": ("`min()` decides once, not for each row.", "Write xp.minimum(x, y)."),
            "round": ("`round()` takes one number, not a column.", "Write xp.round(x), or xp.round(x * 100) / 100."),
            "divmod": ("`divmod()` takes numbers, not columns.", "Write x // y and x % y."),
            **{name: _ROWS for name in ("sum", "any", "all", "len", "list", "tuple", "set", "sorted", "enumerate",
                                        "zip", "map", "filter", "range", "reversed", "iter", "next")}}
LIBRARIES = {"math": "Python's `math.{0}` takes one number, not a column.",
             "numpy": "NumPy's `{0}` works on NumPy arrays alone.",
             "pandas": "pandas' `{0}` works on pandas alone.",
             "scipy": "SciPy's `{0}` works on NumPy arrays alone.",
             "statistics": "Python's `statistics.{0}` goes through rows.",
             "ndonnx": "`{0}` cannot become part of a graph."}


def can_be_traced(name):
    """True for a function of xp that a features.py may use."""
    return name in THERE_ARE


def instead_of(name):
    """Return what to write for a function or method called `name`."""
    if name in FORMULAS:
        return f"Write {FORMULAS[name]}."
    name = SPELLINGS.get(name, name)
    if name == "astype":
        return "Write xp.astype(x, xp.float64)."
    if name in THERE_ARE:
        return f'Write xp.{name}(...) with xp = columns["x"].__array_namespace__().'
    close = difflib.get_close_matches(name, THERE_ARE, n=1, cutoff=0.6)
    return f"Did you mean xp.{close[0]}? {LIST}" if close else LIST
