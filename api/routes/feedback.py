"""POST /feedback: the true label of a prediction, durable before it is answered."""

import logging

from fastapi import APIRouter, Request

from api import answers
from api.models.ids import now, parse
from api.problems import Trouble
from api.routes.about import service_of
from headgate.errors import StorageError
from headgate.prediction_log import Label, NoSuchRow

log = logging.getLogger("headgate.api.feedback")
router = APIRouter(tags=["feedback"])


@router.post("/feedback", status_code=202, response_model=answers.Stored, summary="Tell the true label",
             responses={409: {"model": answers.Problem}, 503: {"model": answers.Problem}})
async def feedback(body: answers.Feedback, request: Request):
    """Stored by the prediction's id, before it is answered; sending it again changes nothing.

    Another label than the one that is stored is 409, one that is no class of the model 422, and so is a row that the
    prediction does not have, or a batch's id without a row, once the prediction is in the log.
    """
    service = service_of(request)
    model, key, row = parse(body.prediction_id)
    check_label(service.state, model, body)
    stated = body.prediction_id.count(".") > 1
    try:
        kept, fresh = await service.desk.store(Label(key, row, model, body.label, now(), stated))
    except NoSuchRow as error:
        raise _wrong("prediction_id", body.prediction_id, error.limit, str(error)) from None
    except StorageError as error:
        service.metrics.feedback.labels(model, "unavailable").inc()
        log.error("a label could not be stored: %s", error)
        raise Trouble(503, "The label is not stored: the database does not take it at the moment. Send it again.",
                      headers=((b"retry-after", b"5"),)) from error
    if kept != body.label:
        service.metrics.feedback.labels(model, "conflict").inc()
        raise Trouble(409, f"{body.prediction_id} is labelled {kept!r} already; it stays so.", {"label": kept})
    service.metrics.feedback.labels(model, "stored" if fresh else "known").inc()
    return answers.Stored(prediction_id=body.prediction_id, label=kept, status="stored" if fresh else "known")


def check_label(state, model, body):
    """Raise Trouble 422 for a label that no class has, or an id of a model that is not served."""
    served = state.served.get(model)
    if served is None:
        raise _wrong("prediction_id", body.prediction_id, ", ".join(sorted(state.served)) or "no model yet",
                     f"prediction_id is of the model {model!r}, which is not served here.")
    if body.label not in served.classes:
        raise _wrong("label", body.label, ", ".join(served.classes),
                     f"label must be a class of {model}: {', '.join(served.classes)}; seen {body.label!r}.")


def _wrong(field, value, limit, message):
    error = {"field": field, "value": value[:80], "limit": limit, "message": message}
    return Trouble(422, message, {"errors": [error]})
