"""What is in the database of predictions and feedback."""

from sqlalchemy import create_engine, text


def stored_ids(url):
    """Return the ids (32 hex digits) in the prediction log."""
    return {key for key, in _select(url, "SELECT id FROM predictions")}


def stored_labels(url):
    """Return the feedback that is stored: (id, row, label)."""
    return {tuple(one) for one in _select(url, 'SELECT id, "row", label FROM feedback')}


def _select(url, statement):
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return connection.execute(text(statement)).all()
    finally:
        engine.dispose()
