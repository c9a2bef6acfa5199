"""What a deployment needs of the service: an alias to follow, probes that leave no trace, counts by version."""

from load import under_load
from reading import rows_of
from running import in_thread, until

from api.keys import add_key

PROBE = {"X-Headgate-Probe": "1"}


def test_a_service_of_another_alias_serves_that_version_and_elsewhere_champions(shelf, workspace, row):
    champion = shelf.put(version="1")
    shelf.put(role="staging", version="2", bias=0.5)
    shelf.put(model="urn", version="7")
    with in_thread(workspace, bundles=shelf.folder, alias="staging") as service:
        found = service.get("/health").json()["models"]
        assert (found["kettle"]["version"], found["kettle"]["role"]) == ("2", "staging")
        assert (found["urn"]["version"], found["urn"]["role"]) == ("7", "champion")
        shelf.models["kettle"].pop("staging")
        shelf.give(champion, version="1")
        until(lambda: service.get("/models/kettle").json()["version"] == "1")


def test_a_service_of_another_alias_moves_no_champion(shelf, workspace, tmp_path):
    shelf.put(version="1")
    shelf.put(version="2", bias=0.5)
    admin = {"X-API-Key": add_key(tmp_path / "keys", "ops", admin=True)}
    with in_thread(workspace, bundles=shelf.folder, alias="staging", keys_file=tmp_path / "keys") as service:
        answer = service.post("/models/kettle/rollback", headers=admin)
        assert answer.status_code == 409 and "'staging'" in answer.json()["detail"]
        assert service.get("/models/kettle", headers=admin).json()["version"] == "2"


def test_a_probe_is_answered_and_neither_logged_nor_counted(shelf, workspace, row):
    shelf.put(version="1")
    with in_thread(workspace, bundles=shelf.folder) as service:
        assert service.post("/predict", row, headers=PROBE).status_code == 200
        assert service.post("/predict/batch", {"instances": [row]}, headers=PROBE).status_code == 200
        assert service.post("/predict", {"nonsense": 1}, headers=PROBE).status_code == 422
        kept = service.post("/predict", row).json()["prediction_id"]
        until(lambda: service.metric("headgate_version_seconds_count") == 1)
        assert service.metric("headgate_version_errors_total") == 0
        assert service.metric("headgate_requests_total", route="predict") == 3, "it is a request all the same"
    assert [one.prediction_id for one in rows_of(workspace)] == [kept]


def test_where_there_are_keys_a_probe_needs_an_admins(shelf, workspace, row, tmp_path):
    shelf.put(version="1")
    anybody, admin = add_key(tmp_path / "keys", "ada"), add_key(tmp_path / "keys", "ops", admin=True)
    with in_thread(workspace, bundles=shelf.folder, keys_file=tmp_path / "keys") as service:
        assert service.post("/predict", row, headers={**PROBE, "X-API-Key": anybody}).status_code == 403
        assert service.post("/predict", row, headers={**PROBE, "X-API-Key": admin}).status_code == 200
        assert service.post("/predict", row, headers={"X-API-Key": anybody}).status_code == 200


def test_each_version_has_its_own_counts(shelf, workspace, row):
    shelf.put(version="1")
    with in_thread(workspace, bundles=shelf.folder) as service:
        for wanted in (200, 200, 422):
            assert service.post("/predict", row if wanted == 200 else {"nonsense": 1}).status_code == wanted
        shelf.put(version="2", bias=0.5)
        until(lambda: service.get("/models/kettle").json()["version"] == "2")
        with under_load(service.port, row, callers=2, feedback=False) as told:
            until(lambda: len(told.statuses) > 50)
        assert set(told.statuses) == {200}
        assert service.metric("headgate_version_seconds_count", model="kettle", version="1", route="predict") == 3
        assert service.metric("headgate_version_errors_total", version="1", status="422") == 1
        until(lambda: service.metric("headgate_version_seconds_count", version="2") == len(told.statuses))
        assert service.metric("headgate_version_errors_total", version="2") == 0
        assert service.metric("headgate_version_seconds_bucket", version="2", le="+Inf") == len(told.statuses)
