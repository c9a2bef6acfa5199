"""What roll_out.py asks of a cluster, through kubectl."""

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

DEPLOYMENT, LABEL, CONTAINER = "headgate-api", "app.kubernetes.io/name=headgate-api", "api"
PROBES, REVISION = ("ready", "health", "metrics"), "deployment.kubernetes.io/revision"
CALL_SECONDS, GRACE_SECONDS = 30.0, 5.0     # of one request, and what kubectl may take besides
SERIES = re.compile(r'^headgate_requests_total\{([^}]*)\} (\S+)$', re.MULTILINE)


class CannotRollOut(Exception):
    """kubectl is not there, does not end, or said no to something that has to work (exit code 2)."""


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
    kubectl("apply", "--filename", "-", text=manifests, seconds=2 * CALL_SECONDS)


def deployment(namespace):
    """Return the Deployment as the cluster has it, or {}."""
    told = kubectl("--namespace", namespace, "get", "deployment", DEPLOYMENT, "--ignore-not-found", "--output", "json")
    return json.loads(told.stdout or "{}")


def template(found):
    """Return what a Deployment's pods are made from."""
    return found.get("spec", {}).get("template", {})


def image_of(found):
    """Return the image that a Deployment's template asks for, or ""."""
    return next((box["image"] for box in template(found).get("spec", {}).get("containers", ())
                 if box["name"] == CONTAINER), "")


def namespace_of(manifests):
    """Return the namespace that every manifest names; raise CannotRollOut unless it is one."""
    found = set(re.findall(r"^  namespace: (\S+)$", manifests, re.MULTILINE))
    if len(found) != 1:
        raise CannotRollOut(f"The overlay has to put everything into one namespace. Seen: {sorted(found) or 'none'}.")
    return found.pop()


def wait(namespace, seconds):
    """Wait for the rollout; return "" when it is through, or what kubectl says."""
    done = kubectl("--namespace", namespace, "rollout", "status", f"deployment/{DEPLOYMENT}",
                   f"--timeout={int(seconds)}s", check=False, seconds=seconds + CALL_SECONDS)
    return "" if done.returncode == 0 else (done.stderr or done.stdout).strip() or "kubectl does not say why"


def undo(namespace, found):
    """Put the version before the Deployment `found` back; return "" or what kubectl says.

    Until the controller has seen a change, the version before is the newest that it knows, not the one before that.
    """
    seen = found.get("status", {}).get("observedGeneration", 0) >= found["metadata"]["generation"]
    revision = "" if seen else found["metadata"].get("annotations", {}).get(REVISION, "")
    done = kubectl("--namespace", namespace, "rollout", "undo", f"deployment/{DEPLOYMENT}",
                   *([f"--to-revision={revision}"] if revision else []), check=False)
    return "" if done.returncode == 0 else (done.stderr or done.stdout).strip() or "kubectl does not say why"


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
    """Return (requests, those that ended with 5xx) of a pod's metrics, probes left out; None if it tells none."""
    done = _ask(namespace, pod, "/metrics")
    if done.returncode != 0:
        return None
    counted = [(dict(re.findall(r'(\w+)="([^"]*)"', labels)), float(value))
               for labels, value in SERIES.findall(done.stdout)]
    counted = [(labels["status"], value) for labels, value in counted if labels["route"] not in PROBES]
    return sum(value for _, value in counted), sum(value for status, value in counted if status[0] == "5")


def kubectl(*words, text=None, check=True, seconds=CALL_SECONDS):
    """Return the outcome of a kubectl command; raise CannotRollOut when it must not fail and does.

    seconds : it may take; one that takes longer has failed.
    """
    limit = () if words[0] == "kustomize" else (f"--request-timeout={int(seconds)}s",)
    try:
        done = subprocess.run(["kubectl", *limit, *words], input=text, text=True, capture_output=True,
                              timeout=seconds + GRACE_SECONDS)
    except OSError as error:
        raise CannotRollOut(f"kubectl cannot be run: {error.strerror}.") from None
    except subprocess.TimeoutExpired:
        done = subprocess.CompletedProcess(words, 124, "", f"It did not end within {seconds + GRACE_SECONDS:g} s.")
    if check and done.returncode != 0:
        name = words[2 if words[0] == "--namespace" else 0]
        raise CannotRollOut(f"kubectl {name} ended with {done.returncode}: {done.stderr.strip()[-600:]}")
    return done


def _ask(namespace, pod, *path):
    # Through the pod itself: no route, key or network policy is between.
    return kubectl("--namespace", namespace, "exec", pod, "--container", CONTAINER, "--", "python",
                   "/app/healthcheck.py", *path, check=False)
