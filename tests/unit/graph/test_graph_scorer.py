import threading

import numpy as np
import pytest

from headgate.errors import GraphError
from headgate.graph import scorer as scoring
from headgate.graph.convert import build_graph
from headgate.graph.parity import compare
from headgate.graph.scorer import Scorer, classes
from headgate.learning.importance import importance
from headgate.learning.pipeline import fit_pipeline
from tests.unit.learning.voyages import make_spec, make_voyages, only


@pytest.fixture(scope="module")
def graph():
    spec = make_spec(names=("wind speed", "sails", "label"))
    columns, y = make_voyages()
    return build_graph(fit_pipeline(spec, None, "logistic_regression", {}, only(spec, columns), y, 0), spec)


def test_scorer_reads_bytes_and_paths_alike(graph, tmp_path):
    (tmp_path / "model.onnx").write_bytes(graph)
    columns, _ = make_voyages()

    from_path = Scorer(tmp_path / "model.onnx", threads=2).probabilities(columns)

    assert np.array_equal(from_path, Scorer(graph).probabilities(columns))
    assert from_path.dtype == np.float64 and np.allclose(from_path.sum(axis=1), 1)


def test_scorer_works_in_blocks_and_on_no_rows(graph, monkeypatch):
    columns, _ = make_voyages(250)
    whole = Scorer(graph).probabilities(columns)
    monkeypatch.setattr(scoring, "BLOCK", 100)

    assert np.allclose(Scorer(graph).probabilities(columns), whole, atol=1e-6)
    assert Scorer(graph).labels({name: values[:0] for name, values in columns.items()}).shape == (0,)
    assert Scorer(graph).probabilities({name: values[:0] for name, values in columns.items()}).shape == (0, 2)


def test_scorer_names_the_column_it_misses(graph):
    with pytest.raises(GraphError, match="'sails'"):
        Scorer(graph).probabilities({"wind speed": np.zeros(1), "label": np.array(["1"], dtype=object)})


@pytest.mark.parametrize("source", [b"no graph at all", b""])
def test_scorer_refuses_what_is_no_graph(source):
    with pytest.raises(GraphError, match="cannot be loaded"):
        Scorer(source)


def test_scorer_says_when_the_file_is_missing(tmp_path):
    with pytest.raises(GraphError, match="nothing_here"):
        Scorer(tmp_path / "nothing_here.onnx")


def test_one_scorer_serves_several_threads(graph):
    scorer, (columns, _) = Scorer(graph), make_voyages()
    expected, answers = scorer.probabilities(columns), []
    threads = [threading.Thread(target=lambda: answers.append(scorer.probabilities(columns))) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 8 and all(np.array_equal(answer, expected) for answer in answers)


def test_importance_finds_the_column_that_decides(graph):
    columns, y = make_voyages(800, seed=5)

    found = importance(Scorer(graph), columns, y, seed=1)

    assert list(found) == ["wind speed", "sails", "label"]
    assert max(found, key=found.get) == "wind speed" and found["wind speed"] > 0.15
    assert abs(found["sails"]) < 0.02
    assert importance(Scorer(graph), columns, y, seed=1) == found
    assert importance(Scorer(graph), {name: values[:0] for name, values in columns.items()}, y[:0], seed=1) == {}


@pytest.mark.parametrize("positive, expected", [(0.7, 1), (0.6999999, 0), (np.nan, 0)])
def test_the_last_of_two_classes_wins_from_the_threshold_on(positive, expected):
    assert classes([[1 - positive, positive]], 0.7).tolist() == [expected]


def test_the_first_of_equals_wins_among_several_classes():
    assert classes([[0.2, 0.4, 0.4], [0.1, 0.1, 0.8]], 0.5).tolist() == [1, 2]


def test_parity_counts_rows_over_the_tolerance_and_flips_beyond_it():
    pipeline = np.array([[0.4, 0.6], [0.5004, 0.4996], [0.9, 0.1], [0.3, 0.7]])
    graph = np.array([[0.4, 0.6], [0.4996, 0.5004], [0.4, 0.6], [0.3005, 0.6995]])

    found = compare(pipeline, graph, threshold=0.5, tolerance=1e-3)

    assert (found.rows, found.rows_over, found.flipped) == (4, 1, 1)
    assert found.max_difference == pytest.approx(0.5)


@pytest.mark.parametrize("moved, over", [(0.0009, 0), (0.0011, 1)])
def test_parity_tolerance_just_under_and_over(moved, over):
    found = compare([[0.2, 0.8]], [[0.2 + moved, 0.8 - moved]], threshold=0.5, tolerance=1e-3)

    assert (found.rows_over, found.flipped) == (over, 0)


def test_parity_of_several_classes_flips_on_another_winner():
    close = compare([[0.4, 0.401, 0.199]], [[0.401, 0.4, 0.199]], threshold=0.5, tolerance=1e-3)
    apart = compare([[0.4, 0.41, 0.19]], [[0.41, 0.4, 0.19]], threshold=0.5, tolerance=1e-3)

    assert (close.flipped, apart.flipped) == (0, 1)


def test_parity_never_holds_for_nan_and_holds_for_nothing():
    broken = compare([[0.4, 0.6]], [[np.nan, np.nan]], threshold=0.5, tolerance=1e-3)

    assert (broken.max_difference, broken.rows_over, broken.flipped) == (np.inf, 1, 1)
    assert compare(np.zeros((0, 2)), np.zeros((0, 2)), threshold=0.5, tolerance=1e-3).rows == 0
    with pytest.raises(GraphError, match="shapes"):
        compare(np.zeros((3, 2)), np.zeros((3, 3)), threshold=0.5, tolerance=1e-3)
