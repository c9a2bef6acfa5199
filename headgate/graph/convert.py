"""One ONNX graph from raw columns to probabilities: the only door to ndonnx, onnx, skl2onnx and onnxmltools.

Three graphs are joined: columns to the estimator's matrix (traced by ndonnx), the estimator (converted), and its
answer to probabilities of every class and a label (traced by ndonnx).
"""

import warnings

import ndonnx as ndx
import numpy as np
import onnx
import onnx.numpy_helper
import onnx.version_converter
from google.protobuf.message import EncodeError
from onnx import compose

from headgate.errors import FeaturesError, GraphError
from headgate.graph.scorer import run_once
from headgate.learning.calendar import calendar_parts
from headgate.learning.features import offered_columns, without_noise
from headgate.learning.table import codes_of

OPSET, ML_OPSET, IR = 21, 4, 10
TRIED = 64
_SHAPES = {}        # what was found out in this process; tracing takes a fifth of a second
MATRIX, ANSWER = "headgate/matrix", "headgate/answer"


def preload():
    """Import the converters now (two seconds), while something else is being waited for."""
    from skl2onnx import to_onnx
    return to_onnx


def build_graph(pipeline, spec):
    """Return the bytes of one ONNX model for a FittedPipeline.

    Inputs: one per raw column, (N, 1), named as the column; double (NaN missing), or string ("" missing) for a
    category. Outputs, in this order: probabilities (N, k) float in the order of spec.target.classes, label (N,)
    int64 after the threshold. (A column called `label` or `probabilities` makes the output end in `_`.)
    Raises GraphError if there is no valid graph.
    """
    if pipeline.estimator is None:
        raise GraphError("The training rows hold a single class, so there is nothing to convert.",
                         value=spec.target.classes[pipeline.present[0]], remedy="Train on rows of every class.")
    estimator, answer = _estimator_graph(pipeline), _answer_graph(pipeline.present, spec)
    try:
        graph = _join(_column_graph(pipeline, spec), MATRIX, estimator, estimator.graph.input[0].name)
        graph = _named(_join(graph, "estimator/probabilities", answer, ANSWER), spec.column_names,
                       [_free(name, spec.column_names) for name in ("probabilities", "label")])
        onnx.checker.check_model(graph)
        return graph.SerializeToString()
    except (onnx.checker.ValidationError, EncodeError, ValueError) as error:
        raise GraphError(f"{pipeline.algorithm} has no valid graph.", value=str(error)[:300]) from error


def _join(first, output, second, entry):
    """Join two graphs where `output` of the first feeds `entry` of the second; keeps the second's outputs."""
    wanted = [one.name for one in second.graph.output]
    if len(wanted) > 1 and "estimator/probabilities" in wanted:
        wanted = ["estimator/probabilities"]
    return compose.merge_models(first, second, io_map=[(output, entry)], outputs=wanted)


def trace_features(features, spec):
    """Return the bytes of a graph from the raw numeric columns to the engineered features (N, m) double.

    Empty if there are none. Raises FeaturesError if `engineer_features` cannot be traced.
    """
    arguments = {column.name: _argument(column) for column in spec.columns if column.kind != "category"}
    engineered = _engineered(features, spec, arguments)
    if not engineered:
        return b""
    graph = _build(arguments, {"answer": engineered[0]})
    return _named(graph, tuple(arguments), [_free("features", arguments)]).SerializeToString()


def _argument(column):
    return ndx.argument(shape=("N", 1), dtype=ndx.utf8 if column.kind == "category" else ndx.float64)


def _engineered(features, spec, arguments):
    """Return [the traced features as (N, m) float64], or [] without any.

    Each node costs a single row a third of a microsecond. So they are rounded together, and computed on the inputs'
    own shape (N, 1) where that gives the same as on (N,), which is what `engineer_features` was promised.
    """
    if features is None:
        return []
    known = features.digest, tuple((column.name, column.kind) for column in spec.columns)
    shape = _SHAPES[known] = _SHAPES.get(known) or _shape(features, spec)
    answer = _apply(features, spec, arguments, shape)
    if not answer:
        return []
    if shape == (-1, 1):
        return [without_noise(ndx.concat(list(answer.values()), axis=1))]
    stacked = without_noise(ndx.concat(list(answer.values()), axis=0))
    return [ndx.permute_dims(ndx.reshape(stacked, (len(answer), -1)), (1, 0))]


def _shape(features, spec):
    """Return the shape to trace on: (-1, 1) if `engineer_features` answers there as it does on (-1,)."""
    raw = np.random.default_rng(0).normal(0, 50, (TRIED, len(spec.columns)))
    raw[0] = np.nan
    columns = {column.name: raw[:, place] for place, column in enumerate(spec.columns)}
    try:
        graphs = [_features_alone(features, spec, shape) for shape in ((-1, 1), (-1,))]
        tall, flat = (run_once(graph, columns) for graph in graphs)
    except Exception:       # whatever does not work there is told, if it does not work on (N,) either
        return (-1,)
    same = tall.shape == flat.shape and np.isclose(tall, flat, rtol=1e-9, atol=1e-11, equal_nan=True).all()
    return (-1, 1) if same else (-1,)


def _features_alone(features, spec, shape):
    arguments = {column.name: _argument(column) for column in spec.columns if column.kind != "category"}
    columns = [ndx.reshape(one, (-1, 1)) for one in _apply(features, spec, arguments, shape).values()]
    if not columns:
        raise FeaturesError("There are no features to compare.")
    graph = _build(arguments, {"answer": ndx.concat(columns, axis=1)})
    return _named(graph, tuple(arguments), [_free("features", arguments)]).SerializeToString()


def _apply(features, spec, arguments, shape):
    given = {name: value if shape == (-1, 1) else ndx.reshape(value, shape)
             for name, value in arguments.items() if value.dtype == ndx.float64}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*lossy cast.*")
        return features.apply(offered_columns(spec, given))


def _column_graph(pipeline, spec):
    arguments = {column.name: _argument(column) for column in spec.columns}
    numbers = []
    for column in spec.columns:
        if column.numeric:
            numbers.append(arguments[column.name])
        elif column.kind == "datetime":
            numbers.extend(calendar_parts(column.name, arguments[column.name]).values())
    numbers += _engineered(pipeline.features, spec, arguments)
    parts = _number_parts(pipeline.encoding, numbers) + _category_parts(pipeline.encoding, arguments)
    return _build(arguments, {MATRIX: ndx.concat(parts, axis=1)})


def _number_parts(encoding, numbers):
    if not numbers:
        return []
    values = ndx.astype(ndx.concat(numbers, axis=1), ndx.float32)
    if encoding.style == "plain":
        return [values]
    absent = ndx.isnan(values)
    filled = ndx.where(absent, ndx.asarray(encoding.fill), values)
    if encoding.style == "one_hot":
        filled = (filled - ndx.asarray(encoding.center)) / ndx.asarray(encoding.scale)
    nullable = np.array(encoding.layout.nullable, dtype=np.int64)
    flags = [ndx.astype(ndx.take(absent, ndx.asarray(nullable), axis=1), ndx.float32)] if len(nullable) else []
    return [filled, *flags]


def _category_parts(encoding, arguments):
    missing = {"plain": float("nan"), "filled": -1.0}
    parts = []
    for name, categories in encoding.layout.categories:
        unknown = len(categories)
        if encoding.style == "one_hot":
            position = ndx.extensions.static_map(arguments[name], codes_of(categories, unknown), -1)
            parts.append(ndx.astype(position == ndx.asarray(np.arange(unknown + 1)), ndx.float32))
        else:
            codes = codes_of(categories, missing[encoding.style])
            code = ndx.extensions.static_map(arguments[name], {text: float(one) for text, one in codes.items()},
                                             float(unknown))
            parts.append(ndx.astype(code, ndx.float32))
    return parts


def _estimator_graph(pipeline):
    width = len(pipeline.encoding.names)
    try:
        if pipeline.algorithm == "xgboost":
            model = _convert_xgboost(pipeline.estimator, width)
        else:
            model = _convert_sklearn(pipeline.estimator, width)
    except (RuntimeError, TypeError, ValueError, AttributeError, LookupError) as error:
        raise GraphError(f"{pipeline.algorithm} cannot be converted.", value=str(error)[:300]) from error
    return compose.add_prefix(_plain(model), "estimator/")


def _convert_sklearn(estimator, width):
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType

    return to_onnx(estimator, initial_types=[("X", FloatTensorType([None, width]))],
                   options={"zipmap": False}, target_opset={"": OPSET, "ai.onnx.ml": 3})


def _convert_xgboost(estimator, width):
    from onnxmltools.convert import convert_xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType

    return convert_xgboost(estimator, initial_types=[("X", FloatTensorType([None, width]))])


def _answer_graph(present, spec):
    """From the probabilities of the classes that were present to those of every class, and the label."""
    answer = ndx.argument(shape=("N", len(present)), dtype=ndx.float32)
    spread = answer
    if len(present) < len(spec.target.classes):
        place = np.zeros((len(present), len(spec.target.classes)), np.float32)
        place[np.arange(len(present)), present] = 1.0
        spread = ndx.matmul(answer, ndx.asarray(place))
    if spec.binary:
        label = ndx.astype(ndx.astype(spread[:, 1], ndx.float64) >= spec.target.threshold, ndx.int64)
    else:
        label = ndx.argmax(spread, axis=1)
    outputs = {"all": spread + 0.0, "label": label}
    return compose.add_prefix(_plain(ndx.build({ANSWER: answer}, outputs)), "answer/", rename_inputs=False)


def _build(arguments, outputs):
    """Build a graph whose inputs are called by position: a column may be called as a part of the graph is."""
    return _plain(ndx.build({f"input/{place}": one for place, one in enumerate(arguments.values())}, outputs))


def _named(model, inputs, outputs):
    """Give inputs and outputs their names in order, and put every name inside out of their way."""
    prefix = "headgate/"
    while any(name.startswith(prefix) for name in (*inputs, *outputs)):
        prefix = f"_{prefix}"
    model = compose.add_prefix(model, prefix)
    graph = model.graph
    for place, (one, name) in enumerate(zip(graph.input, inputs)):
        graph.node.insert(place, onnx.helper.make_node("Identity", [name], [one.name]))
        one.name = name
    for one, name in zip(graph.output, outputs):
        graph.node.append(onnx.helper.make_node("Identity", [one.name], [name]))
        one.name = name
    return model


def _free(name, taken):
    """Return `name`, with as many `_` after it as it takes not to be among `taken`."""
    while name in taken:
        name += "_"
    return name


def _plain(model):
    """Lift a graph to the opsets that all three parts share, without metadata of its maker."""
    stated = max([one.version for one in model.opset_import if one.domain == ""], default=OPSET)
    if stated < OPSET:
        model = onnx.version_converter.convert_version(model, OPSET)
    del model.opset_import[:]
    model.opset_import.extend([onnx.helper.make_opsetid("", OPSET), onnx.helper.make_opsetid("ai.onnx.ml", ML_OPSET)])
    model.ir_version = IR
    del model.metadata_props[:]
    return _with_double_cosines(model)


def _with_double_cosines(model):
    """Replace `cos` of a double, which ndonnx computes in 32 bits, by `sin(x + pi/2)` in 64 bits."""
    graph, half_pi = model.graph, "headgate/half_pi"
    makers = {output: node for node in graph.node for output in node.output}
    for node in [node for node in graph.node if node.op_type == "Cos"]:
        cast = makers.get(node.input[0])
        if cast is None or cast.op_type != "Cast":
            continue
        cast.op_type, node.op_type = "Add", "Sin"
        del cast.attribute[:]
        cast.input.append(half_pi)
        if half_pi not in {one.name for one in graph.initializer}:
            graph.initializer.append(onnx.numpy_helper.from_array(np.float64(np.pi / 2), half_pi))
    del graph.value_info[:]
    return model
