"""Who may ask: keys kept as hashes, changed without a restart; admin routes; browsers of other sites."""

import pytest
from running import in_thread, until
from test_troubles import check_problem

from api.keys import add_key

ADMIN = ("/models/kettle/reload", "/models/kettle/rollback")


@pytest.fixture
def keys_file(tmp_path):
    return tmp_path / "keys.txt"


@pytest.fixture
def locked(shelf, workspace, keys_file):
    """(a service that asks for keys, a key that may predict, an admin's key)"""
    shelf.put(version="1")
    shelf.put(version="2", bias=1)
    keys = add_key(keys_file, "bob"), add_key(keys_file, "ada", admin=True)
    with in_thread(workspace, bundles=shelf.folder, keys_file=keys_file) as service:
        yield service, *keys


def status(service, path, key=None, *, method="POST", body=None, bearer=False):
    headers = {} if key is None else {"Authorization": f"Bearer {key}"} if bearer else {"X-API-Key": key}
    return service.http.request(method, path, json=body, headers=headers).status_code


def test_without_a_key_nothing_but_health_is_told(locked, row):
    service, key, _ = locked
    for path in ("/predict", "/predict/batch", "/models/kettle/predict", "/feedback", *ADMIN):
        assert status(service, path, body=row) == 401, path
        assert status(service, path, "wrong", body=row) == 401, path
        assert status(service, path, "", body=row) == 401, path
    for path in ("/models", "/models/kettle", "/model/info"):
        assert status(service, path, method="GET") == 401 and status(service, path, key, method="GET") == 200
    for path in ("/", "/health", "/ready", "/metrics", "/docs", "/openapi.json"):
        assert status(service, path, method="GET") == 200
    refused = service.post("/predict", row)
    assert refused.headers["www-authenticate"].startswith("Bearer") and refused.json()["status"] == 401
    refused = {route: service.metric("headgate_requests_total", route=route, status="401")
               for route in ("feedback", "models", "models_{name}_reload", "other")}
    assert refused == {"feedback": 3, "models": 1, "models_{name}_reload": 3, "other": 0}


def test_a_key_in_either_header_is_good(locked, row):
    service, key, admin = locked
    for one in (key, admin):
        assert status(service, "/predict", one, body=row) == 200
        assert status(service, "/predict", one, body=row, bearer=True) == 200


def test_only_an_admin_may_move_versions(locked, row):
    service, key, admin = locked
    for path in ADMIN:
        assert status(service, path, key) == 403
    moved = service.post("/models/kettle/rollback", headers={"X-API-Key": admin}).json()
    assert (moved["before"], moved["version"], moved["changed"]) == ("2", "1", True)
    assert service.post("/predict", row, headers={"X-API-Key": key}).json()["model_version"] == "1"
    again = service.post("/models/kettle/rollback", headers={"X-API-Key": admin})
    assert again.status_code == 409 and "no previous champion" in again.json()["detail"]
    assert status(service, "/models/pot/rollback", admin) == 404 and status(service, "/models/pot/reload", admin) == 404


def test_a_champion_is_taken_at_once_when_an_admin_says_so(shelf, workspace, keys_file, row):
    shelf.put(version="1")
    admin = {"X-API-Key": add_key(keys_file, "ada", admin=True)}
    with in_thread(workspace, bundles=shelf.folder, keys_file=keys_file, poll_seconds=3600) as service:
        shelf.put(version="2", bias=1)
        assert service.post("/predict", row, headers=admin).json()["model_version"] == "1"
        moved = service.post("/models/kettle/reload", headers=admin).json()
        assert (moved["before"], moved["version"], moved["refused"]) == ("1", "2", None)
        assert service.post("/predict", row, headers=admin).json()["model_version"] == "2"


def test_keys_change_while_the_service_runs(locked, keys_file, row):
    service, key, _ = locked
    new = add_key(keys_file, "eve")
    until(lambda: status(service, "/predict", new, body=row) == 200)
    keys_file.write_text("".join(line for line in keys_file.read_text().splitlines(True) if not line.startswith("bob")))
    until(lambda: status(service, "/predict", key, body=row) == 401)
    assert status(service, "/predict", new, body=row) == 200


@pytest.mark.parametrize("text", ["this is no key\n", None])
def test_a_keys_file_that_is_broken_or_gone_lets_nobody_in(locked, keys_file, row, text):
    service, key, admin = locked
    keys_file.unlink() if text is None else keys_file.write_text(text)
    until(lambda: status(service, "/predict", key, body=row) == 401)
    assert status(service, ADMIN[0], admin) == 401 and status(service, "/health", method="GET") == 200


def test_an_editor_may_put_a_byte_order_mark_before_the_first_key(locked, keys_file, row):
    service, key, _ = locked
    keys_file.write_text(keys_file.read_text(), encoding="utf-8-sig")
    assert status(service, "/predict", key, body=row) == 200


def test_the_file_holds_no_key_and_is_its_owners(locked, keys_file):
    _, key, admin = locked
    text = keys_file.read_text()
    assert key not in text and admin not in text and text.count("\n") == 2
    assert keys_file.stat().st_mode & 0o077 == 0 and len(key) >= 40


def test_without_a_file_of_keys_admin_routes_are_off(kettle):
    for path in ADMIN:
        assert status(kettle, path) == 403 and status(kettle, path, "any") == 403


def test_another_site_may_not_call_from_a_browser_unless_it_is_named(kettle, shelf, workspace, row):
    foreign = {"Origin": "https://shop.example"}
    asked = {**foreign, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    assert kettle.http.options("/predict", headers=asked).status_code == 405
    assert "access-control-allow-origin" not in kettle.post("/predict", row, headers=foreign).headers
    shelf.put(version="1")
    with in_thread(workspace, bundles=shelf.folder, cors_origins=["https://shop.example"]) as service:
        assert service.http.options("/predict", headers=asked).status_code == 200
        for path in ("/predict", "/models/kettle/predict"):
            answer = service.post(path, row, headers=foreign)
            assert answer.status_code == 200
            assert answer.headers["access-control-allow-origin"] == "https://shop.example"
        other = service.post("/predict", row, headers={"Origin": "https://thief.example"})
        assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize("path, route", [("/predict", "predict"), ("/health", "health"), ("/nothing", "other")])
def test_what_a_browser_asks_before_is_a_request_as_all_others(shelf, workspace, keys_file, path, route):
    shelf.put(version="1")
    add_key(keys_file, "ada")
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST", "X-Request-ID": "one"}
    with in_thread(workspace, bundles=shelf.folder, keys_file=keys_file, cors_origins=[asked["Origin"]]) as service:
        granted = service.http.options(path, headers=asked)
        assert granted.status_code == 200 and granted.headers["x-request-id"] == "one"
        for wrong in ({"Origin": "https://thief.example"}, {"Access-Control-Request-Method": "DELETE"}):
            refused = service.http.options(path, headers={**asked, **wrong})
            assert check_problem(refused, 400)["request_id"] == "one" and "Disallowed CORS" in refused.json()["detail"]
            assert "Origin" in refused.headers["vary"]
        assert service.metric("headgate_requests_total", route=route, status="400") == 2
        assert service.metric("headgate_requests_total", route=route, status="200") == 1
        unnamed = service.http.options(path, headers={"Origin": asked["Origin"]})
        assert unnamed.status_code == (405 if route == "health" else 401)
        assert unnamed.headers["access-control-allow-origin"] == asked["Origin"]


def test_a_keys_file_that_breaks_lets_nobody_in_and_says_so(locked, keys_file, row):
    service, key, _ = locked
    whole = keys_file.read_text()
    keys_file.write_text(whole + "garbage\n")
    until(lambda: status(service, "/predict", key, body=row) == 401)
    assert service.get("/health").json()["status"] == "degraded" and service.get("/ready").json()["keys_trouble"]
    keys_file.write_text(whole)
    until(lambda: status(service, "/predict", key, body=row) == 200)
    keys_file.write_text("")
    until(lambda: status(service, "/predict", key, body=row) == 401)
    assert service.get("/health").json()["status"] == "degraded" and service.get("/ready").json()["keys_trouble"]
    keys_file.write_text(whole)
    until(lambda: status(service, "/predict", key, body=row) == 200)
    assert service.get("/ready", headers={"X-API-Key": key}).json()["keys_trouble"] == ""


def test_where_things_are_is_told_to_those_with_a_key(locked, shelf):
    service, key, _ = locked
    shelf.say("{")
    until(lambda: service.get("/health").json()["status"] == "degraded")
    assert str(shelf.folder) not in service.get("/ready").text
    assert str(shelf.folder) in service.get("/ready", headers={"X-API-Key": key}).text
