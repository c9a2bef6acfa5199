"""A folder of bundles that is served without a registry: who serves is told by its roles.json."""

import json

import pytest
from typer.testing import CliRunner

from headgate.bundle.roles import Place, Roles, read_roles, roll_back, set_role
from headgate.commands.app import app
from headgate.errors import RegistryError
from headgate.registry import aliases
from headgate.registry.register import register


@pytest.fixture
def run(workspace, bundle, monkeypatch):
    """Run a command line in a workspace with a champion, a challenger and a version that did not pass."""
    for wishes in ({}, {"bias": 0.1}, {"bias": 0.2, "decision": "hold"}):
        aliases.accept(workspace, register(workspace, bundle(**wishes)))
    monkeypatch.setenv("HEADGATE_HOME", str(workspace.home))
    for name in ("MLFLOW_TRACKING_URI", "HEADGATE_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return lambda *arguments: CliRunner().invoke(app, list(map(str, arguments)))


def serving(folder):
    return {role: place.bundle for role, place in read_roles(folder).models["kettle"].items()}


def test_a_champion_is_exported_and_the_next_one_makes_it_previous(run, tmp_path):
    served = tmp_path / "served"
    served.mkdir()
    assert run("export", "kettle", served / "one", "--role", "champion").exit_code == 0
    assert serving(served) == {"champion": "one"}
    told = run("export", "kettle", served / "two", "--version", "2", "--role", "champion", "--json")
    place = read_roles(served).models["kettle"]["champion"]
    assert json.loads(told.stdout.splitlines()[-1])["digest"] == place.digest and place.version == "2"
    assert serving(served) == {"champion": "two", "previous": "one"}
    roll_back(served, "kettle")
    assert serving(served) == {"champion": "one"}
    with pytest.raises(RegistryError, match="no previous champion"):
        roll_back(served, "kettle")


def test_a_version_that_did_not_pass_gets_no_role(run, tmp_path):
    refused = run("export", "kettle", tmp_path / "three", "--version", "3", "--role", "champion")
    assert refused.exit_code == 1 and "did not pass every gate" in refused.stderr
    assert not (tmp_path / "three").exists() and not (tmp_path / "roles.json").exists()
    wrong = run("export", "kettle", tmp_path / "four", "--role", "emperor")
    assert wrong.exit_code == 2 and "champion or previous" in wrong.stderr


@pytest.mark.parametrize("text, told", [
    ("{", "cannot be read"), ("[]", "cannot be used"), ('{"model": {}}', "cannot be used"),
    ('{"models": {"kettle": {"champion": {"bundle": "one", "digest": "abc"}}}}', "digest"),
    ('{"models": {"kettle": {"champion": {"bundle": "one", "version": "8\\u0000x"}}}}', "version"),
    ('{"models": {"kettle": {"a-role-name-longer-than-twenty": "one"}}}', "a-role-name"),
    ('{"models": {"kettle": {"champion": 3}}}', "kettle")])
def test_a_broken_roles_file_is_told_with_its_place(tmp_path, text, told):
    (tmp_path / "roles.json").write_text(text)
    with pytest.raises(RegistryError, match=told):
        read_roles(tmp_path)


def test_a_name_is_enough_for_a_place(tmp_path):
    (tmp_path / "roles.json").write_text('{"default": "kettle", "models": {"kettle": {"champion": "one"}}}')
    assert read_roles(tmp_path) == Roles(default="kettle", models={"kettle": {"champion": Place(bundle="one")}})
    set_role(tmp_path, "kettle", "champion", Place(bundle="two"))
    assert read_roles(tmp_path).default == "kettle" and serving(tmp_path)["previous"] == "one"


def test_forgetting_asks_for_an_age_or_the_whole_key(run):
    assert run("forget", "kettle").exit_code == 2
    assert "COLUMN=VALUE" in run("forget", "kettle", "--key", "maker").stderr
    keyless = run("forget", "kettle", "--key", "maker=a")
    assert keyless.exit_code == 2 and "rows have no key" in keyless.stderr
    assert "0 requests of kettle" in run("forget", "kettle", "--older-than", "1").stdout
