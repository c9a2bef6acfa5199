"""One row at a time gets the answers that many rows get together, however it is handed to the graph."""

import numpy as np
import pytest

from api.models.alone import Alone
from headgate.errors import GraphError
from headgate.graph import scorer as scoring
from headgate.graph.bound import Bound, Fed
from headgate.graph.convert import build_graph
from headgate.graph.scorer import Scorer
from headgate.graph.texts import text_values
from headgate.learning.pipeline import fit_pipeline
from tests.unit.learning.voyages import features, make_spec, make_voyages

CLASSES = 3


@pytest.fixture(scope="module")
def scorer():
    spec = make_spec(CLASSES)
    columns, y = make_voyages(classes=CLASSES)
    return Scorer(build_graph(fit_pipeline(spec, features(), "random_forest", {}, columns, y, 0), spec))


def rows_of(columns):
    """Return the rows as a request reads them: None where something is missing."""
    return [{name: None if cell != cell or cell == "" else cell for name, cell in zip(columns, cells)}
            for cells in zip(*columns.values())]


@pytest.mark.parametrize("most, kind", [(scoring.MOST_TEXTS, Bound), (3, Fed)])
def test_rows_one_by_one_are_answered_as_they_are_together(scorer, monkeypatch, most, kind):
    monkeypatch.setattr(scoring, "MOST_TEXTS", most)
    columns, _ = make_voyages(80, CLASSES, seed=3)
    spec = make_spec(CLASSES)
    alone = Alone(spec, scorer)

    answers = [alone.probabilities(row) for row in rows_of(columns)]

    assert type(alone._graph) is kind
    assert np.array_equal(answers, scorer.probabilities(columns))


def test_what_one_row_held_is_forgotten_with_the_next(scorer):
    columns, _ = make_voyages(2, CLASSES)
    first, second = rows_of(columns)
    alone = Alone(make_spec(CLASSES), scorer)
    before = alone.probabilities(first)
    blank = {**second, "hull.length": None, "label": None}

    assert alone.probabilities(blank) == Alone(make_spec(CLASSES), scorer).probabilities(blank)
    assert alone.probabilities(first) == before


def test_a_graph_that_answers_another_number_of_classes_is_an_error(scorer):
    columns, _ = make_voyages(1, CLASSES)

    with pytest.raises(GraphError, match="does not answer a row"):
        Alone(make_spec(2), scorer).probabilities(rows_of(columns)[0])


@pytest.mark.parametrize("texts", [[], ["", "a"], ["süd", "船", "a\nb", "'\"\\", "x" * 5000]])
def test_texts_are_kept_as_they_are(texts):
    kept = text_values(texts)

    assert {text: value.numpy().tolist() for text, value in kept.items()} == {text: [[text]] for text in texts}
