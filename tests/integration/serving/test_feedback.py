"""What turned out to be true: durable before it is answered, once, and whichever comes first, it or its prediction."""

import asyncio

import httpx
import pytest
from reading import logged
from running import in_thread, until, workspace_at

from headgate.database import transaction
from headgate.database.tables import feedback, predictions
from headgate.prediction_log import Label, forget_older, store_feedback, without_prediction

SOME_ID = "0192f3a1b2c34d5e6f708192a3b4c5d6"


@pytest.fixture(params=["sqlite", "postgresql"])
def service(request, shelf, workspace, fresh_database):
    """The kettle over each kind of database."""
    shelf.put(version="1")
    database = fresh_database() if request.param == "postgresql" else None
    with in_thread(workspace_at(workspace.home, database), bundles=shelf.folder) as running:
        yield running


def stored(workspace):
    """Return (id, row) -> label as another process would read it."""
    with transaction(workspace) as connection:
        return {(one.id, one.row): one.label for one in connection.execute(feedback.select())}


def test_a_label_is_stored_when_it_is_answered_and_joined_to_its_row(service, row):
    answer = service.post("/predict", row).json()
    told = service.post("/feedback", {"prediction_id": answer["prediction_id"], "label": "no"})

    assert told.status_code == 202 and told.json()["status"] == "stored"
    assert list(stored(service.workspace).values()) == ["no"], "before the answer, not some time after it"
    [one] = logged(service.workspace, 1)
    assert (one.prediction_id, one.label, one.inputs) == (answer["prediction_id"], "no", row)
    assert one.probabilities == pytest.approx(answer["probabilities"])


def test_it_may_be_sent_again_but_not_otherwise(service):
    body = {"prediction_id": f"kettle.{SOME_ID}", "label": "yes"}
    assert [service.post("/feedback", body).json()["status"] for _ in range(3)] == ["stored", "known", "known"]
    other = service.post("/feedback", {**body, "label": "no"})
    assert other.status_code == 409 and other.json()["label"] == "yes"
    assert stored(service.workspace) == {(SOME_ID, 0): "yes"}
    counted = [service.metric("headgate_feedback_total", result=one) for one in ("stored", "known", "conflict")]
    assert counted == [1, 2, 1]


def test_each_row_of_a_batch_has_its_own(service, row):
    batch = service.post("/predict/batch", {"instances": [row] * 3}).json()["predictions"]
    for one, label in zip(batch, ("yes", "no")):
        assert service.post("/feedback", {"prediction_id": one["prediction_id"], "label": label}).status_code == 202
    assert [one.label for one in logged(service.workspace, 3)] == ["yes", "no", None]


def test_a_row_that_a_known_prediction_does_not_have_is_refused(service, row):
    one = service.post("/predict", row).json()["prediction_id"]
    first = service.post("/predict/batch", {"instances": [row] * 3}).json()["predictions"][0]["prediction_id"]
    alone = service.post("/predict/batch", {"instances": [row]}).json()["predictions"][0]["prediction_id"]
    batch = first.removesuffix(".0")
    early = f"{batch[:-8]}ffffffff"
    logged(service.workspace, 5)
    sent = {name: service.post("/feedback", {"prediction_id": name, "label": "yes"}) for name in (
        batch, f"{batch}.3", f"{one}.1", first, f"{batch}.2", one, f"{one}.0", alone, alone.removesuffix(".0"), early)}
    assert [answer.status_code for answer in sent.values()] == [422] * 3 + [202] * 7
    told = sent[batch].json()["errors"][0]
    assert (told["field"], told["limit"]) == ("prediction_id", f"{batch}.0 to {batch}.2")
    assert "3 rows" in told["message"]
    assert "no row 3" in sent[f"{batch}.3"].json()["detail"]
    assert [bool(one.label) for one in logged(service.workspace, 5)] == [True, True, False, True, True]


def test_a_label_that_was_taken_before_its_prediction_was_known_stays_taken(service, row):
    batch = service.post("/predict/batch", {"instances": [row] * 2}).json()["predictions"][0]["prediction_id"][:-2]
    store_feedback(service.workspace, [Label(batch.split(".")[1], 0, "kettle", "yes", 1)])
    logged(service.workspace, 2)
    assert service.post("/feedback", {"prediction_id": batch, "label": "yes"}).json()["status"] == "known"


@pytest.mark.parametrize("prediction_id, label, field", [
    ("kettle", "yes", "prediction_id"), (f"kettle.{SOME_ID[:-1]}", "yes", "prediction_id"),
    (f"kettle.{SOME_ID.upper()}", "yes", "prediction_id"), (f"kettle.{SOME_ID}.-1", "yes", "prediction_id"),
    (f"kettle.{SOME_ID}.01", "yes", "prediction_id"), (f"kettle.{SOME_ID}\n", "yes", "prediction_id"),
    (f"pot.{SOME_ID}", "yes", "prediction_id"), (7, "yes", "prediction_id"), (None, "yes", "prediction_id"),
    (f"kettle.{SOME_ID}", "perhaps", "label"), (f"kettle.{SOME_ID}", "", "label"), (f"kettle.{SOME_ID}", 1, "label"),
    (f"kettle.{SOME_ID}", "Yes", "label"), (f"kettle.{SOME_ID}", None, "label")])
def test_an_id_or_a_label_that_cannot_be_is_refused(kettle, prediction_id, label, field):
    answer = kettle.post("/feedback", {"prediction_id": prediction_id, "label": label})
    assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == field
    with transaction(kettle.workspace) as connection:
        assert connection.execute(feedback.select()).all() == []


async def send_together(url, bodies):
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as http:
        return await asyncio.gather(*(http.post("/feedback", json=body) for body in bodies))


def test_many_at_once_are_one_truth_each(service):
    bodies = [{"prediction_id": f"kettle.{number % 50:032x}", "label": "no" if number >= 100 and number % 2 else "yes"}
              for number in range(200)]
    answers = asyncio.run(send_together(str(service.http.base_url), bodies))

    kept = stored(service.workspace)
    assert len(kept) == 50
    for body, answer in zip(bodies, answers):
        right = kept[body["prediction_id"].split(".")[1], 0] == body["label"]
        assert answer.status_code == (202 if right else 409)
    assert sum(answer.json().get("status") == "stored" for answer in answers) == 50


def test_labels_that_no_prediction_waits_for_are_counted(service, row):
    answer = service.post("/predict", row).json()
    known = answer["prediction_id"]
    for name in (known, f"{known[:-8]}fffffffe.1", f"{known[:-8]}ffffffff"):
        assert service.post("/feedback", {"prediction_id": name, "label": "yes"}).status_code == 202
    logged(service.workspace, 1)
    assert without_prediction(service.workspace, since=0, before=2 ** 60) == 2
    assert without_prediction(service.workspace, since=0, before=1) == 0
    forget_older(service.workspace, 2 ** 47)
    assert stored(service.workspace) == {}


def test_what_one_model_forgets_is_its_own_whatever_id_a_label_was_sent_with(service, row):
    name = service.post("/predict", row).json()["prediction_id"]
    service.post("/feedback", {"prediction_id": name, "label": "yes"})
    [one] = logged(service.workspace, 1)
    place = Label(name.split(".")[1], 0, "teapot", "no", 1)
    store_feedback(service.workspace, [place])
    assert forget_older(service.workspace, 2 ** 47, model="teapot") == 0
    assert stored(service.workspace) == {(place.id, 0): "yes"} and len(logged(service.workspace, 1)) == 1
    store_feedback(service.workspace, [place])
    assert forget_older(service.workspace, one.at + 1, model="kettle") == 1
    assert stored(service.workspace) == {(place.id, 0): "no"}


def test_a_label_that_came_first_finds_its_prediction(service, row):
    answer = service.post("/predict", row).json()
    logged(service.workspace, 1)
    with transaction(service.workspace, write=True) as connection:
        kept = connection.execute(predictions.select()).one()
        connection.execute(predictions.delete())
    service.post("/feedback", {"prediction_id": answer["prediction_id"], "label": "no"})
    with transaction(service.workspace, write=True) as connection:
        connection.execute(predictions.insert(), [dict(kept._mapping)])
    assert [one.label for one in logged(service.workspace, 1)] == ["no"]


def test_while_the_database_is_away_nothing_is_taken_and_nobody_told_otherwise(shelf, workspace, row):
    shelf.put(version="1")
    workspace.home.mkdir()
    (workspace.home / "headgate.db").mkdir()
    with in_thread(workspace, bundles=shelf.folder) as service:
        body = {"prediction_id": f"kettle.{SOME_ID}", "label": "yes"}
        refused = service.post("/feedback", body)
        assert refused.status_code == 503 and refused.headers["retry-after"] and refused.json()["detail"]
        assert service.post("/predict", row).status_code == 200, "predictions go on"
        (workspace.home / "headgate.db").rmdir()
        assert until(lambda: service.post("/feedback", body).status_code == 202)
        assert stored(workspace) == {(SOME_ID, 0): "yes"}
        assert service.metric("headgate_feedback_total", result="unavailable") >= 1


def test_a_label_of_another_model_is_none_of_this_prediction(shelf, workspace, row):
    shelf.put(version="1")
    shelf.put(model="teapot", version="1")
    with in_thread(workspace, bundles=shelf.folder) as service:
        mine = service.post("/models/kettle/predict", row).json()["prediction_id"]
        other = mine.replace("kettle.", "teapot.")
        assert service.post("/feedback", {"prediction_id": other, "label": "yes"}).status_code == 202
        assert service.post("/feedback", {"prediction_id": mine, "label": "no"}).status_code == 202
        [one] = logged(workspace, 1)
        assert (one.prediction_id, one.label) == (mine, "no")
        until(lambda: without_prediction(workspace, since=0, before=2 ** 60) == 1)
