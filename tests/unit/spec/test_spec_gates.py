"""Which gates run: the defaults, what a spec states, and none at all."""

import pytest
from pydantic import ValidationError

from headgate.spec import ModelSpec

ORDER = ["accuracy", "cross_validation", "baseline", "champion", "slices", "calibration", "parity", "cost"]
SHOP = {"name": "shop", "data": {"source": {"csv": "shop.csv"}}, "columns": [{"name": "price", "kind": "number"}],
        "target": {"column": "bought", "classes": ["no", "yes"]}, "algorithms": ["xgboost"]}


def gates(*stated, **more):
    return ModelSpec.model_validate({**SHOP, "gates": list(stated), **more}).all_gates


def test_gates_left_out_have_their_defaults_in_order():
    everything = ModelSpec.model_validate(SHOP).all_gates
    assert [gate.gate for gate in everything] == ORDER
    assert everything[0].at_least == 0.90 and everything[3].margin == 0.02


def test_a_gate_stated_keeps_its_place_and_the_others_their_defaults():
    found = gates({"gate": "cost", "max_milliseconds": 1}, {"gate": "accuracy", "at_least": 0.7})
    assert [gate.gate for gate in found] == ORDER
    assert found[0].at_least == 0.7 and found[-1].max_milliseconds == 1 and found[-1].max_megabytes == 200


def test_another_metric_is_gated_beside_accuracy_and_not_instead():
    found = gates({"gate": "metric", "metric": "recall", "at_least": 0.6},
                  {"gate": "metric", "metric": "log_loss", "at_most": 0.4})
    assert [getattr(gate, "metric", gate.gate) for gate in found] == ["accuracy", "recall", "log_loss", *ORDER[1:]]
    assert found[0].at_least == 0.90


def test_an_empty_list_means_no_gate_at_all():
    assert gates() == ()


@pytest.mark.parametrize("stated, told", [
    ({"gate": "metric", "metric": "recall"}, "recall needs at_least"),
    ({"gate": "metric", "metric": "log_loss", "at_least": 0.5}, "log_loss is gated by at_most"),
    ({"gate": "accuracy", "at_least": float("nan")}, "a share from 0 to 1"),
    ({"gate": "accuracy", "at_least": 1.01}, "a share from 0 to 1"),
    ({"gate": "champion", "margin": 0}, "greater than 0"),
    ({"gate": "champion", "margin": float("nan")}, "a finite number"),
    ({"gate": "cost", "max_milliseconds": float("inf")}, "a finite number"),
    ({"gate": "cross_validation", "folds": 1}, "greater than or equal to 2"),
    ({"gate": "parity", "tolerance": 1}, "less than or equal to 0.1")])
def test_a_limit_that_cannot_be_meant_is_refused(stated, told):
    with pytest.raises(ValidationError, match=told):
        gates(stated)


@pytest.mark.parametrize("stated, told", [
    ([{"gate": "accuracy", "at_least": 0.8}, {"gate": "accuracy", "at_least": 0.9}], "'accuracy' stated twice"),
    ([{"gate": "accuracy"}, {"gate": "metric", "metric": "accuracy", "at_least": 0.9}], "'accuracy' stated twice"),
    ([{"gate": "metric", "metric": "recall", "at_least": 0.8}] * 2, "'recall' stated twice"),
    ([{"gate": "cost", "max_milliseconds": 3}, {"gate": "cost", "max_milliseconds": 5}], "'cost' stated twice"),
    ([{"gate": "baseline", "rule": {"column": "price", "at_least": limit}} for limit in (1, 2)], "'baseline' stated")])
def test_a_gate_stated_twice_is_refused(stated, told):
    with pytest.raises(ValidationError, match=told):
        gates(*stated)


def test_a_slice_may_be_named_by_its_column_alone():
    named, stated = (ModelSpec.model_validate({**SHOP, "slices": slices, "columns": [
        {"name": "price", "kind": "number"}, {"name": "gift", "kind": "boolean"}]})
        for slices in (["gift"], [{"column": "gift"}]))
    assert named.slices == stated.slices and named.slices[0].at_least is None


def test_a_rule_of_one_column_needs_two_classes():
    three = {**SHOP["target"], "classes": ["a", "b", "c"]}
    with pytest.raises(ValidationError, match="needs a binary target"):
        gates({"gate": "baseline", "rule": {"column": "price", "at_least": 1}}, target=three)
