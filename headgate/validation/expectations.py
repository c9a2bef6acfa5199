"""The one door to Great Expectations: ask it questions about a table, get back what it measured.

Great Expectations takes some seconds to import, so that happens at the first question; call `preload` on a thread while
something else is being waited for. It runs on a context that lives in memory, writes no file, draws no progress
bar and talks to nobody.
"""

import logging
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Ask:
    """One question for Great Expectations.

    kind : a key of KINDS; column : name of a column or None; arguments : of the expectation;
    equal : for "row_count", count only the rows in which `column` is this value.
    """

    kind: str
    column: str | None = None
    arguments: dict = field(default_factory=dict)
    equal: str | None = None

    @property
    def about(self):
        """What to look at: "columns" (which ones the table has), "rows" (how many), or the name of a column."""
        if self.kind == "exists":
            return "columns"
        return "rows" if self.column is None else self.column

    @property
    def expectation(self):
        """Name of the expectation that answers."""
        return KINDS[self.kind]


@dataclass(frozen=True)
class Measured:
    """What was found: `count` rows that do not meet the expectation, or the `value` that was observed."""

    success: bool
    count: int = 0
    value: object = None


KINDS = {"exists": "ExpectColumnToExist", "not_null": "ExpectColumnValuesToNotBeNull",
         "between": "ExpectColumnValuesToBeBetween", "in_set": "ExpectColumnValuesToBeInSet",
         "row_count": "ExpectTableRowCountToBeBetween", "newest": "ExpectColumnMaxToBeBetween",
         "distinct": "ExpectColumnUniqueValueCountToBeBetween"}
COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0, "exclude_unexpected_values": True,
               "return_unexpected_index_query": False}


def preload():
    """Import Great Expectations now, and keep it to warnings unless its logger has a level."""
    import great_expectations
    logger = logging.getLogger("great_expectations")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.WARNING)
    return great_expectations


def measure(asks, frame_of):
    """Answer every Ask.

    frame_of : function of `Ask.about` that returns the pandas frame to look at, as narrow as can be: for a column with
        empty cells Great Expectations copies all columns of its frame.
    Returns a list of Measured in the order of `asks`. Raises RuntimeError if Great Expectations could not compute one.
    """
    groups = {}
    for number, ask in enumerate(asks):
        groups.setdefault(ask.about, []).append((number, ask))
    measured = {}
    context = _context()
    asset = context.data_sources.add_pandas("headgate").add_dataframe_asset("table")
    whole = asset.add_batch_definition_whole_dataframe("whole")
    try:
        for about, numbered in groups.items():
            measured.update(_run(whole, numbered, frame_of(about)))
    finally:
        context.data_sources.delete("headgate")
    return [measured[number] for number in range(len(asks))]


def _context():
    from great_expectations.data_context.types.base import (
        DataContextConfig, InMemoryStoreBackendDefaults, ProgressBarsConfig)
    return preload().get_context(mode="ephemeral", project_config=DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(), progress_bars=ProgressBarsConfig(globally=False)))


def _run(whole, numbered, frame):
    gx = preload()
    suite = gx.ExpectationSuite(name="headgate", expectations=[_expectation(ask, number) for number, ask in numbered])
    batch = whole.get_batch(batch_parameters={"dataframe": frame})
    outcome = batch.validate(suite, result_format=COUNTS_ONLY)
    by_number = {result.expectation_config.meta["ask"]: result for result in outcome.results}
    return {number: _measured(ask, by_number[number]) for number, ask in numbered}


def _expectation(ask, number):
    import great_expectations.expectations as expectations
    from great_expectations.expectations.row_conditions import Column
    arguments = dict(ask.arguments)
    if ask.equal is not None:
        arguments["row_condition"] = Column(ask.column) == ask.equal
    elif ask.column is not None:
        arguments["column"] = ask.column
    return getattr(expectations, KINDS[ask.kind])(meta={"ask": number}, **arguments)


def _measured(ask, result):
    found = result.result
    if ask.kind != "exists" and "unexpected_count" not in found and "observed_value" not in found:
        raise RuntimeError(f"{ask.expectation} could not be computed on {ask.column!r}: {result.exception_info}")
    return Measured(bool(result.success), int(found.get("unexpected_count", 0)), found.get("observed_value"))
