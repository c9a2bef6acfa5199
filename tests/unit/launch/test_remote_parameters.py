"""Parameters of a flow on the server, as a command line gives them."""

import pytest

from flows.launch.elsewhere import read_parameters
from headgate.errors import SpecError

TEXT, MAYBE = {"type": "string"}, {"anyOf": [{"type": "string"}, {"type": "null"}]}
SCHEMA = {"properties": {
    "model": TEXT, "as_of": MAYBE, "force": {"type": "boolean"},
    "watch": {"anyOf": [{"type": "number"}, {"type": "null"}]},
    "algorithm": {"anyOf": [{"type": "array", "items": TEXT}, {"type": "null"}]},
    "version": {"anyOf": [{"type": "string"}, {"type": "integer"}]}, "anything": {}}}


@pytest.mark.parametrize("text, name, value", [
    ("model=flights", "model", "flights"), ("model=1", "model", "1"), ("model=null", "model", "null"),
    ("model=a=b", "model", "a=b"), ("model=$(touch x); `y` \"z\"", "model", "$(touch x); `y` \"z\""),
    ("as_of=2014-01-01", "as_of", "2014-01-01"), ("as_of=null", "as_of", None), ("force=true", "force", True),
    ("watch=60", "watch", 60), ("watch=0.5", "watch", 0.5), ("algorithm=all", "algorithm", ["all"]),
    ('algorithm=["xgboost", "neural_net"]', "algorithm", ["xgboost", "neural_net"]),
    ("algorithm=null", "algorithm", None),
    ("version=3", "version", 3), ("version=challenger", "version", "challenger"), ("version=12e5", "version", "12e5"),
    ('anything={"a": 1}', "anything", {"a": 1})])
def test_each_value_is_what_the_parameter_takes(text, name, value):
    assert read_parameters("train", [text], SCHEMA) == {name: value}


def test_an_empty_value_leaves_the_deployments_own():
    assert read_parameters("train", ["model=", "force=false"], SCHEMA) == {"force": False}


@pytest.mark.parametrize("text", ["modle=x", "model", "=x"])
def test_a_parameter_there_is_not(text):
    with pytest.raises(SpecError, match="no such parameter"):
        read_parameters("train", [text], SCHEMA)
