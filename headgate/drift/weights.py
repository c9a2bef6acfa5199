"""How much each column counts: by what it is worth to the champion."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Weights:
    """shares : column -> share of all importance, from 0 to 1. why : "" if measured, else why they are all equal."""

    shares: dict
    why: str = ""

    @property
    def how(self):
        return "equal" if self.why else "importance"


def weights_of(names, importance):
    """Return the Weights of the columns `names`.

    importance : column -> drop in accuracy when it is shuffled; a drop below zero is chance, and counts as none.
    """
    useful = {name: max(0.0, importance.get(name) or 0.0) for name in names}
    total = sum(useful.values())
    if total > 0:
        return Weights({name: value / total for name, value in useful.items()})
    why = "no column's shuffling cost the champion accuracy" if importance else \
        "the champion's bundle holds no importances"
    return Weights({name: 1 / len(names) for name in names}, why)
