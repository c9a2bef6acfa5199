"""Many callers at once: rows that are scored together get their own answers, and nobody waits behind a large batch."""

import asyncio
import math
import threading
import time

import bundles
import httpx
import pytest
from running import in_thread

from api.problems import Trouble
from api.routes.crew import WAITING, Crew


def boils(level):
    return 1 / (1 + math.exp(-level))


async def send(url, bodies, path="/predict"):
    """Send each body, 64 at a time: behind more of them httpx looks through its queue rather than send."""
    some = asyncio.Semaphore(64)

    async def one(body):
        async with some:
            return await http.post(path, json=body)

    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as http:
        return await asyncio.gather(*map(one, bodies))


def test_rows_in_flight_together_get_their_own_answers(kettle):
    levels = [(number - 200) / 40 for number in range(400)]
    bodies = [{"water level": level, "maker": "a"} if place % 7 else {"water level": "no number", "maker": "a"}
              for place, level in enumerate(levels)]
    answers = asyncio.run(send(str(kettle.http.base_url), bodies))

    for place, (level, answer) in enumerate(zip(levels, answers)):
        assert answer.status_code == (200 if place % 7 else 422)
        if answer.status_code == 200:
            assert answer.json()["probabilities"]["yes"] == pytest.approx(boils(level), abs=1e-6)
    ids = [answer.json()["prediction_id"] for answer in answers if answer.status_code == 200]
    assert len(set(ids)) == len(ids)


def test_a_row_without_an_answer_costs_its_neighbours_nothing(shelf, workspace):
    golden = {"water level": [1.0, 2.0], "maker": ["a", "b"]}
    shelf.put(version="1", graph=bundles.tiny_graph(0.0, "Log"), golden=golden)
    with in_thread(workspace, bundles=shelf.folder) as service:
        bodies = [{"water level": -3.0 if place % 5 == 0 else 1.0} for place in range(200)]
        answers = asyncio.run(send(str(service.http.base_url), bodies))
        assert [answer.status_code for answer in answers] == [200 if place % 5 else 422 for place in range(200)]
        assert "units" in answers[0].json()["detail"]
        batch = service.post("/predict/batch", {"instances": bodies[:3]})
        assert batch.status_code == 422 and "no answer" in batch.json()["detail"]


def test_a_large_batch_is_answered_like_its_rows_and_holds_up_nobody(kettle, row):
    levels = [(number % 2000) / 500 - 2 for number in range(50_000)]
    with_batch = threading.Thread(target=lambda: found.update(kettle.http.post("/predict/batch", json={
        "columns": {"water level": levels, "maker": ["a"] * len(levels)}}).json()))
    found, slowest = {}, 0.0
    with_batch.start()
    while with_batch.is_alive():
        started = time.monotonic()
        assert kettle.post("/predict", row).status_code == 200
        slowest = max(slowest, time.monotonic() - started)
    assert found["count"] == 50_000 and slowest < 5
    shares = found["predictions"]["probabilities"]["yes"]
    assert all(abs(share - boils(level)) < 1e-6 for share, level in zip(shares, levels))
    assert found["predictions"]["prediction_id"][-1].endswith(".49999")


def test_a_batch_that_takes_too_long_is_given_up_and_told():
    go_on = threading.Event()
    crew = Crew(1, seconds=0.05)

    async def ask():
        with pytest.raises(Trouble) as told:
            await crew.run(lambda *arguments: go_on.wait(20), b"", "", 0)
        return told.value
    trouble = asyncio.run(ask())
    go_on.set()
    crew.close()
    assert trouble.status == 503 and "0.05 seconds" in trouble.detail


def test_so_many_large_batches_may_wait_and_no_more():
    go_on, crew = threading.Event(), Crew(1, seconds=20)

    async def ask():
        waiting = [asyncio.create_task(crew.run(lambda *arguments: go_on.wait(20), b"", "", 0)) for _ in range(WAITING)]
        while crew.waiting < WAITING:
            await asyncio.sleep(0)
        with pytest.raises(Trouble) as told:
            await crew.run(lambda *arguments: None, b"", "", 0)
        go_on.set()
        return told.value, await asyncio.gather(*waiting)
    trouble, answers = asyncio.run(ask())
    crew.close()
    assert trouble.status == 503 and (b"retry-after", b"5") in trouble.headers and answers == [True] * WAITING


def test_a_trouble_can_be_handled_like_any_exception():
    trouble = Trouble(404, "There is nothing.")
    trouble.__traceback__ = None        # as Starlette does once it has answered
    assert trouble.status == 404
