"""Headgate: a model lifecycle for small teams, as plain Python under the flows."""

__version__ = "0.1.0"
