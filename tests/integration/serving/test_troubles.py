"""Whatever goes wrong is told as a problem (RFC 9457) that bears the request's id."""

import gzip
import json

import pytest
from running import in_thread, raw

JSON = {"content-type": "application/json"}
TITLES = {400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict",
          413: "Content Too Large", 415: "Unsupported Media Type", 422: "Unprocessable Content",
          429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable"}      # RFC 9110


def check_problem(answer, status):
    """Assert that an answer is the one shape of all errors; return the document."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert (found["type"], found["status"], found["title"]) == ("about:blank", status, TITLES[status])
    assert found["detail"] and found["request_id"] == answer.headers["x-request-id"]
    return found


@pytest.mark.parametrize("method, path, body, status", [
    ("GET", "/nothing/here", None, 404), ("POST", "/nothing/here", b"{}", 404),
    ("POST", "/nothing/predict", b"{}", 404),
    ("POST", "/nothing/predict/batch", b"{}", 404), ("GET", "/models/pot", None, 404),
    ("POST", "/models/pot/predict", b"{}", 404), ("POST", "/models/pot/predict/batch", b"{}", 404),
    ("GET", "/models/%ff%00%ed%a0%80", None, 404), ("GET", "/docs/assets/../../settings.py", None, 404),
    ("POST", "/predict/", b"{}", 404), ("POST", "/feedback/", b"{}", 404),
    ("POST", "/predict%0A", b"{}", 404), ("POST", "/feedback%0A", b"{}", 404), ("GET", "/health%0A", None, 404),
    ("GET", "/predict", None, 405), ("PUT", "/predict", b"{}", 405), ("DELETE", "/models/kettle/predict", None, 405),
    ("POST", "/health", b"{}", 405), ("PATCH", "/feedback", b"{}", 405), ("GET", "/models/kettle/reload", None, 405),
    ("POST", "/predict", b"", 400), ("POST", "/predict", b"{", 400), ("POST", "/predict", b"\xff", 400),
    ("POST", "/predict", b'{"maker": "a", "maker": "a"}', 400), ("POST", "/feedback", b"{", 400),
    ("POST", "/feedback", b"\xff\xfe", 400), ("POST", "/feedback", b"[" * 10_000, 400),
    ("POST", "/feedback", b"[" * 100_000, 413),
    ("POST", "/predict/batch", b'{"instances": ' + b"[" * 100_000, 400),
    ("POST", "/predict", b"[]", 422), ("POST", "/predict", b"null", 422), ("POST", "/predict/batch", b"[]", 422),
    ("POST", "/predict/batch", b'{"instances": []}', 422), ("POST", "/predict/batch", b'{"columns": {}}', 422),
    ("POST", "/feedback", b"{}", 422), ("POST", "/feedback", b"[]", 422), ("POST", "/feedback", b"", 400),
    ("POST", "/feedback", b"\xef\xbb\xbf{}", 400), ("POST", "/feedback", "{}".encode("utf-16"), 400),
    ("POST", "/models/kettle/reload", b"", 403), ("POST", "/models/kettle/rollback", b"", 403)])
def test_every_refusal_is_a_problem(kettle, method, path, body, status):
    found = check_problem(kettle.http.request(method, path, content=body, headers=JSON), status)
    if status == 422:
        assert found["errors"] and all(one["message"] for one in found["errors"])


@pytest.mark.parametrize("path", ["/predict", "/predict/batch", "/models/kettle/predict", "/feedback"])
@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
def test_what_is_not_said_to_be_json_is_415(kettle, path, kind):
    headers = {"content-type": kind} if kind else {}
    check_problem(kettle.http.post(path, content=b'{"maker": "a"}', headers=headers), 415)


@pytest.mark.parametrize("path", ["/predict", "/predict/batch", "/feedback"])
def test_a_compressed_body_is_415_and_says_so(kettle, path):
    sent = {"content-type": "application/json", "content-encoding": "gzip"}
    answer = kettle.http.post(path, content=gzip.compress(b'{"maker": "a"}'), headers=sent)
    assert "compressed" in check_problem(answer, 415)["detail"] and answer.headers["accept-encoding"] == "identity"
    check_problem(kettle.http.post(path, content=b"{", headers={**sent, "content-encoding": "identity"}), 400)


@pytest.mark.parametrize("kind", ["application/json", "APPLICATION/JSON; charset=utf-8", "application/vnd.x+json"])
def test_the_kinds_of_json(kettle, row, kind):
    answer = kettle.http.post("/predict", content=json.dumps(row), headers={"content-type": kind})
    assert answer.status_code == 200


@pytest.mark.parametrize("method, path, body", [
    ("GET", "/health", None), ("GET", "/nothing", None), ("POST", "/predict", b"{"),
    ("POST", "/predict", b'{"maker": "a"}'),
    ("POST", "/nothing/predict", b"{}"), ("POST", "/feedback", b"{}"), ("GET", "/docs/assets/swagger-ui.css", None)])
def test_the_id_of_a_request_comes_back(kettle, method, path, body):
    sent = kettle.http.request(method, path, content=body, headers={**JSON, "X-Request-ID": "ticket-17/a"})
    assert sent.headers.get_list("x-request-id") == ["ticket-17/a"]
    ids = [kettle.http.request(method, path, content=body, headers=JSON).headers["x-request-id"] for _ in range(2)]
    assert ids[0] != ids[1] and all(ids)


@pytest.mark.parametrize("name", [b"", b"with space", b"\xe9", b"x" * 129, b"tab\tbed"])
def test_an_id_that_could_break_a_log_is_replaced(kettle, row, name):
    answer = kettle.http.post("/predict", json=row, headers=[(b"X-Request-ID", name)])
    assert answer.status_code == 200 and answer.headers["x-request-id"].encode("latin-1") != name


def test_the_errors_of_a_batch_name_its_rows(kettle, row):
    rows = [row, {**row, "maker": "c"}, row, {"water level": "deep", "lid": 1}]
    found = check_problem(kettle.post("/predict/batch", {"instances": rows}), 422)

    assert found["rows"] == 2
    assert [(one["index"], one["field"]) for one in found["errors"]] == [(1, "maker"), (3, "water level"), (3, "lid")]
    assert found["errors"][0]["limit"] == 'one of "a", "b", or null' and found["errors"][0]["value"] == '"c"'


def test_a_batch_of_nothing_but_wrong_rows_is_told_by_its_first(kettle):
    found = check_problem(kettle.post("/predict/batch", {"instances": [{"maker": 3}] * 5000}), 422)
    assert found["rows"] == 5000 and len(found["errors"]) == 100


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 400, "1e-999999"])
def test_numbers_that_json_or_a_model_does_not_have(kettle, token):
    one = kettle.http.post("/predict", content=f'{{"water level": {token}}}', headers=JSON)
    many = kettle.http.post("/predict/batch", content=f'{{"instances": [{{"water level": {token}}}]}}', headers=JSON)
    assert one.status_code == many.status_code == (200 if token == "1e-999999" else 422)


def test_labels_in_feedback_may_be_any_text_and_are_told_back(kettle):
    for label in ('"\\ud800"', '"\\u0000"', '"' + "x" * 300 + '"', "NaN", "1e999", '"é"', "9" * 5000):
        body = f'{{"prediction_id": "kettle.{"0" * 32}", "label": {label}}}'
        answer = kettle.http.post("/feedback", content=body, headers=JSON)
        check_problem(answer, 400 if label.startswith("999") else 422)


@pytest.mark.parametrize("path", ["/", "/health", "/ready", "/model/info", "/models", "/models/kettle", "/metrics",
                                  "/docs", "/openapi.json", "/docs/assets/swagger-ui.css", "/nothing", "/predict"])
def test_head_is_answered_as_get_without_the_body(kettle, path):
    whole, head = kettle.get(path), kettle.http.head(path)
    assert head.status_code == whole.status_code and head.content == b""
    assert head.headers["content-type"] == whole.headers["content-type"] and head.headers["x-request-id"]
    assert path == "/metrics" or abs(int(head.headers["content-length"]) - len(whole.content)) < 9
    told = raw(kettle.port, f"HEAD {path} HTTP/1.1\r\nHost: kettle\r\nConnection: close\r\n\r\n".encode())
    assert told.endswith(b"\r\n\r\n") and told.count(b"\r\n\r\n") == 1


def test_a_refused_method_counts_at_the_route_it_meant(kettle):
    before = kettle.metric("headgate_requests_total", route="feedback", status="405")
    check_problem(kettle.http.get("/feedback"), 405)
    assert kettle.metric("headgate_requests_total", route="feedback", status="405") == before + 1


def test_fewer_rows_at_once_than_there_are_golden_rows_serve_all_the_same(shelf, workspace, row):
    shelf.put()
    with in_thread(workspace, bundles=shelf.folder, max_rows=1) as service:
        assert service.post("/predict", row).status_code == 200
        check_problem(service.post("/predict/batch", {"instances": [row, row]}), 413)


def test_what_a_body_may_not_be_called_twice(kettle):
    body = f'{{"prediction_id": "kettle.{"0" * 32}", "label": "yes", "label": "no"}}'
    check_problem(kettle.http.post("/feedback", content=body, headers=JSON), 400)
    check_problem(kettle.http.post("/feedback", content='{"\\ud800": 1}', headers=JSON), 422)


def test_an_error_that_nobody_foresaw_says_nothing_of_the_inside(shelf, workspace, row):
    shelf.put()
    with in_thread(workspace, bundles=shelf.folder) as service:
        service.service.keeper.state.served["kettle"].gather.now = lambda row: 1 / 0
        service.service.desk.store = lambda label: 1 / 0
        found = check_problem(service.post("/predict", row), 500)
        stored = service.post("/feedback", {"prediction_id": f"kettle.{'0' * 32}", "label": "yes"})
        assert "division" not in found["detail"] and "division" not in check_problem(stored, 500)["detail"]
        assert service.metric("headgate_requests_total", status="500") == 2


def test_without_a_model_there_is_no_prediction_and_ready_says_why(shelf, workspace, row):
    shelf.say({"models": {}})
    with in_thread(workspace, bundles=shelf.folder) as service:
        for path in ("/predict", "/predict/batch", "/models/kettle/predict"):
            assert check_problem(service.post(path, row), 503) and service.post(path, row).headers["retry-after"]
        check_problem(service.get("/model/info"), 503)
        assert service.get("/health").json()["status"] == "degraded"
        ready = service.get("/ready")
        assert ready.status_code == 503 and "No model has a champion yet" in ready.json()["why"]
        assert service.get("/models").json() == {"models": [], "count": 0}
        assert "/feedback" in service.get("/openapi.json").json()["paths"]


def test_several_models_and_none_is_the_default(shelf, workspace, row):
    shelf.default = None
    for model in ("kettle", "pot"):
        shelf.put(model=model)
    with in_thread(workspace, bundles=shelf.folder) as service:
        found = check_problem(service.post("/predict", row), 404)
        assert found["models"] == ["kettle", "pot"] and service.get("/ready").json()["ready"]
        for model in ("kettle", "pot"):
            assert service.post(f"/models/{model}/predict", row).json()["model"] == model
        assert "pot" in check_problem(service.post("/models/pots/predict", row), 404)["detail"]
