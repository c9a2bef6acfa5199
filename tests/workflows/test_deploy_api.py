"""deploy-api.yml: staging proves a package, production takes those bytes, and what is not right there is taken back."""

import contextlib
import json
import re
import shutil
import subprocess
import threading

import orders
import pytest
import yaml
from acting import CHECKOUT, STAND_INS
from conftest import trained
from receiver import receiving
from running import as_process, workspace_at

WORKFLOW = "deploy-api.yml"
WRITTEN = yaml.safe_load((CHECKOUT / ".github/workflows" / WORKFLOW).read_text(encoding="utf-8"))
STEPS = {step.get("name"): step for step in WRITTEN["jobs"]["production"]["steps"]}
BEHIND = {"conclusion": "success", "event": "schedule", "head_branch": "main", "name": "Model training",
          "head_repository": {"full_name": "team/repository"}}
ALL = {"plan": "success", "staging": "success", "production": "success"}


@pytest.fixture
def following(waiting_team, tmp_path):
    """A production service of the state's branch; following(steadily) brings its checkout up to date, or does not."""
    @contextlib.contextmanager
    def serve(steadily):
        served, over = tmp_path / "served", threading.Event()
        git = ["git", "-C", str(served)]
        subprocess.run(["git", "clone", "--quiet", "-b", "headgate-state", waiting_team.remote.as_uri(), str(served)],
                       check=True)

        def follow():
            while not over.wait(0.2):
                subprocess.run([*git, "pull", "--quiet", "--ff-only"], capture_output=True)
        thread = threading.Thread(target=follow)
        if steadily:
            thread.start()
        place = workspace_at(tmp_path / "production")
        place.home.mkdir()
        try:
            with as_process(place, "--bundles", served) as production:
                yield production
        finally:
            over.set()
            if steadily:
                thread.join()
    return serve


def at(production, **more):
    return {"HEADGATE_PRODUCTION_URL": f"http://127.0.0.1:{production.port}", "HEADGATE_WATCH_SECONDS": "1", **more}


def test_from_the_challenger_to_production(waiting_team, settings, state, following):
    before = state(waiting_team).digests
    with following(True) as production, receiving() as team:
        settings["secrets"]["HEADGATE_NOTIFY"] = team.url
        run = waiting_team.act(WORKFLOW, "workflow_run", {"workflow_run": BEHIND}, variables=at(production), **settings)
        assert run.result == ALL, run.text
        assert production.get("/ready").json()["models"]["shop"]["digest"] == before["challenger"]
        assert team.kinds == ["deployed"]
    assert state(waiting_team).digests == {"champion": before["challenger"], "previous": before["champion"]}
    [event] = [entry for entry in map(json.loads, state(waiting_team).ledger) if entry["event"] == "released"]
    assert json.loads(event["body"])["package"] == run.outputs["staging"]["sha256"]
    again = waiting_team.act(WORKFLOW, "workflow_run", {"workflow_run": BEHIND}, **settings)
    assert again.result == {"plan": "success"} and "No version waits" in again.page


def test_production_that_does_not_come_round_is_rolled_back(waiting_team, settings, state, following):
    before = state(waiting_team).digests
    with following(False) as production, receiving() as team:
        settings["secrets"]["HEADGATE_NOTIFY"] = team.url
        run = waiting_team.act(WORKFLOW, "workflow_dispatch", inputs={"model": "shop", "version": "challenger"},
                               variables=at(production, HEADGATE_PATIENCE_SECONDS="2"), **settings)
        assert run.result == {**ALL, "production": "failure"}, run.text
        assert run.steps["production", "Put the champion before back"] == ["success"]
        assert team.kinds == ["rolled_back"]
    assert state(waiting_team).digests == {"champion": before["champion"]}
    events = [json.loads(line)["event"] for line in state(waiting_team).ledger[-4:]]
    assert events == ["promoted", "released", "release taken back", "rolled back"]


def test_staging_that_fails_its_smoke_tests(waiting_team, settings, state):
    before = state(waiting_team).commit
    path = "api/routes/predict.py"
    waiting_team.write(path, (waiting_team.folder / path).read_text() + "\nraise RuntimeError('broken')\n")
    with receiving() as team:
        settings["secrets"]["HEADGATE_NOTIFY"] = team.url
        run = waiting_team.act(WORKFLOW, "workflow_dispatch", inputs={"model": "all", "version": "challenger"},
                               **settings)
        assert run.result == {"plan": "success", "staging": "failure", "tell": "success"}, run.text
        assert team.kinds == ["not_deployed"] and "staging (failure)" in team.got[0][1]["message"]
        assert "Version 1 is champion." in team.got[0][1]["message"]
    assert "ended before it served" in run.page and not (waiting_team.artifacts / "package.zip").exists()
    assert state(waiting_team).commit == before


@pytest.fixture
def meanwhile(waiting_team, settings, tmp_path):
    """A stand-in of download-artifact that runs commands on another machine while production begins."""
    def make(*commands):
        folder, home = tmp_path / "meanwhile", tmp_path / "person"
        shutil.copytree(STAND_INS / "actions" / "download-artifact", folder)
        shutil.copytree(waiting_team.root / "tables", home)
        told = {**waiting_team.surroundings, **settings["environment"], "HEADGATE_HOME": str(home)}
        with open(folder / "fetch.py", "a", encoding="utf-8") as script:
            script.write(f"""
import subprocess
if os.environ["GITHUB_JOB"] == "production":
    for words in {commands!r}:
        subprocess.run([{str(waiting_team.root / "bin" / "python")!r}, "-m", *words],
                       cwd={str(waiting_team.folder)!r}, env={told!r}, check=True)
""")
        return {"actions/download-artifact": folder}
    return make


def test_another_model_is_taken_back_by_a_person_while_the_approval_waits(waiting_team, settings, state, meanwhile):
    """The package holds its champion of before: to release it would bring that one back. Nothing is changed."""
    for name, text in orders.another("beta").items():
        waiting_team.write(name, text)
    waiting_team.commit()
    trained(waiting_team, settings["environment"], waiting_team.root / "machine", model="beta")
    before = state(waiting_team).digests
    stand_ins = meanwhile(("headgate", "state", "pull"), ("flows.train", "--model", "beta", "--force", "--algorithm",
                                                          "logistic_regression"),
                          ("headgate", "promote", "beta", "--version", "2", "--override", "by hand"),
                          ("headgate", "state", "push"))
    with receiving() as team:
        settings["secrets"]["HEADGATE_NOTIFY"] = team.url
        run = waiting_team.act(WORKFLOW, "workflow_dispatch", inputs={"model": "shop", "version": "challenger"},
                               stand_ins=stand_ins, **settings)
        assert run.result == {**ALL, "production": "failure"}, run.text
        assert team.kinds == ["failed"] and "release (failure)" in team.got[0][1]["message"]
    assert any("Another champion of 'beta' serves" in line for line in run.said), run.text
    assert ("production", "Put the champion before back") not in run.steps, "there is nothing to take back"
    assert state(waiting_team).digests == before


def test_a_package_of_another_digest(waiting_team, settings, state, exchanged):
    before = state(waiting_team).commit
    with receiving() as team:
        settings["secrets"]["HEADGATE_NOTIFY"] = team.url
        run = waiting_team.act(WORKFLOW, "workflow_dispatch", inputs={"model": "shop", "version": "challenger"},
                               **settings, stand_ins={"actions/download-artifact": exchanged("package")})
        assert run.result == {**ALL, "production": "failure"}, run.text
        assert team.kinds == ["failed"] and "was not released" in team.got[0][1]["message"]
    assert any("is not the package that was proved" in line for line in run.said)
    assert ("production", "Put the champion before back") not in run.steps, "there was nothing to take back"
    assert state(waiting_team).commit == before


def test_behind_a_training_that_failed_or_was_not_of_main_nothing_starts(waiting_team):
    for change in ({"conclusion": "failure"}, {"event": "pull_request"}, {"head_branch": "try"},
                   {"head_repository": {"full_name": "someone/fork"}}):
        run = waiting_team.act(WORKFLOW, "workflow_run", {"workflow_run": {**BEHIND, **change}})
        assert run.result == {}, change


def test_an_input_with_shell_characters(waiting_team, settings):
    for inputs in ({"model": "shop", "version": "$(touch ../owned)"},
                   {"model": "shop; touch ../owned", "version": "challenger"}):
        run = waiting_team.act(WORKFLOW, "workflow_dispatch", inputs=inputs, **settings)
        assert run.result == {"plan": "failure"} and not list(waiting_team.root.rglob("owned")), inputs


def value_of(expression, **contexts):
    """Return what GitHub makes of an expression; a name that no context has is ''."""
    def look(match):
        found = contexts.get(match[1], {})
        for name in match[2].strip(".").split("."):
            found = found.get(name, "") if isinstance(found, dict) else ""
        return repr(found)
    words = re.split("('[^']*')", expression.strip().removeprefix("${{").removesuffix("}}"))
    words[::2] = [re.sub(r"\b(github|vars|needs|steps)((?:\.[\w-]+)+)", look, word).replace("&&", " and ")
                  .replace("||", " or ").replace("!=", "<>").replace("!", " not ").replace("<>", "!=")
                  for word in words[::2]]
    functions = {"format": str.format, "cancelled": bool, "success": bool, "always": lambda: True}
    return eval(" ".join("".join(words).split()), functions)    # of this repository's own file


@pytest.mark.parametrize("change, alone", [
    ({}, False), ({"conclusion": "failure"}, True), ({"conclusion": "cancelled"}, True),
    ({"event": "pull_request"}, True), ({"head_branch": "try"}, True),
    ({"head_repository": {"full_name": "someone/fork"}}, True)])
def test_a_run_that_has_nothing_to_do_takes_nobodys_place(change, alone):
    behind = {"event_name": "workflow_run", "ref": "refs/heads/main", "repository": "team/repository", "run_id": 7,
              "event": {"workflow_run": {**BEHIND, **change}}}
    by_hand = {"event_name": "workflow_dispatch", "ref": "refs/heads/main", "run_id": 7}
    name, _, expression = WRITTEN["concurrency"]["group"].partition("${{")
    plan, other = WRITTEN["jobs"]["plan"]["if"], "deploy-api-7" if alone else "deploy-api"
    assert name + value_of(expression, github=behind) == other and bool(value_of(plan, github=behind)) is not alone
    assert name + value_of(expression, github=behind, vars={"PREFECT_API_URL": "x"}) == "deploy-api-7"
    for server in ("", "x"):
        assert name + value_of(expression, github=by_hand, vars={"PREFECT_API_URL": server}) == "deploy-api"
    assert name + value_of(expression, github={**by_hand, "ref": "refs/heads/try"}) == "deploy-api-7"


@pytest.mark.parametrize("image, cluster, kubernetes, goes_on", [
    ("skipped", "skipped", "", True), ("success", "skipped", "", True), ("success", "success", "true", True),
    ("cancelled", "skipped", "", False), ("failure", "skipped", "true", False), ("success", "cancelled", "true", False),
    ("success", "failure", "true", False), ("success", "skipped", "true", False)])
def test_production_begins_when_all_before_it_is_right(image, cluster, kubernetes, goes_on):
    needs = {"staging": {"result": "success"}, "image": {"result": image}, "staging-cluster": {"result": cluster}}
    assert bool(value_of(WRITTEN["jobs"]["production"]["if"], needs=needs,
                         vars={"HEADGATE_KUBERNETES": kubernetes})) is goes_on
    assert bool(value_of(WRITTEN["jobs"]["image"]["if"], vars={"HEADGATE_KUBERNETES": kubernetes})) is bool(kubernetes)


@pytest.mark.parametrize("outcome", ["success", "failure", "cancelled", "skipped"])
def test_what_began_is_taken_back_and_told(outcome):
    for name, step in (("Put the champion before back", "serve"), ("Put the image before back", "cluster"),
                       ("Tell the team", "release")):
        came = value_of(STEPS[name]["if"], steps={step: {"outcome": outcome}})
        assert bool(came) is (outcome != "skipped"), name
    lost = value_of(STEPS["Tell the team"]["if"], steps={"package": {"outcome": outcome}, "release": {
        "outcome": "skipped"}})
    assert bool(lost) is (outcome == "failure"), "a package that did not come is told of too"


DOCKER = r"""#!/bin/bash
case "$*" in
  buildx\ build*) while [ $# -gt 0 ]; do [ "$1" = --iidfile ] && printf 'sha256:%064d' 1 > "$2"; shift; done;;
  image\ inspect*) printf '%s@sha256:%064d\n' ghcr.io/team/headgate-api 1;;
esac
"""
KUBECTL = r"""#!/bin/bash
[ "$(cat "$KUBECONFIG")" = "whatever the stand-in reads" ] || { echo "no credentials" >&2; exit 1; }
place() { echo "@ROOT@/$(grep -oE 'headgate-(staging|production)' | head -1)"; }
images=$(echo "$*" | place)
spec='"spec":{"containers":[{"name":"api","image":"'$(tail -1 "$images")'"}]}'
case "$*" in
  kustomize*) exec @KUBECTL@ "$@";;
  *apply*) sent=$(cat); images=$(echo "$sent" | place); echo "$sent" | sed -n 's/.* image: //p' >> "$images";;
  *"rollout undo"*) tail -2 "$images" | head -1 >> "$images";;
  *"get deployment"*) echo '{"metadata":{"generation":1},"status":{"observedGeneration":1},
                             "spec":{"template":{'"$spec"'}}}';;
  *production*"get pods"*) echo "Unable to connect to the server: EOF" >&2; exit 1;;
  *"get pods"*) echo '{"items":[{"metadata":{"name":"api-1"},"status":{},'"$spec"'}]}';;
  *exec*) echo '{"models":{"shop":{"digest":"@DIGEST@"}}}';;
esac
"""


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="there is no kubectl here to render with")
def test_a_cluster_that_is_away_while_the_image_is_verified(waiting_team, settings, state):
    before, old = state(waiting_team).digests, "ghcr.io/team/headgate-api@sha256:" + "0" * 64
    kubectl = KUBECTL.replace("@ROOT@", str(waiting_team.root)).replace("@KUBECTL@", shutil.which("kubectl")) \
        .replace("@DIGEST@", before["challenger"])
    for name, text in (("docker", DOCKER), ("kubectl", kubectl)):
        path = waiting_team.root / "bin" / name
        path.write_text(text)
        path.chmod(0o755)
    for namespace in ("headgate-staging", "headgate-production"):
        (waiting_team.root / namespace).write_text(f"{old}\n")
    shutil.copy(CHECKOUT / "LICENSE", waiting_team.folder)
    waiting_team.commit()
    settings["secrets"]["KUBECONFIG"] = "whatever the stand-in reads"
    with receiving() as team:
        settings["secrets"]["HEADGATE_NOTIFY"] = team.url
        run = waiting_team.act(WORKFLOW, "workflow_dispatch", inputs={"model": "shop", "version": "challenger"},
                               **settings, variables={"HEADGATE_IMAGE": "ghcr.io/team/headgate-api",
                                                      "HEADGATE_KUBERNETES": "true",
                                                      "HEADGATE_STAGING_WATCH_SECONDS": "1"})
        assert run.result == {**ALL, "image": "success", "staging-cluster": "success", "production": "failure"}, \
            run.text
        assert run.steps["production", "Put the image before back"] == ["success"]
        assert team.kinds == ["rolled_back"] and "roll-out (failure)" in team.got[0][1]["message"]
    asked = (waiting_team.root / "headgate-production").read_text().split()
    assert [one == old for one in asked] == [True, False, True]
    assert state(waiting_team).digests == {"champion": before["champion"]}
