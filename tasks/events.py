"""Events of models, which triggers on a Prefect server may wait for."""

from prefect.events import emit_event


def emit_version(event, model, version, digest, **more):
    """Emit `headgate.version.EVENT` of the resource `headgate.model.MODEL`."""
    emit_event(event=f"headgate.version.{event}",
               resource={"prefect.resource.id": f"headgate.model.{model}", "prefect.resource.name": model,
                         "headgate.version": str(version), "headgate.digest": digest},
               payload={"model": model, "version": str(version), "digest": digest, **more})
