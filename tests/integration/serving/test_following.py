"""What the source says is followed, and told: refusals that come back, roles that change, a source that is away."""

import bundles
import pytest
from running import in_thread, until
from test_troubles import check_problem

from api.keys import add_key
from headgate.bundle import seal


def test_a_refusal_that_comes_back_is_told_again(shelf, workspace, row):
    good = shelf.put(version="1")
    bad = bundles.write_bundle(shelf.folder / "bad", bias=0.5)
    (bad / "model.onnx").write_bytes(b"nothing")
    seal(bad, "kettle")
    with in_thread(workspace, bundles=shelf.folder) as service:
        for _ in range(2):
            shelf.give(bad, version="2")
            until(lambda: "kettle" in service.get("/ready").json()["refused"], seconds=10)
            shelf.give(good, version="1")
            until(lambda: service.get("/ready").json()["refused"] == {}, seconds=10)
        assert service.metric("headgate_model_swaps_total", result="refused") == 2


@pytest.mark.parametrize("facts, called", [({}, "bad"), ({"digest": "ab" * 32}, "abababababab"),
                                           ({"version": "7"}, "7")])
def test_a_refused_version_has_a_name_whatever_roles_say_of_it(shelf, workspace, facts, called):
    (shelf.folder / "bad").mkdir()
    shelf.give(shelf.folder / "bad", **facts)
    with in_thread(workspace, bundles=shelf.folder) as service:
        assert service.get("/ready").json()["refused"]["kettle"]["version"] == called


def test_a_model_that_roles_name_twice_is_told_as_such(shelf, workspace):
    shelf.say('{"models": {"kettle": {}, "kettle": {}}}')
    with in_thread(workspace, bundles=shelf.folder) as service:
        trouble = service.get("/health").json()["source"]["trouble"]
        assert "roles.json cannot be read" in trouble and "twice" in trouble and "body" not in trouble


def test_a_bundle_that_is_given_another_role_or_name_is_counted_by_it(shelf, workspace, row):
    champion = shelf.put(version="1")
    folder = shelf.put(role="canary", version="2", bias=1)
    with in_thread(workspace, bundles=shelf.folder, alias="canary") as service:
        service.post("/predict", row)
        until(lambda: service.metric("headgate_predictions_total", version="2", role="canary") == 1)
        shelf.models["kettle"] = {"previous": {"bundle": champion.name}}
        shelf.give(folder, version="2")
        until(lambda: service.get("/health").json()["models"]["kettle"]["role"] == "champion", seconds=10)
        assert service.get("/models/kettle").json()["role"] == "champion"
        service.post("/predict", row)
        until(lambda: service.metric("headgate_predictions_total", version="2", role="champion") == 1)
        assert service.metric("headgate_model_serving", role="champion") == 1
        assert service.metric("headgate_model_serving", role="canary") == 0
        shelf.give(folder)
        digest = service.get("/models/kettle").json()["digest"]
        until(lambda: service.get("/models/kettle").json()["version"] == digest[:12], seconds=10)


@pytest.mark.parametrize("what", ["reload", "rollback"])
def test_who_asks_for_a_move_while_the_source_cannot_be_read_is_told_why(shelf, workspace, row, tmp_path, what):
    shelf.put(version="1")
    admin = {"X-API-Key": add_key(tmp_path / "keys", "ada", admin=True)}
    with in_thread(workspace, bundles=shelf.folder, keys_file=tmp_path / "keys", poll_seconds=3600) as service:
        shelf.say("{")
        told = check_problem(service.post(f"/models/kettle/{what}", headers=admin), 503)
        assert "roles.json cannot be read" in told["detail"]
        assert service.post("/predict", row, headers=admin).status_code == 200
        shelf.put(version="2", bias=1)
        assert service.post("/models/kettle/reload", headers=admin).json()["version"] == "2"
        assert service.get("/health", headers=admin).json()["source"]["trouble"] == ""
        assert "503" in service.get("/openapi.json").json()["paths"]["/models/{name}/reload"]["post"]["responses"]


def test_a_version_that_cannot_even_be_loaded_is_rolled_back(shelf, workspace, row, tmp_path):
    good = shelf.put(version="1")
    shelf.give(good, role="previous", version="1")
    shelf.say({"models": {"kettle": {"champion": "nothing here", "previous": {"bundle": good.name, "version": "1"}}}})
    key = add_key(tmp_path / "keys", "ada", admin=True)
    with in_thread(workspace, bundles=shelf.folder, keys_file=tmp_path / "keys") as service:
        assert service.get("/ready").status_code == 503
        moved = service.post("/models/kettle/rollback", headers={"X-API-Key": key})
        assert moved.status_code == 200 and moved.json()["version"] == "1"
        assert service.post("/predict", row, headers={"X-API-Key": key}).status_code == 200


def test_one_broken_model_leaves_the_others_alone(shelf, workspace, row):
    shelf.put(version="1")
    shelf.put(model="teapot", version="1")
    shelf.models["teapot"]["champion"]["bundle"] = "../nope"
    shelf.say({"default": "kettle", "models": shelf.models})
    with in_thread(workspace, bundles=shelf.folder) as service:
        assert service.post("/predict", row).status_code == 200
        assert list(service.get("/ready").json()["refused"]) == ["teapot"]
