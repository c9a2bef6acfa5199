"""True labels, stored by the id of their prediction, whichever comes first."""

from dataclasses import dataclass

from sqlalchemy import func, select, tuple_

from headgate.database import transaction
from headgate.database.tables import feedback, predictions
from headgate.errors import Refusal
from headgate.prediction_log.write import insert_new

AT_ONCE = 300


@dataclass(frozen=True)
class Label:
    """What turned out to be true. id : of the prediction, 32 hex digits. row : of a batch, or 0. at : milliseconds.

    stated : whoever tells it said which row; otherwise the prediction must be of one.
    """

    id: str
    row: int
    model: str
    label: str
    at: int
    stated: bool = True


class NoSuchRow(Refusal):
    """A label of a row that the prediction does not have."""


def store_feedback(workspace, labels):
    """Store labels in one transaction, durable when this returns; a label that is there already is kept.

    Returns per label (the label that is stored now, whether this call stored it): another one than was given is a
    conflict; or NoSuchRow, where the log has the prediction already and it has no such row. Raises StorageError.
    """
    labels = list(labels)
    with transaction(workspace, write=True) as connection:
        before = _stored(connection, labels)
        sizes = _sizes(connection, labels)
        wrong = [None if _place(one) in before else _misplaced(one, sizes.get((one.id, one.model))) for one in labels]
        good = [{column.name: getattr(one, column.name) for column in feedback.columns}
                for one, error in zip(labels, wrong) if error is None]
        if good:
            connection.execute(insert_new(connection, feedback), good)
        after = _stored(connection, labels)
    return [error or (after[_place(one)], fresh) for one, error, fresh in zip(labels, wrong, _fresh(labels, before))]


def without_prediction(workspace, *, since, before):
    """Return how many labels stored from `since` on and before `before` are of no prediction in the log.

    since, before : milliseconds since 1970.
    """
    known = select(predictions.c.id).where(
        predictions.c.id == feedback.c.id, predictions.c.model == feedback.c.model,
        predictions.c.rows > feedback.c.row)
    query = select(func.count()).select_from(feedback).where(feedback.c.at >= since, feedback.c.at < before,
                                                             ~known.exists())
    with transaction(workspace) as connection:
        return connection.execute(query).scalar()


def _place(one):
    return one.id, one.row, one.model


def _fresh(labels, before):
    """Yield per label whether its place was empty until now."""
    seen = set(before)
    for one in labels:
        yield _place(one) not in seen
        seen.add(_place(one))


def _misplaced(one, rows):
    """Return the NoSuchRow of a label whose prediction has `rows` rows (None: it is not in the log), or None."""
    if rows is None or (one.row < rows if one.stated else rows == 1):
        return None
    name = f"{one.model}.{one.id}"
    limit = f"{name}.0 to {name}.{rows - 1}" if rows > 1 else name
    what = f"the prediction has no row {one.row}" if one.stated else f"the prediction is a batch of {rows} rows"
    return NoSuchRow(f"prediction_id must name a row of the prediction: {what}.", limit=limit)


def _sizes(connection, labels):
    """Return (id, model) -> rows of the predictions that the log has already."""
    places, found = sorted({(one.id, one.model) for one in labels}), {}
    for start in range(0, len(places), AT_ONCE):
        query = select(predictions.c.id, predictions.c.model, predictions.c.rows).where(
            predictions.c.id.in_([key for key, _ in places[start:start + AT_ONCE]]))
        found |= {(row.id, row.model): row.rows for row in connection.execute(query)}
    return found


def _stored(connection, labels):
    places, found = sorted(set(map(_place, labels))), {}
    for start in range(0, len(places), AT_ONCE):
        query = select(feedback).where(
            tuple_(feedback.c.id, feedback.c.row, feedback.c.model).in_(places[start:start + AT_ONCE]))
        found |= {(row.id, row.row, row.model): row.label for row in connection.execute(query)}
    return found
