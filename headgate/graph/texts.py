"""Texts as values that ONNX Runtime holds, so that they need not be handed over anew with each run.

It makes such values of numbers only; texts it keeps if a graph answers them. So a graph is written that does nothing
else, in the few fields of ONNX's wire format that this takes (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto),
since who serves does not have the library for it.
"""

import onnxruntime

IR_VERSION, OPSET, STRING, TENSOR_ATTRIBUTE = 8, 13, 8, 4


def text_values(texts):
    """Return text -> OrtValue of shape (1, 1), for each of a list of different texts."""
    if not texts:
        return {}
    session = onnxruntime.InferenceSession(_graph_of(texts), providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    for one in session.get_outputs():
        binding.bind_output(one.name)
    session.run_with_iobinding(binding)
    return dict(zip(texts, binding.get_outputs()))


def _graph_of(texts):
    """Return a model (bytes) without inputs whose outputs are the texts."""
    names = [b"%d" % place for place in range(len(texts))]
    nodes = b"".join(_field(1, _constant(name, text)) for name, text in zip(names, texts))
    outputs = b"".join(_field(12, _field(1, name)) for name in names)
    graph = nodes + _field(2, b"texts") + outputs
    return _field(1, IR_VERSION) + _field(7, graph) + _field(8, _field(2, OPSET))


def _constant(name, text):
    tensor = _field(1, 1) + _field(1, 1) + _field(2, STRING) + _field(6, text.encode())
    value = _field(1, b"value") + _field(5, tensor) + _field(20, TENSOR_ATTRIBUTE)
    return _field(2, name) + _field(4, b"Constant") + _field(5, value)


def _field(number, value):
    """Return one field of a protobuf message: a whole number, or bytes with their length before them."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value):
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    return bytes((*written, value))
