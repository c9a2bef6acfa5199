"""The manifests keep what docs/containers.md promises, as they are written and, with kubectl, as it renders them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from api.settings import Settings

FOLDER = Path(__file__).resolve().parents[2] / "deployments/kubernetes"
CONTAINERFILE = FOLDER.parent / "container/Containerfile"
OTHERS = {"HEADGATE_HOME", "HEADGATE_DATABASE_URL"}
KNOWN = {f"HEADGATE_{name.upper()}" for name in Settings.model_fields} | OTHERS
OVERLAYS = ("staging", "production")
needs_kubectl = pytest.mark.skipif(shutil.which("kubectl") is None, reason="there is no kubectl here to render with")


def read(path):
    return yaml.safe_load((FOLDER / path).read_text(encoding="utf-8"))


def settings(overlay=None):
    """Return variable -> text of the base, or of an overlay over it."""
    lines = (FOLDER / "base/settings.env").read_text(encoding="utf-8").splitlines()
    found = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    if overlay:
        for generator in read(f"overlays/{overlay}/kustomization.yaml")["configMapGenerator"]:
            assert generator["behavior"] == "merge" and generator["name"] == "headgate-api"
            found |= dict(line.split("=", 1) for line in generator["literals"])
    return found


def pod():
    return read("base/deployment.yaml")["spec"]["template"]["spec"]


def container():
    [found] = pod()["containers"]
    return found


def rendered(overlay):
    done = subprocess.run(["kubectl", "kustomize", str(FOLDER / "overlays" / overlay)], text=True, capture_output=True,
                          check=True, timeout=60)
    return {one["kind"]: one for one in yaml.safe_load_all(done.stdout)}


def test_every_file_is_a_resource_or_a_patch_of_its_kustomization():
    for path in FOLDER.rglob("kustomization.yaml"):
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        named = set(found["resources"]) | {one["path"] for one in found.get("patches", [])}
        assert {one for one in named if one.endswith(".yaml")} | {"kustomization.yaml"} \
            == {one.name for one in path.parent.glob("*.yaml")}, path


@pytest.mark.parametrize("overlay", [None, *OVERLAYS])
def test_every_setting_is_one_and_can_be_used(overlay, monkeypatch):
    found = settings(overlay)
    assert set(found) <= KNOWN
    for name, text in found.items():
        monkeypatch.setenv(name, text)
    assert Settings().port == 8000
    assert not [name for name in found if "SECRET" in name or "URL" in name], "a secret is no setting"


def test_variables_of_the_pod_are_settings():
    patch = read("overlays/production/secrets.yaml")["spec"]["template"]["spec"]["containers"][0]
    for one in container()["env"] + patch["env"]:
        assert one["name"] in KNOWN and "secretKeyRef" in one["valueFrom"]


def test_no_pod_is_missed_while_another_version_rolls_out():
    spec = read("base/deployment.yaml")["spec"]
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert spec["minReadySeconds"] > 0 and spec["revisionHistoryLimit"] > 1
    assert spec["selector"]["matchLabels"].items() <= spec["template"]["metadata"]["labels"].items()


def test_probes_ask_what_the_service_answers():
    paths = {name: container()[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "readiness", "liveness")}
    assert paths == {"startup": "/ready", "readiness": "/ready", "liveness": "/health"}
    startup = container()["startupProbe"]
    assert startup["periodSeconds"] * startup["failureThreshold"] > 60     # the service's first look may take a minute
    assert container()["ports"] == [{"name": "http", "containerPort": int(settings()["HEADGATE_PORT"])}]


def test_a_pod_has_time_to_drain():
    wait = int(re.search(r"sleep\((\d+)\)", container()["lifecycle"]["preStop"]["exec"]["command"][-1])[1])
    drain = 2 * int(settings()["HEADGATE_SHUTDOWN_SECONDS"])
    assert pod()["terminationGracePeriodSeconds"] > wait + drain


def test_a_pod_has_no_rights():
    user = int(re.search(r"^USER (\d+):", CONTAINERFILE.read_text(encoding="utf-8"), re.MULTILINE)[1])
    context = pod()["securityContext"]
    assert (context["runAsNonRoot"], context["runAsUser"], context["fsGroup"]) == (True, user, user)
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container()["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                              "capabilities": {"drop": ["ALL"]}}
    assert pod()["automountServiceAccountToken"] is False
    assert pod()["enableServiceLinks"] is False     # or a Service called headgate would set HEADGATE_PORT


def test_what_is_written_has_a_place_and_a_limit():
    mounts = {one["mountPath"]: one["name"] for one in container()["volumeMounts"]}
    volumes = {one["name"]: one["emptyDir"]["sizeLimit"] for one in pod()["volumes"]}
    assert set(mounts) == {settings()["HEADGATE_HOME"], "/tmp"} and set(mounts.values()) == set(volumes)
    resources = container()["resources"]
    assert {"cpu", "memory", "ephemeral-storage"} == set(resources["limits"]) == set(resources["requests"])
    assert float(settings()["HEADGATE_LOG_SPILL_MB"]) < 1024 and volumes["state"] == "1Gi"
    assert settings()["HEADGATE_THREADS"] == resources["limits"]["cpu"]


def test_everything_means_the_same_pods():
    labels = read("base/deployment.yaml")["spec"]["template"]["metadata"]["labels"]
    assert read("base/service.yaml")["spec"]["selector"] == labels
    assert read("base/disruption.yaml")["spec"]["selector"]["matchLabels"] == labels
    assert read("base/network.yaml")["spec"]["podSelector"]["matchLabels"] == labels
    assert read("base/service.yaml")["spec"]["ports"][0]["targetPort"] == container()["ports"][0]["name"]


def test_production_differs_from_staging_as_documented():
    staging, production = (read(f"overlays/{name}/kustomization.yaml") for name in OVERLAYS)
    assert staging["namespace"] != production["namespace"]
    assert "replicas" not in staging and production["replicas"] == [{"name": "headgate-api", "count": 3}]
    assert "HEADGATE_KEYS_FILE" not in settings("staging") and settings("production")["HEADGATE_KEYS_FILE"]
    patch = read("overlays/production/secrets.yaml")["spec"]["template"]["spec"]
    assert patch["containers"][0]["env"][0]["valueFrom"]["secretKeyRef"]["optional"] is False
    assert container()["env"][0]["valueFrom"]["secretKeyRef"]["optional"] is True
    [keys], [mount] = patch["volumes"], patch["containers"][0]["volumeMounts"]
    assert settings("production")["HEADGATE_KEYS_FILE"].startswith(mount["mountPath"] + "/")
    assert mount["name"] == keys["name"] and keys["secret"]["defaultMode"] == 0o440


@needs_kubectl
@pytest.mark.parametrize("overlay, replicas", [("staging", 1), ("production", 3)])
def test_kubectl_renders_an_overlay(overlay, replicas):
    found = rendered(overlay)
    assert set(found) == {"ServiceAccount", "ConfigMap", "Service", "Deployment", "PodDisruptionBudget",
                          "NetworkPolicy"}
    assert {one["metadata"]["namespace"] for one in found.values()} == {f"headgate-{overlay}"}
    assert found["ConfigMap"]["data"] == settings(overlay)
    spec = found["Deployment"]["spec"]
    assert spec["replicas"] == replicas
    [one] = spec["template"]["spec"]["containers"]
    assert one["envFrom"][0]["configMapRef"]["name"] == found["ConfigMap"]["metadata"]["name"] != "headgate-api"
    assert one["image"] == f"registry.example.org/headgate-api:{overlay}"
    assert {mount["name"] for mount in one["volumeMounts"]} == {v["name"] for v in spec["template"]["spec"]["volumes"]}
