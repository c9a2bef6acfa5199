"""Rows that came after the champion's training: from the prediction log, from the source, or from a file."""
