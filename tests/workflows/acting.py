"""Run the workflows as they are, with act on this host, and read back what came of every job and step.

Each job starts with an empty home and a copy of the team's repository; git, the commands and the files are real. Only
what sets Python up and what keeps artifacts stands in for the real actions (stand_ins/): the tables of its databases
are there beforehand, empty, and so are imported libraries (warm/). What act cannot show is listed in
docs/github-actions.md.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from processes import started_by, words_of

CHECKOUT = Path(__file__).resolve().parents[2]
STAND_INS = Path(__file__).parent / "stand_ins"
WARM = (Path(__file__).parent / "warm" / "python.txt").read_text(encoding="utf-8")
OF_THE_TEAM = ("api", "flows", "headgate", "tasks", "deployments", ".github", "prefect.yaml", "pyproject.toml",
               ".flake8", ".gitignore", "requirements.txt", "requirements-dev.txt", "requirements-api.txt")
STANDING_IN = {f"{folder.parent.name}/{folder.name}": folder for folder in STAND_INS.glob("*/*")}
SECONDS = 600
NOT_TOLD = ("GITHUB_", "ACTIONS_", "RUNNER_", "PYTEST", "COV_", "HEADGATE_", "PREFECT_API", "PREFECT_HOME",
            "MLFLOW_TRACKING")


@dataclass
class Run:
    """What act said. jobs : id -> result of each of its matrix. steps : (job, step) -> results. outputs : by job.

    seconds : job -> those of its steps, all of its matrix together. times : of every line, in whole seconds.
    """

    code: int
    jobs: dict = field(default_factory=lambda: defaultdict(list))
    steps: dict = field(default_factory=lambda: defaultdict(list))
    outputs: dict = field(default_factory=lambda: defaultdict(dict))
    seconds: dict = field(default_factory=lambda: defaultdict(float))
    times: list = field(default_factory=list)
    pages: list = field(default_factory=list)
    said: list = field(default_factory=list)

    @property
    def text(self):
        """What a person reads of it, for a test that failed."""
        return "\n".join(self.said[-150:])

    @property
    def page(self):
        """The whole summary page of the run."""
        return "\n".join(self.pages)

    @property
    def wall(self):
        """Seconds from the first job's beginning to the last one's end, to one second."""
        return (max(self.times) - min(self.times)).total_seconds()

    @property
    def result(self):
        """Job id -> "success" or "failure"; a job that was skipped is not there."""
        return {job: "failure" if "failure" in found else "success" for job, found in self.jobs.items()}


@dataclass(frozen=True)
class Team:
    """A repository with a remote of its own, in which the workflows run."""

    root: Path

    @property
    def folder(self):
        return self.root / "repository"

    @property
    def remote(self):
        return self.root / "remote.git"

    @property
    def artifacts(self):
        return self.root / "artifacts"

    def git(self, *words):
        answer = subprocess.run(["git", "-C", str(self.folder), *words], capture_output=True, text=True, check=True,
                                env={**os.environ, **AUTHOR})
        return answer.stdout.strip()

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def commit(self, message="change"):
        """Commit everything and push the branch; return the commit."""
        self.git("add", "-A")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        self.git("push", "--quiet", "origin", "HEAD")
        return self.git("rev-parse", "HEAD")

    def act(self, workflow, event="push", document=None, *, inputs=None, variables=None, secrets=None, environment=None,
            options=(), stand_ins=None):
        """Run one workflow file for one event; return the Run.

        document : the event, as GitHub would send it. inputs : of a workflow_dispatch; text, as they are sent.
        """
        shutil.rmtree(self.artifacts, ignore_errors=True)
        event_file = self.root / "event.json"
        event_file.write_text(json.dumps({**REPOSITORY, **(document or {}), "inputs": inputs or {}}), encoding="utf-8")
        words = [str(Path(sys.executable).with_name("act")), event, "-C", str(self.folder), "-e", str(event_file),
                 "-W", f".github/workflows/{workflow}", "-P", "ubuntu-24.04=-self-hosted", "--no-cache-server",
                 "--json", "--actor", "ada", "--remote-name", "as-on-github", *options]
        words += [f"--input={name}={value}" for name, value in (inputs or {}).items()]
        for name, folder in {**STANDING_IN, **(stand_ins or {})}.items():
            words += ["--local-repository", f"{name}@{pin_of(name)}={folder}"]
        words += [f"--var={name}={value}" for name, value in (variables or {}).items()]
        words += [f"--secret={name}={value}" for name, value in (secrets or {}).items()]
        words += [f"--env={name}={value}" for name, value in {**self.stand_in_settings, **(environment or {})}.items()]
        return read_run(*said_by(words, self.surroundings))

    def warmed(self, warm):
        """Have `python -m` done by a Warm from now on; returns self."""
        path = self.root / "bin" / "python"
        path.write_text(WARM.format(python=sys.executable, place=warm.place))
        path.chmod(0o755)
        (self.root / "tables").symlink_to(warm.tables)
        return self

    @property
    def stand_in_settings(self):
        return {"STAND_IN_PYTHON": sys.executable, "STAND_IN_PYTHON_BIN": str(Path(sys.executable).parent),
                "STAND_IN_TABLES": str(self.root / "tables"),
                "STAND_IN_BIN": str(self.root / "bin"), "TERM": "dumb",
                "STAND_IN_ARTIFACTS": str(self.artifacts)}

    @property
    def surroundings(self):
        """Return the environment of act: a home of its own, and nothing of a runner in which these tests may run."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_TOLD)}
        return {**kept, "HOME": str(self.root / "home"), "XDG_CACHE_HOME": str(self.root / "home" / ".cache")}


AUTHOR = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
          for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"))}
REPOSITORY = {"repository": {"full_name": "team/repository", "name": "repository", "owner": {"login": "team"},
                             "default_branch": "main", "private": False}}


def found_team(root, files, parts=OF_THE_TEAM):
    """Make a Team whose repository holds this checkout's code and workflows, and `files` (name -> text) besides.

    parts : of this checkout. Objects are packed, for act copies the repository for every job.
    """
    team = Team(root)
    team.folder.mkdir(parents=True)
    for name in listed(*parts):
        (team.folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / name, team.folder / name)
    for name, text in files.items():
        team.write(name, text)
    quiet = ("git", "init", "--quiet", "--template=", "-b", "main")
    subprocess.run([*quiet, "--bare", str(team.remote)], check=True)
    for setting in ("uploadpack.allowAnySHA1InWant", "uploadpack.allowFilter"):
        subprocess.run(["git", "-C", str(team.remote), "config", setting, "true"], check=True)
    subprocess.run([*quiet, str(team.folder)], check=True)
    team.git("remote", "add", "origin", team.remote.as_uri())
    team.git("remote", "add", "as-on-github", "https://github.com/team/repository")    # where act looks for the name
    write_pip(team)
    team.commit("as founded")
    team.git("repack", "-a", "-d", "--quiet")       # refs stay files: act copies no empty folder
    return team


def write_pip(team):
    """A pip that notes what it was asked to install."""
    path = team.root / "bin" / "pip"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'#!/bin/sh\necho "$@" >> "{team.root}/installed.txt"\n')
    path.chmod(0o755)


def listed(*places):
    """Return the files of this checkout under `places` that git knows or would."""
    answer = subprocess.run(["git", "-C", str(CHECKOUT), "ls-files", "-co", "--exclude-standard", "--", *places],
                            capture_output=True, text=True, check=True)
    return [name for name in answer.stdout.splitlines() if (CHECKOUT / name).is_file()]


def pin_of(action):
    """Return the commit to which the workflows pin an action."""
    for path in (CHECKOUT / ".github").rglob("*.yml"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if f"uses: {action}@" in line:
                return line.split("@")[1].split()[0]
    raise AssertionError(f"no workflow uses {action}")


def said_by(words, surroundings):
    """Return (exit code, all lines) of a command; one that hangs fails the test with what it said and what runs."""
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=surroundings) as act:
        try:
            text, _ = act.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            family = started_by(act.pid)
            running = [f"{one.pid} {' '.join(words_of(one))[:300]}" for one in family]
            for one in (act, *family):
                one.kill()
            said = read_run(None, act.communicate()[0]).text
            raise AssertionError("\n".join([said, f"act hung for {SECONDS} s; there ran:", *running])) from None
        return act.returncode, text


def read_run(code, text):
    """Return the Run that the JSON lines of act tell of."""
    run = Run(code)
    for line in text.splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            run.said.append(line)
            continue
        _note(run, told)
    return run


def _note(run, told):
    job = told.get("jobID", "")
    if job and "time" in told:
        run.times.append(datetime.fromisoformat(told["time"]))
    if "jobResult" in told:
        run.jobs[job].append(told["jobResult"])
    if "stepResult" in told and told.get("stage") == "Main" and len(told["stepID"]) == 1:   # none within an action
        run.steps[job, told["step"]].append(told["stepResult"])
        run.seconds[job] += told.get("executionTime", 0) / 1e9
    if told.get("command") == "set-output":
        run.outputs[job][told["name"]] = told["arg"]
    if told.get("command") == "summary":
        run.pages.append(told["content"])
    if told.get("raw_output") or "stepResult" in told or told.get("level") == "error":
        run.said.append(f"{job}: {told['msg'].rstrip()}"[:1000])
