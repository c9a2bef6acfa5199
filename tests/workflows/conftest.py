"""A team's repository per test for the workflows to run in, and what answers beside it."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
import orders
import yaml
from filelock import FileLock
from acting import CHECKOUT, STAND_INS, Team, found_team, write_pip
from github_api import TOKEN, github_api
from running import free_port, until, workspace_at

from flows.launch.embedded import EPHEMERAL

SERVE = Path(__file__).parent / "warm" / "serve.py"


@pytest.fixture(scope="session")
def warm(tmp_path_factory):
    """place : socket of a Python that has imported the libraries. tables : what a state directory begins with."""
    base = tmp_path_factory.getbasetemp()
    tables = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "tables"
    place = Path(tempfile.mkdtemp(prefix="hg-")) / "python"     # a socket's path has at most about a hundred letters
    server = subprocess.Popen([sys.executable, str(SERVE), str(place)], stdin=subprocess.PIPE,
                              env={**os.environ, "JE_ARROW_MALLOC_CONF": "background_thread:false"})
    with FileLock(f"{tables}.lock"):
        if not tables.exists():
            make_tables(tables)
    until(lambda: place.exists() or server.poll() is not None, seconds=120)
    yield SimpleNamespace(place=str(place), tables=tables)
    server.stdin.close()
    server.wait(20)
    shutil.rmtree(place.parent)


def make_tables(folder):
    """Write the empty databases of a state directory into the new `folder`."""
    from headgate.database import transaction
    from headgate.registry import mlflow_store
    draft = folder.with_name("tables-draft")
    workspace = workspace_at(draft)
    draft.mkdir()
    mlflow_store.prepare(workspace)
    with transaction(workspace, write=True):
        pass
    folder.mkdir()
    for path in draft.glob("*.db"):
        with closing(sqlite3.connect(path)) as made, closing(sqlite3.connect(folder / path.name)) as kept:
            made.backup(kept)


SMALL = {"tests/contract/test_small.py": "def test_one():\n    assert True\n",
         "tests/test_headgate.py": "from headgate.bundle.canonical import plain\n\n\n"
                                   "def test_plain():\n    assert plain((1,)) == [1]\n"}
PARTS = ("headgate", ".github", "pyproject.toml", ".flake8", ".gitignore", "requirements-dev.txt")


@pytest.fixture(scope="session")
def once_small(tmp_path_factory):
    return found_team(tmp_path_factory.mktemp("small"), SMALL, PARTS)


@pytest.fixture
def small_team(once_small, tmp_path):
    """A team with code, tests of its own and no model yet."""
    return moved(once_small, tmp_path)


@pytest.fixture(scope="session")
def once_shop(tmp_path_factory, warm):
    files = {orders.MODEL: orders.spec(), orders.PLACE: orders.table()}
    return found_team(tmp_path_factory.mktemp("shop"), files).warmed(warm)


@pytest.fixture
def shop_team(once_shop, tmp_path):
    """A team with one small model, whose table is in the repository."""
    return moved(once_shop, tmp_path)


def trained(team, settings, home, model="shop"):
    """Train a model of the team and push the state, by the commands that the workflows run."""
    shutil.copytree(team.root / "tables", home)
    told = {**team.surroundings, **settings, "HEADGATE_HOME": str(home)}
    for words in (("headgate", "state", "pull"), ("flows.train", "--model", model, "--json"),
                  ("headgate", "state", "push")):
        answer = subprocess.run([str(team.root / "bin" / "python"), "-m", *words], cwd=team.folder, env=told,
                                capture_output=True, text=True)
        assert answer.returncode == 0, answer.stderr
    shutil.rmtree(home)


def settled_in(root, shop, settings, *changes):
    """Move the shop's team to a place, and train its model after each of the changes of files."""
    team = moved(shop, root)
    for change in changes:
        for name, text in change.items():
            team.write(name, text)
        team.commit()
        trained(team, settings, root / "machine")
    return team


def moved(team, root):
    """Copy a team that was made once per session to a place of this test."""
    shutil.copytree(team.root, root, symlinks=True, dirs_exist_ok=True)
    found = Team(root)
    found.git("remote", "set-url", "origin", found.remote.as_uri())
    write_pip(found)
    return found


@pytest.fixture(scope="session")
def once_released(tmp_path_factory, once_shop, quick):
    """A team whose model has a champion and a challenger."""
    return settled_in(tmp_path_factory.mktemp("settled"), once_shop, quick, {},
                      {orders.PLACE: orders.table(rows=900, seed=2)})


@pytest.fixture
def waiting_team(once_released, tmp_path):
    return moved(once_released, tmp_path)


@pytest.fixture(scope="session")
def once_dated(tmp_path_factory, once_shop, quick):
    """A team whose model learnt from January 2026."""
    files = {orders.MODEL: orders.dated_spec("2026-01-28"), orders.PLACE: orders.dated_table(2)}
    return settled_in(tmp_path_factory.mktemp("dated"), once_shop, quick, files)


@pytest.fixture
def dated_team(once_dated, tmp_path):
    return moved(once_dated, tmp_path)


@pytest.fixture
def api():
    """The comments of GitHub's API, on loopback."""
    with github_api() as comments:
        yield comments


@pytest.fixture(scope="session")
def quick(tmp_path_factory, prefect_tables):
    """Settings that spare each flow of a step a temporary Prefect API of its own: they share one that runs."""
    home, port = tmp_path_factory.mktemp("prefect"), free_port()
    started = []

    def start():
        with open(home / "server.log", "wb") as log:
            started.append(subprocess.Popen(
                [sys.executable, "-m", "flows.launch.server", str(port)], cwd=CHECKOUT, stdout=log, stderr=log,
                stdin=subprocess.PIPE, env={**os.environ, **EPHEMERAL, "PREFECT_HOME": str(home)}))
        import httpx

        def answers():
            try:
                return httpx.get(f"http://127.0.0.1:{port}/api/health", trust_env=False).status_code == 200
            except httpx.TransportError:
                return False
        until(answers, seconds=120)

    prefect_tables(home, start)
    yield {"PREFECT_API_URL": f"http://127.0.0.1:{port}/api", "OMP_NUM_THREADS": "1"}
    for server in started:
        server.stdin.close()
        server.wait(20)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def settings(api, quick):
    """What a run on GitHub would have: the token of the job, and the API it is for."""
    return {"secrets": {"GITHUB_TOKEN": TOKEN}, "environment": {**quick, "GITHUB_API_URL": api.url}}


@pytest.fixture
def pull_request(shop_team):
    """Open pull requests of shop_team: pull_request({name: text}) -> event, the merge of it checked out."""
    def open_one(files, *, number=7, fork=False, user="ada"):
        branch = f"change-{number}-{len(shop_team.git('branch').splitlines())}"
        shop_team.git("checkout", "--quiet", "-b", branch, "main")
        for name, text in files.items():
            shop_team.write(name, text)
        head = shop_team.commit("a change")
        shop_team.git("checkout", "--quiet", "--detach", "main")
        shop_team.git("merge", "--quiet", "--no-ff", "-m", "merge", branch)
        whose = "someone/fork" if fork else "team/repository"
        proposed = {"ref": branch, "sha": head, "repo": {"full_name": whose, "fork": fork}}
        return {"action": "synchronize", "number": number, "pull_request": {
            "number": number, "user": {"login": user}, "head": proposed,
            "base": {"ref": "main", "repo": {"full_name": "team/repository"}}}}
    return open_one


@pytest.fixture
def state(request):
    """What the branch that carries the state says now."""
    def look(team=None):
        team = team or request.getfixturevalue("shop_team")
        shown = team.git("ls-remote", "origin", "refs/heads/headgate-state")
        if not shown:
            return None
        team.git("fetch", "--quiet", "origin", "refs/heads/headgate-state")
        document = yaml.safe_load(team.git("show", "FETCH_HEAD:shop/state.json"))
        digests = {alias: one["digest"] for one in document["versions"] for alias in one["aliases"]}
        return SimpleNamespace(commit=shown.split()[0], digests=digests, last=document["last"],
                               ledger=team.git("show", "FETCH_HEAD:shop/ledger.jsonl").splitlines())
    return look


@pytest.fixture
def exchanged(tmp_path):
    """Make stand-ins of download-artifact that hand out something else: exchanged("training") -> their folder.

    Every bundle in that artifact is another one, whole and sealed, under another summary that fits it.
    """
    def make(name):
        folder = tmp_path / "exchanging"
        shutil.copytree(STAND_INS / "actions" / "download-artifact", folder)
        with open(folder / "fetch.py", "a", encoding="utf-8") as script:
            script.write(EXCHANGE.format(name=name))
        return folder
    return make


EXCHANGE = """
import hashlib
if name == {name!r}:
    import gzip
    import json
    for packed in folder.glob("*.tar.gz"):      # the same files, packed anew
        packed.write_bytes(gzip.compress(gzip.decompress(packed.read_bytes()), 1))
        sums = hashlib.sha256(packed.read_bytes()).hexdigest()
        (folder / "SHA256SUMS").write_text(sums + "  " + packed.name)
    sys.path.insert(0, os.getcwd())
    from headgate.bundle import read_manifest, seal
    for bundle in [path.parent for path in folder.rglob("manifest.json")]:
        (bundle / "report.md").write_text("exchanged")
        digest = seal(bundle, read_manifest(bundle)[0]["model"])
        summary = bundle.parent / "summary.json"
        if summary.is_file():
            summary.write_text(json.dumps({{**json.loads(summary.read_text()), "bundle": digest}}))
"""


def pytest_collection_modifyitems(items):
    """A whole workflow may take longer than a test otherwise may, on a machine that does other things too."""
    for item in items:
        if "/workflows/" in item.path.as_posix():
            item.add_marker(pytest.mark.timeout(900))
