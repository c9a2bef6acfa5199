"""The OpenAPI document: it says what a row may be, and the service does what it says."""

import json
import re
import shutil
import subprocess
import sys

import bundles
import pytest
from running import CHECKOUT, as_process, workspace_at

from api.keys import add_key


@pytest.fixture(scope="module")
def three(tmp_path_factory, ferries_bundle, teas_bundle):
    """(a service of three models that asks for keys, an admin's key)"""
    home = tmp_path_factory.mktemp("three")
    shutil.copytree(ferries_bundle, home / "bundles" / "ferries")
    shutil.copytree(teas_bundle, home / "bundles" / "teas")
    bundles.write_bundle(home / "bundles" / "kettle")
    roles = {"default": "ferries", "models": {name: {"champion": name} for name in ("ferries", "teas", "kettle")}}
    (home / "bundles" / "roles.json").write_text(json.dumps(roles))
    key = add_key(home / "keys.txt", "ada", admin=True)
    with as_process(workspace_at(home / "state"), "--bundles", home / "bundles", "--keys-file",
                    home / "keys.txt") as service:
        service.http.headers["X-API-Key"] = key
        yield service, key


def test_every_request_is_answered_as_the_document_says(three):
    service, key = three
    done = subprocess.run([sys.executable, "benchmarks/contract.py", "--url", str(service.http.base_url), "--examples",
                           "100", "--key", key, "--json"], cwd=CHECKOUT, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["requests"] > 2000


def test_the_document_names_ranges_units_categories_and_an_example(three):
    service, _ = three
    schemas = service.get("/openapi.json").json()["components"]["schemas"]
    cells = schemas["ferries.row"]["properties"]

    assert (cells["wind"]["minimum"], cells["wind"]["maximum"]) == (0, 40)
    assert cells["wind"]["description"] == "Mean of ten minutes (m/s)"
    assert cells["crew"]["type"] == ["integer", "null"] and cells["line"]["enum"] == ["Bergen", "Molde", "Ålesund"]
    assert cells["cargo"]["x-known-values"] == ["cars", "fish"] and cells["leaves"]["format"] == "date-time"
    assert schemas["ferries.row"]["required"] == ["wind", "line", "captain_age"]
    [example] = schemas["ferries.row"]["examples"]
    assert service.post("/predict", example).status_code == 200


def test_every_example_in_the_document_is_answered(three):
    service, _ = three
    paths = service.get("/openapi.json").json()["paths"]
    asked = 0
    for path, operations in paths.items():
        body = operations.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json", {})
        for example in body.get("examples", {}).values():
            assert service.post(path, example["value"]).status_code == 200, path
            asked += 1
    assert asked == 12


def test_the_documentation_loads_nothing_from_another_site(three):
    service, _ = three
    page = service.get("/docs").text

    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(loaded) >= 2 and all(place.startswith("/docs/assets/") for place in loaded)
    assert all(service.get(place).status_code == 200 for place in loaded)
    assert "url: '/openapi.json'" in page and "//" not in re.sub(r"(?s)<!--.*?-->", "", page)
