"""Checks against the champion's reference: how many columns moved, and whether one came in other units."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from headgate.validation.question import Answer, Question
from headgate.validation.stability import category_codes, decile_edges, population_stability_index

FITS = 0.1
ENOUGH = 20_000
CONVERSIONS = tuple((text, factor, 0.0) for text, factor in (
    ("60 (minutes, seconds)", 60.0), ("3,600 (hours, seconds)", 3600.0), ("24 (days, hours)", 24.0),
    ("7 (weeks, days)", 7.0), ("10 (centimetres, millimetres)", 10.0), ("12 (feet, inches)", 12.0),
    ("100 (shares, per cent)", 100.0), ("1,000 (kilo, one)", 1e3), ("1,000,000 (mega, one)", 1e6),
    ("1.609 (miles, kilometres)", 1.609344), ("1.852 (knots, km/h)", 1.852), ("2.54 (inches, centimetres)", 2.54),
    ("3.281 (metres, feet)", 1 / 0.3048), ("2.205 (kilograms, pounds)", 1 / 0.45359237), ("3.6 (m/s, km/h)", 3.6),
    ("33.86 (inches of mercury, hPa)", 33.8639))) + (
    ("1.8 from another zero (Celsius, Fahrenheit)", 1.8, 32.0), ("1 from another zero (Celsius, kelvin)", 1.0, 273.15))


@dataclass(frozen=True)
class Movement:
    """How far one column moved: its PSI, and the share of missing cells then and now."""

    column: str
    psi: float
    drifted: bool
    missing_reference: float
    missing_now: float

    def to_dict(self):
        return {"column": self.column, "psi": round(self.psi, 4), "drifted": self.drifted,
                "missing in reference": round(self.missing_reference, 4), "missing now": round(self.missing_now, 4)}


def distribution(table):
    """No more than a share of the columns has moved away from the champion's reference."""
    yield Question("distribution", None, None, partial(_judge_distribution, table))


def _judge_distribution(table, _):
    reason = why_not(table)
    if reason:
        return Answer(None, None, True, f"Not compared with the champion's training rows: {reason}", "share of columns")
    moved = sorted((movement(table, column) for column in comparable(table)), key=lambda item: -item.psi)
    drifted = [item.column for item in moved if item.drifted]
    share, limit = len(drifted) / len(moved), table.spec.drift.max_share
    names = f" ({', '.join(drifted[:6])}{' ...' if len(drifted) > 6 else ''})" if drifted else ""
    sentence = (f"{len(drifted)} of {len(moved)} columns{names} have a PSI over {table.spec.drift.max_psi:g} against "
                f"the champion's training rows; at most {100 * limit:.0f} % of them may.")
    remedy = "" if share <= limit else (" Look whether the table is the right one; if the world did change, raise "
                                        "drift.max_share for this training.")
    return Answer(share, limit, share <= limit, sentence + remedy, "share of columns",
                  examples=tuple(item.to_dict() for item in moved))


def units(table):
    """No column looks like the reference only after it is converted to another unit."""
    columns = [] if why_not(table) else [column for column in comparable(table)
                                         if column.kind in ("number", "integer")]
    for column in columns:
        yield Question("units", column.name, None, partial(_judge_units, table, column))


def _judge_units(table, column, _):
    conversion = other_unit(table, column)
    if conversion is None:
        return Answer(0, 0, True, f"{column.name!r} is in the units of the champion's training rows.", "columns")
    unit = f" (stated unit: {column.unit})" if column.unit else ""
    return Answer(1, 0, False, f"{column.name!r} looks like the champion's training rows {conversion}: it seems to be "
                  f"in another unit{unit}. Convert it back; if it is right as it is, raise drift.max_psi for this "
                  f"training.", "columns")


def other_unit(table, column):
    """Say which conversion explains how a column moved ("times 60 ..."), or None if it needs or has none."""
    return conversion_of(table.reference[column.name].to_numpy(), table.typed[column.name].to_numpy(),
                         whole=column.kind == "integer", over=table.spec.drift.max_psi)


def conversion_of(reference, current, *, whole, over):
    """Say which conversion explains how a column moved, or None.

    reference, current : float arrays (n,) and (m,), at least 20 each. whole : they are whole numbers, and stay so.
    over : PSI up to which a column did not move.
    """
    current = current[::max(1, len(current) // ENOUGH)]
    edges = decile_edges(reference)
    if len(edges) < 5 or population_stability_index(reference, current, edges) <= over:
        return None
    fits = []
    for text, factor, offset in CONVERSIONS:
        if whole and not float(factor).is_integer():
            continue    # whole numbers do not stay whole in such a unit
        for converted, way in (((current - offset) / factor, "times"), (current * factor + offset, "divided by")):
            fits.append((population_stability_index(reference, converted, edges), f"{way} {text}"))
    psi, text = min(fits)
    return text if psi < FITS else None


def why_not(table):
    """Say why the table cannot be compared with a reference, or None if it can."""
    fewest = table.spec.drift.min_rows
    if table.reference is None and table.elsewhere:
        return "the champion is on the Prefect server and was not asked."
    if table.reference is None:
        return "there is no champion yet."
    if table.rows < fewest or len(table.reference) < fewest:
        return (f"that needs at least {fewest:,} rows on either side (drift.min_rows); the table has {table.rows:,}, "
                f"the reference {len(table.reference):,}.")
    if not comparable(table):
        return "they have no column in common."
    return None


def comparable(table):
    """The listed columns that the reference has too; a datetime always moves on and is left out."""
    return [column for column in table.columns if column.kind != "datetime" and column.name in table.reference]


def movement(table, column):
    """Measure how far one column moved."""
    reference, current = table.reference[column.name], table.typed[column.name]
    if column.kind == "category":
        before, now, edges = category_codes(reference, current, column.categories)
    else:
        before, now = reference.to_numpy(dtype=float), current.to_numpy(dtype=float)
        edges = decile_edges(before)
    psi = population_stability_index(before, now, edges)
    return Movement(column.name, psi, psi > table.spec.drift.max_psi,
                    float(np.isnan(before).mean()), float(np.isnan(now).mean()))
