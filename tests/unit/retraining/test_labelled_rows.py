"""Rows that exist only in the prediction log become rows of a training's table, each once, and no other does."""

from dataclasses import dataclass
from datetime import date

import ferries
import pandas as pd
import pytest
from champions import DAY, START, answer, as_rows, workspace_in

from headgate.data import clean, coerce, read_snapshot, read_table
from headgate.retraining.labelled import export_labelled, labelled_path
from headgate.scoring.values import Chosen
from headgate.validation import validate

COLUMNS = [column for column in ferries.COLUMNS if column["name"] != "captain_age"]
SENT = [*(column["name"] for column in COLUMNS), "ferry", "trip", "asked_at"]
TABLE = ferries.table(1000)         # hourly from the first of January, so 744 of January


@dataclass
class Serves:
    """As much of a champion as answering needs."""

    spec: object
    model: str = "ferries"
    chosen: object = Chosen("ferries", "1", "a" * 64, "")


@pytest.fixture
def workspace(tmp_path):
    return workspace_in(tmp_path)


def spec_of(**changes):
    return ferries.spec(**{"columns": COLUMNS, **changes})


def log(workspace, frame, spec=None, labels="its own", **more):
    labels = frame["late"].tolist() if labels == "its own" else labels
    answer(workspace, Serves(spec or spec_of()), as_rows(frame[[name for name in SENT if name in frame]]),
           [(0.5, 0.5)] * len(frame), labels=labels, **more)


def trips(found):
    return sorted(read_snapshot(found.snapshot)["trip"].astype(int)) if found.snapshot else []


def test_labelled_rows_are_exported_typed_as_the_source_is(workspace):
    log(workspace, TABLE[800:810])
    log(workspace, TABLE[810:820], labels=[None] * 10, number=500)
    found = export_labelled(workspace, spec_of(), as_of=date(2026, 3, 1))
    frame = read_snapshot(found.snapshot).sort_values("asked_at", ignore_index=True)
    expected = coerce(TABLE[800:810].reset_index(drop=True), spec_of()).frame
    pd.testing.assert_frame_equal(frame[list(expected)].astype({"trip": int}), expected, check_dtype=False)
    assert found.left_out == {}
    again = export_labelled(workspace, spec_of(), as_of=date(2026, 3, 1))
    assert again.snapshot == found.snapshot, "named after what is in it"


def test_the_newest_prediction_of_a_key_counts(workspace):
    log(workspace, TABLE[800:801].assign(wind=1.0))
    log(workspace, TABLE[800:801].assign(wind=2.0), at=START + 2 * DAY, number=50)
    found = export_labelled(workspace, spec_of(), as_of=date(2026, 3, 1))
    assert read_snapshot(found.snapshot)["wind"].tolist() == [2.0]
    assert found.left_out == {"same ferry, trip as a row above": 1}


def test_only_what_the_day_shows(workspace):
    log(workspace, TABLE[730:760])
    assert trips(export_labelled(workspace, spec_of(), as_of=date(2026, 2, 1))) == list(range(730, 744))
    windowed = spec_of(data={**ferries.SPEC["data"], "window_days": 1})
    assert trips(export_labelled(workspace, windowed, as_of=date(2026, 2, 2))) == list(range(744, 760))


def test_a_row_that_was_sent_without_its_time_has_that_of_its_answer(workspace):
    log(workspace, TABLE[800:803].assign(asked_at=None))
    assert trips(export_labelled(workspace, spec_of(), as_of=date(2026, 2, 28))) == [800, 801, 802]
    assert export_labelled(workspace, spec_of(), as_of=date(2026, 2, 1)).snapshot is None
    keyed = spec_of(data={**ferries.SPEC["data"], "key": ["trip", "asked_at"]})
    found = export_labelled(workspace, keyed, as_of=date(2026, 2, 28))
    assert found.snapshot is None and list(found.left_out.values()) == [3], "its key would be another than the source's"


def test_the_newest_prediction_that_fits_counts(workspace):
    log(workspace, TABLE[800:801].assign(wind=1.0))
    log(workspace, TABLE[800:801].assign(wind=99.0), at=START + 2 * DAY, number=50)
    found = export_labelled(workspace, spec_of(), as_of=date(2026, 3, 1))
    assert read_snapshot(found.snapshot)["wind"].tolist() == [1.0]
    assert found.left_out == {"wind outside what model.yaml allows": 1}


@pytest.mark.parametrize("change, why", [
    ({"trip": None}, "without ferry, trip, by which a row is known"), ({"wind": None}, "null in wind"),
    ({"wind": 41.0}, "wind outside what model.yaml allows"),
    ({"line": "Narvik"}, "line outside what model.yaml allows")])
def test_rows_that_would_spoil_the_table_are_left_out_and_counted(workspace, change, why):
    log(workspace, pd.concat([TABLE[800:802], TABLE[802:805].assign(**change)]))
    found = export_labelled(workspace, spec_of(), as_of=date(2026, 3, 1))
    assert trips(found) == [800, 801] and found.left_out == {why: 3}


def test_a_model_with_private_columns_cannot_learn_from_its_log(workspace):
    log(workspace, TABLE[800:805], ferries.spec())
    found = export_labelled(workspace, ferries.spec(), as_of=date(2026, 3, 1))
    assert found.snapshot is None and found.left_out == {"the log does not hold the private captain_age": 5}


def test_without_feedback_there_is_nothing(workspace):
    log(workspace, TABLE[800:805], labels=[None] * 5)
    assert export_labelled(workspace, spec_of()).snapshot is None
    assert labelled_path(workspace, spec_of(), "log") is None and labelled_path(workspace, spec_of(), "x.y") == "x.y"


def test_the_table_gets_the_rows_that_it_lacks_and_keeps_its_own(workspace, tmp_path):
    TABLE[:800].to_csv(tmp_path / "ferries.csv", index=False)
    flipped = TABLE[790:820].assign(late=["late" if one == "on time" else "on time" for one in TABLE["late"][790:820]])
    log(workspace, flipped)
    path = labelled_path(workspace, spec_of(), "log", as_of="2026-03-01")
    reading = read_table(spec_of(), tmp_path, as_of=date(2026, 3, 1), labelled=path)
    assert len(reading.frame) == 820 and reading.added == 20
    assert reading.source.endswith("ferries.csv and 20 labelled rows of the prediction log")
    frame = clean(coerce(reading.frame, spec_of()).frame, spec_of()).frame.astype({"trip": int})
    expected = coerce(pd.concat([TABLE[:800], flipped[10:]], ignore_index=True), spec_of()).frame
    pd.testing.assert_frame_equal(frame.sort_values("trip", ignore_index=True), expected, check_dtype=False)
    assert validate(reading.frame, spec_of(), as_of=date(2026, 3, 1), names=reading.names).ok


def test_a_row_that_the_source_has_without_an_answer_makes_way(workspace, tmp_path):
    waiting = TABLE[:800].copy()
    waiting.loc[795:, "late"] = None
    waiting.to_csv(tmp_path / "ferries.csv", index=False)
    log(workspace, TABLE[797:799])
    path = labelled_path(workspace, spec_of(), "log", as_of="2026-03-01")
    reading = read_table(spec_of(), tmp_path, as_of=date(2026, 3, 1), labelled=path)
    assert (len(reading.frame), reading.added, int(reading.frame["late"].isna().sum())) == (800, 2, 3)


@pytest.mark.parametrize("kind", ["csv", "parquet", "parquet with a zone"])
def test_whatever_the_source_is_written_in(workspace, tmp_path, kind):
    table = TABLE[:900]
    if kind == "csv":
        table.to_csv(tmp_path / "ferries.csv", index=False)
    else:
        zone = {"asked_at": table["asked_at"].dt.tz_localize("Europe/Oslo")} if "zone" in kind else {}
        table.assign(**zone).to_parquet(tmp_path / "ferries.parquet")
    log(workspace, TABLE[890:910])
    source = {"csv": "ferries.csv"} if kind == "csv" else {"parquet": "ferries.parquet"}
    spec = spec_of(data={**ferries.SPEC["data"], "source": source})
    path = labelled_path(workspace, spec, "log", as_of="2026-03-01")
    reading = read_table(spec, tmp_path, as_of=date(2026, 3, 1), labelled=path)
    cleaned = clean(coerce(reading.frame, spec).frame, spec)
    assert reading.added == 10 and len(cleaned.frame) == 910 and not cleaned.reasons
    assert sorted(cleaned.frame["trip"].astype(int)) == list(range(910))
    assert validate(reading.frame, spec, as_of=date(2026, 3, 1), names=reading.names).ok


def test_a_derived_target_takes_the_class_as_it_was_told(workspace, tmp_path):
    derived = {"column": "late", "classes": ["on time", "late"], "derive": {"column": "minutes", "at_least": 5}}
    keep = [{"column": "minutes", "not_null": True, "why": "it never left"}]
    spec = spec_of(target=derived, data={**ferries.SPEC["data"], "keep": keep})
    source = TABLE[:800].assign(minutes=[9.0 if one == "late" else 1.0 for one in TABLE["late"][:800]])
    source.drop(columns="late").to_csv(tmp_path / "ferries.csv", index=False)
    log(workspace, TABLE[790:810], spec)
    path = labelled_path(workspace, spec, "log", as_of="2026-03-01")
    reading = read_table(spec, tmp_path, as_of=date(2026, 3, 1), labelled=path)
    frame = clean(coerce(reading.frame, spec).frame, spec).frame.astype({"trip": int}).sort_values("trip")
    assert reading.added == 10 and frame["late"].tolist() == TABLE["late"][:810].tolist()
    report = validate(reading.frame, spec, as_of=date(2026, 3, 1), names=reading.names)
    assert report.ok, [one.sentence for one in report.failed]


def test_without_a_key_equal_rows_are_one(workspace, tmp_path):
    data = {key: value for key, value in ferries.SPEC["data"].items() if key not in ("key", "time_column")}
    spec = spec_of(data=data)
    TABLE[:800].to_csv(tmp_path / "ferries.csv", index=False)
    log(workspace, TABLE[790:810], spec)
    reading = read_table(spec, tmp_path, labelled=labelled_path(workspace, spec, "log"))
    assert reading.added == 10 and len(clean(coerce(reading.frame, spec).frame, spec).frame) == 810
    log(workspace, TABLE[805:810], spec, labels=["late", "on time"] * 2 + ["late"], at=START + 2 * DAY, number=500)
    found = export_labelled(workspace, spec)
    assert len(read_snapshot(found.snapshot)) == 20 and found.left_out == {"duplicate of a row above": 5}
