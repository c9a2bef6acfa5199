"""Callers that do not stop asking, and remember what they were told and when."""

import contextlib
import threading
import time
from dataclasses import dataclass, field

import httpx
from running import client


@dataclass
class Told:
    """predictions : (prediction_id, when, on time.monotonic). statuses : of every answer. labels : ids told 202."""

    predictions: list = field(default_factory=list)
    statuses: list = field(default_factory=list)
    labels: list = field(default_factory=list)

    def ids(self, before=float("inf")):
        return {name for name, at in self.predictions if at < before}


@contextlib.contextmanager
def under_load(port, row, *, callers=3, feedback=True):
    """Yield the Told of callers that ask until the block ends; one that is cut off asks again."""
    told, over = Told(), threading.Event()
    threads = [threading.Thread(target=_ask, args=(port, row, told, over, feedback)) for _ in range(callers)]
    for thread in threads:
        thread.start()
    try:
        yield told
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _ask(port, row, told, over, feedback):
    with client(port) as http:
        while not over.is_set():
            with contextlib.suppress(httpx.TransportError):
                _ask_once(http, row, told, feedback)


def _ask_once(http, row, told, feedback):
    answer = http.post("/predict", json=row)
    told.statuses.append(answer.status_code)
    if answer.status_code != 200:
        return
    name = answer.json()["prediction_id"]
    told.predictions.append((name, time.monotonic()))
    if feedback and len(told.predictions) % 10 == 0:
        if http.post("/feedback", json={"prediction_id": name, "label": "yes"}).status_code == 202:
            told.labels.append(name)
