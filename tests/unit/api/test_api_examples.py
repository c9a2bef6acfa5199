"""The rows that the documentation and the front page show: plausible, and always such as the model takes."""

import pytest

from api.openapi.rows import example_row, row_schema
from headgate.rows.single import RowReader
from headgate.spec import ModelSpec

COLUMNS = [{"name": "price", "kind": "number", "range": [0, 1000]},
           {"name": "visits", "kind": "integer", "range": [1, 90]},
           {"name": "left", "kind": "number"},
           {"name": "paid", "kind": "boolean"},
           {"name": "opened", "kind": "datetime"},
           {"name": "colour", "kind": "category", "categories": ["red", "blue"]}]
SEEN = {"price": {"quantiles": [0.0, 12.34567, 1000.0]}, "visits": {"quantiles": [1.0, 2.5, 90.0]},
        "left": {"quantiles": [-1.0, -0.25, 7.0]}, "paid": {"quantiles": [0.0, 0.0, 1.0]},
        "opened": {"first": "2025-01-01", "last": "2026-01-01"}, "colour": {"counts": {"red": 3, "blue": 9}}}


def spec(**more):
    return ModelSpec.model_validate({
        "name": "shop", "data": {"source": {"csv": "shop.csv"}}, "columns": [column | more for column in COLUMNS],
        "target": {"column": "bought", "classes": ["no", "yes"]}, "algorithms": {"logistic_regression": {}}})


def test_an_example_is_the_middle_of_training():
    assert example_row(spec(), SEEN) == {"price": 12.35, "visits": 2, "left": -0.25, "paid": False,
                                         "opened": "2026-03-01T08:30:00Z", "colour": "blue"}


def test_what_is_private_is_not_shown():
    assert example_row(spec(private=True), SEEN) == example_row(spec())


@pytest.mark.parametrize("seen", [
    None, SEEN, {}, {name: {} for name in SEEN}, SEEN | {"colour": {"counts": {"green": 5}}},
    SEEN | {"price": {"quantiles": [-5.0]}, "visits": {"quantiles": [200.0]}, "left": {"quantiles": [1e300]}}])
def test_the_model_takes_its_example(seen):
    row = example_row(spec(), seen)
    assert RowReader(spec()).problems(row) == []
    assert row_schema(spec(), seen)["examples"] == [row]
