"""Delete from the prediction log: by age, or every row of one key."""

import json

from sqlalchemy import delete, func, select, update

from headgate.database import transaction
from headgate.database.tables import feedback, prediction_keys, predictions
from headgate.prediction_log.entry import hash_of_key
from headgate.prediction_log.write import first_id

AT_ONCE = 1000


def forget_older(workspace, before, *, model=None):
    """Delete predictions from before `before` (milliseconds since 1970) and their feedback; return how many requests.

    A thousand at a time, so that nobody waits long for the database.
    """
    total, gone = 0, AT_ONCE
    while gone == AT_ONCE:
        with transaction(workspace, write=True) as connection:
            gone = _delete_some(connection, predictions, before, model)
        total += gone
    with transaction(workspace, write=True) as connection:
        while _delete_some(connection, feedback, before, model):     # of predictions that never came
            pass
    return total


def forget_key(workspace, model, values):
    """Delete every row of `model` that was sent with these values of its key columns; return how many rows.

    Of a batch the row's inputs, outputs and label go, and the other rows stay.
    """
    with transaction(workspace, write=True) as connection:
        mine = (prediction_keys.c.model == model) & (prediction_keys.c.key == hash_of_key(values))
        found = connection.execute(select(prediction_keys.c.id, prediction_keys.c.row).where(mine)).all()
        for key, row in found:
            _blank(connection, key, row)
        connection.execute(delete(prediction_keys).where(mine))
    return len(found)


def _blank(connection, key, row):
    connection.execute(delete(feedback).where(feedback.c.id == key, feedback.c.row == row))
    entry = connection.execute(select(predictions).where(predictions.c.id == key)).first()
    if entry is None:
        return
    others = connection.execute(select(func.count()).select_from(prediction_keys).where(
        prediction_keys.c.id == key, prediction_keys.c.row != row)).scalar()
    if entry.rows == 1 or not others and _emptied(entry, row):
        connection.execute(delete(predictions).where(predictions.c.id == key))
    else:
        connection.execute(update(predictions).where(predictions.c.id == key).values(
            inputs=_without(entry.inputs, row), outputs=_without(entry.outputs, row)))


def _emptied(entry, row):
    """True if nothing but `row` is left of a batch."""
    outputs = json.loads(_without(entry.outputs, row))
    return all(value is None for values in outputs.values() for value in values)


def _without(text, row):
    columns = json.loads(text)
    for values in columns.values():
        values[row] = None
    return json.dumps(columns, separators=(",", ":"), ensure_ascii=False)


def _delete_some(connection, table, before, model):
    query = select(table.c.id).where(table.c.id < first_id(before)).limit(AT_ONCE)
    ids = connection.execute(query if model is None else query.where(table.c.model == model)).scalars().all()
    if ids:
        for one in (feedback, prediction_keys, predictions):
            connection.execute(delete(one).where(one.c.id.in_(ids)))
    return len(ids)
