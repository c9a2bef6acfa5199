"""A tiny model as a bundle: one number and one category in, two classes out."""

import json
from pathlib import Path

from onnx import TensorProto, checker, helper

from headgate.bundle import seal
from headgate.bundle.golden import golden_columns
from headgate.graph.scorer import Scorer

SPEC = {
    "name": "kettle", "data": {"source": {"csv": "kettle.csv"}},
    "columns": [{"name": "water level", "kind": "number", "nullable": True},
                {"name": "maker", "kind": "category", "categories": ["a", "b"], "nullable": True}],
    "target": {"column": "boils", "classes": ["no", "yes"]}, "algorithms": ["logistic_regression"]}
COLUMNS = {"water level": [0.0, 1.5, -2.0, 3.0], "maker": ["a", "b", "a", None]}


def write_bundle(folder, *, model="kettle", bias=0.0, decision="promote", tolerance=1e-6, spec=None, golden=None,
                 graph=None):
    """Write and seal a bundle into the new `folder`; another `bias` makes another digest; return the folder.

    spec : parts of the spec that are other than SPEC's. golden : column -> cells of its golden rows.
    graph : another one than tiny_graph(bias).
    """
    folder = Path(folder)
    (folder / "plots").mkdir(parents=True)
    (folder / "model.onnx").write_bytes((graph or tiny_graph(bias)).SerializeToString())
    verdict = {"promote": "pass", "hold": "hold", "reject": "fail"}[decision]
    parts = {
        "spec": {**SPEC, "name": model, **(spec or {})},
        "lineage": {"model": model, "algorithm": "logistic_regression", "parameters": {"C": 1.0}, "seed": 0,
                    "spec_digest": "5" * 64, "data_digest": "d" * 64, "as_of": "2026-01-01", "git_commit": "c" * 40,
                    "training_rows": 80, "holdout_rows": 20, "libraries": {"numpy": "2"}, "python": "3.11",
                    "platform": "Linux", "lock_digest": "1" * 64, "folds": [0.91, 0.9, 0.92], "data": None,
                    "source_fingerprint": "f" * 64, "holdout": {"share": 0.2}},
        "evaluation": {"metrics": {"accuracy": 0.9 + bias / 100, "roc_auc": None}, "interval": [0.85, 0.95],
                       "importance": {"water level": 0.2, "maker": 0.1}, "folds": [0.91, 0.9, 0.92],
                       "slices": [{"column": "maker", "value": "a", "accuracy": 0.93, "rows": 9}]},
        "gates": {"decision": decision, "gates": [{"name": "accuracy", "observed": 0.9, "limit": 0.9,
                                                   "verdict": verdict, "sentence": "As it should be.", "details": {}}]}}
    for name, part in parts.items():
        (folder / f"{name}.json").write_text(json.dumps(part), encoding="utf-8")
    (folder / "report.html").write_text("<p>kettle</p>", encoding="utf-8")
    (folder / "plots" / "roc.png").write_bytes(b"not really a picture")
    _write_golden(folder, tolerance, golden or COLUMNS)
    seal(folder, model)
    return folder


def tiny_graph(bias, level="Identity"):
    """Return probability = sigmoid(water level + maker + bias), nulls as 0, classes no and yes.

    level : ONNX operator that the level goes through first, such as Log, which has no answer under 0.
    """
    nodes = [helper.make_node("Cast", ["water level"], ["level"], to=TensorProto.FLOAT),
             helper.make_node("IsNaN", ["level"], ["gone"]),
             helper.make_node("Where", ["gone", "zero", "level"], ["raw"]),
             helper.make_node(level, ["raw"], ["x"]),
             helper.make_node("LabelEncoder", ["maker"], ["m"], domain="ai.onnx.ml", keys_strings=["a", "b"],
                              values_floats=[0.0, 1.0], default_float=0.5),
             helper.make_node("Sum", ["x", "m", "bias"], ["s"]), helper.make_node("Sigmoid", ["s"], ["yes"]),
             helper.make_node("Sub", ["one", "yes"], ["no"]),
             helper.make_node("Concat", ["no", "yes"], ["probabilities"], axis=1),
             helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0)]
    inputs = [helper.make_tensor_value_info("water level", TensorProto.DOUBLE, [None, 1]),
              helper.make_tensor_value_info("maker", TensorProto.STRING, [None, 1])]
    outputs = [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 2]),
               helper.make_tensor_value_info("label", TensorProto.INT64, [None])]
    constants = [helper.make_tensor(name, TensorProto.FLOAT, [1], [value])
                 for name, value in (("one", 1.0), ("zero", 0.0), ("bias", bias))]
    graph = helper.make_graph(nodes, "kettle", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)],
                              ir_version=9)
    checker.check_model(model)
    return model


def endless_graph(above):
    """Return the tiny graph, which never comes to an end for a level over `above`."""
    model = tiny_graph(0.0)
    nodes = {node.output[0]: node for node in model.graph.node}
    nodes["x"].input[0] = "held"
    scalar = [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in (
        ("i", TensorProto.INT64, []), ("go", TensorProto.BOOL, []), ("v", TensorProto.FLOAT, None),
        ("go_on", TensorProto.BOOL, []), ("w", TensorProto.FLOAT, None))]
    body = helper.make_graph([helper.make_node("Identity", ["go"], ["go_on"]),
                              helper.make_node("Identity", ["v"], ["w"])], "body", scalar[:3], scalar[3:])
    before = [helper.make_node("ReduceMax", ["raw"], ["most"], keepdims=0),
              helper.make_node("Greater", ["most", "above"], ["never"]),
              helper.make_node("Loop", ["", "never", "raw"], ["held"], body=body)]
    whole = list(model.graph.node)
    place = whole.index(nodes["x"])
    del model.graph.node[:]
    model.graph.node.extend([*whole[:place], *before, *whole[place:]])
    model.graph.initializer.append(helper.make_tensor("above", TensorProto.FLOAT, [], [above]))
    checker.check_model(model)
    return model


def make_endless(folder, model="kettle", *, above=-1e9):
    """Put the endless graph into a bundle and seal it again: nobody could have judged it."""
    (folder / "model.onnx").write_bytes(endless_graph(above).SerializeToString())
    seal(folder, model)
    return folder


def _write_golden(folder, tolerance, columns):
    golden = {"columns": columns, "probabilities": [], "tolerance": tolerance}
    (folder / "golden.json").write_text(json.dumps(golden), encoding="utf-8")
    answered = Scorer(folder / "model.onnx").probabilities(golden_columns(folder))
    golden["probabilities"] = answered.tolist()
    (folder / "golden.json").write_text(json.dumps(golden), encoding="utf-8")
