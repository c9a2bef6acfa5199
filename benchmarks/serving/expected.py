"""What the graph of a bundle answers, and rows that it can be asked about, as requests have them."""

import json


def expected(prepared, rows):
    """Return the probability of the last class for each row (a dict), by the bundle's graph without a server."""
    import numpy
    from headgate.graph.scorer import Scorer

    columns = {}
    for column in prepared.spec["columns"]:
        values = [row[column["name"]] for row in rows]
        if column["kind"] == "category":
            columns[column["name"]] = numpy.array(["" if one is None else one for one in values], dtype=object)
        else:
            columns[column["name"]] = numpy.array(values, dtype=float)
    return Scorer(prepared.bundle / "model.onnx").probabilities(columns)[:, -1].tolist()


def golden_rows(bundle):
    """Return the golden rows of a bundle as dicts."""
    columns = json.loads((bundle / "golden.json").read_text(encoding="utf-8"))["columns"]
    return [dict(zip(columns, values)) for values in zip(*columns.values())]
