"""One version, ready to answer."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import orjson

from api.models.gather import Gather
from api.models.ids import iso
from api.models.wording import RowsWriter
from headgate.errors import GraphError
from headgate.graph.decision import NO_ANSWER, classes, rounded
from headgate.graph.scorer import Scorer
from headgate.prediction_log import Entries
from headgate.rows.batch import BatchReader
from headgate.spec.model import ModelSpec


class NoAnswer(GraphError):
    """The graph answers what is no probability."""


class Answer(NamedTuple):
    """What was answered, and what the prediction log keeps of it.

    payload : JSON bytes. inputs : row (dict), or Batch. probabilities : list (k,), or array (n, k).
    chosen : position of the class, or array (n,).
    """

    payload: bytes
    inputs: object
    probabilities: object
    chosen: object
    rows: int = 1


@dataclass(frozen=True, eq=False)
class Served:
    """A loaded version. Its single rows are answered by the event loop's thread, its batches by any."""

    model: str
    version: str
    role: str
    digest: str
    spec: ModelSpec
    scorer: Scorer
    reader: BatchReader
    facts: dict = field(default_factory=dict)
    gather: Gather = None
    classes: tuple = ()
    labels: tuple = ()

    @cached_property
    def named(self):
        """(model, version, role), by which it is counted."""
        return self.model, self.version, self.role

    @cached_property
    def _threshold(self):
        return self.spec.target.threshold

    @cached_property
    def _rows(self):
        return RowsWriter(self.classes, self.labels)

    @cached_property
    def entries(self):
        """Makes what the prediction log keeps of an answer."""
        return Entries(self.spec, version=self.version, digest=self.digest, role=self.role)

    def answer_one(self, body, key, at):
        """Return the Answer to one row.

        body : JSON. key : from Ids. at : milliseconds since 1970. Raises NotJson, RowsRejected, NoAnswer.
        """
        row = self.reader.single.read(body)
        return self.told(row, self.gather.now(row), key, at)

    async def answer_soon(self, body, key, at):
        """Return the same as `answer_one`, scored together with whatever else is in flight."""
        row = self.reader.single.read(body)
        return self.told(row, await self.gather.soon(row), key, at)

    def told(self, row, shares, key, at):
        """Return the Answer to a row that was read, of which the graph gave the probabilities `shares` (k floats)."""
        if not (min(shares) >= 0 and max(shares) <= 1 and sum(shares) < np.inf):     # of NaN, the sum is NaN
            shares = self._rounded(np.array(shares)).tolist()
        place = self._place(shares)
        payload = orjson.dumps({
            "prediction": self.classes[place], "label": self.labels[place], "probability": shares[place],
            "probabilities": dict(zip(self.classes, shares)), "model": self.model, "model_version": self.version,
            "timestamp": iso(at), "prediction_id": f"{self.model}.{key}"})
        return Answer(payload, row, shares, place)

    def answer_batch(self, body, key, at, run=None):
        """Return the Answer to many rows; `run(scorer, arrays)` scores them, by default in this thread."""
        batch = self.reader.read(body)
        shares = run(self.scorer, batch.arrays) if run else self.scorer.probabilities(batch.arrays)
        shares = self._rounded(shares)
        chosen = classes(shares, self.spec.target.threshold)
        stem = f"{self.model}.{key}."
        told = self._columns(shares, chosen, stem) if batch.columnar else \
            orjson.Fragment(self._rows.write(shares, chosen, stem))
        payload = orjson.dumps({"predictions": told, "count": batch.rows, "model": self.model,
                                "model_version": self.version, "timestamp": iso(at)}, option=orjson.OPT_SERIALIZE_NUMPY)
        return Answer(payload, batch, shares, chosen, batch.rows)

    def _rounded(self, shares):
        """Return an array of probabilities within 0 and 1; raise NoAnswer where more than rounding took them out."""
        shares, lost = rounded(shares)
        if lost is not None:
            raise no_answer(self)
        return shares

    def _place(self, shares):
        if len(shares) == 2:
            return int(shares[1] >= self._threshold)
        return shares.index(max(shares))

    def _columns(self, shares, chosen, stem):
        places = chosen.tolist()
        return {"prediction": [self.classes[place] for place in places],
                "label": [self.labels[place] for place in places],
                "probability": shares[np.arange(len(places)), chosen],
                "probabilities": {name: np.ascontiguousarray(shares[:, place])
                                  for place, name in enumerate(self.classes)},
                "prediction_id": [f"{stem}{index}" for index in range(len(places))]}


def no_answer(served):
    """Return the error for an answer that is no probability."""
    return NoAnswer(f"The model {served.model!r} has {NO_ANSWER}.",
                    limit="probabilities from 0 to 1", remedy="Are all values in the units that the model expects?")
