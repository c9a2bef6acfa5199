"""The JSON that is put together from pieces is what orjson writes of the same rows."""

import numpy as np
import orjson
import pytest

from api.models.wording import RowsWriter

NAMES = {2: ("on time", 'say "late"'), 3: ("a", "é\\n\n", "")}
STEM = 'a-model."0123'


def plainly(names, labels, shares, chosen):
    """Return the same, an object for each row."""
    return orjson.dumps([{"prediction": names[place], "label": labels[place], "probability": row[place],
                          "probabilities": dict(zip(names, row)), "prediction_id": f"{STEM}{index}"}
                         for index, (row, place) in enumerate(zip(shares.tolist(), chosen.tolist()))])


@pytest.mark.parametrize("kinds", [2, 3])
@pytest.mark.parametrize("rows", [1, 2, 11, 1234])
def test_rows_are_written_as_objects_would_be(kinds, rows):
    names, labels = NAMES[kinds], tuple(f"is {name}" for name in NAMES[kinds])
    shares = np.random.default_rng(rows).dirichlet([0.2] * kinds, rows)
    chosen = shares.argmax(axis=1)
    assert RowsWriter(names, labels).write(shares, chosen, STEM) == plainly(names, labels, shares, chosen)


def test_the_digits_of_odd_numbers_are_the_same():
    column = np.array([0.0, -0.0, 1.0, 5e-324, 2.2250738585072014e-308, 1e-7, 0.1 + 0.2, 1 - 2 ** -53,
                       float(np.float32(0.1)), 1e16, 1e22])
    shares = np.stack([column, column[::-1]], axis=1)
    chosen = np.arange(len(column)) % 2
    assert RowsWriter(*[NAMES[2]] * 2).write(shares, chosen, STEM) == plainly(*[NAMES[2]] * 2, shares, chosen)


def test_a_slice_of_a_larger_array_is_written_as_its_rows():
    shares = np.random.default_rng(1).dirichlet([1, 1], 20)[::2].astype(np.float64)
    chosen = shares.argmax(axis=1)
    assert RowsWriter(*[NAMES[2]] * 2).write(shares, chosen, STEM) == plainly(*[NAMES[2]] * 2, shares, chosen)
