"""Which version answers: one that is broken is refused while the old one serves, and a new one takes over at once."""

import asyncio
import json
import os
import pickle
import shutil

import bundles
import httpx
import pytest
from running import in_thread, until

from headgate.bundle import seal


@pytest.fixture
def watched(shelf, workspace):
    """A service in which version 1 serves; it looks ten times a second."""
    shelf.put(version="1")
    with in_thread(workspace, bundles=shelf.folder) as service:
        yield service


def broken(shelf, how):
    """Return the folder of a sealed bundle, after `how(folder)`."""
    folder = bundles.write_bundle(shelf.folder / "broken", bias=0.5)
    how(folder)
    return folder


def truncated(folder):
    (folder / "model.onnx").write_bytes((folder / "model.onnx").read_bytes()[:200])


def truncated_and_sealed(folder):
    truncated(folder)
    seal(folder, "kettle")


def no_manifest(folder):
    (folder / "manifest.json").unlink()


def one_more_file(folder):
    (folder / "stowaway.txt").write_text("here")


def other_golden_rows(folder):
    golden = json.loads((folder / "golden.json").read_text())
    golden["probabilities"][1] = golden["probabilities"][1][::-1]
    (folder / "golden.json").write_text(json.dumps(golden))
    seal(folder, "kettle")


def other_columns(folder):
    spec = json.loads((folder / "spec.json").read_text())
    spec["columns"][0]["name"] = "waterline"
    (folder / "spec.json").write_text(json.dumps(spec))
    seal(folder, "kettle")


def other_kinds(folder):
    spec = json.loads((folder / "spec.json").read_text())
    spec["columns"][0] = {"name": "water level", "kind": "category", "categories": ["low"], "nullable": True}
    (folder / "spec.json").write_text(json.dumps(spec))
    seal(folder, "kettle")


def no_number(folder):
    (folder / "model.onnx").write_bytes(bundles.tiny_graph(float("nan")).SerializeToString())
    seal(folder, "kettle")


def any_answer(folder):
    golden = json.loads((folder / "golden.json").read_text())
    golden |= {"tolerance": 5.0, "probabilities": [one[::-1] for one in golden["probabilities"]]}
    (folder / "golden.json").write_text(json.dumps(golden))
    seal(folder, "kettle")


def nothing_golden(folder):
    golden = {"columns": {"water level": [], "maker": []}, "probabilities": [], "tolerance": 1e-6}
    (folder / "golden.json").write_text(json.dumps(golden))
    seal(folder, "kettle")


def other_classes(folder):
    evaluation = json.loads((folder / "evaluation.json").read_text())
    (folder / "evaluation.json").write_text(json.dumps({**evaluation, "classes": ["yes", "no"]}))
    seal(folder, "kettle")


def newer_spec(folder):
    (folder / "spec.json").write_text(json.dumps({**bundles.SPEC, "quantum": True}))
    seal(folder, "kettle")


def reports_of_another_kind(**parts):
    def change(folder):
        for name, told in parts.items():
            (folder / f"{name}.json").write_text(json.dumps(told))
        seal(folder, "kettle")
    return change


ODD_REPORTS = [reports_of_another_kind(gates={"decision": 5, "gates": "x"}),
               reports_of_another_kind(reference={"columns": 7}),
               reports_of_another_kind(evaluation={"metrics": [1]}),
               reports_of_another_kind(lineage={"algorithm": [1]})]


@pytest.mark.parametrize("how, why", [
    *((odd, "cannot be told") for odd in ODD_REPORTS),
    (truncated, "model.onnx was changed"), (truncated_and_sealed, "cannot be loaded"), (no_manifest, "is no bundle"),
    (one_more_file, "stowaway.txt"), (other_golden_rows, "golden rows"), (other_columns, "different columns"),
    (other_kinds, "different kinds"), (no_number, "no answer"), (newer_spec, "quantum"),
    (any_answer, "tolerance 5.0"), (nothing_golden, "no golden rows"), (other_classes, "classes")])
def test_a_broken_version_is_refused_and_the_old_one_serves(watched, shelf, row, how, why):
    before = watched.post("/predict", row).json()["probabilities"]
    shelf.give(broken(shelf, how), version="2")

    refused = until(lambda: watched.get("/ready").json()["refused"])["kettle"]
    assert refused["version"] == "2" and why in refused["why"]
    ready = watched.get("/ready")
    assert ready.status_code == 200 and ready.json()["status"] == "degraded", "the old one answers, a person is needed"
    after = watched.post("/predict", row).json()
    assert (after["model_version"], after["probabilities"]) == ("1", before)
    assert watched.metric("headgate_model_swaps_total", result="refused") == 1
    shelf.put(version="3", bias=1)
    until(lambda: watched.post("/predict", row).json()["model_version"] == "3")
    until(lambda: watched.get("/health").json()["status"] == "ok")
    assert watched.get("/ready").json()["refused"] == {}


def test_a_version_of_another_digest_or_model_is_refused(watched, shelf, row):
    shelf.give(bundles.write_bundle(shelf.folder / "two", bias=0.5), version="2", digest="0" * 64)
    assert "another bundle" in until(lambda: watched.get("/ready").json()["refused"])["kettle"]["why"]
    shelf.give(bundles.write_bundle(shelf.folder / "pot", model="pot"), version="3")
    until(lambda: "another model" in watched.get("/ready").json()["refused"]["kettle"]["why"])
    assert watched.post("/predict", row).json()["model_version"] == "1"


def test_a_version_that_is_too_slow_is_refused_and_nothing_serves_without_another(shelf, workspace, row):
    shelf.put(version="1")
    with in_thread(workspace, bundles=shelf.folder, slowest_ms=1e-6) as service:
        ready = service.get("/ready")
        assert ready.status_code == 503 and "too slow" in ready.json()["why"]
        assert service.post("/predict", row).status_code == 503


@pytest.mark.parametrize("place, why", [("../../elsewhere", "outside of its folder"), ("a\0b", "no folder"),
                                        ("loop", "no folder"), ("x" * 5000, "could not be loaded")])
def test_a_place_that_cannot_be_used_is_told_of_its_model_alone(watched, shelf, row, place, why):
    (shelf.folder / "loop").symlink_to(shelf.folder / "loop")
    shelf.say({"default": "kettle", "models": {"kettle": {"champion": place}}})
    until(lambda: why in watched.get("/ready").json()["refused"].get("kettle", {}).get("why", ""))
    assert watched.post("/predict", row).json()["model_version"] == "1" and watched.get("/ready").status_code == 200


@pytest.mark.parametrize("text, why", [("{", "cannot be read"), ("[]", "cannot be used"), ("", "cannot be read"),
                                       ("[" * 100_000, "cannot be"),
                                       ('{"models": {"kettle": {}, "kettle": {}}}', "kettle")])
def test_a_roles_file_that_cannot_be_used_costs_nobody_their_version(watched, shelf, row, text, why):
    shelf.say(text)
    until(lambda: why in watched.get("/health").json()["source"]["trouble"])
    assert watched.post("/predict", row).json()["model_version"] == "1" and watched.get("/ready").status_code == 200
    shelf.put(version="2", bias=1)
    until(lambda: watched.post("/predict", row).json()["model_version"] == "2")
    until(lambda: watched.get("/health").json()["source"]["trouble"] == "")


def test_roles_in_a_pipe_hold_up_nothing(watched, shelf, row):
    (shelf.folder / "roles.json").unlink()
    os.mkfifo(shelf.folder / "roles.json")
    until(lambda: "no file" in watched.get("/health").json()["source"]["trouble"])
    assert watched.post("/predict", row).json()["model_version"] == "1"


def test_a_default_model_that_is_not_there_is_told_wherever_one_looks(shelf, workspace, row):
    shelf.put(version="1")
    shelf.put(model="teapot", version="1")
    with in_thread(workspace, bundles=shelf.folder, default_model="samovar") as service:
        assert service.get("/health").json()["status"] == "degraded" and service.get("/ready").status_code == 503
        told = service.post("/predict", row)
        assert told.status_code == 503 and "'samovar', the default model" in told.json()["detail"]
        assert told.json()["models"] == ["kettle", "teapot"]
        assert service.post("/models/teapot/predict", row).status_code == 200


def test_a_model_that_has_no_champion_any_more_is_not_served(watched, shelf, row):
    shelf.say({"default": "kettle", "models": {}})
    until(lambda: watched.post("/predict", row).status_code == 503)
    assert "no champion" in watched.get("/ready").json()["why"]


class Bomb:
    """Whoever unpickles it makes a folder."""

    def __init__(self, place):
        self.place = place

    def __reduce__(self):
        return os.mkdir, (str(self.place),)


def test_no_pickle_is_ever_loaded(shelf, workspace, row, tmp_path):
    folder = bundles.write_bundle(shelf.folder / "trap")
    for name in ("model.pkl", "model.joblib", "reference.parquet", "features.py", "python_model.pkl"):
        (folder / name).write_bytes(pickle.dumps(Bomb(tmp_path / "exploded")))
    seal(folder, "kettle")
    shelf.give(folder, version="1")
    with in_thread(workspace, bundles=shelf.folder) as service:
        assert service.post("/predict", row).json()["model_version"] == "1"
        assert service.get("/models/kettle").status_code == 200
        shutil.copyfile(folder / "model.pkl", folder / "model.onnx")
        seal(folder, "kettle")
        shelf.give(folder, version="2")
        until(lambda: service.get("/ready").json()["refused"])
    assert not (tmp_path / "exploded").exists()
    with pytest.raises(FileExistsError):
        (tmp_path / "exploded").mkdir()
        pickle.loads((folder / "model.pkl").read_bytes())


async def ask(http, body, answers, over):
    while not over.is_set():
        found = await http.post("/predict" if "instances" not in body else "/predict/batch", json=body)
        answers.append((found.status_code, found.json()))


async def ask_while_versions_change(service, shelf, row, biases):
    """Return every answer given while one version after another takes over."""
    answers, over = [], asyncio.Event()
    base = str(service.http.base_url)
    async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=30) as http:
        asking = [asyncio.create_task(ask(http, body, answers, over))
                  for body in [row] * 6 + [{"instances": [row] * 3}] * 2 + [{"instances": [row] * 200}] * 2]
        for number, bias in enumerate(biases, start=2):
            await asyncio.to_thread(shelf.put, version=str(number), bias=bias)
            await asyncio.to_thread(until, lambda: versions_of(service) == str(number))
        over.set()
        await asyncio.gather(*asking)
    return answers


def versions_of(service):
    return service.get("/health").json()["models"]["kettle"]["version"]


def test_versions_change_under_load_and_no_answer_fails_or_mixes_them(watched, shelf, row):
    biases = [0.5, -0.5, 1.0, -1.0, 2.0, -2.0]
    answers = asyncio.run(ask_while_versions_change(watched, shelf, row, biases))

    assert {status for status, _ in answers} == {200} and len(answers) > 100
    shares = {}
    for _, found in answers:
        for one in found.get("predictions", [found]):
            shares.setdefault(found["model_version"], set()).add(round(one["probabilities"]["yes"], 5))
    assert {version: len(seen) for version, seen in shares.items()} == {version: 1 for version in shares}
    assert len(shares) >= 5 and len(set.union(*shares.values())) == len(shares), "each answers as itself alone"
    assert watched.metric("headgate_model_swaps_total", result="swapped") == len(biases)
