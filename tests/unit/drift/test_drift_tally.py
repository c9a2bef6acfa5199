"""Rows counted block by block are counted as they would be at once, and what is kept of them does not grow."""

import ferries
import numpy as np
import pandas as pd
import pytest

from headgate.data import coerce
from headgate.drift.bins import bins_of
from headgate.drift.tally import Tally

SPEC = ferries.spec()
REFERENCE = coerce(ferries.table(800), SPEC).frame
NAMES = [column.name for column in SPEC.columns if column.kind != "datetime"]


def all_bins():
    return {name: bins_of(SPEC.column(name), REFERENCE[name]) for name in NAMES}


@pytest.mark.parametrize("rows", [50, 300, 2000])
def test_counts_do_not_depend_on_the_blocks(rows):
    frame = coerce(ferries.table(1500, seed=3), SPEC).frame
    whole, pieces = Tally(all_bins()), Tally(all_bins())
    whole.add(frame)
    for start in range(0, 1500, rows):
        pieces.add(frame.iloc[start:start + rows])
    assert pieces.rows == whole.rows == 1500
    assert all(np.array_equal(pieces.counts[name], whole.counts[name]) for name in NAMES)
    assert all(counts.sum() == 1500 for counts in whole.counts.values())


def test_missing_cells_are_counted_last_and_apart():
    bins = bins_of(SPEC.column("cargo"), REFERENCE["cargo"])
    frame = coerce(pd.DataFrame({"cargo": ["fish", None, "oil", "cars", None]}), SPEC).frame
    counts = bins.count(frame["cargo"])
    assert counts[-1] == 2 and counts.sum() == 5 and counts[-2] == 1, "a category never listed is no missing one"


def test_the_sample_is_bounded_and_every_row_has_the_same_chance():
    bins = {"wind": bins_of(SPEC.column("wind"), REFERENCE["wind"])}
    hits = np.zeros(4000)
    for seed in range(60):
        tally = Tally(bins, seed=seed, size=200)
        for start in range(0, 4000, 900):
            tally.add(pd.DataFrame({"wind": np.arange(start, min(start + 900, 4000), dtype=float)}))
        assert len(tally.sample) == 200 and tally.sample["wind"].is_unique
        hits[tally.sample["wind"].astype(int)] += 1
    quarters = hits.reshape(4, 1000).sum(axis=1)
    assert quarters.sum() == 60 * 200 and (abs(quarters - 3000) < 250).all(), "early rows are as likely as late ones"


def test_the_same_rows_give_the_same_sample():
    bins, frame = {"wind": bins_of(SPEC.column("wind"), REFERENCE["wind"])}, REFERENCE[["wind"]]
    samples = []
    for _ in range(2):
        tally = Tally(bins, seed=5, size=100)
        tally.add(frame)
        samples.append(tally.sample)
    assert samples[0].equals(samples[1])


def test_few_rows_are_all_kept_with_what_was_unreadable():
    tally = Tally({"wind": bins_of(SPEC.column("wind"), REFERENCE["wind"])}, size=10)
    tally.add(pd.DataFrame({"wind": [1.0, 2.0]}), {"wind": 3})
    tally.add(pd.DataFrame({"wind": [3.0]}), {"wind": 1})
    assert tally.sample["wind"].tolist() == [1.0, 2.0, 3.0] and tally.unreadable == {"wind": 4}
