"""What names a row but is not for the model to see: the key and time columns, welcome in a request and in the log."""

LONGEST, LARGEST_NAME = 200, 2 ** 63     # under which one parser keeps a whole number's digits like the other


def identity_names(spec):
    """Return the key and time columns of a spec that are none of the model's columns."""
    return tuple(name for name in identity_columns(spec) if name not in spec.column_names)


def identity_columns(spec):
    """Return the key columns and then the time column, each once; some may be columns of the model too."""
    return tuple(dict.fromkeys([*spec.data.key, *([spec.data.time_column] if spec.data.time_column else [])]))


def usable(value):
    """True for what may name a row: null, a number, or a text of at most 200 characters."""
    if type(value) is str:
        return len(value) <= LONGEST
    return value is None or type(value) in (int, float) and abs(value) < LARGEST_NAME
