"""One matrix, the two algorithms that model.yaml compares, their folds, and the graph of the better one."""

import runpy
from concurrent.futures import ThreadPoolExecutor

from benchmarks.bare_train.table import MODEL

FOLDS, SEED = 3, 0


def matrix_of(frame, spec):
    """Return (float32 matrix: numbers, engineered features, category codes; classes 0 or 1)."""
    import numpy
    import pandas

    numbers = {column["name"]: frame[column["name"]].to_numpy(dtype=float)
               for column in spec["columns"] if column["kind"] != "category"}
    with numpy.errstate(all="ignore"):
        numbers |= runpy.run_path(MODEL / "features.py")["engineer_features"](numbers)
    codes = [pandas.Categorical(frame[column["name"]], categories=column["categories"]).codes
             for column in spec["columns"] if column["kind"] == "category"]
    matrix = numpy.empty((len(frame), len(numbers) + len(codes)), dtype=numpy.float32)
    for place, values in enumerate((*numbers.values(), *codes)):
        matrix[:, place] = values
    return matrix, (frame["late"] == spec["target"]["classes"][1]).to_numpy(dtype=numpy.int64)


def estimator_of(name, spec):
    """Return an unfitted estimator of the two that model.yaml compares."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    parameters = spec["algorithms"][name]
    if name == "hist_gradient_boosting":
        return HistGradientBoostingClassifier(random_state=SEED, **parameters)
    sizes = [len(column["categories"]) for column in spec["columns"] if column["kind"] == "category"]
    numbers = [column for column in spec["columns"] if column["kind"] != "category"]
    nullable = [place for place, column in enumerate(numbers) if column.get("nullable")]
    return Linear(LogisticRegression(random_state=SEED, **{"max_iter": 1000, **parameters}), sizes, nullable)


class Linear:
    """Fill and scale numbers, mark what was missing, one-hot the category codes, then a logistic regression.

    By hand, because scikit-learn's ColumnTransformer takes four times as long for the same matrix.
    """

    def __init__(self, estimator, sizes, nullable):
        self.estimator, self.sizes, self.nullable = estimator, sizes, nullable

    def fit(self, matrix, y):
        import numpy

        numbers = matrix[:, :-len(self.sizes)]
        self.fill = numpy.array([numpy.median(values[~numpy.isnan(values)]) for values in numbers.T], numpy.float32)
        filled = numpy.where(numpy.isnan(numbers), self.fill, numbers)
        self.center, self.scale = filled.mean(axis=0, dtype=float), filled.std(axis=0, dtype=float)
        self.estimator.fit(self.inputs(matrix), y)
        return self

    def inputs(self, matrix):
        """Return the CSR matrix that the estimator takes; every row has the same number of cells."""
        import numpy
        from scipy.sparse import csr_matrix

        numbers, codes = matrix[:, :-len(self.sizes)], matrix[:, -len(self.sizes):]
        absent = numpy.isnan(numbers)
        scaled = (numpy.where(absent, self.fill, numbers) - self.center) / self.scale
        dense = numpy.concatenate([scaled, absent[:, self.nullable]], axis=1, dtype=numpy.float32)
        starts = dense.shape[1] + numpy.cumsum([0, *self.sizes])
        places = numpy.broadcast_to(numpy.arange(dense.shape[1], dtype=numpy.int32), dense.shape)
        places = numpy.concatenate([places, (codes + starts[:-1]).astype(numpy.int32)], axis=1)
        cells = numpy.concatenate([dense, (codes >= 0).astype(numpy.float32)], axis=1)
        ends = numpy.arange(0, cells.size + 1, cells.shape[1], dtype=numpy.int32)
        return csr_matrix((cells.ravel(), places.ravel(), ends), shape=(len(cells), int(starts[-1])))

    def predict(self, matrix):
        return self.estimator.predict(self.inputs(matrix))

    def predict_proba(self, matrix):
        return self.estimator.predict_proba(self.inputs(matrix))


def feature_names(spec):
    """Return the names of the matrix' columns."""
    import numpy

    numbers = [column["name"] for column in spec["columns"] if column["kind"] != "category"]
    with numpy.errstate(all="ignore"):
        made = runpy.run_path(MODEL / "features.py")["engineer_features"](dict.fromkeys(numbers, numpy.ones(1)))
    return [*numbers, *made, *(column["name"] for column in spec["columns"] if column["kind"] == "category")]


def compare(matrix, y, times, spec):
    """Return algorithm -> accuracy of each of three expanding windows; one thread per algorithm."""
    import numpy

    cuts = [int(numpy.searchsorted(times, times[len(times) * part // (FOLDS + 1)])) for part in range(1, FOLDS + 1)]
    cuts.append(len(times))

    def score(name):
        accuracies = []
        for start, end in zip(cuts, cuts[1:]):
            fitted = estimator_of(name, spec).fit(matrix[:start], y[:start])
            accuracies.append(float((fitted.predict(matrix[start:end]) == y[start:end]).mean()))
        return tuple(accuracies)

    with ThreadPoolExecutor(max_workers=4) as pool:
        return dict(zip(spec["algorithms"], pool.map(score, spec["algorithms"])))


def convert(fitted, matrix):
    """Return (graph of the estimator, function from a matrix to [labels, probabilities] through the graph)."""
    import onnxruntime
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType

    linear = isinstance(fitted, Linear)
    width = fitted.inputs(matrix[:1]).shape[1] if linear else matrix.shape[1]
    graph = to_onnx(fitted.estimator if linear else fitted, initial_types=[("X", FloatTensorType([None, width]))],
                    options={"zipmap": False}, target_opset={"": 21, "ai.onnx.ml": 3})
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = 1, 1
    session = onnxruntime.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])

    def run(rows):
        return session.run(None, {"X": fitted.inputs(rows).toarray() if linear else rows})

    return graph, run
