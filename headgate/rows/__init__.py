"""Rows that ask for a prediction: what a spec allows in them, said once for a single row, a batch and a table.

Imports neither pandas nor anything that learns.
"""
