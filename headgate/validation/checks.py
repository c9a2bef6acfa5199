"""The checks, in the order in which they are asked. All of them run, even after one fails."""

from headgate.validation.column_checks import categories, nulls, ranges, schema, types
from headgate.validation.distribution import distribution, units
from headgate.validation.table_checks import (
    class_rows, freshness, known_classes, minimum_rows, uniqueness, varying_target)

CHECKS = (
    schema,
    types,
    nulls,
    ranges,
    categories,
    uniqueness,
    minimum_rows,
    class_rows,
    known_classes,
    varying_target,
    freshness,
    distribution,
    units,
)
