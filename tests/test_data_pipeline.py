"""From a table as it came to rows that can train."""

import numpy as np
import pandas as pd
import pytest

from headgate.data import clean, coerce, to_columns
from headgate.errors import DataRejected
from headgate.learning.features import Features, check_features, engineer
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


FEATURES = '''
def engineer_features(columns):
    length, sails = columns["length"], columns["sails"]
    xp = length.__array_namespace__()
    return {
        "length_squared": length ** 2,
        "length_cubed": length ** 3,
        "length_by_sails": length * sails,
        "length_per_sail": length / xp.where(sails > 0, sails, xp.ones_like(sails)),
        "length_log": xp.log1p(length),
        "length_bin": xp.astype(length >= 8, xp.float64) + xp.astype(length >= 20, xp.float64),
    }
'''


def engineered(table):
    """The features of the boats that are left after cleaning, as the pipeline computes them."""
    columns = to_columns(cleaned(table).frame, boats_spec())
    check_features(Features(FEATURES), boats_spec(), columns)
    return engineer(boats_spec(), Features(FEATURES), columns)


def test_engineer_features_creates_expected_features():
    made = engineered(boats(sails=[1, 2, 0, 4]))

    assert list(made) == ["length_squared", "length_cubed", "length_by_sails", "length_per_sail", "length_log",
                          "length_bin"]
    assert all(values.shape == (4,) and values.dtype == float for values in made.values())
    assert made["length_per_sail"].tolist() == [7.5, 4.5, 12.0, 7.5]
    assert made["length_bin"].tolist() == [0, 1, 1, 2]
    assert made["length_log"] == pytest.approx([2.1400661635, 2.3025850930, 2.5649493575, 3.4339872045])


def test_engineer_features_polynomial():
    made = engineered(boats(sails=[1, 2, 0, 4]))

    assert made["length_squared"].tolist() == [56.25, 81.0, 144.0, 900.0]
    assert made["length_cubed"].tolist() == [421.875, 729.0, 1728.0, 27000.0]


def test_engineer_features_interactions():
    made = engineered(boats(sails=[1, 2, 0, 4]))

    assert made["length_by_sails"].tolist() == [7.5, 18.0, 0.0, 120.0]


def test_engineer_features_handles_edge_cases():
    with_null = engineered(boats(length=[0.0, 100.0, 12.0, 30.0], sails=[1, 0, None, 4]))

    assert with_null["length_squared"].tolist() == [0.0, 10000.0, 144.0, 900.0]
    assert with_null["length_per_sail"][:2].tolist() == [0.0, 100.0], "no sail divides by one, not by zero"
    assert np.isnan(with_null["length_by_sails"]).tolist() == [False, False, True, False], "a null stays a null"
    none = to_columns(coerce(boats(), boats_spec()).frame.iloc[:0], boats_spec())
    assert {values.shape for values in engineer(boats_spec(), Features(FEATURES), none).values()} == {(0,)}
    assert engineer(boats_spec(), None, none) == {}, "a model without features.py has no engineered features"
