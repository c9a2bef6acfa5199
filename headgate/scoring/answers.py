"""What is said of the rows of a block: keys, class, label and probabilities, as an Arrow table."""

import numpy as np
import pyarrow as pa


def answer_table(spec, version, rows, identity, probabilities, chosen):
    """Return the table of one block.

    rows : int64 positions (n,) in the scored table. identity : key and time columns -> Arrow array (n,).
    probabilities : (n, k) of the classes in the order of target.classes. chosen : int positions (n,) in them.
    A column named like one of ours stays, and ours gets the prefix "headgate ". `row` is there where the key is not.
    """
    names, table = spec.target.classes, dict(identity)
    ours = {"row": pa.array(rows, pa.int64())} if not has_key(spec, identity) else {}
    ours["prediction"] = pa.array(names, pa.string()).take(pa.array(chosen))
    ours["label"] = pa.array([spec.target.labels.get(name, name) for name in names], pa.string()).take(pa.array(chosen))
    ours["probability"] = pa.array(probabilities[np.arange(len(chosen)), chosen])
    ours |= {f"probability_{name}": pa.array(probabilities[:, place]) for place, name in enumerate(names)}
    ours["model_version"] = pa.repeat(pa.scalar(version, pa.string()), len(chosen))
    for name, array in ours.items():
        table[named_apart(name, table)] = array
    return pa.table(table)


def named_apart(name, taken):
    """Return the name of a column of ours beside those `taken`: with "headgate " in front, as often as it takes."""
    while name in taken:
        name = f"headgate {name}"
    return name


def has_key(spec, names):
    """True when every key column is among `names`, and there is any."""
    return bool(spec.data.key) and all(name in names for name in spec.data.key)
