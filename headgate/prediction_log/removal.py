"""Delete from the prediction log: by age, or every row of one key."""

import json

from sqlalchemy import delete, select, tuple_, update

from headgate.database import transaction
from headgate.database.tables import feedback, prediction_keys, predictions
from headgate.prediction_log.entry import hash_of_key
from headgate.prediction_log.write import first_id

AT_ONCE = 1000


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
    mine = (prediction_keys.c.model == model) & (prediction_keys.c.key == hash_of_key(values))
    with transaction(workspace) as connection:
        found = connection.execute(select(prediction_keys.c.id, prediction_keys.c.row).where(mine)).all()
    requests = {}
    for key, row in found:
        requests.setdefault(key, set()).add(row)
    for key, rows in requests.items():
        with transaction(workspace, write=True) as connection:
            _blank(connection, model, key, rows)
            connection.execute(delete(prediction_keys).where(mine, prediction_keys.c.id == key))
    return len(found)


def _blank(connection, model, key, rows):
    labels = connection.execute(select(feedback.c.row).where(feedback.c.id == key, feedback.c.model == model)).scalars()
    for row in rows & set(labels):
        connection.execute(delete(feedback).where(feedback.c.id == key, feedback.c.row == row,
                                                  feedback.c.model == model))
    entry = connection.execute(select(predictions).where(predictions.c.id == key)).first()
    if entry is None:
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
