"""The one door to Great Expectations: ask it questions about a table, get back what it measured.

Great Expectations takes some seconds to import, so that happens at the first question; call `preload` on a thread while
something else is being waited for. It runs on a context that lives in memory, writes no file, draws no progress
bar and talks to nobody.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Ask:
    """One question for Great Expectations.

    kind : a key of KINDS; column : name of a column or None; arguments : of the expectation;
    where : (column, value) to count only the rows in which they are equal, or None.
    """

    kind: str
    column: str | None = None
    arguments: dict = field(default_factory=dict)
    where: tuple | None = None

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
    """Import Great Expectations now."""
    import great_expectations
    return great_expectations


def measure(frame, asks):
    """Answer every Ask about `frame`, in one run.

    frame : pandas frame that has every column asked about, except those of kind "exists".
    Returns a list of Measured in the order of `asks`. Raises RuntimeError if Great Expectations could not compute one.
    """
    if not asks:
        return []
    context = preload().get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("table")
    try:
        batch = source.add_dataframe_asset("table").add_batch_definition_whole_dataframe("whole").get_batch(
            batch_parameters={"dataframe": frame})
        outcome = batch.validate(_suite(asks), result_format=COUNTS_ONLY)
    finally:
        context.data_sources.delete("table")
    by_number = {result.expectation_config.meta["ask"]: result for result in outcome.results}
    return [_measured(ask, by_number[number]) for number, ask in enumerate(asks)]


def _suite(asks):
    gx = preload()
    return gx.ExpectationSuite(name="headgate", expectations=[
        _expectation(ask, number) for number, ask in enumerate(asks)])


def _expectation(ask, number):
    import great_expectations.expectations as expectations
    from great_expectations.expectations.row_conditions import Column
    arguments = dict(ask.arguments)
    if ask.column is not None:
        arguments["column"] = ask.column
    if ask.where is not None:
        name, value = ask.where
        arguments["row_condition"] = Column(name) == value
    return getattr(expectations, KINDS[ask.kind])(meta={"ask": number}, **arguments)


def _measured(ask, result):
    if result.exception_info and result.exception_info.get("raised_exception"):
        raise RuntimeError(f"{ask.expectation} could not be computed on {ask.column!r}: "
                           f"{result.exception_info.get('exception_message')}")
    return Measured(bool(result.success), int(result.result.get("unexpected_count", 0)),
                    result.result.get("observed_value"))
