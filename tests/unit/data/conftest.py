"""A small spec and its folder, to be bent by each test."""

import copy

import pytest

from headgate.spec import ModelSpec

SHOP = {
    "name": "shop",
    "data": {"source": {"csv": "shop.csv"}},
    "columns": [
        {"name": "price", "kind": "number", "nullable": True},
        {"name": "items", "kind": "integer", "nullable": True},
        {"name": "gift", "kind": "boolean", "nullable": True},
        {"name": "city", "kind": "category", "categories": ["Oslo", "007", "1"], "nullable": True},
    ],
    "target": {"column": "returned", "classes": ["0", "1"]},
    "algorithms": ["logistic_regression"],
}
TABLE = """price,items,gift,city,returned
1.5,1,true,Oslo,0
2.5,2,false,007,1
,3,,1,0
4.5,,true,,1
"""


@pytest.fixture
def make_spec():
    """Return a function that builds the spec with changed parts: make_spec(data={...}, columns=[...])."""
    def build(**changes):
        document = copy.deepcopy(SHOP)
        data = changes.pop("data", {})
        return ModelSpec.model_validate({**document, **changes, "data": {**document["data"], **data}})
    return build


@pytest.fixture
def folder(tmp_path):
    """A model folder that holds shop.csv."""
    (tmp_path / "shop.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path
