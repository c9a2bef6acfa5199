"""What is fitted on training rows before the estimator: fill, scale, one-hot."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Encoding:
    """One way from the matrix of `to_matrix` to what an estimator takes.

    style : "plain" leaves missing values to the estimator; "filled" puts medians for missing numbers, 0/1 columns
    that say which were missing, and -1 for missing categories; "one_hot" also scales numbers and gives each
    category a 0/1 column (unknown: all zeros; missing: a column of its own).
    fill, center, scale : (p,) float32, one per number.
    """

    style: str
    layout: object
    fill: np.ndarray
    center: np.ndarray
    scale: np.ndarray

    @property
    def names(self):
        """Names of the columns that the estimator sees."""
        layout = self.layout
        if self.style == "plain":
            return layout.names
        missing = tuple(f"{layout.numbers[position]} is missing" for position in layout.nullable)
        if self.style == "filled":
            return layout.numbers + missing + tuple(name for name, _ in layout.categories)
        hot = tuple(f"{name} = {value}" for name, categories in layout.categories
                    for value in (*categories, "missing"))
        return layout.numbers + missing + hot

    def encode(self, matrix):
        """Return what the estimator takes for `matrix` (n, d) float32: an array, or a CSR matrix if one-hot."""
        if self.style == "plain":
            return matrix
        numbers = matrix[:, :len(self.layout.numbers)]
        absent = np.isnan(numbers)
        flags = absent[:, list(self.layout.nullable)].astype(np.float32)
        numbers = np.where(absent, self.fill, numbers)
        codes = matrix[:, len(self.layout.numbers):]
        if self.style == "filled":
            return np.concatenate([numbers, flags, np.nan_to_num(codes, nan=-1.0)], axis=1)
        numbers -= self.center
        numbers /= self.scale
        dense = np.concatenate([numbers, flags], axis=1)
        return _with_one_hot(dense, codes, self.layout.categories) if self.layout.categories else dense


def fit_encoding(style, layout, matrix):
    """Return the Encoding whose medians, means and deviations come from `matrix` (n, d) float32."""
    count = len(layout.numbers)
    fill, center, scale = (np.zeros(count, np.float32), np.zeros(count, np.float32), np.ones(count, np.float32))
    if style != "plain":
        for position in range(count):
            fill[position], center[position], scale[position] = _statistics(matrix[:, position])
    return Encoding(style, layout, fill, center, scale)


def _statistics(values):
    """Return median, mean and standard deviation after filling; 0, 0, 1 of a column with no value at all."""
    absent = np.isnan(values)
    if absent.all():
        return 0.0, 0.0, 1.0
    median = np.median(values[~absent])
    filled = np.where(absent, median, values).astype(np.float64)
    mean, deviation = filled.mean(), filled.std()
    return median, mean, deviation if deviation > 1e-7 * max(1.0, abs(mean)) else 1.0


def _with_one_hot(dense, codes, categories):
    """Append 0/1 columns to `dense` (n, p) as CSR with the same number of stored cells in every row."""
    from scipy.sparse import csr_matrix

    rows, fixed = dense.shape
    widths = np.array([len(values) + 1 for _, values in categories])
    starts = fixed + np.cumsum(widths) - widths
    missing, unknown = np.isnan(codes), codes == widths - 1
    position = np.where(missing, widths - 1, np.where(unknown, 0, codes)).astype(np.int32) + starts.astype(np.int32)
    stored = fixed + len(categories)
    data, indices = np.empty((rows, stored), np.float32), np.empty((rows, stored), np.int32)
    data[:, :fixed], indices[:, :fixed] = dense, np.arange(fixed, dtype=np.int32)
    data[:, fixed:], indices[:, fixed:] = ~unknown, position
    pointer = np.arange(0, rows * stored + 1, stored, dtype=np.int32 if rows * stored < 2 ** 31 else np.int64)
    return csr_matrix((data.ravel(), indices.ravel(), pointer), shape=(rows, fixed + int(widths.sum())))
