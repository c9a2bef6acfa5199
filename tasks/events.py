"""Events of models, which triggers on a Prefect server may wait for."""

from prefect.events import emit_event

LABELS = ("outcome",)


def emit_version(event, model, version, digest, **more):
    """Emit `headgate.version.EVENT` of the resource `headgate.model.MODEL`; a trigger can look at its labels only."""
    labels = {f"headgate.{name}": str(value) for name, value in more.items() if name in LABELS}
    emit_event(event=f"headgate.version.{event}",
               resource={"prefect.resource.id": f"headgate.model.{model}", "prefect.resource.name": model,
                         "headgate.version": str(version), "headgate.digest": digest, **labels},
               payload={"model": model, "version": str(version), "digest": digest, **more})
