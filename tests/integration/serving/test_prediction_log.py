"""The prediction log: every answered row, as it was sent, without what is private, for as long as it may be kept."""

import json
import shutil

import ferries
import pytest
from reading import logged, rows_of
from running import in_thread, until

from api.behind import keeping
from api.behind.spool import Spool
from headgate.database import transaction
from headgate.database.tables import feedback, prediction_keys, predictions
from headgate.prediction_log import Entries, forget_key, forget_older, read_rows

SENT = ferries.row(cargo="never seen before", leaves="2026-03-29T01:30:00Z", ferry="Fjord", trip=17,
                   asked_at="2026-03-29T01:00:00Z")


@pytest.fixture
def service(ferries_bundle, workspace, tmp_path):
    shutil.copytree(ferries_bundle, tmp_path / "served" / "ferries")
    (tmp_path / "served" / "roles.json").write_text('{"models": {"ferries": {"champion": "ferries"}}}')
    with in_thread(workspace, bundles=tmp_path / "served") as running:
        yield running


def tables(workspace):
    """Return everything that the log's tables hold, as one text."""
    with transaction(workspace) as connection:
        return str([connection.execute(table.select()).all() for table in (predictions, prediction_keys, feedback)])


def test_a_row_is_logged_as_it_was_sent_without_what_is_private(service):
    answer = service.post("/predict", SENT).json()

    [one] = logged(service.workspace, 1, model="ferries")
    expected = {**SENT, "leaves": "2026-03-29T03:30:00"}
    del expected["captain_age"]
    assert one.inputs == expected, "times are the wall clock of Oslo"
    assert (one.prediction_id, one.version, one.role) == (answer["prediction_id"], answer["model_version"], "champion")
    assert one.probabilities == pytest.approx(answer["probabilities"]) and one.digest
    assert "captain_age" not in tables(service.workspace)


def test_rows_of_a_batch_are_logged_as_if_they_had_come_alone(service):
    rows = [SENT, {name: value for name, value in SENT.items() if name not in ("crew", "gale", "leaves", "cargo")}]
    rows[1]["trip"] = None
    service.post("/predict", rows[0])
    [alone] = logged(service.workspace, 1, model="ferries")
    service.post("/predict/batch", {"instances": rows})
    service.post("/predict/batch", {"columns": {name: [value] * 2 for name, value in rows[0].items()}})

    found = logged(service.workspace, 5, model="ferries")[1:]
    assert [one.inputs for one in (found[0], *found[2:])] == [alone.inputs] * 3
    assert all(found[1].inputs[name] is None for name in ("crew", "gale", "leaves", "cargo", "trip"))
    assert "captain_age" not in tables(service.workspace)
    assert len({one.prediction_id for one in found}) == 4


def test_nothing_that_was_refused_is_logged(service):
    service.post("/predict", ferries.row(wind=99))
    service.post("/predict/batch", {"instances": [SENT, ferries.row(wind=99)]})
    service.post("/predict", SENT)
    assert len(logged(service.workspace, 1, model="ferries")) == 1


def test_every_row_of_one_key_can_be_forgotten(service):
    other = {**SENT, "trip": 18}
    service.post("/predict", SENT)
    service.post("/predict", other)
    batch = service.post("/predict/batch", {"instances": [other, SENT, {**SENT, "ferry": None}]}).json()
    service.post("/predict/batch", {"columns": {name: [value] for name, value in SENT.items()}})
    for one in batch["predictions"]:
        service.post("/feedback", {"prediction_id": one["prediction_id"], "label": "late"})
    logged(service.workspace, 6, model="ferries")

    assert forget_key(service.workspace, "ferries", ["Fjord", "17"]) == 3, "the text 17 is the number 17"
    left = rows_of(service.workspace, "ferries")
    assert [(one.inputs["ferry"], one.inputs["trip"]) for one in left] == [("Fjord", 18), ("Fjord", 18), (None, 17)]
    assert [one.label for one in left] == [None, "late", "late"], "the rows that stay keep their labels"
    with transaction(service.workspace) as connection:
        assert len(connection.execute(feedback.select()).all()) == 2
    assert forget_key(service.workspace, "ferries", ["Fjord", 17]) == 0
    assert forget_key(service.workspace, "ferries", ["Fjord", 18]) == 2


def test_a_key_that_is_a_column_of_the_model_is_found_however_it_was_sent(shelf, workspace):
    columns = [{"name": "maker", "kind": "category", "categories": ["a", "b"], "unknown": "treat_as_unknown"},
               {"name": "water level", "kind": "number"}]
    data = {"source": {"csv": "kettle.csv"}, "key": ["maker", "water level"]}
    shelf.put(version="1", spec={"columns": columns, "data": data},
              golden={"maker": ["a", "b"], "water level": [1.0, 2.0]})
    row = {"maker": "Zisha", "water level": 3}
    with in_thread(workspace, bundles=shelf.folder) as service:
        service.post("/predict", row)
        service.post("/predict/batch", {"instances": [row, {**row, "maker": "Tokoname"}]})
        found = logged(workspace, 3)
        assert [one.inputs["maker"] for one in found] == ["Zisha", "Zisha", "Tokoname"]
        assert forget_key(workspace, "kettle", ["Zisha", 3]) == 2
        assert [one.inputs["maker"] for one in rows_of(workspace)] == ["Tokoname"]


def test_what_is_too_old_is_deleted_with_its_feedback(shelf, workspace, row, monkeypatch):
    shelf.put(version="1")
    with in_thread(workspace, bundles=shelf.folder) as service:
        name = service.post("/predict", row).json()["prediction_id"]
        service.post("/feedback", {"prediction_id": name, "label": "yes"})
        logged(workspace, 1)
    monkeypatch.setattr(keeping, "COUNT_SECONDS", 0.05)
    with in_thread(workspace, bundles=shelf.folder, log_days=1) as service:
        until(lambda: service.metric("headgate_feedback_without_prediction") == 0)
        assert len(rows_of(workspace)) == 1
    with in_thread(workspace, bundles=shelf.folder, log_days=1e-9) as service:
        until(lambda: rows_of(workspace) == [])
        until(lambda: tables(workspace) == "[[], [], []]")


def test_age_is_counted_by_model_and_the_limit_itself_stays(service):
    service.post("/predict", SENT)
    [one] = logged(service.workspace, 1, model="ferries")
    assert forget_older(service.workspace, one.at, model="ferries") == 0
    assert forget_older(service.workspace, one.at + 1, model="kettle") == 0
    assert forget_older(service.workspace, one.at + 1, model="ferries") == 1


def test_the_log_may_be_off(shelf, workspace, row):
    shelf.put(version="1")
    with in_thread(workspace, bundles=shelf.folder, prediction_log=False) as service:
        assert service.post("/predict", row).status_code == 200
        until(lambda: service.metric("headgate_predictions_total") == 1)
    assert not (workspace.home / "spool").exists() and not (workspace.home / "headgate.db").exists()


def test_a_full_memory_loses_rows_and_counts_them_but_answers(shelf, workspace, row):
    shelf.put(version="1")
    workspace.home.mkdir()
    (workspace.home / "headgate.db").mkdir()
    with in_thread(workspace, bundles=shelf.folder, log_buffer_mb=1e-6, log_spill_mb=0) as service:
        assert service.post("/predict", row).status_code == 200
        until(lambda: service.metric("headgate_log_rows_total", result="dropped") == 1)
        (workspace.home / "headgate.db").rmdir()


def test_rows_wait_on_disk_for_a_database_that_is_away_and_all_arrive(shelf, workspace, row):
    shelf.put(version="1")
    workspace.home.mkdir()
    (workspace.home / "headgate.db").mkdir()
    with in_thread(workspace, bundles=shelf.folder) as service:
        ids = [service.post("/predict", row).json()["prediction_id"] for _ in range(20)]
        until(lambda: service.get("/ready").json()["log_trouble"])
        until(lambda: service.metric("headgate_log_waiting_rows") == 20)
        assert service.metric("headgate_log_spool_bytes") > 0
        waiting = [json.loads(line) for path in (workspace.home / "spool").glob("*.jsonl")
                   for line in path.read_text().splitlines()]
        assert {f"kettle.{one['id']}" for one in waiting} == set(ids)
        assert service.get("/ready").status_code == 200 and service.get("/health").json()["status"] == "degraded"
        (workspace.home / "headgate.db").rmdir()
        assert {one.prediction_id for one in logged(workspace, 20)} == set(ids)
        until(lambda: service.get("/health").json()["status"] == "ok")
    assert list((workspace.home / "spool").iterdir()) == []


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("other", [False, True])
def test_a_database_file_that_is_moved_away_is_away_and_not_made_anew(shelf, workspace, row, tmp_path, apart, other):
    shelf.put(version="1")
    file = workspace.home / "headgate.db"
    with in_thread(workspace, bundles=shelf.folder, log_process=apart) as service:
        first = service.post("/predict", row).json()["prediction_id"]
        logged(workspace, 1)
        until(lambda: service.metric("headgate_log_waiting_rows") == 0)
        file.rename(tmp_path / "away.db")
        if other:
            file.write_bytes(b"")
        until(lambda: service.get("/ready").json()["log_trouble"])
        second = service.post("/predict", row).json()["prediction_id"]
        refused = service.post("/feedback", {"prediction_id": first, "label": "yes"})
        assert refused.status_code == 503
        until(lambda: service.metric("headgate_log_waiting_rows") == 1)
        ready = service.get("/ready").json()
        assert ready["status"] == "degraded" and ("another file" if other else "is gone") in ready["log_trouble"]
        assert file.exists() is other and (not other or file.read_bytes() == b"")
        (tmp_path / "away.db").replace(file)
        assert {one.prediction_id for one in logged(workspace, 2)} == {first, second}
        assert service.post("/feedback", {"prediction_id": first, "label": "yes"}).status_code == 202
        until(lambda: service.get("/health").json()["status"] == "ok")


def test_after_a_new_start_a_database_file_that_is_gone_is_made_anew(shelf, workspace, row):
    shelf.put(version="1")
    for _ in range(2):
        with in_thread(workspace, bundles=shelf.folder) as service:
            service.post("/predict", row)
            logged(workspace, 1)
        assert len(rows_of(workspace)) == 1
        for left in workspace.home.glob("headgate.db*"):
            left.unlink()


@pytest.mark.parametrize("content", [b"", b"no json\n", b'{"id": 1}\n', b'[1, 2]\n', b"\xff\xfe"])
def test_a_file_that_cannot_be_read_holds_up_no_other(shelf, workspace, row, content):
    shelf.put(version="1")
    (workspace.home / "spool").mkdir(parents=True)
    (workspace.home / "spool" / "00000000000000000001-999999-aa-0.jsonl").write_bytes(content)
    with in_thread(workspace, bundles=shelf.folder) as service:
        service.post("/predict", row)
        assert len(logged(workspace, 1, seconds=10)) == 1
    left = [path.read_bytes() for path in (workspace.home / "spool").iterdir()]
    assert left == ([content] if content else []), "it is kept for a person to look at"


def test_many_rows_of_one_key_in_one_batch_are_forgotten_at_once(shelf, workspace, row, with_key):
    shelf.put(version="1", spec=with_key)
    with in_thread(workspace, bundles=shelf.folder) as service:
        rows = [row | {"kitchen": "K1"}] * 400 + [row | {"kitchen": "K2"}]
        service.post("/predict/batch", {"instances": rows})
        service.post("/predict/batch", {"instances": rows[:400]})
        until(lambda: len(list(read_rows(workspace, "kettle"))) == 801)
    assert forget_key(workspace, "kettle", ["K1"]) == 800
    assert [one.inputs["kitchen"] for one in read_rows(workspace, "kettle")] == ["K2"]


def test_an_entry_that_cannot_be_made_costs_no_other_its_place(shelf, workspace, row, monkeypatch):
    shelf.put(version="1")
    make = Entries.line

    def breaks(self, id, at, inputs, probabilities):
        if inputs["water level"] == 7:
            raise ValueError("of no use")
        return make(self, id, at, inputs, probabilities)

    monkeypatch.setattr(Entries, "line", breaks)
    with in_thread(workspace, bundles=shelf.folder) as service:
        for level in (1, 7, 2):
            service.post("/predict", row | {"water level": level})
        until(lambda: len(list(read_rows(workspace, "kettle"))) == 2)
        assert service.metric("headgate_log_rows_total", result="dropped") == 1


def test_rows_that_no_file_would_take_are_counted_and_later_ones_arrive(shelf, workspace, row, monkeypatch):
    shelf.put(version="1")
    put, broken = Spool.put, [True]

    def fails_once(self, lines, rows):
        if broken:
            broken.clear()
            raise RuntimeError("nobody foresaw this")
        put(self, lines, rows)

    monkeypatch.setattr(Spool, "put", fails_once)
    with in_thread(workspace, bundles=shelf.folder) as service:
        service.post("/predict", row)
        until(lambda: service.metric("headgate_log_rows_total", result="dropped") == 1)
        service.post("/predict", row)
        until(lambda: len(list(read_rows(workspace, "kettle"))) == 1)
