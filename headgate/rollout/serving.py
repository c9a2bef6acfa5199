"""Wait until a service serves a version, and prove it."""

import time
from dataclasses import dataclass

from headgate.errors import NotServing, ServiceAway
from headgate.rollout.smoke import GOLDEN, asked

EVERY = 0.25
IN_A_ROW = 3        # answers of /ready, over new connections and some time apart, so that no worker is left behind
APART = 0.2


@dataclass(frozen=True)
class Look:
    """What /ready says of a model. digest : that serves, or "". refused : digest that was refused, or "".

    why : it was, or what else is wrong with the service's source, or "".
    """

    digest: str
    refused: str
    why: str

    def __str__(self):
        seen = f"digest {self.digest[:16]}" if self.digest else "no version of the model"
        return f"{seen}; {self.why}" if self.why else seen


def look(service, model):
    """Return the Look at a service now. Raises ServiceAway, NotServing."""
    reply = service.get("/ready")
    if reply.status not in (200, 503):
        asked(reply, "/ready")
    found = reply.document
    refused, serves = (_part(_part(found, name), model) for name in ("refused", "models"))
    trouble = _part(found, "source").get("trouble") or ""
    told = f"version {refused.get('version')} was refused: {refused.get('why')}" if refused else trouble
    return Look(serves.get("digest", ""), refused.get("digest", ""), told)


def _part(document, name):
    """Return an object in another; an empty one where something else is there, as in another server's answer."""
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def reload(service, model):
    """Have the service look for another champion now; return "" or why it did not."""
    reply = service.post(f"/models/{model}/reload")
    return "" if reply.status == 200 else reply.detail


def wait_for_digest(service, model, digest, *, seconds, ended=lambda: None, clock=time.monotonic, sleep=time.sleep):
    """Return once the service says `digest` of `model` several times in a row.

    ended : raises what is to be said when the service can never answer. Raises ServiceAway or NotServing, which tell
    what was seen last, after `seconds`; at once when the service says that it refused this very version.
    """
    limit, row, seen, away = clock() + seconds, 0, None, None
    while row < IN_A_ROW:
        ended()
        try:
            seen, away = look(service, model), None
        except ServiceAway as error:
            seen, away = None, error
        row = row + 1 if seen and seen.digest == digest else 0
        refused = seen and seen.refused == digest
        if not row and (refused or clock() >= limit):
            raise away or NotServing(f"The service at {service.url} does not serve the version" + (
                "." if refused else f" within {seconds:g} s."), value=str(seen), limit=f"digest {digest[:16]}")
        sleep((APART if row < IN_A_ROW else 0) if row else EVERY)


def prove(service, wanted, *, seconds, clock=time.monotonic, sleep=time.sleep):
    """Return a sentence once the service answers golden rows under the right digest before and after.

    While a worker of it still answers as the version before, it is asked again. Raises ServiceAway, NotServing.
    """
    limit = clock() + seconds
    while True:
        try:
            return "; ".join(check(service, wanted) for check in GOLDEN)
        except (ServiceAway, NotServing):
            if clock() >= limit:
                raise
        sleep(EVERY)
