"""One row at a time through a graph whose inputs and output stay where they are.

Handing eighteen arrays over with each run takes as long as twenty small nodes of the graph.
"""

import numpy as np
import onnxruntime

from headgate.errors import GraphError
from headgate.graph.texts import text_values

MOST_TEXTS = 2000       # that are made beforehand; with more, making them would hold up the start
KINDS = {"tensor(float)": np.float32, "tensor(double)": np.float64}


class Bound:
    """Runs a session for one thread.

    numbers : column -> float64 array (1, 1), which is read anew by each run. texts : column -> the texts that may come.
    values : column -> text -> what `put` takes for it. `run` raises GraphError if the graph does not answer `classes`
    numbers.
    """

    def __init__(self, session, options, numbers, texts, classes):
        self._session, self._options = session, options
        self._binding = session.io_binding()
        for name, cell in numbers.items():
            self._binding.bind_ortvalue_input(name, onnxruntime.OrtValue.ortvalue_from_numpy(cell))
        self._held = text_values(sorted({text for known in texts.values() for text in known}))
        self.values = {name: {text: self._held[text]._ortvalue for text in known} for name, known in texts.items()}
        output = session.get_outputs()[0]
        self._answer = np.zeros((1, classes), dtype=KINDS.get(output.type, np.float32))
        self._binding.bind_ortvalue_output(output.name, onnxruntime.OrtValue.ortvalue_from_numpy(self._answer))
        # The public ones check in Python what is so by construction here, for as long as a small graph takes.
        self.put, self._run = self._binding._iobinding.bind_ortvalue_input, session._sess.run_with_iobinding

    def run(self):
        """Return the probabilities (k floats) of what is in `numbers` and was put."""
        try:
            self._run(self._binding._iobinding, self._options)
        except RuntimeError as error:
            raise GraphError("The graph does not answer a row.", value=str(error)[:300]) from error
        return self._answer[0].tolist()


class Fed:
    """The same for a graph with too many texts to hold them: each run is handed its arrays."""

    def __init__(self, first, numbers, texts):
        self._first, self._feeds = first, dict(numbers)
        self._feeds |= {name: np.empty((1, 1), dtype=object) for name in texts}
        self.values = {name: {text: text for text in known} for name, known in texts.items()}

    def put(self, name, value):
        """Put a text of `values`."""
        self._feeds[name][0, 0] = value

    def run(self):
        """Return the probabilities (k floats)."""
        return self._first(self._feeds)
