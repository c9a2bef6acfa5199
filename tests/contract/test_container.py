"""The Containerfile keeps what docs/containers.md says: one lock, no root, no secret, no more than serving needs."""

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

from api.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deployments/container"
OTHERS = {"HEADGATE_HOME", "HEADGATE_DATABASE_URL"}


def instructions():
    """Return (word, rest) of every instruction of the Containerfile, its continued lines joined."""
    text = "\n".join(line for line in (FOLDER / "Containerfile").read_text(encoding="utf-8").splitlines()
                     if not line.lstrip().startswith("#"))
    return [tuple(line.split(None, 1)) for line in re.sub(r"\\\n\s*", " ", text).splitlines() if line.strip()]


def told(word):
    return [rest for name, rest in instructions() if name == word]


def test_every_stage_comes_from_the_one_base_that_is_pinned():
    base = next(rest for rest in told("ARG") if rest.startswith("BASE="))
    assert re.fullmatch(r"BASE=docker\.io/library/python:3\.(11|12|13)\.\d+-slim-[a-z]+", base)
    stages = set()
    for rest in told("FROM"):
        source, _, name = rest.split()
        assert source == "${BASE}" or source in stages, rest
        stages.add(name)
    assert stages == {"packages", "service", "sealed"} and told("FROM")[-1].endswith("AS sealed")


def test_only_the_lock_of_the_service_is_installed():
    installs = [rest for rest in told("RUN") if " install " in rest and "pip" in rest]
    assert len(installs) == 1
    for part in ("--require-hashes", "--only-binary :all:", "-r /packages/requirements-api.txt"):
        assert part in installs[0]
    text = " ".join(rest for _, rest in instructions())
    assert set(re.findall(r"[\w-]*requirements[\w-]*\.(?:txt|in)", text)) == {"requirements-api.txt"}
    assert not re.search(r"\b(apt|apt-get|apk|curl|wget|npm)\b", text)


def test_the_service_is_not_root():
    users = told("USER")
    assert users and all(re.fullmatch(r"[1-9]\d*:[1-9]\d*", user) for user in users)
    words = [name for name, _ in instructions()]
    final = len(words) - 1 - words[::-1].index("USER")
    assert "RUN" not in words[final:words.index("ENTRYPOINT")]


def test_it_is_started_watched_and_stopped_as_documented():
    assert told("ENTRYPOINT") == ['["python", "-m", "api"]'] and told("STOPSIGNAL") == ["SIGTERM"]
    [check] = told("HEALTHCHECK")
    assert check.endswith('CMD ["python", "/app/healthcheck.py"]') and "--start-period=" in check
    assert told("VOLUME") == ['["/state"]'] and told("EXPOSE") == ["8000"]


def test_every_variable_is_a_setting():
    known = {f"HEADGATE_{name.upper()}" for name in Settings.model_fields} | OTHERS
    named = set(re.findall(r"\bHEADGATE_[A-Z_]+", " ".join(told("ENV"))))
    assert named <= known and {"HEADGATE_BUNDLES", "HEADGATE_HOME", "HEADGATE_HOST"} <= named


def test_no_secret_is_an_argument_or_a_variable():
    names = re.findall(r"\b([A-Z][A-Z_]+)=", " ".join(told("ARG") + told("ENV") + told("LABEL")))
    assert names and not [name for name in names if re.search("KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL|DATABASE", name)]


@pytest.mark.parametrize("path, let_through", [
    ("api/settings.py", True), ("headgate/workspace.py", True), ("requirements-api.txt", True), ("LICENSE", True),
    ("bundles/roles.json", True), ("deployments/container/healthcheck.py", True),
    (".git/config", False), (".headgate/headgate.db", False), ("keys.txt", False), (".env", False),
    ("requirements-dev.txt", False), ("models/flights/model.yaml", False), ("api/__pycache__/app.pyc", False),
    ("deployments/container/build.py", False)])
def test_the_build_sees_nothing_else_of_a_checkout(path, let_through):
    assert seen(path) is let_through


def test_the_build_sees_all_that_it_copies():
    for rest in told("COPY"):
        words = [word for word in rest.split() if not word.startswith("--")][:-1]
        if "--from=" not in rest:
            for source in (word.replace("${BUNDLES}", "bundles") for word in words):
                assert seen(source) and (source == "bundles" or (ROOT / source).exists()), source


def seen(path):
    """Return whether .dockerignore lets a path through: the last line that matches it, or a folder of it, decides."""
    parts, kept = Path(path).parts, True
    above = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.lstrip("!").strip()
        if pattern and not pattern.startswith("#"):
            short = pattern.removeprefix("**/")
            if any(fnmatch(one, pattern) or short != pattern and fnmatch(Path(one).name, short) for one in above):
                kept = line.startswith("!")
    return kept
