"""Behind an admin key: look for another champion now, or put the one before back."""

import asyncio
import logging

from fastapi import APIRouter, Request

from api import answers
from api.problems import Trouble
from api.routes.about import service_of
from api.routes.exchange import head_of

log = logging.getLogger("headgate.api.admin")
router = APIRouter(tags=["admin"], responses={401: {"model": answers.Problem}, 403: {"model": answers.Problem}})


@router.post("/models/{name}/reload", response_model=answers.Moved, summary="Take the champion now")
async def reload(name: str, request: Request):
    """Look at the source now, and try again what was refused. 503 with the reason when it cannot be read.

    Other workers follow within HEADGATE_POLL_SECONDS.
    """
    service = service_of(request)
    actor = service.keys.check_admin(head_of(request.scope["headers"]))
    log.info("%s asks to reload %s", actor, name, extra={"actor": actor, "model": name})
    before = _version(service, name)
    await asyncio.to_thread(service.keeper.reload, name)
    return _moved(service, name, before)


@router.post("/models/{name}/rollback", response_model=answers.Moved, summary="Put the champion before back")
async def rollback(name: str, request: Request):
    """Make `previous` the champion again, in the registry or in roles.json, and serve it."""
    service = service_of(request)
    actor = service.keys.check_admin(head_of(request.scope["headers"]))
    log.info("%s asks to roll %s back", actor, name, extra={"actor": actor, "model": name})
    before = _version(service, name)
    if name not in service.state.served and name not in service.state.refused:
        raise service.missing(name)
    await asyncio.to_thread(service.keeper.source.roll_back, name, actor)
    await asyncio.to_thread(service.keeper.reload, name)
    return _moved(service, name, before)


def _version(service, name):
    found = service.state.served.get(name)
    return found.version if found else ""


def _moved(service, name, before):
    state = service.state
    one = state.refused.get(name)
    refused = answers.Refusal(version=one.version, digest=one.digest, why=one.why, at=one.at) if one else None
    if name not in state.served:
        if refused is None:
            raise service.missing(name)
        raise Trouble(503, f"The champion of {name!r} was refused: {refused.why}")
    after = state.served[name].version
    return answers.Moved(name=name, version=after, before=before, changed=after != before, refused=refused)
