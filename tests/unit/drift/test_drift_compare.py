"""Current rows from a file, the source and the prediction log against a champion; and rows that cannot be compared."""

import champions
import ferries
import numpy as np
import pandas as pd
import pytest
from champions import DAY, START, answer, as_rows, champion_of, workspace_in

from headgate.data import coerce
from headgate.drift.compare import compare
from headgate.drift.pages import markdown, table
from headgate.drift.outcome import summary_of
from headgate.drift.request import ask
from headgate.errors import SourceError, SpecError
from tasks.drift import tell_found

IMPORTANCE = {"wind": 0.2, "gale": 0.15, "crew": 0.05, "line": 0.1, "cargo": -0.01, "leaves": 0.0, "captain_age": 0.0}
NOW = START + 20 * DAY
SENT = [*(column["name"] for column in ferries.COLUMNS), "ferry", "trip", "asked_at"]


@pytest.fixture
def champion(ferries_bundle, tmp_path):
    return champion_of(ferries_bundle, tmp_path / "bundle", ferries.spec(), ferries.table(3000), importance=IMPORTANCE,
                       as_of="2026-05-06", home=tmp_path)


@pytest.fixture
def workspace(tmp_path):
    return workspace_in(tmp_path)


def rows_of(workspace, champion, frame=None, path=None, **asked):
    """Compare a table, written to `path` as CSV, with the champion."""
    if frame is not None:
        frame.to_csv(path, index=False)
        asked["data"] = path
    compared = compare(workspace, champion, ask(champion, now=NOW, **asked))
    return compared.comparison, compared


def log(workspace, champion, frame, *, share=0.3, **more):
    answer(workspace, champion, as_rows(frame[SENT].drop(columns="captain_age")), [(1 - share, share)] * len(frame),
           **more)


def test_rows_like_those_of_the_training_are_no_drift(workspace, champion, tmp_path):
    found, compared = rows_of(workspace, champion, ferries.table(2000, seed=1), tmp_path / "now.csv")
    assert found.outcome == "none" and not found.drifted and found.rows == 2000 and found.weights == "importance"
    assert {one.column for one in found.columns} == {"wind", "crew", "gale", "line", "cargo", "captain_age"}
    assert found.left_out == {"leaves": "a time always moves on"}
    assert sum(one.weight for one in found.columns) == pytest.approx(1)
    assert found.predictions.rows == 2000 and compared.gathered.kind == "data"


def test_an_important_column_that_moved_is_drift_and_an_unimportant_one_is_not(workspace, champion, tmp_path):
    table = ferries.table(2000, seed=1)
    found, _ = rows_of(workspace, champion, table.assign(captain_age=30.0), tmp_path / "young.csv")
    assert found.outcome == "none" and found.drifted == ("captain_age",) and found.weighted_share == 0
    found, _ = rows_of(workspace, champion, table.assign(wind=table["wind"] / 4), tmp_path / "calm.csv")
    assert found.outcome == "drift" and found.drifted == ("wind",) and found.weighted_share == pytest.approx(0.4)


def test_another_unit_is_named(workspace, champion, tmp_path):
    table = ferries.table(2000, seed=1)
    found, _ = rows_of(workspace, champion, table.assign(wind=table["wind"] * 3.6), tmp_path / "kmh.csv")
    assert found.outcome == "drift"
    assert "wind looks like the champion's training rows times 3.6 (m/s, km/h)" in " ".join(found.notes)


def test_a_column_that_is_gone_or_renamed_is_named_with_the_nearest(workspace, champion, tmp_path):
    table = ferries.table(600, seed=1)
    with pytest.raises(SourceError, match="no column 'wind', which the model needs.*'winds'"):
        rows_of(workspace, champion, table.rename(columns={"wind": "winds"}), tmp_path / "renamed.csv")
    with pytest.raises(SourceError, match="no column 'crew'"):
        rows_of(workspace, champion, table.drop(columns="crew"), tmp_path / "gone.csv")


def test_a_column_that_is_empty_now_moved_and_is_told_whatever_it_is_worth(workspace, champion, tmp_path):
    table = ferries.table(600, seed=1)
    found, compared = rows_of(workspace, champion, table.assign(cargo=None), tmp_path / "empty.csv")
    assert found.outcome == "none" and found.drifted == ("cargo",)
    assert "cargo holds no value in any of 600 rows." in found.notes
    found, _ = rows_of(workspace, champion, table.assign(wind=None), tmp_path / "dark.csv")
    assert found.outcome == "drift" and found.columns[0].missing_now == 1


@pytest.mark.parametrize("times", [None, "soon"])
def test_a_time_that_is_empty_or_no_time_now_is_told_all_the_same(workspace, champion, tmp_path, times):
    found, _ = rows_of(workspace, champion, ferries.table(600, seed=1).assign(leaves=times), tmp_path / "never.csv")
    assert found.drifted == ("leaves",) and found.left_out == {}
    assert "leaves holds no value in any of 600 rows." in found.notes
    assert ("leaves has 600 cells that are no datetime; they count as missing." in found.notes) == (times is not None)


def test_cells_of_another_kind_count_as_missing_and_are_told(workspace, champion, tmp_path):
    table = ferries.table(600, seed=1).astype({"wind": object})
    table.loc[:299, "wind"] = "gusty"
    found, _ = rows_of(workspace, champion, table, tmp_path / "gusty.csv")
    assert "wind has 300 cells that are no number; they count as missing." in found.notes
    assert found.outcome == "drift" and found.columns[0].missing_now == 0.5


@pytest.mark.parametrize("rows, outcome", [(499, "held"), (500, "none")])
def test_with_too_few_rows_it_is_held_and_says_how_many_are_missing(workspace, champion, tmp_path, rows, outcome):
    found, compared = rows_of(workspace, champion, ferries.table(rows, seed=1), tmp_path / "few.csv")
    assert found.outcome == outcome
    assert found.missing_rows == (1 if rows == 499 else 0) and compared.gathered.tally.rows == rows


def test_a_champion_that_learnt_from_few_rows_cannot_be_compared_with(workspace, ferries_bundle, tmp_path):
    small = champion_of(ferries_bundle, tmp_path / "small", ferries.spec(), ferries.table(300))
    found, _ = rows_of(workspace, small, ferries.table(2000, seed=1), tmp_path / "now.csv")
    assert found.outcome == "held" and "trained on 300 rows" in found.sentence and found.missing_rows == 200


def test_rows_of_the_log_are_compared_as_they_were_answered(workspace, champion):
    log(workspace, champion, ferries.table(700, seed=1), share=0.8)
    found, compared = rows_of(workspace, champion)
    assert compared.gathered.kind == "log" and found.rows == 700
    assert found.left_out["captain_age"] == "it is private, so the prediction log does not hold it"
    assert found.predictions.now == {"on time": 0.0, "late": 1.0} and found.reasons == ("predictions",)
    assert all(one.psi < 0.25 for one in found.columns), "typed and counted as the source is"
    assert "captain_age" not in compared.current


def test_answers_of_other_versions_count_as_rows_but_not_as_predictions(workspace, champion):
    log(workspace, champion, ferries.table(600, seed=1), share=0.8, digest="0" * 64)
    found, _ = rows_of(workspace, champion)
    assert found.rows == 600 and found.predictions is None and found.outcome == "none"


def test_rows_from_before_the_champion_and_from_before_the_window_are_not_current(workspace, champion):
    log(workspace, champion, ferries.table(600, seed=1), at=START - DAY, digest="0" * 64)
    log(workspace, champion, ferries.table(40, seed=2), at=START - 40 * DAY, number=5000)
    log(workspace, champion, ferries.table(7, seed=3), at=NOW - DAY, number=6000)
    found, compared = rows_of(workspace, champion, current="log")
    assert found.outcome == "held" and found.rows == 7 and "7 rows of the last 30 days" in found.sentence
    assert found.missing_rows == 493 and compared.reference is None


def test_days_asked_for_are_those_of_the_rows_own_time(workspace, champion):
    log(workspace, champion, ferries.table(1000, seed=1))       # hourly from the first of January
    found, _ = rows_of(workspace, champion, current="log", since="2026-01-11", as_of="2026-01-21")
    assert found.rows == 240
    untimed = ferries.table(600, seed=2).assign(asked_at=None)
    log(workspace, champion, untimed, number=5000, at=START + 2 * DAY)
    assert rows_of(workspace, champion, current="log", since="2026-02-26", as_of="2026-03-01")[0].rows == 600, \
        "when it was answered stands for the time of a row that was sent without one"


def test_auto_takes_the_source_where_the_log_is_too_short(workspace, champion, tmp_path):
    ferries.table(4000).to_csv(tmp_path / "ferries.csv", index=False)       # hourly, to the middle of June
    late = ferries.table(500, seed=1).assign(asked_at=pd.date_range("2026-05-20", periods=500, freq="h"))
    log(workspace, champion, late[:499])
    found, compared = rows_of(workspace, champion, as_of="2026-06-10")
    assert compared.gathered.kind == "source" and found.rows == 30 * 24, "of the last 30 days before the tenth of June"
    assert rows_of(workspace, champion, as_of="2026-05-11")[0].rows == 5 * 24, "newer than the training alone"
    log(workspace, champion, late[499:], number=9000)
    found, compared = rows_of(workspace, champion, as_of="2026-06-10")
    assert compared.gathered.kind == "log" and found.rows == 500


def test_without_newer_rows_anywhere_it_says_what_moves_the_day(workspace, champion, tmp_path):
    ferries.table(4000).to_csv(tmp_path / "ferries.csv", index=False)
    found, _ = rows_of(workspace, champion, as_of="2026-05-06")
    assert found.outcome == "held" and "--as-of moves the day" in found.sentence and found.missing_rows == 500


def test_without_importances_columns_count_the_same(workspace, ferries_bundle, tmp_path):
    plain = champion_of(ferries_bundle, tmp_path / "plain", ferries.spec(), ferries.table(1000))
    found, _ = rows_of(workspace, plain, ferries.table(1000, seed=1), tmp_path / "now.csv")
    assert found.weights == "equal" and "holds no importances" in found.notes[0]
    assert {one.weight for one in found.columns} == {1 / 7}


@pytest.mark.parametrize("asked, told", [
    ({"current": "everything"}, "auto, log, source"), ({"since": "yesterday"}, "--since is no day"),
    ({"since": "2026-05-01", "as_of": "2026-05-01"}, "No day lies"), ({"data": "nowhere.csv"}, "There is no file"),
    ({"data": "now.csv", "current": "log"}, "--data and --current")])
def test_what_does_not_go_together_is_told_first(champion, asked, told):
    with pytest.raises((SpecError, SourceError), match=told):
        ask(champion, now=NOW, **asked)


def test_the_page_names_every_column_and_what_it_is_worth(workspace, champion, tmp_path):
    _, compared = rows_of(workspace, champion, ferries.table(600, seed=1).assign(wind=3.0), tmp_path / "calm.csv")
    asked = ask(champion, now=NOW)
    page = markdown(summary_of(champion, asked, compared))
    assert page.startswith("## Drift of ferries version 1: drift") and "| wind | yes |" in page and "40.0 %" in page
    assert [row["column"] for row in table(summary_of(champion, asked, compared))][-1] == "(predicted class)"


def test_the_reference_itself_has_no_distance(workspace, champion, tmp_path):
    found, _ = rows_of(workspace, champion, ferries.table(3000), tmp_path / "same.csv")
    assert max(one.psi for one in found.columns) < 1e-3 and np.isclose(found.predictions.psi, 0)


def test_typed_rows_of_the_log_equal_those_of_a_table(workspace, champion):
    frame = ferries.table(50, seed=4)
    champions.answer(workspace, champion, as_rows(frame[SENT].drop(columns="captain_age")), [(0.5, 0.5)] * 50)
    from headgate.current.logged import logged_blocks
    from headgate.current.typed import typed_of

    [block] = logged_blocks(workspace, champion.spec, champion=champion, newer=True)
    columns = ["wind", "crew", "gale", "leaves", "line", "cargo"]
    pd.testing.assert_frame_equal(typed_of(champion.spec, block.frame).frame[columns],
                                  coerce(frame, champion.spec).frame[columns])


@pytest.mark.parametrize("current, drift, events", [("log", True, 1), ("source", True, 1), ("data", True, 0),
                                                    ("log", False, 0)])
def test_a_retraining_is_started_by_drift_that_it_would_find_too(monkeypatch, current, drift, events):
    sent = []
    monkeypatch.setattr("tasks.drift.emit_event", lambda *words, **more: sent.append(words))
    names = ("version", "bundle", "sentence", "weighted_share", "drifted_columns", "rows", "as_of")
    tell_found({"model": "ferries", "drift": drift, "current": current, **dict.fromkeys(names)})
    assert len(sent) == events
