"""What `mlflow models serve` needs to know of a graph: its inputs, its outputs, and a few example rows."""

from headgate.bundle import read_golden

KINDS = {"tensor(string)": "str", "tensor(double)": "float64", "tensor(float)": "float32", "tensor(int64)": "int64",
         "tensor(bool)": "bool"}
ROWS = 3


def graph_interface(graph):
    """Return (inputs, outputs) of the graph in bytes `graph`, each a list of (name, NumPy type, shape); -1 is any.

    Inputs are (n, 1) each, so that MLflow's server takes plain rows as well as columns of them.
    """
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    return [_interface(one) for one in session.get_inputs()], [_interface(one) for one in session.get_outputs()]


def example_rows(folder):
    """Return the first golden rows: column -> list, missing text as "", missing numbers as NaN."""
    return {name: _cells(values) for name, values in read_golden(folder)["columns"].items()}


def _interface(node):
    shape = [-1 if place == 0 or not isinstance(size, int) else size for place, size in enumerate(node.shape)]
    return node.name, KINDS[node.type], shape


def _cells(values):
    if any(isinstance(value, str) for value in values):
        return ["" if value is None else value for value in values[:ROWS]]
    return [float("nan") if value is None else float(value) for value in values[:ROWS]]
