"""Two machines that know nothing of each other: the second begins where the first ended, by digest, or not at all."""

import json
import os
import shutil
from dataclasses import replace
from unittest import mock

import pytest
from bundles import write_bundle
from committing import git
from machines import train
from receiver import receiving
from typer.testing import CliRunner

from flows.launch.announce import app as announce
from headgate import ledger
from headgate.bundle import seal
from headgate.candidates.missing import Missing, write_missing
from headgate.commands.app import app
from headgate.errors import BundleBroken, HeadgateError, RegistryError, StateAway, StateBroken, StateMoved
from headgate.ledger.entry import Entry
from headgate.registry import aliases, mlflow_store, read
from headgate.state import NONE, pull, push
from headgate.state.branch import Branch
from headgate.state.folder import read_model, write_model
from headgate.state.git import header


def versions(workspace, model="kettle"):
    return [(one.version, one.digest, one.aliases) for one in read.list_versions(workspace, model)]


def test_numbers_digests_aliases_and_ledger_are_the_same(started, machine):
    first, commit = started
    second, branch = machine()
    found = pull(second, branch)
    assert found.commit == commit == branch.head()
    assert versions(second) == [one for one in versions(first) if one[2]]
    assert ledger.entries(second, "kettle") == ledger.entries(first, "kettle")
    assert ledger.verify_chain(second, "kettle").ok
    assert read.bundle_folder(second, read.champion(second, "kettle")).is_dir()


def test_the_next_number_is_the_next(started, machine, tmp_path):
    second, branch = machine()
    pull(second, branch)
    assert train(second, tmp_path, bias=0.5).version == "5"
    push(second, branch, ["kettle"], message="second")
    third, branch = machine()
    pull(third, branch)
    assert {one[0]: one[2] for one in versions(third)} == {"1": ("previous",), "3": ("champion",),
                                                           "5": ("challenger",)}
    assert ledger.verify_chain(third, "kettle").ok


def test_a_checkout_of_the_branch_is_served_as_it_is(started, remote, tmp_path):
    first, _ = started
    git(tmp_path, "clone", "--quiet", "-b", "headgate-state", str(remote), "served")
    from api.sources.folder import FolderSource
    [wanted] = FolderSource(tmp_path / "served").listing().wanted
    champion = read.champion(first, "kettle")
    assert (wanted.model, wanted.version, wanted.digest) == ("kettle", "3", champion.digest) and not wanted.trouble


def test_pulling_twice_changes_nothing_and_pushing_nothing_makes_no_commit(started, machine):
    _, commit = started
    second, branch = machine()
    assert pull(second, branch).commit == pull(second, branch).commit == commit
    assert push(second, branch, ["kettle"], message="nothing") == commit == branch.head()


def test_an_older_commit_can_be_asked_for(started, machine, tmp_path):
    _, commit = started
    second, branch = machine()
    pull(second, branch)
    aliases.rollback(second, "kettle")
    assert push(second, branch, ["kettle"], message="rolled back") != commit
    third, branch = machine()
    pull(third, branch, at=commit)
    assert read.champion(third, "kettle").version == "3"
    fourth, branch = machine()
    assert pull(fourth, branch, at=NONE).models == () and versions(fourth) == []


def test_who_comes_second_with_the_same_model_is_refused(started, machine, tmp_path):
    (second, branch), (third, other) = machine(), machine()
    pull(second, branch), pull(third, other)
    train(second, tmp_path, bias=0.5), train(third, tmp_path, bias=0.6)
    written = push(second, branch, ["kettle"], message="second")
    with pytest.raises(StateMoved, match="changed since it was pulled"):
        push(third, other, ["kettle"], message="third")
    assert branch.head() == written


def test_who_comes_second_with_another_model_is_not(started, machine, tmp_path):
    (second, branch), (third, other) = machine(), machine()
    pull(second, branch), pull(third, other)
    train(second, tmp_path, bias=0.5), train(third, tmp_path, bias=0.6, model="teapot")
    push(second, branch, ["kettle"], message="second")
    push(third, other, ["teapot"], message="third")
    fourth, branch = machine()
    assert [one.model for one in pull(fourth, branch).models] == ["kettle", "teapot"]
    assert versions(fourth) == [one for one in versions(second) if one[2]]
    assert versions(fourth, "teapot") == versions(third, "teapot")
    roles = json.loads(branch.show(branch.head(), "roles.json"))
    assert set(roles["models"]) == {"kettle", "teapot"}


def test_a_branch_that_moves_between_looking_and_writing_is_written_to_all_the_same(started, machine, tmp_path,
                                                                                    monkeypatch):
    (second, branch), (third, other) = machine(), machine()
    pull(second, branch), pull(third, other)
    train(second, tmp_path, bias=0.5), train(third, tmp_path, bias=0.6, model="teapot")
    stale, looks, look = branch.head(), [], Branch.head
    push(second, branch, ["kettle"], message="second")
    monkeypatch.setattr(Branch, "head", lambda self: looks.append(1) or (look(self) if looks[1:] else stale))
    push(third, other, ["teapot"], message="third")
    assert len(looks) == 2
    branch.fetch(look(branch))
    assert branch.tree(look(branch), "kettle") == other.tree(look(other), "kettle") != ""


def test_one_model_alone_can_be_pulled(started, machine, tmp_path):
    second, branch = machine(depth=None)
    pull(second, branch)
    train(second, tmp_path, model="teapot")
    push(second, branch, ["teapot"], message="another")
    third, branch = machine()
    assert [one.model for one in pull(third, branch, models=["teapot"]).models] == ["teapot"]
    assert read.list_names(third) == ("teapot",)


def test_a_place_with_a_history_of_its_own_keeps_it(started, machine, tmp_path):
    second, branch = machine()
    train(second, tmp_path, bias=0.9)
    before = versions(second), ledger.entries(second, "kettle")
    with pytest.raises(RegistryError, match="history of 'kettle' of its own"):
        pull(second, branch)
    assert (versions(second), ledger.entries(second, "kettle")) == before
    with pytest.raises(HeadgateError, match="Nothing was pulled"):
        push(second, branch, ["kettle"], message="mine")


def test_the_commands(started, machine, tmp_path):
    _, commit = started
    second, branch = machine()
    places = {"HEADGATE_ROOT": str(second.root), "GITHUB_OUTPUT": str(tmp_path / "output")}
    with mock.patch.dict(os.environ, places):
        pulled = CliRunner().invoke(app, ["state", "pull", "--github-output", "--json"])
        assert pulled.exit_code == 0 and json.loads(pulled.stdout)["commit"] == commit, pulled.output
        train(second, tmp_path, bias=0.5)
        pushed = CliRunner().invoke(app, ["state", "push", "--message", "by hand", "--json"])
        again = CliRunner().invoke(app, ["state", "push", "--json"])
    assert pushed.exit_code == 0 and json.loads(pushed.stdout)["commit"] == branch.head() != commit, pushed.output
    assert json.loads(again.stdout)["commit"] == branch.head()
    assert f"commit={commit}\n" in (tmp_path / "output").read_text()


def test_a_model_of_which_there_is_nothing_is_named_beside_those_there_are(started, machine):
    second, _ = machine()
    with mock.patch.dict(os.environ, {"HEADGATE_ROOT": str(second.root)}):
        for words, lines in ((["--model", "kettel"], 1), (["--model", "kettel", "--model", "kettle"], 3)):
            pulled = CliRunner().invoke(app, ["state", "pull", *words])
            assert pulled.exit_code == 0 and len(pulled.output.splitlines()) == lines, pulled.output
            assert "There is no state of kettel on headgate-state yet; there is of kettle." in pulled.output
        told = json.loads(CliRunner().invoke(app, ["state", "pull", "--model", "kettel", "--json"]).stdout)
        assert told["outcome"] == "empty" and told["absent"] == ["kettel"] and told["models"] == {}
        pushed = CliRunner().invoke(app, ["state", "push", "--model", "kettel"])
    assert pushed.exit_code == 2 and "nothing of 'kettel'" in pushed.output and "'kettle'" in pushed.output


def test_a_model_that_was_not_pulled_is_there_to_be_pushed_and_unchanged(started, machine):
    second, branch = machine()
    pull(second, branch, models=[])
    assert push(second, branch, ["kettle"], message="nothing") == started[1]


def test_what_serves_is_pulled_before_the_team_is_told_and_only_where_it_is(started, machine, tmp_path):
    second, _ = machine()
    write_missing(tmp_path, [Missing(model="kettle", sentence="It has no table.", flow="retrain")])
    with receiving() as team, mock.patch.dict(os.environ, {"HEADGATE_ROOT": str(second.root)}):
        words = [str(tmp_path), "--pull", "newest"]
        assert CliRunner().invoke(announce, words).exit_code == 0 and versions(second) == []
        with mock.patch.dict(os.environ, {"HEADGATE_NOTIFY": team.url}):
            assert CliRunner().invoke(announce, words).exit_code == 0
    [(_, told)] = team.got
    assert told["kind"] == "failed" and "is champion" in told["message"]
    assert read.champion(second, "kettle") is not None


def test_where_the_state_cannot_be_read_the_team_is_told_all_the_same(started, machine, tmp_path, remote):
    second, _ = machine()
    write_missing(tmp_path, [Missing(model="kettle", sentence="It has no table.", flow="retrain")])
    shutil.rmtree(remote)
    with receiving() as team, mock.patch.dict(os.environ, {"HEADGATE_ROOT": str(second.root),
                                                           "HEADGATE_NOTIFY": team.url}):
        for words in ([str(tmp_path)], ["--failed", "train"], ["--failed", "deploy", "--model", "kettle"]):
            answer = CliRunner().invoke(announce, [*words, "--pull", "newest"])
            assert answer.exit_code == 2 and "headgate-state of origin cannot be used" in answer.output
        releases = json.dumps([{"model": "kettle", "version": "4", "digest": "a" * 64}])
        CliRunner().invoke(announce, ["--failed", "deploy", "--expect", releases, "--step", "staging=failure"])
        assert CliRunner().invoke(announce, ["--failed", "everything"]).exit_code == 2
        outside = CliRunner().invoke(announce, ["--failed", "train", "--model", "../x"])
        assert outside.exit_code == 2 and "no name of a folder" in outside.output
    assert [(told["model"], told["kind"]) for _, told in team.got] == [
        ("kettle", "failed"), ("every model", "failed"), ("kettle", "failed"), ("kettle", "not_deployed")]
    messages = [told["message"] for _, told in team.got]
    assert all("What serves now: The state of the models cannot be read" in one for one in messages[:3])
    assert "It has no table." in messages[0] and "staging (failure)" in messages[3]


def test_where_a_prefect_server_has_the_champions_nobody_says_that_there_are_none(machine):
    second, _ = machine()
    with receiving() as team, mock.patch.dict(os.environ, {
            "HEADGATE_ROOT": str(second.root), "HEADGATE_NOTIFY": team.url, "HEADGATE_CHAMPION_ELSEWHERE": "true"}):
        assert CliRunner().invoke(announce, ["--failed", "train", "--pull", "newest"]).exit_code == 0
    [(_, told)] = team.got
    assert "What serves now: The champion is on the Prefect server and was not asked." in told["message"]


def test_a_release_is_pushed_only_where_nobody_wrote_of_any_model(started, machine, tmp_path):
    (second, branch), (third, other) = machine(), machine()
    pull(second, branch), pull(third, other)
    train(second, tmp_path, bias=0.5), train(third, tmp_path, bias=0.6, model="teapot")
    written = push(second, branch, ["kettle"], message="second", alone=True)
    with pytest.raises(StateMoved, match="The state of the models changed"):
        push(third, other, ["teapot"], message="third", alone=True)
    assert branch.head() == written


@pytest.fixture
def tampered(started, machine, remote, tmp_path):
    """Change the branch with tampered(change), `change` being given a checkout of it."""
    def change_it(change):
        folder = tmp_path / "tampering"
        git(tmp_path, "clone", "--quiet", "-b", "headgate-state", str(remote), str(folder))
        change(folder / "kettle")
        git(folder, "add", "-A"), git(folder, "commit", "--quiet", "-m", "tampered"), git(folder, "push", "--quiet")
        return machine()
    return change_it


def champion_bundle(folder):
    told = json.loads((folder / "state.json").read_text())
    return next(folder / one["digest"][:16] for one in told["versions"] if "champion" in one["aliases"])


def other_bundle(folder):
    """A whole bundle of another digest in the place of the champion's."""
    place = champion_bundle(folder)
    shutil.rmtree(place)
    write_bundle(place, bias=9.0)


def other_file(folder):
    (champion_bundle(folder) / "model.onnx").write_bytes(b"something else")


def other_ledger(folder):
    path = folder / "ledger.jsonl"
    path.write_text(path.read_text().replace('"promoted"', '"rejected"'))


def shorter_ledger(folder):
    path = folder / "ledger.jsonl"
    path.write_text("".join(path.read_text().splitlines(True)[:-1]))


def other_place(folder):
    path = folder / "state.json"
    path.write_text(path.read_text().replace(champion_bundle(folder).name, "../../../../../etc"))


def a_link(folder):
    place = champion_bundle(folder)
    (place / "gates.json").unlink()
    (place / "gates.json").symlink_to("evaluation.json")


def a_link_out_of_it(folder):
    (folder / "elsewhere").symlink_to("/etc")


def swapped(folder):
    """Champion and challenger in each other's place."""
    told = json.loads((folder / "state.json").read_text())
    champion, challenger = (next(one for one in told["versions"] if alias in one["aliases"])
                            for alias in ("champion", "challenger"))
    champion["aliases"], challenger["aliases"] = challenger["aliases"], champion["aliases"]
    (folder / "state.json").write_text(json.dumps(told))


def nobody(folder):
    told = json.loads((folder / "state.json").read_text())
    told["versions"] = [one for one in told["versions"] if "champion" not in one["aliases"]]
    (folder / "state.json").write_text(json.dumps(told))


def two_champions(folder):
    path = folder / "state.json"
    path.write_text(path.read_text().replace('"challenger"', '"champion"'))


def another_before(folder):
    """The challenger would serve behind a rollback."""
    path = folder / "state.json"
    path.write_text(path.read_text().replace('"previous"', '"other"').replace('"challenger"', '"previous"'))


def said_otherwise(**changes):
    """Change what state.json says of the champion."""
    def change_it(folder):
        told = json.loads((folder / "state.json").read_text())
        next(one for one in told["versions"] if "champion" in one["aliases"]).update(changes)
        (folder / "state.json").write_text(json.dumps(told))
    return change_it


def other_roles(folder):
    """Whoever serves a checkout of the branch would serve the challenger."""
    path = folder.parent / "roles.json"
    told, roles = json.loads((folder / "state.json").read_text()), json.loads(path.read_text())
    other = next(one for one in told["versions"] if "challenger" in one["aliases"])
    roles["models"]["kettle"]["champion"] = {"bundle": f"kettle/{other['digest'][:16]}", "digest": other["digest"],
                                             "version": other["version"]}
    path.write_text(json.dumps(roles))


def no_roles(folder):
    (folder.parent / "roles.json").unlink()


def sealed_anew(folder):
    """Another bundle, whole in itself, that nobody registered."""
    place = champion_bundle(folder)
    golden = json.loads((place / "golden.json").read_text())
    golden["probabilities"][0] = [0.1, 0.9]
    (place / "golden.json").write_text(json.dumps(golden))
    digest = seal(place, "kettle")
    state = (folder / "state.json").read_text()
    old = next(one["digest"] for one in json.loads(state)["versions"] if one["digest"].startswith(place.name))
    (folder / "state.json").write_text(state.replace(old, digest))
    roles = folder.parent / "roles.json"
    roles.write_text(roles.read_text().replace(old, digest).replace(old[:16], digest[:16]))
    place.rename(folder / digest[:16])
    return old, digest


def numbered(last):
    """Another number would be given twice, or numbers without end be passed over."""
    def change_it(folder):
        told = json.loads((folder / "state.json").read_text())
        (folder / "state.json").write_text(json.dumps({**told, "last": last}))
    return change_it


def no_state(folder):
    (folder / "state.json").unlink()


def elsewhere(folder):
    (folder.parent / "models").mkdir()
    folder.rename(folder.parent / "models" / "kettle")


def a_stranger(folder):
    path = folder.parent / "roles.json"
    roles = json.loads(path.read_text())
    roles["models"]["evil"] = roles["models"]["kettle"]
    path.write_text(json.dumps(roles))


def deep(folder):
    (folder / "ledger.jsonl").write_text('{"a":' * 20_000 + "1" + "}" * 20_000 + "\n")


def no_json(folder):
    (folder / "state.json").write_text("[1")


@pytest.mark.parametrize("change, error", [
    (other_bundle, BundleBroken), (other_file, BundleBroken), (other_ledger, StateBroken),
    (shorter_ledger, StateBroken), (other_place, StateBroken), (a_link, BundleBroken), (no_json, StateBroken),
    (a_link_out_of_it, StateBroken),
    (swapped, StateBroken), (nobody, StateBroken), (two_champions, StateBroken), (another_before, StateBroken),
    (sealed_anew, StateBroken), (other_roles, StateBroken), (no_roles, StateBroken), (numbered(2), StateBroken),
    (numbered(3), StateBroken), (numbered(999_999), StateBroken), (no_state, StateBroken), (elsewhere, StateBroken),
    (a_stranger, StateBroken), (deep, StateBroken),
    (said_otherwise(aliases=["champion", "../x"]), StateBroken), (said_otherwise(version="4"), StateBroken),
    (said_otherwise(aliases=["champion", "v4"]), StateBroken), (said_otherwise(version="03"), StateBroken)])
def test_what_is_not_what_was_written_is_not_taken(tampered, change, error):
    workspace, branch = tampered(change)
    with pytest.raises(error):
        pull(workspace, branch)
    assert read.list_names(workspace) == () and ledger.entries(workspace, "kettle") == ()


@pytest.mark.parametrize("name", ["../pwned", "/tmp/pwned", "..", ".git", "Kettle", ""])
def test_what_no_model_can_be_called_is_neither_written_nor_read(machine, tmp_path, name):
    workspace, _ = machine()
    for act in (lambda folder: write_model(workspace, name, folder), lambda folder: read_model(folder, name)):
        with pytest.raises(StateBroken, match="no model can be called"):
            act(tmp_path / "inside" / "folder")
    assert not (tmp_path / "inside").exists()


def chained_anew(folder, old, digest):
    """Write a ledger that names another digest, and holds."""
    path, chain = folder / "ledger.jsonl", []
    for line in path.read_text().replace(old, digest).splitlines():
        entry = Entry(**json.loads(line))
        entry = replace(entry, previous=chain[-1].hash if chain else entry.previous)
        chain.append(replace(entry, hash=entry.sealed_hash()))
    path.write_text("".join(json.dumps(vars(entry)) + "\n" for entry in chain))
    told = json.loads((folder / "state.json").read_text())
    told["ledger"] = [len(chain), chain[-1].hash]
    (folder / "state.json").write_text(json.dumps(told))


@pytest.mark.parametrize("reason", ["errors\u2028rose", "wait\u0085ok", "a\u2029b\x0bc\x0cd\x1ce", "a\r\nb\nc\rd",
                                    "\U0001f600", "no UTF-8: \udcff"], ids=ascii)
def test_whatever_a_reason_says_what_is_pushed_can_be_pulled(started, machine, reason):
    workspace, branch = machine()
    pull(workspace, branch)
    aliases.rollback(workspace, "kettle", reason=reason)
    push(workspace, branch, ["kettle"], message="rolled back")
    second, branch = machine()
    pull(second, branch)
    assert ledger.entries(second, "kettle") == ledger.entries(workspace, "kettle")
    assert ledger.entries(second, "kettle")[-1].to_dict()["body"]["reason"] == reason.replace("\udcff", "?")


@pytest.mark.parametrize("grown", [True, False])
def test_what_could_not_be_pulled_again_is_not_pushed(started, machine, grown):
    """A champion of whom the ledger does not know, as after a promotion that was killed between the two.

    grown : whether there would have been something to push besides.
    """
    workspace, branch = machine()
    pull(workspace, branch)
    if grown:
        ledger.append(workspace, "kettle", "data validated")
    with mlflow_store.connect(workspace) as client:
        mlflow_store.set_alias(client, "kettle", "champion", "4")
    with pytest.raises(StateBroken, match="champion is version 4, and the ledger made it version 3.*headgate promote"):
        push(workspace, branch, ["kettle"], message="cut off")
    assert branch.head() == started[1]
    aliases.promote(workspace, "kettle", "4")
    push(workspace, branch, ["kettle"], message="finished")
    third, branch = machine()
    pull(third, branch)
    assert read.champion(third, "kettle").version == "4"


@pytest.mark.parametrize("moves", [
    lambda workspace: aliases.rollback(workspace, "kettle"),
    lambda workspace: aliases.promote(workspace, "kettle", "challenger"),
    lambda workspace: aliases.move_aliases(workspace, "kettle", {"champion": "challenger"}),
    lambda workspace: aliases.move_aliases(workspace, "kettle", {"previous": "champion", "champion": "previous"}),
    lambda workspace: aliases.move_aliases(workspace, "kettle", {"champion": None}, event="rolled back"),
    lambda workspace: aliases.move_aliases(workspace, "kettle", {"staging": "4"}, event="staged")])
def test_however_the_champion_moves_the_ledger_agrees(started, machine, moves):
    workspace, branch = machine()
    pull(workspace, branch)
    moves(workspace)
    push(workspace, branch, ["kettle"], message="moved")
    second, branch = machine()
    pull(second, branch)
    assert versions(second) == [one for one in versions(workspace) if one[2]]


def test_golden_rows_that_are_not_reproduced_are_not_taken(tampered):
    workspace, branch = tampered(lambda folder: chained_anew(folder, *sealed_anew(folder)))
    with pytest.raises(BundleBroken, match="golden rows"):
        pull(workspace, branch)
    assert read.list_names(workspace) == ()


def test_a_model_is_dropped_and_the_others_are_carried_on(started, machine, tmp_path, remote):
    second, branch = machine()
    pull(second, branch)
    train(second, tmp_path, bias=0.6, model="teapot")
    before = push(second, branch, ["teapot"], message="another")
    third, branch = machine()
    with mock.patch.dict(os.environ, {"HEADGATE_ROOT": str(third.root)}):
        wrong = CliRunner().invoke(app, ["state", "drop", "kettel"])
        assert wrong.exit_code == 2 and "no state of 'kettel'" in wrong.output and "kettle, teapot" in wrong.output
        assert CliRunner().invoke(app, ["state", "drop", "../x"]).exit_code == 2 and branch.head() == before
        done = CliRunner().invoke(app, ["state", "drop", "kettle"])
        assert done.exit_code == 0 and before[:12] in done.output, done.output
        again = CliRunner().invoke(app, ["state", "drop", "kettle"])
        assert again.exit_code == 2 and "no state of 'kettle'" in again.output
    assert [one.model for one in pull(third, branch).models] == ["teapot"]
    fourth, branch = machine(depth=None)
    assert [one.model for one in pull(fourth, branch, at=before).models] == ["kettle", "teapot"], "it stays in history"


def test_an_alias_in_any_script_is_carried(started, machine):
    workspace, branch = machine()
    pull(workspace, branch)
    aliases.move_aliases(workspace, "kettle", {"größte_1": "4"})
    push(workspace, branch, ["kettle"], message="named by a person")
    second, branch = machine()
    pull(second, branch)
    assert ("4", ("challenger", "größte_1")) in [(one[0], one[2]) for one in versions(second)]


@pytest.mark.parametrize("option", ["--at", "--remote", "--branch"])
def test_what_git_would_take_as_an_option_is_refused(started, machine, tmp_path, option):
    workspace, _ = machine()
    named = f"{option}=--upload-pack=touch {tmp_path / 'touched'};"
    with mock.patch.dict(os.environ, {"HEADGATE_ROOT": str(workspace.root)}):
        for words in (["pull"], ["push", "--model", "kettle"]) if option != "--at" else (["pull"],):
            answer = CliRunner().invoke(app, ["state", *words, named])
            assert answer.exit_code == 2 and "Seen: '--upload-pack" in answer.output, answer.output
    assert not (tmp_path / "touched").exists() and read.list_names(workspace) == ()


@pytest.mark.parametrize("commit", ["headgate-state", "HEAD", "12345", "g" * 40, "0" * 65])
def test_only_a_commit_can_be_asked_for(started, machine, commit):
    workspace, branch = machine()
    with pytest.raises(HeadgateError, match="7 to 64 hexadecimal digits"):
        pull(workspace, branch, at=commit)


def test_a_commit_that_is_here_goes_by_its_first_digits_too(started, machine):
    workspace, branch = machine()
    branch.fetch(started[1])
    assert [one.model for one in pull(workspace, branch, at=started[1][:12]).models] == ["kettle"]


def test_a_remote_that_is_away(machine, tmp_path):
    workspace, _ = machine()
    with pytest.raises(StateAway, match="cannot be used"):
        pull(workspace, Branch(workspace.root, str(tmp_path / "nowhere.git")))
    with pytest.raises(StateAway):
        pull(workspace, Branch(tmp_path))


def test_a_token_is_sent_to_the_remote_alone_and_stays_out_of_every_command(machine):
    workspace, branch = machine()
    git(workspace.root, "remote", "set-url", "origin", "https://example.org/team/repository")
    sent = header(workspace.root, "origin", "secret")
    assert sent["GIT_CONFIG_KEY_0"] == "http.https://example.org/.extraheader"
    assert "secret" not in repr(Branch(workspace.root, token="secret")) and "secret" not in sent["GIT_CONFIG_VALUE_0"]
    git(workspace.root, "remote", "set-url", "origin", "http://example.org/team/repository")
    assert header(workspace.root, "origin", "secret") == {}
