"""The bins of each column, cut once from the reference, so that current rows are counted block by block."""

from dataclasses import dataclass

import numpy as np

from headgate.validation.stability import bin_counts, category_numbers, codes_of, decile_edges


@dataclass(frozen=True)
class Bins:
    """Where one column is counted.

    column : headgate.spec Column. edges : increasing array (k,). numbers : listed category -> number, None for numbers.
    reference : rows of the reference in each bin, int64 (k + 2,), missing ones last. A time has two bins: there or not.
    """

    column: object
    edges: np.ndarray
    numbers: dict | None
    reference: np.ndarray

    def count(self, values):
        """Return the rows of a typed series in each bin, int64 (k + 2,), missing ones last."""
        if self.numbers is not None:
            return bin_counts(codes_of(values, self.numbers, self.edges), self.edges)
        return bin_counts(_numbers(self.column, values), self.edges)


def bins_of(column, values):
    """Return the Bins of a column from the reference's typed series."""
    if column.kind == "category":
        numbers, edges = category_numbers(values, column.categories)
        return Bins(column, edges, numbers, bin_counts(codes_of(values, numbers, edges), edges))
    array = _numbers(column, values)
    edges = decile_edges(array) if column.kind != "datetime" else np.empty(0)
    return Bins(column, edges, None, bin_counts(array, edges))


def _numbers(column, values):
    """Return a typed series as float (n,); of times, which always move on, only whether there is one."""
    if column.kind == "datetime":
        return np.where(values.isna(), np.nan, 0.0)
    return values.to_numpy(dtype=float)
