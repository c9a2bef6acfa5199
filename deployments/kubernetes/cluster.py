"""What roll_out.py asks of a cluster, through kubectl."""

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

DEPLOYMENT, LABEL, CONTAINER = "headgate-api", "app.kubernetes.io/name=headgate-api", "api"
PROBES = ("ready", "health", "metrics")
SERIES = re.compile(r'^headgate_requests_total\{([^}]*)\} (\S+)$', re.MULTILINE)


class CannotRollOut(Exception):
    """kubectl is not there, or said no to something that has to work (exit code 2)."""


def render(overlay, image):
    """Return the manifests of an overlay (a folder) with the API's image replaced."""
    patch = json.dumps([{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": image}])
    with tempfile.TemporaryDirectory(prefix="headgate-overlay-") as scratch:
        scratch = Path(scratch).resolve()
        document = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
                    "resources": [os.path.relpath(overlay.resolve(), scratch)],     # kustomize takes no absolute path
                    "patches": [{"target": {"kind": "Deployment", "name": DEPLOYMENT}, "patch": patch}]}
        (scratch / "kustomization.yaml").write_text(json.dumps(document), encoding="utf-8")
        return kubectl("kustomize", str(scratch)).stdout


def apply(manifests):
    """Send the manifests to the cluster."""
    kubectl("apply", "--filename", "-", text=manifests)


def namespace_of(manifests):
    """Return the namespace that every manifest names; raise CannotRollOut unless it is one."""
    found = set(re.findall(r"^  namespace: (\S+)$", manifests, re.MULTILINE))
    if len(found) != 1:
        raise CannotRollOut(f"The overlay has to put everything into one namespace. Seen: {sorted(found) or 'none'}.")
    return found.pop()


def wait(namespace, seconds):
    """Wait for the rollout; return "" when it is through, or what kubectl says."""
    done = kubectl("--namespace", namespace, "rollout", "status", f"deployment/{DEPLOYMENT}",
                   f"--timeout={int(seconds)}s", check=False)
    return "" if done.returncode == 0 else (done.stderr or done.stdout).strip()


def undo(namespace, seconds):
    """Put the version before back and wait for it; return "" or what kubectl says."""
    done = kubectl("--namespace", namespace, "rollout", "undo", f"deployment/{DEPLOYMENT}", check=False)
    return wait(namespace, seconds) if done.returncode == 0 else (done.stderr or done.stdout).strip()


def pods(namespace, image):
    """Return name -> restarts of the pods that run the image and are not about to go."""
    told = json.loads(kubectl("--namespace", namespace, "get", "pods", "--selector", LABEL, "--output", "json").stdout)
    return {one["metadata"]["name"]: sum(box["restartCount"] for box in one["status"].get("containerStatuses", []))
            for one in told["items"] if "deletionTimestamp" not in one["metadata"]
            and any(box["image"] == image for box in one["spec"]["containers"])}


def ready(namespace, pod):
    """Return (whether it is ready, the JSON of /ready) of the service in a pod."""
    done = _ask(namespace, pod)
    try:
        return done.returncode == 0, json.loads(done.stdout)
    except ValueError:
        return False, {"why": (done.stderr or done.stdout).strip()}


def requests(namespace, pod):
    """Return (requests, those that ended with 5xx) of a pod's metrics, without those of probes."""
    done = _ask(namespace, pod, "/metrics")
    counted = [(dict(re.findall(r'(\w+)="([^"]*)"', labels)), float(value))
               for labels, value in SERIES.findall(done.stdout)]
    counted = [(labels["status"], value) for labels, value in counted if labels["route"] not in PROBES]
    return sum(value for _, value in counted), sum(value for status, value in counted if status[0] == "5")


def kubectl(*words, text=None, check=True):
    """Return the outcome of a kubectl command; raise CannotRollOut when it must not fail and does."""
    try:
        done = subprocess.run(["kubectl", *words], input=text, text=True, capture_output=True)
    except OSError as error:
        raise CannotRollOut(f"kubectl cannot be run: {error.strerror}.") from None
    if check and done.returncode != 0:
        raise CannotRollOut(f"kubectl {words[0]} ended with {done.returncode}: {done.stderr.strip()[-600:]}")
    return done


def _ask(namespace, pod, *path):
    # Through the pod itself: no route, key or network policy is between.
    return kubectl("--namespace", namespace, "exec", pod, "--container", CONTAINER, "--", "python",
                   "/app/healthcheck.py", *path, check=False)
