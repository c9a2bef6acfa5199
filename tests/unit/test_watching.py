"""Watching a rollout: pods that start later have their time, and those that were ready do not."""

import importlib.util
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "deployments" / "kubernetes"


@pytest.fixture
def watching(monkeypatch):
    """The module, on a cluster whose pods are a list of {pod: (restarts, ready)}, one a look."""
    monkeypatch.syspath_prepend(str(FOLDER))
    for name in ("cluster", "watching"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    spec = importlib.util.spec_from_file_location("watching", FOLDER / "watching.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    looks = []

    def pods(namespace, image):
        seen = looks.pop(0) if len(looks) > 1 else looks[0]
        monkeypatch.setattr(module.cluster, "ready", lambda namespace, pod: (seen[pod][1], {"why": "it starts"}))
        return {pod: restarts for pod, (restarts, _) in seen.items()}

    monkeypatch.setattr(module.cluster, "pods", pods)
    monkeypatch.setattr(module.cluster, "requests", lambda namespace, pod: (0, 0))
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.01)
    module.looks = looks
    yield module
    for name in ("cluster", "watching"):
        sys.modules.pop(name, None)


def watched(module, *looks):
    module.looks[:] = looks
    return module.watch("here", "image", seconds=0.15, errors=0.01)


def test_a_pod_that_takes_the_place_of_another_may_start(watching):
    start, over = {"a": (0, True), "b": (0, True)}, {"a": (0, True), "c": (0, True)}
    assert watched(watching, start, start, *[{"a": (0, True), "c": (0, False)}] * 4, over).startswith("0 of 0")


@pytest.mark.parametrize("looks, why", [
    ([{"a": (0, True)}, {"a": (0, False)}, {"a": (0, False)}], "a .it starts. is not ready any more"),
    ([{"a": (0, True)}, {"a": (0, True), "c": (0, True)}, *[{"a": (0, True), "c": (0, False)}] * 2], "c .it starts."),
    ([{"a": (0, True)}, {"a": (0, True), "c": (0, True)}, {"a": (0, True), "c": (1, True)}], "c started again")])
def test_a_pod_that_was_ready_has_to_stay_so(watching, looks, why):
    with pytest.raises(watching.NotRight, match=why):
        watched(watching, *looks)
