"""Current rows, counted block by block: what is kept does not grow with them."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

SAMPLE = 20_000


@dataclass
class Tally:
    """The rows so far. bins : name -> Bins. counts : name -> rows in each bin. unreadable : name -> cells.

    sample : at most `size` of the rows, each with the same chance, whatever the order they came in.
    """

    bins: dict
    seed: int = 0
    size: int = SAMPLE
    rows: int = 0
    counts: dict = field(default_factory=dict)
    unreadable: dict = field(default_factory=dict)
    sample: pd.DataFrame | None = None

    def __post_init__(self):
        self._draw, self._lots = np.random.default_rng(self.seed), np.empty(0)

    def add(self, frame, unreadable=None):
        """Count a typed frame. unreadable : column -> cells that were of no use and are missing in `frame`."""
        self.rows += len(frame)
        for name, bins in self.bins.items():
            self.counts[name] = self.counts.get(name, 0) + bins.count(frame[name])
        for name, cells in (unreadable or {}).items():
            self.unreadable[name] = self.unreadable.get(name, 0) + cells
        self._keep_some(frame)

    def _keep_some(self, frame):
        """Draw a lot for each row and keep the smallest; a row that could not win is never copied."""
        lots = self._draw.random(len(frame))
        if len(self._lots) >= self.size:
            winners = lots < self._lots.max()
            frame, lots = frame[winners], lots[winners]
        everyone = frame if self.sample is None else pd.concat([self.sample, frame], ignore_index=True)
        lots = np.append(self._lots, lots)
        if len(lots) > self.size:
            best = np.sort(np.argpartition(lots, self.size)[:self.size])
            everyone, lots = everyone.iloc[best], lots[best]
        self.sample, self._lots = everyone.reset_index(drop=True), lots
