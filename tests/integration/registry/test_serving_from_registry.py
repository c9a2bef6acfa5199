"""Where the service finds its champions: the registry's own file, or a server that one process follows."""

import shutil
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from places import workspace_at

from api.models.keeper import Keeper
from api.models.load import Limits
from api.sources import registry
from api.sources.choose import choose_source
from api.settings import Settings
from headgate.errors import HeadgateError, RegistryError
from headgate.registry import aliases, read
from headgate.registry.register import register

LIMITS = Limits(max_rows=100, slowest_ms=1000)


def keeper_of(workspace, **settings):
    return Keeper(choose_source(Settings(**settings), workspace), LIMITS, poll_seconds=0.2)


def versions(keeper):
    return {name: one.version for name, one in keeper.refresh(force=True).served.items()}


def test_whoever_bears_the_alias_serves(workspace, bundle):
    keeper = keeper_of(workspace)
    assert versions(keeper) == {} and keeper.state.trouble == ""
    for wishes in ({}, {"bias": 0.1}):
        aliases.accept(workspace, register(workspace, bundle(**wishes)))
    assert versions(keeper) == {"kettle": "1"}, "a challenger waits"
    aliases.promote(workspace, "kettle", "2")
    assert versions(keeper) == {"kettle": "2"}
    aliases.rollback(workspace, "kettle")
    assert versions(keeper) == {"kettle": "1"}
    aliases.move_aliases(workspace, "kettle", {"champion": None})
    assert versions(keeper) == {}, "without a champion nothing serves"


def test_a_registry_that_breaks_costs_nobody_their_champion(workspace, bundle):
    aliases.accept(workspace, register(workspace, bundle()))
    keeper = keeper_of(workspace)
    assert versions(keeper) == {"kettle": "1"}
    file = workspace.home / "mlflow.db"
    kept = file.read_bytes()
    file.write_bytes(b"this is no database" * 100)
    assert versions(keeper) == {"kettle": "1"} and "cannot be used" in keeper.state.trouble
    file.write_bytes(kept)
    assert versions(keeper) == {"kettle": "1"} and keeper.state.trouble == ""


def test_a_rollback_that_cannot_be_is_told_without_the_insides(workspace, bundle, tmp_path, monkeypatch):
    for wishes in ({}, {"bias": 0.1}):
        aliases.accept(workspace, register(workspace, bundle(**wishes)))
    aliases.promote(workspace, "kettle", "2")
    source = choose_source(Settings(), workspace)
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho no module at /opt/secret >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(registry, "sys", SimpleNamespace(executable=str(broken)))
    with pytest.raises(HeadgateError, match="log of the service says why") as told:
        source.roll_back("kettle", "ada")
    assert "/" not in str(told.value)
    monkeypatch.setattr(registry, "find_spec", lambda name: None)
    with pytest.raises(RegistryError, match="MLflow is not installed"):
        source.roll_back("kettle", "ada")


def test_a_server_is_followed_and_its_last_word_outlives_it(server, tmp_path, bundle, monkeypatch):
    workspace = replace(workspace_at(tmp_path / "home"), tracking_uri=server)
    for wishes in ({}, {"bias": 0.1}):
        aliases.accept(workspace, register(workspace, bundle(**wishes)))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    monkeypatch.setenv("HEADGATE_HOME", str(workspace.home))
    keeper = keeper_of(workspace, poll_seconds=0.2)
    try:
        assert versions(keeper) == {"kettle": "1"}
        staging = keeper_of(workspace, poll_seconds=0.2, alias="staging")
        aliases.move_aliases(workspace, "kettle", {"staging": "2"})
        assert versions(staging) == {"kettle": "2"} and versions(keeper) == {"kettle": "1"}, "each follows its alias"
        staging.stop()
        (next(path for path in (workspace.home / "serving").glob("*.json") if '"staging"' in path.read_text())).unlink()
        aliases.promote(workspace, "kettle", "2")
        assert versions(keeper) == {"kettle": "2"}
    finally:
        keeper.stop()
    away = "http://127.0.0.1:9"
    (next((workspace.home / "serving").glob("*.json"))).rename(choose_source(
        Settings(), replace(workspace, tracking_uri=away)).path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", away)
    restarted = keeper_of(replace(workspace, tracking_uri=away), poll_seconds=0.2)
    try:
        assert versions(restarted) == {"kettle": "2"}, "from what was written last"
        until = time.monotonic() + 20
        while not restarted.refresh().trouble and time.monotonic() < until:
            time.sleep(0.05)
        assert "does not answer" in restarted.state.trouble and versions(restarted) == {"kettle": "2"}
    finally:
        restarted.stop()


def test_a_server_that_was_never_there_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("HEADGATE_HOME", str(tmp_path))
    workspace = replace(workspace_at(tmp_path), tracking_uri="http://127.0.0.1:9")
    source = choose_source(Settings(), workspace)
    try:
        with pytest.raises(RegistryError, match="does not answer"):
            source.listing()
    finally:
        source.close()


def test_a_registry_that_is_gone_or_emptied_costs_nobody_their_champion(workspace, bundle):
    aliases.accept(workspace, register(workspace, bundle()))
    keeper = keeper_of(workspace)
    assert versions(keeper) == {"kettle": "1"}
    file = workspace.home / "mlflow.db"
    kept = file.read_bytes()
    file.unlink()
    assert versions(keeper) == {"kettle": "1"} and "no registry" in keeper.state.trouble
    file.write_bytes(b"")
    assert versions(keeper) == {"kettle": "1"} and "no tables" in keeper.state.trouble and file.read_bytes() == b""
    file.write_bytes(kept)
    assert versions(keeper) == {"kettle": "1"} and keeper.state.trouble == ""


def test_a_bundle_that_is_gone_is_refused_and_the_other_models_serve(workspace, bundle):
    for model in ("kettle", "teapot"):
        aliases.accept(workspace, register(workspace, bundle(model=model)))
    shutil.rmtree(read.champion(workspace, "teapot").bundle)
    keeper = keeper_of(workspace)
    assert versions(keeper) == {"kettle": "1"} and "is no bundle" in keeper.state.refused["teapot"].why
