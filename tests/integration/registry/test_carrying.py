"""Export here, import there: the same digest, and nothing broken gets in."""

import json

import pytest
from bundles import write_bundle
from places import workspace_at

from headgate.bundle import seal, verify
from headgate.errors import BundleBroken, StorageError
from headgate.registry import aliases, read
from headgate.registry.register import register
from headgate.registry.transfer import export_bundle, import_bundle


def test_a_version_keeps_its_identity_in_another_registry(workspace, bundle, tmp_path, empty_registry):
    aliases.accept(workspace, register(workspace, bundle()))
    sent = export_bundle(workspace, "kettle", "champion", tmp_path / "carried")
    elsewhere = workspace_at(tmp_path / "elsewhere")
    elsewhere.home.mkdir()
    (elsewhere.home / "mlflow.db").write_bytes(empty_registry.read_bytes())
    came = import_bundle(elsewhere, tmp_path / "carried")
    assert came.digest == sent.digest == verify(tmp_path / "carried") and not came.existed
    assert read.champion(elsewhere, "kettle") is None, "it serves only once it is promoted"
    assert import_bundle(elsewhere, tmp_path / "carried").existed
    assert len(read.list_versions(elsewhere, "kettle")) == 1


def test_an_export_never_overwrites(workspace, bundle, tmp_path):
    register(workspace, bundle())
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("keep me")
    with pytest.raises(StorageError, match="exists already"):
        export_bundle(workspace, "kettle", "1", tmp_path / "full")
    (tmp_path / "file").write_text("keep me")
    with pytest.raises(StorageError):
        export_bundle(workspace, "kettle", "1", tmp_path / "file" / "below")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


def test_golden_rows_that_are_not_reproduced_keep_a_bundle_out(workspace, tmp_path):
    folder = write_bundle(tmp_path / "liar")
    golden = json.loads((folder / "golden.json").read_text())
    golden["probabilities"][0] = [0.5 - 1e-3, 0.5 + 1e-3]
    (folder / "golden.json").write_text(json.dumps(golden))
    seal(folder, "kettle")
    with pytest.raises(BundleBroken, match="golden rows"):
        import_bundle(workspace, folder)
    assert read.list_names(workspace) == ()


@pytest.mark.parametrize("name, change, told", [
    ("golden", lambda part: {}, "golden.json is not whole"),
    ("lineage", lambda part: [], "lineage.json is no JSON object"),
    ("lineage", lambda part: {"model": "kettle"}, "lineage.json is not whole"),
    ("golden", lambda part: {**part, "tolerance": 10}, "tolerance 10"),
    ("golden", lambda part: {**part, "tolerance": None}, "tolerance None")])
def test_a_bundle_whose_sums_are_right_but_whose_parts_are_not_is_kept_out(workspace, tmp_path, name, change, told):
    folder = write_bundle(tmp_path / "made up")
    part = json.loads((folder / f"{name}.json").read_text())
    (folder / f"{name}.json").write_text(json.dumps(change(part)))
    seal(folder, "kettle")
    with pytest.raises(BundleBroken, match=told):
        import_bundle(workspace, folder)
    assert read.list_names(workspace) == ()


def test_a_bundle_that_names_two_models_or_has_an_unknown_spec_is_kept_out(workspace, tmp_path):
    folder = write_bundle(tmp_path / "two")
    seal(folder, "teapot")
    with pytest.raises(BundleBroken, match="different models"):
        import_bundle(workspace, folder)
    spec = json.loads((folder / "spec.json").read_text())
    (folder / "spec.json").write_text(json.dumps({**spec, "from_the_future": 1}))
    seal(folder, "kettle")
    with pytest.raises(BundleBroken, match="spec.json cannot be used"):
        import_bundle(workspace, folder)
