"""Every limit of drift just below, at and just above; too few rows, no importances, a column without a value."""

from types import SimpleNamespace

import numpy as np
import pytest

from headgate.drift.judge import held, judge, judge_column, judge_predictions
from headgate.drift.values import ColumnDrift
from headgate.drift.weights import Weights, weights_of
from headgate.spec.columns import Column
from headgate.spec.upkeep import Drift

BINS = SimpleNamespace(column=Column(name="temp", kind="number", nullable=True),
                       reference=np.array([0, 500, 500, 0, 0]))
MOVED = np.array([0, 300, 700, 0, 0])


def column(name, weight, drifted, psi=0.1):
    return ColumnDrift(name, "number", psi, 0.1, drifted, weight, 0.0, 0.0)


def verdict(columns, predictions=None, limits=Drift(), weights=Weights({}), **more):
    return judge(columns, predictions, limits, weights, **{"rows": 900, "reference_rows": 800, "left_out": {}, **more})


@pytest.mark.parametrize("rows, reference, missing", [
    (499, 5000, 1), (500, 5000, None), (501, 5000, None), (0, 5000, 500), (5000, 499, 1), (5000, 500, None)])
def test_as_many_rows_as_stated_are_needed_on_either_side(rows, reference, missing):
    found = held(rows, reference, fewest=500, origin=f"the log has {rows} rows")
    if missing is None:
        assert found is None
        return
    assert found.outcome == "held" and found.missing_rows == missing and f"{missing:,} " in found.sentence
    assert not found.columns and found.weighted_share is None


@pytest.mark.parametrize("step, drifted", [(1e-9, False), (0, False), (-1e-9, True)])
@pytest.mark.parametrize("method", ["psi", "jensen_shannon"])
def test_a_column_moved_if_it_is_over_its_limit(method, step, drifted):
    seen = judge_column(BINS, MOVED, Drift(), weight=1.0)
    limit = seen.psi if method == "psi" else seen.jensen_shannon
    limits = Drift(method=method, **{"max_psi" if method == "psi" else "max_jensen_shannon": limit + step})
    assert judge_column(BINS, MOVED, limits, weight=1.0).drifted is drifted


def test_a_column_without_any_value_moved_whatever_the_limits():
    empty = np.array([0, 0, 0, 0, 700])
    seen = judge_column(BINS, empty, Drift(max_psi=1000), weight=0.0)
    assert seen.drifted and seen.missing_now == 1 and seen.note == "holds no value in any of 700 rows"
    assert "temp holds no value in any of 700 rows." in verdict([seen]).notes


def test_cells_that_went_missing_move_a_column_and_are_told():
    seen = judge_column(BINS, np.array([0, 300, 300, 0, 400]), Drift(), weight=0.0)
    assert seen.drifted and seen.psi > 1 and seen.missing_now == 0.4
    assert any("empty in 40 % of the rows, and was in 0 %" in note for note in verdict([seen]).notes)


@pytest.mark.parametrize("weight, outcome", [(0.2999, "none"), (0.3, "none"), (0.3001, "drift")])
def test_it_is_drift_if_what_moved_is_worth_more_than_the_limit(weight, outcome):
    found = verdict([column("dep_delay", weight, True), column("origin", 1 - weight, False)])
    assert found.outcome == outcome and found.weighted_share == weight and found.drifted == ("dep_delay",)
    assert ("Drift: 1 of 2" in found.sentence) is (outcome == "drift")


def test_many_columns_that_are_worth_nothing_are_no_drift():
    weather = [column(name, 0.0, True, psi=9.0) for name in ("temp", "dewp", "month", "pressure")]
    found = verdict([*weather, column("dep_delay", 1.0, False)])
    assert found.outcome == "none" and found.weighted_share == 0 and "4 of 5 columns moved" in found.sentence
    assert not found.reasons


@pytest.mark.parametrize("step, drifted", [(1e-9, False), (0, False), (-1e-9, True)])
def test_predicted_classes_have_a_limit_of_their_own(step, drifted):
    counts = np.array([800, 200]), np.array([700, 300])
    psi = judge_predictions(*counts, Drift(), ("no", "yes")).psi
    moved = judge_predictions(*counts, Drift(max_prediction_psi=psi + step), ("no", "yes"))
    found = verdict([column("price", 1.0, False)], moved)
    assert moved.drifted is drifted and found.outcome == ("drift" if drifted else "none")
    assert found.reasons == (("predictions",) if drifted else ())
    assert moved.reference == {"no": 0.8, "yes": 0.2} and moved.now == {"no": 0.7, "yes": 0.3}
    if drifted:
        assert "'no' was 80 % of the reference, is 70 % now" in found.sentence
        assert "none of 1 columns moved" in found.sentence


def test_columns_are_named_although_predictions_alone_are_too_far():
    moved = judge_predictions(np.array([800, 200]), np.array([100, 900]), Drift(), ("no", "yes"))
    found = verdict([column("price", 0.2, True), column("place", 0.8, False)], moved)
    assert found.reasons == ("predictions",) and found.sentence.startswith("Drift: predictions moved: 'no' was 80 %")
    assert "1 of 2 columns moved (price), with 20 % of the champion's importance" in found.sentence


def test_weights_are_importances_and_what_chance_took_below_zero_is_none():
    weights = weights_of(("a", "b", "c"), {"a": 0.3, "b": 0.1, "c": -0.02})
    assert weights.shares == pytest.approx({"a": 0.75, "b": 0.25, "c": 0}) and weights.how == "importance"


@pytest.mark.parametrize("importance, told", [
    ({}, "the champion's bundle holds no importances"), ({"a": 0.0, "b": -0.1}, "no column's shuffling cost")])
def test_without_importances_columns_count_the_same_and_that_is_told(importance, told):
    weights = weights_of(("a", "b"), importance)
    assert weights.shares == {"a": 0.5, "b": 0.5} and weights.how == "equal"
    assert told in verdict([column("a", 0.5, False)], weights=weights).notes[0]


def test_what_was_not_compared_is_told():
    found = verdict([column("a", 1.0, False)], left_out={"leaves": "a time always moves on"})
    assert "leaves was not compared: a time always moves on." in found.notes
