"""What is newly labelled, in the log and in the source, each row once, and how the champion did on it."""

from dataclasses import replace
from datetime import date

import ferries
import numpy as np
import pandas as pd
import pytest
from champions import DAY, START, answer, as_rows, champion_of, workspace_in

from headgate.current.newer import known_rows
from headgate.data import clean, coerce, fingerprint, read_snapshot, write_snapshot
from headgate.retraining.evidence import new_labels
from headgate.retraining.labelled import export_labelled

COLUMNS = [column for column in ferries.COLUMNS if column["name"] != "captain_age"]
SENT = [*(column["name"] for column in COLUMNS), "ferry", "trip", "asked_at"]
AS_OF = "2026-02-01"        # the trips of tests run hourly from the first of January: 744 before this day


@pytest.fixture(scope="module")
def open_bundle(tmp_path_factory):
    """A bundle of ferries without anything private, and its spec."""
    import trained

    from headgate.learning.features import Features
    spec = ferries.spec(columns=COLUMNS)
    folder = tmp_path_factory.mktemp("open") / "bundle"
    trained.write(folder, *trained.train(spec, Features(ferries.FEATURES), ferries.table(), "random_forest"))
    return folder, spec


@pytest.fixture
def champion(open_bundle, tmp_path):
    bundle, spec = open_bundle
    return champion_of(bundle, tmp_path / "bundle", spec, ferries.table(744), as_of=AS_OF, home=tmp_path)


@pytest.fixture
def workspace(tmp_path):
    return workspace_in(tmp_path)


def log(workspace, champion, frame, labels, late=1.0, **more):
    answer(workspace, champion, as_rows(frame[SENT]), [(1 - late, late)] * len(frame), labels=labels, **more)


def write_source(champion, frame):
    frame.to_csv(champion.home / "ferries.csv", index=False)


def test_rows_of_the_log_with_a_label_that_are_newer_than_the_training(workspace, champion):
    table = ferries.table(1000)
    write_source(champion, table[:744])
    log(workspace, champion, table[700:900], ["late"] * 150 + [None] * 50)
    found = new_labels(workspace, champion, as_of="2026-03-01")
    assert (found.logged, found.source, found.judged) == (106, 0, 106), "44 of the labelled ones are of January"
    assert found.accuracy == 1.0 and found.to_dict()["rows"] == 106


def test_accuracy_is_that_of_the_answers_that_were_given(workspace, champion):
    table = ferries.table(1000)
    write_source(champion, table[:744])
    log(workspace, champion, table[800:900], ["late"] * 30 + ["on time"] * 70, late=0.9)
    assert new_labels(workspace, champion, as_of="2026-03-01").accuracy == pytest.approx(0.3)


def test_what_another_version_answered_is_scored_by_the_champion(workspace, champion):
    table = ferries.table(1000)
    write_source(champion, table[:744])
    log(workspace, champion, table[800:1000], table["late"][800:1000].tolist(), late=0.9, digest="0" * 64)
    found = new_labels(workspace, champion, as_of="2026-03-01")
    assert found.judged == 200 and 0.75 < found.accuracy < 1, "not 0.5, as of those answers"


def test_rows_of_the_source_count_unless_the_log_has_them(workspace, champion):
    table = ferries.table(1000)
    write_source(champion, table)
    alone = new_labels(workspace, champion, as_of="2026-02-05")
    assert (alone.logged, alone.source) == (0, 96) and 0.75 < alone.accuracy <= 1
    log(workspace, champion, table[744:754], table["late"][744:754].tolist())
    both = new_labels(workspace, champion, as_of="2026-02-05")
    assert (both.logged, both.source, both.judged) == (10, 86, 96)


def test_rows_without_their_key_are_judged_but_cannot_be_learnt_from(workspace, champion):
    table = ferries.table(1000).assign(trip=None)
    write_source(champion, ferries.table(744))
    log(workspace, champion, table[800:900], ["late"] * 100)
    found = new_labels(workspace, champion, as_of="2026-03-01")
    assert (found.logged, found.judged) == (0, 100)


def test_a_model_that_does_not_learn_from_its_log(workspace, open_bundle, tmp_path):
    bundle, _ = open_bundle
    spec = ferries.spec(columns=COLUMNS, retraining={"prediction_log": False})
    champion = champion_of(bundle, tmp_path / "deaf", spec, ferries.table(744), as_of=AS_OF, home=tmp_path)
    table = ferries.table(1000)
    write_source(champion, table[:744])
    log(workspace, champion, table[800:900], ["late"] * 100)
    found = new_labels(workspace, champion, as_of="2026-03-01")
    assert (found.logged, found.judged) == (0, 100)


def test_private_columns_are_not_logged_so_nothing_can_be_learnt_there(workspace, ferries_bundle, tmp_path):
    champion = champion_of(ferries_bundle, tmp_path / "b", ferries.spec(), ferries.table(744), as_of=AS_OF,
                           home=tmp_path)
    table = ferries.table(1000)
    write_source(champion, table[:744])
    log(workspace, champion, table[800:900], ["late"] * 100, late=0.9)
    log(workspace, champion, table[900:1000], ["late"] * 100, late=0.1, digest="0" * 64, number=5000)
    found = new_labels(workspace, champion, as_of="2026-03-01")
    assert (found.logged, found.judged, found.accuracy) == (0, 100, 1.0), "another version's cannot be scored again"


def test_without_a_time_column_the_rows_that_the_snapshot_lacks_are_new(open_bundle, tmp_path):
    champion, workspace, table = timeless(open_bundle, tmp_path)
    assert new_labels(workspace, champion).rows == 0, "the source is what it was"
    table.to_csv(tmp_path / "ferries.csv", index=False)
    assert new_labels(workspace, champion).source == 200
    (workspace.snapshots / f"{champion.lineage['data_digest']}.parquet").unlink()
    assert new_labels(workspace, champion).source == 900, "nobody can tell any more which of them are new"
    assert np.isfinite(new_labels(workspace, champion).accuracy)
    log(workspace, champion, table[880:900], ["late"] * 20, at=START + DAY)
    assert (new_labels(workspace, champion).logged, new_labels(workspace, champion).source) == (20, 880)


def test_labels_that_come_after_the_next_version_was_registered_are_new_to_it(workspace, champion):
    table = ferries.table(1000)
    write_source(champion, table[:744])
    log(workspace, champion, table[800:900], table["late"][800:900].tolist(), at=START - 20 * DAY, digest="0" * 64)
    found = new_labels(workspace, champion, as_of="2026-03-01")
    assert (found.logged, found.judged) == (100, 100), "the version before answered them, and the champion saw none"
    assert len(trips(workspace, champion, "2026-03-01")) == 100


def test_one_row_predicted_often_is_one_and_its_newest_answer_counts(workspace, champion):
    table = ferries.table(1000)
    write_source(champion, table[:744])
    log(workspace, champion, table.iloc[[800] * 600], ["on time"] * 600)
    log(workspace, champion, table.iloc[[800, 801]], ["late"] * 2, at=START + 2 * DAY, number=5000)
    found = new_labels(workspace, champion, as_of="2026-03-01")
    assert (found.logged, found.judged, found.right) == (2, 2, 2)
    nameless = table.iloc[[810] * 600].assign(trip=None)
    log(workspace, champion, nameless, ["on time"] * 600, number=9000)
    found = new_labels(workspace, champion, as_of="2026-03-01")
    assert (found.logged, found.judged, found.right) == (2, 3, 2), "known by its values"


@pytest.mark.parametrize("change", [{"wind": None}, {"wind": 41.0}, {"line": "Narvik"}, {"trip": None}])
def test_rows_count_that_a_training_would_take(workspace, champion, change):
    table = ferries.table(1000)
    write_source(champion, table[:744])
    log(workspace, champion, pd.concat([table[800:802], table[802:805].assign(**change)]), ["late"] * 5)
    assert new_labels(workspace, champion, as_of="2026-03-01").logged == 2
    assert trips(workspace, champion, "2026-03-01") == [800, 801]


def test_a_row_that_the_log_cannot_teach_but_the_source_can(workspace, champion):
    table = ferries.table(1000)
    write_source(champion, table[:760])
    log(workspace, champion, table[750:755].assign(wind=None), ["late"] * 5)
    found = new_labels(workspace, champion, as_of="2026-03-01")
    assert (found.logged, found.source, found.judged) == (0, 16, 16)


def test_without_a_time_column_rows_that_the_champion_learnt_are_not_new(open_bundle, tmp_path):
    champion, workspace, table = timeless(open_bundle, tmp_path)
    at = START - 5 * DAY
    log(workspace, champion, table[690:720], table["late"][690:720].tolist(), at=at, digest="0" * 64)
    assert new_labels(workspace, champion).logged == 20, "ten are in its snapshot"
    log(workspace, champion, table[800:810].assign(trip=None), ["late"] * 10, at=at, digest="0" * 64, number=5000)
    log(workspace, champion, table[810:820].assign(trip=None), ["late"] * 10, digest="0" * 64, number=6000)
    assert new_labels(workspace, champion).judged == 30, "of those without a key, what was answered since"


def test_a_key_that_was_stated_after_the_training(open_bundle, tmp_path):
    champion, workspace, table = timeless(open_bundle, tmp_path)
    data = {**ferries.SPEC["data"], "key": ["trip", "deck"], "time_column": None}
    rekeyed = replace(champion, spec=ferries.spec(columns=COLUMNS, data=data))
    assert not len(known_rows(workspace, rekeyed))


def timeless(open_bundle, tmp_path):
    """Return a champion without a time column that learnt the first 700 trips, its workspace, and all trips."""
    data = {key: value for key, value in ferries.SPEC["data"].items() if key != "time_column"}
    spec, workspace, table = ferries.spec(columns=COLUMNS, data=data), workspace_in(tmp_path), ferries.table(900)
    table[:700].to_csv(tmp_path / "ferries.csv", index=False)
    champion = champion_of(open_bundle[0], tmp_path / "b", spec, table[:700], home=tmp_path,
                           fingerprint=fingerprint(spec, tmp_path, as_of=None))
    snapshot = write_snapshot(clean(coerce(table[:700], spec).frame, spec).frame, workspace.snapshots)
    champion.lineage["data_digest"] = snapshot.digest
    return champion, workspace, table


def trips(workspace, champion, day):
    """Return the trips of the log that a training on that day would take."""
    found = export_labelled(workspace, champion.spec, as_of=date.fromisoformat(day))
    return sorted(read_snapshot(found.snapshot)["trip"].astype(int)) if found.snapshot else []
