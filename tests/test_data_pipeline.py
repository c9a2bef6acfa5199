"""From a table as it came to rows that can train."""

import pandas as pd
import pytest

from headgate.data import clean, coerce
from headgate.errors import DataRejected
from headgate.spec import ModelSpec


def boats_spec(**data):
    return ModelSpec.model_validate({
        "name": "boats",
        "data": {"source": {"csv": "boats.csv"}, "max_removed_share": 0.5, **data},
        "columns": [
            {"name": "length", "kind": "number", "range": [0, 100], "outside": "drop"},
            {"name": "sails", "kind": "integer", "nullable": True},
            {"name": "harbour", "kind": "category", "categories": ["north", "south"]},
        ],
        "target": {"column": "sold", "classes": ["no", "yes"]},
        "algorithms": ["logistic_regression"],
    })


def boats(**changes):
    table = {"length": [7.5, 9.0, 12.0, 30.0], "sails": [1, 2, None, 4],
             "harbour": ["north", "south", "south", "north"], "sold": ["no", "yes", "no", "yes"]}
    return pd.DataFrame({**table, **changes})


def cleaned(table, spec=None, **options):
    spec = spec or boats_spec()
    return clean(coerce(table, spec).frame, spec, **options)


def test_clean_data_removes_nulls():
    result = cleaned(boats(length=[7.5, None, 12.0, 30.0], sold=["no", "yes", None, "yes"]))
    assert list(result.frame["length"]) == [7.5, 30.0]
    assert result.reasons == {"no target sold": 1, "null in length": 1}


def test_clean_data_keeps_a_null_where_the_spec_allows_one():
    result = cleaned(boats())
    assert len(result.frame) == 4 and result.frame["sails"].isna().sum() == 1
    assert result.reasons == {}


def test_clean_data_removes_duplicates():
    result = cleaned(pd.concat([boats(), boats().iloc[[1, 2]]], ignore_index=True))
    assert len(result.frame) == 4
    assert list(result.removed.index) == [4, 5]
    assert set(result.removed["reason"]) == {"duplicate of a row above"}


def test_clean_data_keeps_equal_rows_that_their_key_tells_apart():
    spec = boats_spec(key=["boat"])
    table = pd.concat([boats(), boats()], ignore_index=True).assign(boat=range(8))
    assert len(cleaned(table, spec).frame) == 8
    assert cleaned(table.assign(boat=[1, 2, 3, 4, 5, 6, 7, 7]), spec).reasons == {"same boat as a row above": 1}


def test_clean_data_removes_outliers_only_where_the_spec_says_drop():
    result = cleaned(boats(length=[7.5, 9.0, 12.0, 3000.0], sails=[1, 2, 3, 99]))
    assert result.reasons == {"length outside what model.yaml allows": 1}
    assert list(result.removed["length"]) == [3000.0]


def test_clean_data_keeps_the_limits_of_a_range_themselves():
    assert len(cleaned(boats(length=[0.0, 9.0, 12.0, 100.0])).frame) == 4
    assert len(cleaned(boats(length=[-1e-9, 9.0, 12.0, 100.0000001])).frame) == 2


@pytest.mark.parametrize("nulls, accepted", [(1, True), (2, True), (3, False)])
def test_clean_data_refuses_to_remove_more_than_its_share(nulls, accepted):
    lengths = [float(i) for i in range(1, 11)]
    table = pd.DataFrame({"length": [None] * nulls + lengths[nulls:], "sails": 1, "harbour": "north", "sold": "no"})
    spec = boats_spec(max_removed_share=0.2)
    if accepted:
        assert len(cleaned(table, spec).frame) == 10 - nulls
        return
    with pytest.raises(DataRejected, match="3 null in length.*30.0%.*20.0%"):
        cleaned(table, spec)
    assert len(cleaned(table, spec, check_limit=False).frame) == 7


def test_clean_data_answers_for_an_empty_table():
    result = cleaned(boats().iloc[:0])
    assert len(result.frame) == 0 and result.reasons == {}


def test_clean_data_leaves_its_argument_alone():
    typed = coerce(boats(length=[None, 9.0, 9.0, 300.0]), boats_spec()).frame
    before = typed.copy(deep=True)
    clean(typed, boats_spec(), check_limit=False)
    pd.testing.assert_frame_equal(typed, before)


def test_clean_data_finds_another_name_for_the_reason_where_a_column_has_it():
    table = boats(length=[None, 9.0, 12.0, 30.0]).assign(reason="bought")
    spec = boats_spec(key=["reason", "length"])
    result = cleaned(table, spec)
    assert result.reason_column == "reason_" and list(result.removed["reason_"]) == ["null in length"]
