"""Stands in for kubectl and the cluster behind it: rendering is the real kubectl's, a pod is a service on loopback.

Its state is the JSON file that CLUSTER names: `images` that were applied, `stuck` for a rollout that never ends,
`restarts` of a pod, `port` of the service, `calls` that were made.
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
        return answer([word for word in words if word not in ("--namespace", "headgate-production")], state)
    finally:
        place.write_text(json.dumps(state))


def answer(words, state):
    """Do what one command asks; return its exit code."""
    if words[0] == "kustomize":
        return subprocess.run([os.environ["REAL_KUBECTL"], *words]).returncode
    if words[0] == "apply":
        [deployment] = [one for one in yaml.safe_load_all(sys.stdin.read()) if one["kind"] == "Deployment"]
        state["images"].append(deployment["spec"]["template"]["spec"]["containers"][0]["image"])
    elif words[:2] == ["rollout", "status"]:
        return say("timed out waiting for the condition", 1) if state["images"][-1] in state["stuck"] else 0
    elif words[:2] == ["rollout", "undo"]:
        if len(state["images"]) < 2:
            return say("error: no rollout history found", 1)
        state["images"].append(state["images"][-2])
    elif words[:2] == ["get", "pods"]:
        sys.stdout.write(json.dumps({"items": [
            {"metadata": {"name": "headgate-api-1"}, "spec": {"containers": [{"image": state["images"][-1]}]},
             "status": {"containerStatuses": [{"restartCount": state["restarts"].pop(0)}]}},
            {"metadata": {"name": "headgate-api-0", "deletionTimestamp": "2026-01-01T00:00:00Z"},
             "spec": {"containers": [{"image": state["images"][-1]}]}, "status": {}}]}))
    elif words[0] == "exec":
        assert words[1:7] == ["headgate-api-1", "--container", "api", "--", "python", "/app/healthcheck.py"], words
        return subprocess.run([sys.executable, str(PROBE), *words[7:]],
                              env={**os.environ, "HEADGATE_PORT": str(state["port"])}).returncode
    return 0


def say(text, code):
    sys.stderr.write(f"{text}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
