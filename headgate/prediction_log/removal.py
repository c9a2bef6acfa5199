"""Delete from the prediction log: by age, or every row of one key."""

import json
from itertools import islice, permutations, product

from sqlalchemy import bindparam, delete, select, tuple_, update

from headgate.database import transaction
from headgate.database.tables import feedback, prediction_keys, predictions
from headgate.prediction_log.entry import hash_of_key, text_of
from headgate.prediction_log.spelling import guesses, spellings
from headgate.prediction_log.write import first_id

AT_ONCE = 1000
ORDERS = 720      # in which the columns of a key may have stood; all there are of six


def forget_older(workspace, before, *, model=None):
    """Delete predictions from before `before` (milliseconds since 1970) and their feedback; return how many requests.

    A thousand at a time, so that nobody waits long for the database.
    """
    total = _repeat(workspace, _delete_predictions, before, model)
    _repeat(workspace, _delete_labels, before, model)
    return total


def forget_key(workspace, model, values):
    """Delete every row of `model` that was sent with these values of its key columns; return how many rows.

    Of a batch the row's inputs, outputs and label go, and the other rows stay. A request is one transaction.
    """
    return _forget(workspace, model, [hash_of_key(values)], lambda inputs: True)


def forget_named(workspace, model, given, spec=None):
    """Delete every row of `model` whose key was these columns, in whatever order; return how many rows.

    given : column -> text, as a person writes it. spec : of the model, which tells kinds and zone; its key may be
    another by now. Where no row has the values as their kinds spell them, numbers, truths and times are guessed.
    """
    for spell in (spellings, guesses):
        texts = {name: spell(spec, name, text) for name, text in given.items()}
        keys = {hash_of_key(values) for order in islice(permutations(texts), ORDERS)
                for values in product(*map(texts.get, order))}
        gone = _forget(workspace, model, sorted(keys), lambda inputs: all(
            text_of(inputs.get(name)) in wanted for name, wanted in texts.items()))
        if gone:
            return gone
    return 0


def _forget(workspace, model, keys, meant):
    """Delete the rows with one of these hashes whose inputs, column -> value, are `meant`: values of other columns
    may have the same hash."""
    total = 0
    for key, rows in _named(workspace, model, keys).items():
        with transaction(workspace, write=True) as connection:
            entry = connection.execute(select(predictions).where(predictions.c.id == key)).first()
            inputs = json.loads(entry.inputs) if entry else {}
            rows = {row: one for row, one in rows.items() if entry is None or meant(_at(inputs, row))}
            _blank(connection, model, key, entry, {*rows})
            _unname(connection, model, key, rows)
        total += len(rows)
    return total


def _named(workspace, model, keys):
    """Return id -> row -> hash of the rows with one of these hashes."""
    requests, table = {}, prediction_keys.c
    with transaction(workspace) as connection:
        for start in range(0, len(keys), AT_ONCE):
            query = select(prediction_keys).where(table.model == model, table.key.in_(keys[start:start + AT_ONCE]))
            for one in connection.execute(query):
                requests.setdefault(one.id, {})[one.row] = one.key
    return requests


def _at(inputs, row):
    return {name: values[row] if isinstance(values, list) else values for name, values in inputs.items()}


def _unname(connection, model, key, rows):
    if rows:
        table = prediction_keys.c
        connection.execute(delete(prediction_keys).where(
            table.model == model, table.id == key, table.key == bindparam("named"), table.row == bindparam("place")),
            [{"named": one, "place": row} for row, one in rows.items()])


def _blank(connection, model, key, entry, rows):
    labels = connection.execute(select(feedback.c.row).where(feedback.c.id == key, feedback.c.model == model)).scalars()
    for row in rows & set(labels):
        connection.execute(delete(feedback).where(feedback.c.id == key, feedback.c.row == row,
                                                  feedback.c.model == model))
    if entry is None or not rows:
        return
    outputs = _without(json.loads(entry.outputs), rows) if entry.rows > 1 else {}
    if _emptied(outputs):
        connection.execute(delete(predictions).where(predictions.c.id == key))
    else:
        inputs = _without(json.loads(entry.inputs), rows)
        connection.execute(update(predictions).where(predictions.c.id == key).values(
            inputs=_text(inputs), outputs=_text(outputs)))


def _emptied(outputs):
    """True if nothing is left of a request."""
    return all(value is None for values in outputs.values() for value in values)


def _without(columns, rows):
    return {name: [None if place in rows else value for place, value in enumerate(values)]
            for name, values in columns.items()}


def _text(columns):
    return json.dumps(columns, separators=(",", ":"), ensure_ascii=False)


def _repeat(workspace, delete_some, before, model):
    total, gone = 0, AT_ONCE
    while gone == AT_ONCE:
        with transaction(workspace, write=True) as connection:
            gone = delete_some(connection, before, model)
        total += gone
    return total


def _delete_predictions(connection, before, model):
    query = select(predictions.c.id, predictions.c.model).where(predictions.c.id < first_id(before))
    found = connection.execute(_of(query, predictions, model).limit(AT_ONCE)).all()
    if found:
        ids = [one.id for one in found]
        connection.execute(delete(feedback).where(tuple_(feedback.c.id, feedback.c.model).in_(map(tuple, found))))
        connection.execute(delete(prediction_keys).where(prediction_keys.c.id.in_(ids)))
        connection.execute(delete(predictions).where(predictions.c.id.in_(ids)))
    return len(found)


def _delete_labels(connection, before, model):
    """Delete labels of predictions that never came: they may bear any id, so nothing else goes by it."""
    place = feedback.c.id, feedback.c.row, feedback.c.model
    known = select(predictions.c.id).where(predictions.c.id == feedback.c.id, predictions.c.model == feedback.c.model)
    query = select(*place).where(feedback.c.at < before, ~known.exists())
    found = connection.execute(_of(query, feedback, model).limit(AT_ONCE)).all()
    if found:
        connection.execute(delete(feedback).where(tuple_(*place).in_(map(tuple, found))))
    return len(found)


def _of(query, table, model):
    return query if model is None else query.where(table.c.model == model)
