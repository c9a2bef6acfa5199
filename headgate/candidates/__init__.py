"""Candidates that were trained on machines of their own: kept as folders, joined, and taken in where versions live."""

from headgate.candidates.accept import accept
from headgate.candidates.join import join
from headgate.candidates.kept import keep_run, sort_results

__all__ = ["accept", "join", "keep_run", "sort_results"]
