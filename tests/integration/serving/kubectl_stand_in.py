"""Stands in for kubectl and the cluster behind it: rendering is the real kubectl's, a pod is a service on loopback.

Its state is the JSON file that CLUSTER names: `images` that were applied, `stuck` for a rollout that never ends,
`restarts` of a pod (null: the cluster does not answer, "gone": another image runs), `port` of the service, `calls` that
were made, `refused` to apply, `silent` for paths at which the pod fails, one flag a request, `late` for a controller
that has not seen the newest image yet.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

PROBE = Path(__file__).resolve().parents[3] / "deployments/container/healthcheck.py"


def main(words):
    place = Path(os.environ["CLUSTER"])
    state = json.loads(place.read_text())
    state["calls"].append(words)
    try:
        return answer([word for word in words if word not in ("--namespace", "headgate-production")
                       and not word.startswith("--request-timeout=")], state)
    finally:
        draft = place.with_suffix(".draft")     # whoever is killed leaves it whole
        draft.write_text(json.dumps(state))
        draft.replace(place)


def answer(words, state):
    """Do what one command asks; return its exit code."""
    if words[0] == "kustomize":
        return subprocess.run([os.environ["REAL_KUBECTL"], *words]).returncode
    if words[0] == "apply":
        [deployment] = [one for one in yaml.safe_load_all(sys.stdin.read()) if one["kind"] == "Deployment"]
        if state.get("refused"):
            return say("Error from server (Forbidden)", 1)
        state["images"].append(deployment["spec"]["template"]["spec"]["containers"][0]["image"])
    elif words[:2] == ["get", "deployment"]:
        sys.stdout.write(json.dumps(deployed(state)) if state["images"] else "")
    elif words[:2] == ["rollout", "status"]:
        return say("timed out waiting for the condition", 1) if state["images"][-1] in state["stuck"] else 0
    elif words[:2] == ["rollout", "undo"]:
        return undo(words, state)
    elif words[:2] == ["get", "pods"]:
        return pods(state)
    elif words[0] == "exec":
        assert words[1:7] == ["headgate-api-1", "--container", "api", "--", "python", "/app/healthcheck.py"], words
        return call(words[7:], state)
    return 0


def pods(state):
    restarts = state["restarts"].pop(0)
    if restarts is None:
        return say("Unable to connect to the server: EOF", 1)
    if restarts == "gone":
        sys.stdout.write('{"items": []}')
        return 0
    sys.stdout.write(json.dumps({"items": [
        {"metadata": {"name": "headgate-api-1"}, "spec": {"containers": [{"image": state["images"][-1]}]},
         "status": {"containerStatuses": [{"restartCount": restarts}]}},
        {"metadata": {"name": "headgate-api-0", "deletionTimestamp": "2026-01-01T00:00:00Z"},
         "spec": {"containers": [{"image": state["images"][-1]}]}, "status": {}}]}))
    return 0


def call(words, state):
    silent = state.get("silent", {}).get(words[0] if words else "/ready", [])
    if silent and silent.pop(0):
        return say("command terminated with exit code 1", 1)
    return subprocess.run([sys.executable, str(PROBE), *words],
                          env={**os.environ, "HEADGATE_PORT": str(state["port"])}).returncode


def undo(words, state):
    known = state["images"][:-1] if state.get("late") else state["images"]
    chosen = int(next((word.split("=")[1] for word in words[3:]), len(known) - 1))
    if not chosen:
        return say('error: no rollout history found for deployment "headgate-api"', 1)
    state["images"].append(known[chosen - 1])
    return 0


def deployed(state):
    """Return the Deployment; its revisions are the places of its images, from 1."""
    count = len(state["images"])
    seen = count - bool(state.get("late"))
    return {"metadata": {"generation": count, "annotations": {"deployment.kubernetes.io/revision": str(seen)}},
            "status": {"observedGeneration": seen},
            "spec": {"template": {"spec": {"containers": [{"name": "api", "image": state["images"][-1]}]}}}}


def say(text, code):
    sys.stderr.write(f"{text}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
