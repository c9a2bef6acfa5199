"""Events of models, which triggers on a Prefect server may wait for."""

from prefect.events import emit_event


def emit_version(event, model, version, digest, *, outcome="", **more):
    """Emit `headgate.version.EVENT` of the resource `headgate.model.MODEL`.

    outcome : what came of it, where an event has several; on the resource too, for a trigger can match nothing else.
    """
    outcome = outcome or event
    emit_event(event=f"headgate.version.{event}",
               resource={"prefect.resource.id": f"headgate.model.{model}", "prefect.resource.name": model,
                         "headgate.version": str(version), "headgate.digest": digest, "headgate.outcome": outcome},
               payload={"model": model, "version": str(version), "digest": digest, "outcome": outcome, **more})
