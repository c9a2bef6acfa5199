"""`python -m headgate forget`: rows are found by their key as it was sent, whatever became of the spec's key since."""

import json
import shutil

import bundles
import ferries
import pytest
import yaml
from reading import logged, rows_of
from running import in_thread, until
from typer.testing import CliRunner

from headgate.bundle import seal
from headgate.commands.app import app


@pytest.fixture
def forget(workspace, tmp_path, monkeypatch):
    """Run the command: forget("kettle", "--older-than", 1) returns (exit code, what it told)."""
    monkeypatch.setenv("HEADGATE_HOME", str(workspace.home))
    monkeypatch.setenv("HEADGATE_ROOT", str(tmp_path))
    for name in ("MLFLOW_TRACKING_URI", "HEADGATE_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)

    def run(*words):
        done = CliRunner().invoke(app, ["forget", *map(str, words), "--json"])
        return done.exit_code, json.loads(done.stdout.splitlines()[-1])
    return run


def key(**columns):
    return [word for name, value in columns.items() for word in ("--key", f"{name.replace('_', ' ')}={value}")]


def write_model(root, spec):
    folder = root / "models" / spec["name"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.yaml").write_text(yaml.safe_dump(spec), encoding="utf-8")


TYPED = {**ferries.SPEC, "data": {**ferries.SPEC["data"], "key": ["gale", "leaves", "wind"]}}


@pytest.fixture
def service(ferries_bundle, workspace, tmp_path):
    """Ferries that are named by a truth, a time and a number of the model."""
    folder = tmp_path / "served" / "ferries"
    shutil.copytree(ferries_bundle, folder)
    spec = json.loads((folder / "spec.json").read_text())
    spec["data"]["key"] = TYPED["data"]["key"]
    (folder / "spec.json").write_text(json.dumps(spec))
    (folder / "manifest.json").unlink()
    seal(folder, "ferries")
    (tmp_path / "served" / "roles.json").write_text('{"models": {"ferries": {"champion": "ferries"}}}')
    with in_thread(workspace, bundles=tmp_path / "served") as running:
        yield running


@pytest.mark.parametrize("given", [
    {"gale": "true", "leaves": "2026-03-01 10:00:00+02:00", "wind": "12.0"},
    {"wind": "12", "gale": "True", "leaves": "2026-03-01T09:00:00"}])
@pytest.mark.parametrize("known", [True, False])
def test_a_key_of_the_models_own_columns_is_found_as_it_was_sent(service, workspace, tmp_path, forget, known, given):
    sent = ferries.row(gale=True, leaves="2026-03-01 10:00:00+02:00", wind=12.0)
    other = {**sent, "gale": False}
    service.post("/predict", sent)
    service.post("/predict/batch", {"instances": [other, sent]})
    logged(workspace, 3, model="ferries")
    if known:
        write_model(tmp_path, TYPED)
    elif "+" in given["leaves"]:
        given = {**given, "leaves": "2026-03-01 09:00"}     # whose zone is not known either
    code, told = forget("ferries", *key(**given))
    assert (code, told) == (0, {"model": "ferries", "deleted": 2})
    assert [one.inputs["gale"] for one in rows_of(workspace, "ferries")] == [False]


@pytest.fixture
def kitchens(shelf, workspace, row):
    """Rows of kettles that were logged under the key kitchen and plan, then one under kitchen alone."""
    named = {**row, "kitchen": "Küche", "plan": 77.0}

    def spec(*columns):
        return {"data": {"source": {"csv": "kettle.csv"}, "key": list(columns)}}
    shelf.put(version="1", spec=spec("kitchen", "plan"))
    with in_thread(workspace, bundles=shelf.folder) as service:
        service.post("/predict", named)
        service.post("/predict/batch", {"instances": [named, {**named, "plan": "Küche", "kitchen": "77"}]})
        logged(workspace, 3)
        del named["plan"]
        shelf.put(version="2", bias=0.1, spec=spec("kitchen"))
        until(lambda: service.get("/model/info").json()["version"] == "2")
        service.post("/predict", named)
        logged(workspace, 4)
    return spec


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("plan", ["77", "77.0"])
def test_rows_of_an_earlier_key_are_found_by_its_columns_in_any_order(kitchens, workspace, tmp_path, forget, known,
                                                                      plan):
    if known:
        write_model(tmp_path, {**bundles.SPEC, **kitchens("kitchen")})
    assert forget("kettle", *key(plan=plan, kitchen="Küche"))[1]["deleted"] == 2
    left = [one.inputs["kitchen"] for one in rows_of(workspace)]
    assert left == ["77", "Küche"], "the same values in each other's columns are another row"
    assert forget("kettle", *key(kitchen="Küche"))[1]["deleted"] == 1


def test_a_row_is_not_forgotten_for_the_same_value_in_another_column(kitchens, workspace, tmp_path, forget):
    write_model(tmp_path, {**bundles.SPEC, **kitchens("maker")})
    assert forget("kettle", *key(maker="Küche")) == (0, {"model": "kettle", "deleted": 0})
    assert len(rows_of(workspace)) == 4


def test_when_nothing_matches_it_says_so(kitchens, workspace, tmp_path, forget):
    write_model(tmp_path, {**bundles.SPEC, **kitchens("kitchen")})
    told = CliRunner().invoke(app, ["forget", "kettle", *key(kitchen="Kche")])
    assert told.exit_code == 0 and "Nothing is deleted" in told.stdout and "kitchen=Kche" in told.stdout
    code, told = forget("kettle", *key(kichen="Küche"))
    assert code == 2 and "kichen" in told["error"] and "kitchen" in told["error"]


def test_a_name_that_nobody_knows_is_told_with_the_nearest(kitchens, forget, tmp_path):
    for words in (("ketle", "--older-than", 10), ("ketle", *key(kitchen="Küche"))):
        code, told = forget(*words)
        assert code == 2 and "'ketle'" in told["error"] and "Did you mean 'kettle'?" in told["error"]
    assert forget("kettle", "--older-than", 10) == (0, {"model": "kettle", "deleted": 0})
    write_model(tmp_path, {**bundles.SPEC, "name": "samovar"})
    assert forget("samovar", "--older-than", 10) == (0, {"model": "samovar", "deleted": 0})
