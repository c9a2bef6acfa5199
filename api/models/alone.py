"""One row at a time: what it holds goes straight to where the graph reads it."""

import numpy as np

from headgate.rows.columns import known_texts, unseen_text


class Alone:
    """Scores single rows of one version, for one thread."""

    def __init__(self, spec, scorer):
        self._numbers = [column.name for column in spec.columns if column.kind != "category"]
        cells = np.empty((len(self._numbers), 1, 1))
        self._flat = cells.reshape(-1)
        unseen = {column.name: unseen_text(column) for column in spec.columns if column.kind == "category"}
        known = {column.name: known_texts(column) for column in spec.columns if column.kind == "category"}
        self._graph = scorer.alone(dict(zip(self._numbers, cells)),
                                   {name: (*known[name], other) for name, other in unseen.items()},
                                   len(spec.target.classes))
        self._texts = [(name, values, values[unseen[name]]) for name, values in self._graph.values.items()]

    def probabilities(self, row):
        """Return the probabilities (k floats) of a row that was read; None is missing, an unknown text unseen."""
        self._flat[:] = list(map(row.get, self._numbers))
        for name, values, unseen in self._texts:
            self._graph.put(name, values.get(row.get(name) or "", unseen))
        return self._graph.run()
