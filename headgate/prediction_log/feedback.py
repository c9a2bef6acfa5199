"""True labels, stored by the id of their prediction, whichever comes first."""

from dataclasses import dataclass

from sqlalchemy import func, select, tuple_

from headgate.database import transaction
from headgate.database.tables import feedback, predictions
from headgate.prediction_log.write import insert_new

AT_ONCE = 300


@dataclass(frozen=True)
class Label:
    """What turned out to be true. id : of the prediction, 32 hex digits. row : of a batch, or 0. at : milliseconds."""

    id: str
    row: int
    model: str
    label: str
    at: int


def store_feedback(workspace, labels):
    """Store labels in one transaction, durable when this returns; a label that is there already is kept.

    Returns per label (the label that is stored now, whether this call stored it): another one than was given is a
    conflict. Raises StorageError.
    """
    labels = list(labels)
    with transaction(workspace, write=True) as connection:
        before = _stored(connection, labels)
        connection.execute(insert_new(connection, feedback), [vars(one) for one in labels])
        after = _stored(connection, labels)
    answers, seen = [], set(before)
    for one in labels:
        place = one.id, one.row, one.model
        answers.append((after[place], place not in seen))
        seen.add(place)
    return answers


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


def _stored(connection, labels):
    places, found = sorted({(one.id, one.row, one.model) for one in labels}), {}
    for start in range(0, len(places), AT_ONCE):
        query = select(feedback).where(
            tuple_(feedback.c.id, feedback.c.row, feedback.c.model).in_(places[start:start + AT_ONCE]))
        found |= {(row.id, row.row, row.model): row.label for row in connection.execute(query)}
    return found
