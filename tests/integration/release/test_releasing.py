"""From the registry into a package, proved over real HTTP, and from the package into service; by digest all the way."""

import json
import os
import shutil
from unittest import mock

import pytest
from receiver import receiving
from running import as_process, workspace_at
from typer.testing import CliRunner

from headgate import ledger
from headgate.bundle import seal
from headgate.bundle.roles import read_roles
from headgate.commands.app import app
from headgate.errors import (AliasMoved, BundleBroken, HeadgateError, PackageBroken, PromotionRefused, StorageError,
                             VersionNotFound)
from headgate.ledger.bearers import bearers_of
from headgate.registry import aliases, mlflow_store, read
from headgate.release import prove
from headgate.release import find_waiting, open_package, prove_package, release, undo, write_package
from headgate.release.notices import of_package
from headgate.rollout.service import Service
from headgate.workspace import Workspace


@pytest.fixture
def packed(workspace, take_in, ferries_bundle, second_ferries, teas_bundle, tmp_path):
    """A package that releases the challenger of ferries beside the champion of teas; (folder, its Package)."""
    take_in(ferries_bundle), take_in(teas_bundle)
    release(workspace, write_package(workspace, find_waiting(workspace), tmp_path / "first-package"))
    take_in(second_ferries)
    return tmp_path / "package", write_package(workspace, find_waiting(workspace), tmp_path / "package")


def test_what_waits(workspace, take_in, ferries_bundle, second_ferries, tmp_path):
    assert find_waiting(workspace) == ()
    first = take_in(ferries_bundle)
    assert [one.digest for one in find_waiting(workspace)] == [first], "a first champion was never released"
    release(workspace, write_package(workspace, find_waiting(workspace), tmp_path / "one"))
    assert find_waiting(workspace) == ()
    second = take_in(second_ferries)
    assert [(one.version, one.digest) for one in find_waiting(workspace)] == [("2", second)]
    assert find_waiting(workspace, model="ferries", version=first[:8])[0].version == "1"
    with pytest.raises(VersionNotFound):
        find_waiting(workspace, model="ferries", version="9")


def test_a_model_without_a_folder_is_released_by_its_name_alone(workspace, take_in, ferries_bundle, teas_bundle):
    take_in(ferries_bundle), take_in(teas_bundle)
    kept = workspace.root / "models" / "teas"
    kept.mkdir(parents=True)
    (kept / "model.yaml").write_text("name: teas")
    assert [one.model for one in find_waiting(workspace)] == ["teas"]
    with mock.patch.dict(os.environ, {"HEADGATE_ROOT": str(workspace.root), "HEADGATE_HOME": str(workspace.home)}):
        told = CliRunner().invoke(app, ["waiting", "--json"])
    assert "Left out: ferries" in json.loads(told.stdout.splitlines()[-1])["sentence"]
    assert [one.model for one in find_waiting(workspace, model="ferries")] == ["ferries"]


def test_a_version_without_its_model(workspace, take_in, ferries_bundle, teas_bundle):
    with pytest.raises(HeadgateError, match="no model at all"):
        find_waiting(workspace, version="1")
    take_in(ferries_bundle)
    assert [(one.model, one.version) for one in find_waiting(workspace, version="1")] == [("ferries", "1")]
    with pytest.raises(VersionNotFound, match="nonsense"):
        find_waiting(workspace, version="nonsense")
    take_in(teas_bundle)
    with pytest.raises(HeadgateError, match="models ferries, teas.*--model"):
        find_waiting(workspace, version="1")


def test_a_version_that_did_not_pass_is_not_packed(workspace, tmp_path):
    from bundles import write_bundle

    from headgate.registry.register import register
    register(workspace, write_bundle(tmp_path / "held", decision="hold"))
    with pytest.raises(PromotionRefused):
        find_waiting(workspace, model="kettle", version="1")


def test_a_package_holds_what_is_to_serve_and_is_the_same_file_each_time(workspace, packed, tmp_path):
    folder, made = packed
    assert [(one.model, one.version, one.before) for one in made.releases] == [("ferries", "2", "1")]
    assert set(made.serves) == {"ferries", "teas"}
    again = write_package(workspace, find_waiting(workspace), tmp_path / "again")
    assert again.sha256 == made.sha256
    opened = open_package(folder, tmp_path / "opened", sha256=made.sha256)
    assert (opened.serves, opened.releases, opened.sha256) == (made.serves, made.releases, made.sha256)
    roles = read_roles(opened.bundles).models["ferries"]
    assert roles["champion"].version == "2" and roles["previous"].version == "1"
    with pytest.raises(StorageError, match="exists already"):
        write_package(workspace, find_waiting(workspace), folder)


def test_proved_on_a_server_of_its_own(workspace, packed):
    proved = prove_package(workspace, packed[1], patience=60)
    assert proved.ok and set(proved.checks) == {"ferries", "teas"}, proved.sentence
    assert {"serves it", "golden rows alone", "golden rows in a batch"} <= {one.name for one in proved.checks["teas"]}


def test_golden_rows_that_are_not_reproduced(workspace, take_in, ferries_bundle, tmp_path):
    liar = tmp_path / "liar"
    shutil.copytree(ferries_bundle, liar)
    golden = json.loads((liar / "golden.json").read_text())
    golden["probabilities"][0] = golden["probabilities"][0][::-1]
    (liar / "golden.json").write_text(json.dumps(golden))
    seal(liar, "ferries")
    take_in(liar)
    proved = prove_package(workspace, write_package(workspace, find_waiting(workspace), tmp_path / "package"),
                           patience=60)
    assert not proved.ok and "golden" in proved.sentence


def test_released_by_digest_and_put_back(workspace, packed, tmp_path):
    folder, made = packed
    package = open_package(folder, tmp_path / "opened", sha256=made.sha256)
    [change] = release(workspace, package, run="https://example.org/run")
    assert change.changed and read.champion(workspace, "ferries").digest == made.serves["ferries"]
    assert [one.changed for one in release(workspace, package)] == [False]
    told = [entry for entry in ledger.entries(workspace, "ferries") if entry.event == "released"]
    assert json.loads(told[-1].body) == {"package": made.sha256, "run": "https://example.org/run"} and len(told) == 2
    assert [one.champion.version for one in undo(workspace, package, reason="errors rose")] == ["1"]
    assert undo(workspace, package, reason="again") == [] and find_waiting(workspace) == ()


def came_to(workspace, folder, **told):
    return [(one.kind, one.what) for one in of_package(workspace, folder, **told)]


def test_a_first_champion_that_is_not_proved_waits_again(workspace, take_in, ferries_bundle, tmp_path):
    folder, digest = tmp_path / "package", take_in(ferries_bundle)
    made = write_package(workspace, find_waiting(workspace), folder)
    assert undo(workspace, made, reason="nothing was released yet") == []
    assert came_to(workspace, folder)[0][0] == "failed"
    release(workspace, made)
    assert came_to(workspace, folder)[0][0] == "deployed" and find_waiting(workspace) == ()

    [change] = undo(workspace, made, reason="production was away", run="https://example.org/run")

    assert not change.changed and read.champion(workspace, "ferries").digest == digest
    last = ledger.entries(workspace, "ferries")[-1]
    assert (last.event, last.digest) == ("release taken back", digest) and "production was away" in last.body
    [(kind, what)] = came_to(workspace, folder, wrong=["verification (failure)"])
    assert kind == "failed" and "not proved in production" in what and "waits to be released again" in what
    assert undo(workspace, made, reason="again") == [] and ledger.entries(workspace, "ferries")[-1] == last
    assert [one.digest for one in find_waiting(workspace)] == [digest]
    release(workspace, made)
    assert came_to(workspace, folder)[0][0] == "deployed" and find_waiting(workspace) == ()


@pytest.mark.parametrize("cut", [1, 2])
def test_a_release_whose_undoing_was_cut_off_is_taken_back_by_doing_it_again(workspace, packed, monkeypatch, cut):
    made, calls, move = packed[1], [], mlflow_store.set_alias

    def cut_off(*given):
        move(*given)
        calls.append(given)
        if len(calls) == cut:
            raise KeyboardInterrupt
    release(workspace, made)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(mlflow_store, "set_alias", cut_off)
        undo(workspace, made, reason="errors rose")
    [change] = undo(workspace, made, reason="errors rose")
    assert (change.champion.version, change.before) == ("1", "2")
    told = bearers_of(ledger.entries(workspace, "ferries"))
    assert (told["champion"], told["previous"]) == ("1", "") and undo(workspace, made, reason="again") == []


def test_what_is_told_of_a_package(workspace, packed):
    folder, made = packed
    release(workspace, made)
    undo(workspace, made, reason="errors rose")
    assert came_to(workspace, folder, wrong=["watch (failure)"])[0][0] == "rolled_back"
    [notice] = of_package(workspace, folder, wrong=["watch (failure)"], stuck=["image before (cancelled)"])
    assert notice.kind == "failed" and "taking it back failed: image before (cancelled)" in notice.what
    assert "watch (failure)" in notice.why and notice.serving == "Version 1 is champion."


@pytest.mark.parametrize("harm", ["a byte", "all of it"])
def test_a_package_that_cannot_be_opened_is_told_of_too(workspace, packed, harm):
    folder, made = packed
    broken = folder / "bundles.tar.gz"
    if harm == "a byte":
        broken.write_bytes(broken.read_bytes()[:-1] + b"x")
    else:
        shutil.rmtree(folder)
    with pytest.raises(PackageBroken):
        of_package(workspace, folder)
    expected = [one for one in made.releases if one.model == "ferries"]
    [notice] = of_package(workspace, folder, wrong=["release (failure)"], expected=expected)
    assert notice.kind == "failed" and notice.what == "Version 2 was not released: its package cannot be used."
    assert "release (failure)" in notice.why and str(folder) in notice.why
    assert notice.serving == "Version 1 is champion."


def test_what_waited_is_told_as_the_waiting_command_wrote_it(workspace, packed):
    from flows.launch.announce import app as announce
    folder, _ = packed
    places = {"HEADGATE_ROOT": str(workspace.root), "HEADGATE_HOME": str(workspace.home)}
    with receiving() as team, mock.patch.dict(os.environ, {**places, "HEADGATE_NOTIFY": team.url}):
        waiting = json.loads(CliRunner().invoke(app, ["waiting", "--json"]).stdout.splitlines()[-1])
        shutil.rmtree(folder)
        answer = CliRunner().invoke(announce, ["--package", str(folder), "--step", "download=failure", "--expect",
                                               json.dumps(waiting["releases"])])
    assert answer.exit_code == 0, answer.output
    [(_, told)] = team.got
    assert told["kind"] == "failed" and told["model"] == "ferries" and "download (failure)" in told["message"]


def test_a_step_that_ended_in_no_way_that_there_is():
    from flows.launch.announce import app as announce
    answer = CliRunner().invoke(announce, ["--step", "verification=perhaps"])
    assert answer.exit_code == 2 and "'verification'" in answer.output and "perhaps" in answer.output


def test_a_version_that_was_superseded_while_it_waited(workspace, packed, tmp_path):
    folder, made = packed
    place = Workspace.from_environment({}, tmp_path / "runner")     # which never heard of the package's version
    shutil.copytree(workspace.home, place.home)
    with mlflow_store.connect(place) as client:
        client.delete_model_version("ferries", "2")
    with pytest.raises(VersionNotFound, match="superseded.* No version waits in its place.*Deploy again"):
        release(place, made)
    assert undo(place, made, reason="it never was") == []
    [(kind, what)] = came_to(place, folder, wrong=["release (failure)"])
    assert kind == "failed" and "not released. It was superseded" in what


def test_a_version_that_the_state_does_not_know_any_more(workspace, packed, tmp_path):
    """The branch was put back to a time before the version was registered."""
    place = Workspace.from_environment({}, tmp_path / "runner")
    with pytest.raises(VersionNotFound, match="a time before it was registered"):
        release(place, packed[1])


def test_where_nobody_knows_what_serves_the_team_is_told_that(workspace, packed):
    folder, made = packed
    [notice] = of_package(workspace, folder, wrong=["verification (failure)"], stuck=["the champion before (failure)"],
                          unknown="The state cannot be read.")
    assert notice.kind == "failed" and "whether it serves now cannot be told" in notice.what
    assert notice.why == "Not right: verification (failure), the champion before (failure). The state cannot be read."
    shutil.rmtree(folder)
    [lost] = of_package(workspace, folder, expected=made.releases, unknown="The state cannot be read.")
    assert "cannot be told" in lost.what and str(folder) in lost.why and "The state cannot be read." in lost.why


def test_another_champion_than_the_package_was_made_beside(workspace, packed, take_in, ferries_bundle, tmp_path):
    third = tmp_path / "third"
    shutil.copytree(ferries_bundle, third)
    (third / "report.md").write_text("the third one")
    seal(third, "ferries")
    take_in(third)
    aliases.promote(workspace, "ferries", "3")
    with pytest.raises(AliasMoved, match="Another champion"):
        release(workspace, packed[1])
    assert read.champion(workspace, "ferries").version == "3"


@pytest.mark.parametrize("moved", ["back", "on"])
def test_another_champion_of_a_model_that_is_packed_beside(workspace, packed, take_in, teas_bundle, tmp_path, moved):
    """A person took it back, or promoted another one, while the approval waited: the package would undo that."""
    another = tmp_path / "another"
    shutil.copytree(teas_bundle, another)
    (another / "report.md").write_text("another one")
    seal(another, "teas")
    take_in(another)
    aliases.promote(workspace, "teas", "2")
    made = packed[1] if moved == "on" else write_package(workspace, find_waiting(workspace), tmp_path / "of-today")
    if moved == "back":
        aliases.rollback(workspace, "teas", reason="wrong answers")
    before = ledger.entries(workspace, "ferries")
    with pytest.raises(AliasMoved, match="Another champion of 'teas' serves.*make a new package"):
        release(workspace, made)
    assert read.champion(workspace, "ferries").version == "1" and ledger.entries(workspace, "ferries") == before


def test_what_was_changed_on_the_way_is_not_used(packed, tmp_path):
    folder, made = packed
    file = folder / "bundles.tar.gz"
    with pytest.raises(PackageBroken, match="not the package that was proved"):
        open_package(folder, tmp_path / "one", sha256="0" * 64)
    file.write_bytes(file.read_bytes() + b"\0")
    with pytest.raises(PackageBroken, match="not the package that was proved"):
        open_package(folder, tmp_path / "two")
    (folder / "SHA256SUMS").unlink()
    with pytest.raises(PackageBroken, match="no package"):
        open_package(folder, tmp_path / "three", sha256=made.sha256)


@pytest.mark.parametrize("sha256", ["", " ", "9f86d081", "A" * 64, "0" * 63, "none"])
def test_a_sum_that_is_none_is_not_taken_as_nothing_to_compare(workspace, packed, tmp_path, sha256):
    folder, _ = packed
    with mock.patch.dict(os.environ, {"HEADGATE_ROOT": str(workspace.root)}):
        for words in (["prove", folder], ["unpack", folder, tmp_path / "unpacked"], ["release", folder]):
            answer = CliRunner().invoke(app, [*map(str, words), "--sha256", sha256])
            assert answer.exit_code == 2 and f"Seen: {sha256!r}" in answer.output, answer.output
    assert not (tmp_path / "unpacked").exists() and read.champion(workspace, "ferries").version == "1"


def repacked(folder, change):
    """Change what is in a package, and sum it anew, as somebody would who can write artifacts."""
    from headgate.release import package
    change(folder / "bundles", folder / "package.json")
    package._pack(folder)
    (folder / "SHA256SUMS").write_text(f"{package.file_sum(folder / package.FILE)}  {package.FILE}\n")


def other_file(bundles, facts):
    next(bundles.glob("teas-*/model.onnx")).write_bytes(b"x")


def other_release(bundles, facts):
    facts.write_text(facts.read_text().replace('"teas"', '"coffees"'))


def other_place(bundles, facts):
    text = (bundles / "roles.json").read_text()
    (bundles / "roles.json").write_text(text.replace('"bundle": "teas', '"bundle": "../../../teas'))


def a_link(bundles, facts):
    (bundles / "more").symlink_to("/etc")


@pytest.mark.parametrize("change, error", [(other_file, BundleBroken), (other_release, PackageBroken),
                                           (other_place, PackageBroken), (a_link, PackageBroken)])
def test_a_package_that_is_no_honest_one(packed, tmp_path, change, error):
    folder, _ = packed
    repacked(folder, change)
    with pytest.raises(error):
        open_package(folder, tmp_path / "opened")


def test_proved_on_a_service_that_is_to_serve_it(workspace, packed, tmp_path):
    folder, made = packed
    place = workspace_at(tmp_path / "production")
    place.home.mkdir(parents=True)
    with as_process(place, "--bundles", made.bundles) as production:
        service = Service(f"http://127.0.0.1:{production.port}")
        proved = prove_package(workspace, made, [service], patience=30, watch_seconds=1)
        assert proved.ok and "Nobody asked" in proved.sentence, proved.sentence
        first = open_package(tmp_path / "first-package", tmp_path / "opened")
        assert [one.model for one in first.releases] == ["ferries", "teas"]
        behind = prove_package(workspace, first, [service], patience=1)
        assert not behind.ok and "does not serve the version" in behind.sentence


def test_all_models_are_watched_at_once_and_one_that_is_not_right_ends_it(workspace, packed, tmp_path, monkeypatch):
    """An hour each: were one watched after the other, or to its end, nobody would see the end of this test."""
    made = open_package(tmp_path / "first-package", tmp_path / "opened")
    place, shelf = workspace_at(tmp_path / "production"), tmp_path / "shelf"
    place.home.mkdir(parents=True)
    shutil.copytree(made.bundles, shelf)
    monkeypatch.setattr(prove, "AWAY_SECONDS", 0.2)
    watching, watch = [], prove.watch

    def noted(meter, *limits, **more):
        watching.append(meter.model)
        if len(watching) == 2:      # both are looked at by now
            aliases_of_a_person(shelf, "teas", made.serves["ferries"])
        return watch(meter, *limits, **more)
    monkeypatch.setattr(prove, "watch", noted)
    with as_process(place, "--bundles", shelf) as production:
        proved = prove_package(workspace, made, [Service(f"http://127.0.0.1:{production.port}")], patience=30,
                               watch_seconds=3600)
    assert not proved.ok and sorted(watching) == ["ferries", "teas"]
    assert "does not serve the version any more" in proved.sentence and "teas, watch" in proved.sentence


def aliases_of_a_person(shelf, model, digest):
    """Take a model out of service by hand."""
    roles = json.loads((shelf / "roles.json").read_text())
    del roles["models"][model]
    (shelf / "roles.json").write_text(json.dumps(roles))


def test_the_commands(workspace, packed, tmp_path):
    folder, made = packed
    shutil.rmtree(folder)
    places = {"HEADGATE_ROOT": str(workspace.root), "GITHUB_OUTPUT": str(tmp_path / "output")}

    def run(*words, code=0):
        answer = CliRunner().invoke(app, [*map(str, words), "--json", "--github-output"])
        assert answer.exit_code == code, answer.output
        return json.loads(answer.stdout.splitlines()[-1])

    with mock.patch.dict(os.environ, places):
        assert [one["model"] for one in run("waiting")["releases"]] == ["ferries"]
        sha256 = run("package", folder)["sha256"]
        told = run("unpack", folder, tmp_path / "unpacked", "--sha256", sha256)
        assert told["digests"] == ",".join(f"{model}={digest}" for model, digest in sorted(made.serves.items()))
        assert run("prove", folder, "--sha256", sha256)["outcome"] == "proved"
        run("prove", folder, "--url", "http://127.0.0.1:9", "--patience", 1, code=1)
        run("release", folder, "--sha256", "0" * 64, code=2)
        assert run("release", folder, "--sha256", sha256)["outcome"] == "released"
        assert run("release", folder, "--undo")["outcome"] == "rolled back"
        assert run("release", folder, "--undo")["outcome"] == "unchanged"
        assert run("waiting")["releases"] == []
        run("waiting", "--version", "nonsense", code=2)
        run("package", tmp_path / "nothing", code=2)
