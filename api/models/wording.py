"""The answers to a batch of rows as JSON, put together from pieces that were written once.

The digits come from orjson, a column at a time; no object is made for a row, so none has to be collected.
"""

import numpy as np
import orjson


class RowsWriter:
    """Writes what is said of each row of a batch. names, labels : of the classes, in their order."""

    def __init__(self, names, labels):
        texts = [orjson.dumps(name) for name in names]
        self._heads = [b'"},{"prediction":%b,"label":%b,"probability":' % (text, orjson.dumps(label))
                       for text, label in zip(texts, labels)]
        self._shares = [b'%b%b:' % (b',"probabilities":{' if place == 0 else b',', text)
                        for place, text in enumerate(texts)]

    def write(self, shares, chosen, stem):
        """Return a JSON list (bytes) with an object for each row.

        shares : float64 (n, k), n at least 1. chosen : int (n,), positions of classes. stem : of their ids.
        """
        rows = len(chosen)
        columns = [map(self._heads.__getitem__, chosen.tolist()), _digits(shares[np.arange(rows), chosen])]
        for place, before in enumerate(self._shares):
            columns += [[before] * rows, _digits(shares[:, place])]
        columns += [[b'},"prediction_id":"%b' % orjson.dumps(stem)[1:-1]] * rows, _digits(np.arange(rows))]
        pieces = [b""] * (rows * len(columns))
        for place, column in enumerate(columns):
            pieces[place::len(columns)] = column
        written = b"".join(pieces)
        return b'[%b"}]' % written[3:]


def _digits(values):
    """Return the JSON of each number of an array (n,) as bytes."""
    return orjson.dumps(np.ascontiguousarray(values), option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].split(b",")
