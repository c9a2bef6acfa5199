"""What `engineer_features` is handed: a dict whose missing names tell which there are."""

import difflib


class NotOffered(KeyError):
    """A column was asked for that a features.py is not offered. Holds (what is wrong, what to do)."""


class Offered(dict):
    """Columns by name."""

    def __missing__(self, name):
        close = difflib.get_close_matches(str(name), list(self), n=1, cutoff=0.6)
        raise NotOffered(f"there is no {name!r} to make features from; there are {', '.join(self)}.",
                         f"Did you mean {close[0]!r}?" if close else
                         "List it in model.yaml; categories are not offered, and datetimes by their parts.")
