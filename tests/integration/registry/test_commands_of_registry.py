"""The commands as a person or a script meets them: exit codes, messages, and JSON as the last line."""

import json
import sqlite3
from contextlib import closing

import pytest
from receiver import receiving
from typer.testing import CliRunner

from headgate import ledger
from headgate.commands import shell
from headgate.commands.app import app
from headgate.errors import DataRejected, StorageError
from headgate.registry import aliases, mlflow_store, read
from headgate.registry.register import register


@pytest.fixture
def run(workspace, monkeypatch):
    """Run a command line in the workspace: run("show", "kettle")."""
    monkeypatch.setenv("HEADGATE_HOME", str(workspace.home))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("HEADGATE_DATABASE_URL", raising=False)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


@pytest.fixture
def kettles(workspace, bundle):
    """A champion, a challenger, and a version on hold."""
    for wishes in ({}, {"bias": 0.1}, {"bias": 0.2, "decision": "hold"}):
        aliases.accept(workspace, register(workspace, bundle(**wishes)), actor="ana@desk")
    return workspace


def last_line(result):
    return json.loads(result.stdout.strip().splitlines()[-1])


def test_show(run, kettles):
    assert all(word in run("show", "kettle").stdout for word in ("champion", "challenger", "hold", "0.9010"))
    shown = last_line(run("show", "kettle", "--json"))
    assert [one["aliases"] for one in shown["versions"]] == [["champion"], ["challenger"], []]
    one = run("show", "kettle", "--version", "champion")
    assert "As it should be." in one.stdout and one.exit_code == 0
    assert last_line(run("show", "kettle", "--version", "3", "--json"))["gates"]["decision"] == "hold"
    unknown = run("show", "teapot")
    assert unknown.exit_code == 2 and "kettle" in unknown.stderr and "flows.train --model teapot" in unknown.stderr


def test_why_tells_the_story_and_shows_a_tampered_ledger(run, kettles):
    aliases.promote(kettles, "kettle", "2")
    told = last_line(run("why", "kettle", "--version", "2", "--json"))
    assert [entry["event"] for entry in told["entries"]] == ["registered", "waits as challenger", "promoted"]
    assert "gate accuracy: pass. As it should be." in run("why", "kettle", "--version", "2").stdout
    replaced = run("why", "kettle", "--version", "1")
    assert "promoted -> version 2" in replaced.stdout and "chain of 6 entries holds" in replaced.stdout
    with closing(sqlite3.connect(kettles.home / "headgate.db")) as connection:
        connection.execute("UPDATE ledger SET actor = 'eve' WHERE sequence = 3")
        connection.commit()
    broken = run("why", "kettle", "--version", "2", "--json")
    assert broken.exit_code == 1 and last_line(broken)["broken_at"] == 3
    assert "TAMPERED" in run("why", "kettle", "--version", "2").stdout


def test_promote_and_rollback(run, kettles):
    refused = run("promote", "kettle", "--version", "3", "--json")
    assert refused.exit_code == 1 and last_line(refused)["kind"] == "PromotionRefused"
    assert run("promote", "kettle", "--version", "3", "--override", " ").exit_code == 2
    assert last_line(run("promote", "kettle", "--json")) == {
        "model": "kettle", "version": "2", "before": "1", "outcome": "promoted",
        "digest": read.find_version(kettles, "kettle", 2).digest}
    assert "already" in run("promote", "kettle", "--version", "2").stdout
    back = run("rollback", "kettle", "--reason", "errors rose")
    assert back.exit_code == 0 and "Version 1" in back.stdout
    assert run("rollback", "kettle").exit_code == 2
    override = run("promote", "kettle", "--version", "3", "--override", "another floor")
    assert override.exit_code == 0 and read.champion(kettles, "kettle").version == "3"


def test_who_serves_by_hand_is_told_with_who_did_it_and_why(run, kettles, monkeypatch):
    with receiving() as receiver:
        monkeypatch.setenv("HEADGATE_NOTIFY", receiver.url)
        monkeypatch.setenv("GITHUB_ACTOR", "ana")
        run("promote", "kettle")
        run("promote", "kettle")
        run("rollback", "kettle", "--reason", "errors rose")
        run("promote", "kettle", "--version", "3", "--override", "the floor was of another kettle")
        run("rollback", "kettle")
        run("promote", "kettle", "--version", "2")
    assert receiver.kinds == ["deployed", "rolled_back", "deployed", "rolled_back", "deployed"], "once per change"
    told = [document["message"] for _, document in receiver.got]
    assert "Version 2 was promoted by hand." in told[0] and "Why: By ana@github." in told[0]
    assert "By ana@github: errors rose." in told[1] and "What serves now: Version 1 is champion." in told[1]
    assert "although a gate did not pass: the floor was of another kettle." in told[2]


@pytest.mark.parametrize("channel", ["http://127.0.0.1:9/hook", "nowhere://x", "${NOT_SET}"])
def test_a_channel_that_fails_does_not_fail_the_command(run, kettles, monkeypatch, channel, caplog):
    monkeypatch.setenv("HEADGATE_NOTIFY", channel)
    assert last_line(run("promote", "kettle", "--json"))["outcome"] == "promoted"
    assert last_line(run("rollback", "kettle", "--json"))["version"] == "1"
    assert "could not tell" in caplog.text
    (kettles.home / "notices").mkdir(exist_ok=True)
    (kettles.home / "notices" / "kettle.json").mkdir()
    assert run("promote", "kettle", "--version", "2").exit_code == 0


def test_export_and_import(run, kettles, tmp_path):
    assert last_line(run("export", "kettle", str(tmp_path / "out"), "--json"))["version"] == "1"
    known = last_line(run("import", str(tmp_path / "out"), "--json"))
    assert (known["outcome"], known["version"]) == ("unchanged", "1")
    (tmp_path / "out" / "model.onnx").write_bytes(b"bent")
    broken = run("import", str(tmp_path / "out"))
    assert broken.exit_code == 2 and "model.onnx was changed" in broken.stderr


def test_prune_lists_by_default(run, kettles):
    with mlflow_store.connect(kettles) as client:
        mlflow_store.start_run(client, kettles, "kettle", "orphan", {})
    listed = run("prune")
    assert "Would remove run" in listed.stdout and "--apply" in listed.stdout
    assert len(last_line(run("prune", "--apply", "--json"))["removed"]) == 1
    assert "Nothing to remove" in run("prune").stdout


def test_a_state_directory_that_is_a_file_is_named(run, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("HEADGATE_HOME", str(tmp_path / "file"))
    refused = run("show", "kettle", "--json")
    assert refused.exit_code == 2 and last_line(refused)["kind"] == "StorageError" and "HEADGATE_HOME" in refused.stderr


def test_an_alias_that_nobody_bears_is_named(run, workspace):
    refused = run("promote", "kettle")
    assert refused.exit_code == 2 and "no version with the alias 'challenger'" in refused.stderr
    assert "flows.train --model kettle" in refused.stderr


def test_an_unreachable_registry_ends_with_2_and_one_message(run, kettles, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    away = run("show", "kettle", "--json")
    assert away.exit_code == 2 and last_line(away)["kind"] == "RegistryError"
    assert "Traceback" not in away.stderr and "127.0.0.1:9" in away.stderr


@pytest.mark.parametrize("name", ["show", "why", "promote", "rollback", "export", "import", "prune"])
def test_every_command_has_help_with_an_example(run, name):
    text = run(name, "--help")
    assert text.exit_code == 0 and f"python -m headgate {name}" in text.stdout


@pytest.mark.parametrize(("raised", "code"), [(DataRejected("no"), 1), (StorageError("full"), 2),
                                              (KeyboardInterrupt(), 130), (ZeroDivisionError("secret"), 2)])
def test_whatever_is_raised_becomes_a_message_and_a_code(workspace, capsys, raised, code):
    import typer
    with pytest.raises(typer.Exit) as caught, shell.command_errors(True, workspace=workspace):
        raise raised
    said = capsys.readouterr()
    assert caught.value.exit_code == code == json.loads(said.out)["exit_code"]
    assert "Traceback" not in said.err and "secret" not in said.err and said.err.strip()


def test_an_unknown_error_leaves_its_traceback_in_a_file(workspace, capsys):
    import typer
    with pytest.raises(typer.Exit), shell.command_errors(False, workspace=workspace):
        raise ZeroDivisionError("deep inside")
    log = next((workspace.home / "logs").iterdir())
    assert "deep inside" in log.read_text() and str(log) in capsys.readouterr().err
    assert ledger.entries(workspace, "kettle") == ()
