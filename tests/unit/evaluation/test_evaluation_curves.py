import numpy as np
import pytest

from headgate.evaluation.curves import MOST_POINTS, all_curves, calibration, thin


def scored(rows, seed=0):
    generator = np.random.default_rng(seed)
    score = generator.random(rows).round(3)
    return (generator.random(rows) < score).astype(int), np.column_stack([1 - score, score])


def test_areas_agree_with_scikit_learn_with_ties():
    from sklearn.metrics import average_precision_score, roc_auc_score

    y, probabilities = scored(5000)
    curves = all_curves(y, probabilities, ["no", "yes"])
    assert curves["roc"][0]["area"] == pytest.approx(roc_auc_score(y, probabilities[:, 1]))
    assert curves["precision_recall"][0]["area"] == pytest.approx(average_precision_score(y, probabilities[:, 1]))


def test_two_classes_give_the_curve_of_the_positive_one_and_more_give_one_each():
    y, probabilities = scored(50)
    assert [curve["class"] for curve in all_curves(y, probabilities, ["no", "yes"])["roc"]] == ["yes"]
    three = np.full((6, 3), 1 / 3)
    curves = all_curves(np.array([0, 1, 2, 0, 1, 2]), three, ["a", "b", "c"])
    assert [curve["class"] for curve in curves["roc"]] == ["a", "b", "c"]
    assert [curve["area"] for curve in curves["roc"]] == [0.5, 0.5, 0.5]


def test_curves_are_thinned_and_keep_their_ends():
    y, probabilities = scored(30_000)
    roc = all_curves(y, probabilities + np.linspace(0, 1e-6, 60_000).reshape(-1, 2), ["no", "yes"])["roc"][0]
    assert 100 < len(roc["x"]) <= MOST_POINTS
    assert (roc["x"][0], roc["y"][0], roc["x"][-1], roc["y"][-1]) == (0.0, 0.0, 1.0, 1.0)


@pytest.mark.parametrize("points", [1, MOST_POINTS - 1, MOST_POINTS, MOST_POINTS + 1, 5 * MOST_POINTS])
def test_thinning_never_exceeds_its_limit(points):
    kept = thin(np.linspace(0, 1, points), np.sqrt(np.linspace(0, 1, points)))
    assert len(kept) <= MOST_POINTS
    assert (kept[0], kept[-1]) == (0, points - 1)


def test_thinning_a_curve_that_does_not_move_keeps_its_ends():
    assert thin(np.zeros(500), np.ones(500)).tolist() == [0, 499]


@pytest.mark.parametrize(("y", "missing"), [
    ([0, 0], {"roc", "precision_recall"}), ([1, 1], {"roc"}), ([], {"roc", "precision_recall", "calibration"})])
def test_a_curve_that_is_not_defined_is_left_out(y, missing):
    curves = all_curves(np.array(y, dtype=int), np.full((len(y), 2), 0.5), ["no", "yes"])
    assert {name for name, found in curves.items() if not found} == missing


def test_calibration_counts_every_row_once_and_takes_the_edges():
    curve = calibration(np.array([False, True, True]), np.array([0.0, 0.5, 1.0]), bins=10)
    assert curve == {"x": [0.0, 0.5, 1.0], "y": [0.0, 1.0, 1.0], "rows": [1, 1, 1]}
