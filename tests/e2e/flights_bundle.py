"""A bundle of a model named flights, with the columns of the example but a rule instead of what is learnt."""

import json
from pathlib import Path

from onnx import TensorProto, helper

from headgate.bundle import seal
from headgate.bundle.canonical import canonical_json
from headgate.bundle.golden import golden_columns
from headgate.graph.scorer import Scorer

ROW = {"dep_delay": 0, "month": 1, "day": 1, "hour": 8, "minute": 0, "sched_arr_time": 1000, "distance": 500,
       "carrier": "UA", "origin": "EWR", "dest": "IAH"}


def write_flights(folder, spec):
    """Write and seal a bundle for the ModelSpec of flights, late when it left late; return the folder."""
    folder = Path(folder)
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(late_when_it_left_late(spec).SerializeToString())
    columns = {column.name: [ROW.get(column.name), ROW.get(column.name)] for column in spec.columns}
    golden = {"columns": columns | {"dep_delay": [-5.0, 60.0]}, "probabilities": [], "tolerance": 1e-6}
    parts = {"spec": spec.model_dump(mode="json"), "golden": golden, "gates": {"decision": "promote", "gates": []},
             "lineage": {"algorithm": "rule"}, "evaluation": {"metrics": {"accuracy": 0.9}}}
    for name, part in parts.items():
        (folder / f"{name}.json").write_text(canonical_json(part), encoding="utf-8")
    golden["probabilities"] = Scorer(folder / "model.onnx").probabilities(golden_columns(folder)).tolist()
    (folder / "golden.json").write_text(json.dumps(golden), encoding="utf-8")
    seal(folder, spec.name)
    return folder


def late_when_it_left_late(spec):
    """Return a graph of every column in which only dep_delay counts: half at 15 minutes."""
    inputs = [helper.make_tensor_value_info(
        column.name, TensorProto.STRING if column.kind == "category" else TensorProto.DOUBLE, [None, 1])
        for column in spec.columns]
    nodes = [helper.make_node("Cast", ["dep_delay"], ["delay"], to=TensorProto.FLOAT),
             helper.make_node("Sub", ["delay", "limit"], ["over"]), helper.make_node("Div", ["over", "scale"], ["x"]),
             helper.make_node("Sigmoid", ["x"], ["late"]), helper.make_node("Sub", ["one", "late"], ["in time"]),
             helper.make_node("Concat", ["in time", "late"], ["probabilities"], axis=1),
             helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0)]
    outputs = [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 2]),
               helper.make_tensor_value_info("label", TensorProto.INT64, [None])]
    constants = [helper.make_tensor(name, TensorProto.FLOAT, [1], [value])
                 for name, value in (("one", 1.0), ("limit", 15.0), ("scale", 20.0))]
    graph = helper.make_graph(nodes, "flights", inputs, outputs, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
