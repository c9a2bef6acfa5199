"""Read the prediction log as rows, each with its label where there is one."""

import json
from dataclasses import dataclass

from sqlalchemy import select

from headgate.database import transaction
from headgate.database.tables import feedback, predictions

AT_ONCE = 500


@dataclass(frozen=True)
class LoggedRow:
    """One predicted row. inputs : column -> value. probabilities : class -> share. label : the true class, or None."""

    prediction_id: str
    version: str
    digest: str
    role: str
    at: int
    inputs: dict
    probabilities: dict
    label: str | None = None


def read_rows(workspace, model, *, since=0, until=2 ** 62, labelled=False):
    """Yield the LoggedRows of `model` with since <= at < until (milliseconds since 1970), oldest first.

    labelled : only rows with a label. Reads a few hundred requests at a time, so memory does not grow with the log.
    Raises StorageError.
    """
    last = (since, "")
    while True:
        with transaction(workspace) as connection:
            found = connection.execute(_page(model, last, until, labelled)).all()
            labels = _labels(connection, model, [entry.id for entry in found])
        for entry in found:
            yield from (row for row in _rows(entry, labels) if not labelled or row.label is not None)
        if len(found) < AT_ONCE:
            return
        last = (found[-1].at, found[-1].id)


def logged_models(workspace):
    """Return the names of the models of which the log has predictions or labels. Raises StorageError."""
    with transaction(workspace) as connection:
        return {*connection.execute(select(predictions.c.model).distinct()).scalars(),
                *connection.execute(select(feedback.c.model).distinct()).scalars()}


def _page(model, last, until, labelled):
    at, key = last
    table = predictions.c
    query = select(predictions).where(table.model == model, table.at < until, (table.at > at) | (
        (table.at == at) & (table.id > key)))
    if labelled:
        query = query.where(select(feedback.c.id).where(feedback.c.id == table.id, feedback.c.model == model).exists())
    return query.order_by(table.at, table.id).limit(AT_ONCE)


def _labels(connection, model, ids):
    if not ids:
        return {}
    query = select(feedback.c.id, feedback.c.row, feedback.c.label).where(feedback.c.id.in_(ids),
                                                                          feedback.c.model == model)
    return {(row.id, row.row): row.label for row in connection.execute(query)}


def _rows(entry, labels):
    inputs, outputs = json.loads(entry.inputs), json.loads(entry.outputs)
    batch = any(isinstance(values, list) for values in outputs.values())
    for row in range(entry.rows):
        one, shares = (_at(inputs, row), _at(outputs, row)) if batch else (inputs, outputs)
        if None in shares.values():     # a row that was deleted
            continue
        name = f"{entry.model}.{entry.id}.{row}" if batch else f"{entry.model}.{entry.id}"
        yield LoggedRow(name, entry.version, entry.digest, entry.role, entry.at, one, shares,
                        labels.get((entry.id, row)))


def _at(columns, row):
    return {name: values[row] for name, values in columns.items()}
