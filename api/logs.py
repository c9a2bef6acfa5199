"""Structured logs: one JSON object a line on standard error, never with the contents of a row."""

import json
import logging
import sys
from datetime import datetime, timezone

PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


class JsonLines(logging.Formatter):
    """Formats a record and its `extra` as JSON."""

    def format(self, record):
        at = datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds")
        document = {"at": at, "level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        document |= {name: value for name, value in vars(record).items() if name not in PLAIN}
        if record.exc_info:
            document["traceback"] = self.formatException(record.exc_info)
        return json.dumps(document, default=str, ensure_ascii=False)


def set_up(level):
    """Send every log of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in ("headgate", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(level.upper())
    logging.getLogger("uvicorn.access").disabled = True
