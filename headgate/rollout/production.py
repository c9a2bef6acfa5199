"""Production before and after the promotion: whether it follows, what it counted, whether it serves a version."""

import time
from contextlib import suppress

from headgate.errors import HeadgateError, NotServing, ServiceAway
from headgate.registry.read import bundle_folder
from headgate.rollout.judge import ENOUGH
from headgate.rollout.serving import EVERY, prove, reload, wait_for_digest
from headgate.rollout.smoke import Wanted, asked
from headgate.rollout.traffic import ROUTES, ask_traffic, difference, together

PROVE_SECONDS = 15.0


def check_follows(service):
    """Raise HeadgateError unless the service answers and follows a registry's champions, whom the promotion moves."""
    source = asked(service.get("/health"), "/health").document.get("source")
    if not isinstance(source, dict) or "kind" not in source:
        raise HeadgateError(f"What answers at {service.url} is no service of Headgate.",
                            value="GET /health does not say where its models come from", limit="python -m api",
                            remedy="Name the services of production with --production-url or HEADGATE_PRODUCTION_URL.")
    if source.get("kind") == "folder":
        raise HeadgateError(f"The service at {service.url} serves from a folder of bundles, which no promotion moves.",
                            value=source.get("place") or "a folder", limit="a service of the registry: python -m api",
                            remedy="Deploy without --production-url, then export the champion: "
                                   "python -m headgate export NAME FOLDER/NAME-VERSION --role champion.")
    if source.get("alias", "champion") != "champion":
        raise HeadgateError(f"The service at {service.url} is no production: it follows another alias.",
                            value=source["alias"], limit="champion",
                            remedy="Name the services of production with --production-url or HEADGATE_PRODUCTION_URL.")


def count_champion(services, model, version):
    """Return {route: Traffic} of the version, of all services together; nothing was counted of no version."""
    return together(ask_traffic(one, model, version) for one in services) if version else together(())


def patiently(ask, *, seconds, clock=time.monotonic, sleep=time.sleep):
    """Return what `ask()` returns, once the services answer; raise ServiceAway when they do not within `seconds`."""
    limit = clock() + seconds
    while True:
        try:
            return ask()
        except ServiceAway:
            if clock() >= limit:
                raise
        sleep(EVERY)


def baseline(first, last):
    """Return {route: Traffic} to compare with: between two counts, or where that is little, all that was counted."""
    recent = difference(last, first)
    return {route: recent[route] if recent[route].requests >= ENOUGH else last[route] for route in ROUTES}


def verify(workspace, services, one, *, patience):
    """Have every service look for `one`, a RegisteredVersion, and return a sentence once each answers as it must.

    Raises ServiceAway, NotServing; BundleBroken when the bundle here is not what was registered.
    """
    wanted = Wanted.of(bundle_folder(workspace, one), one.model, one.digest)
    hints = [_reload(service, one.model) for service in services]
    for service, hint in zip(services, hints):
        try:
            wait_for_digest(service, one.model, one.digest, seconds=patience)
        except NotServing as error:
            raise NotServing(error.problem, error.value, error.limit, error.remedy or hint or None) from None
        proved = prove(service, wanted, seconds=min(patience, PROVE_SECONDS))
    where = ", ".join(service.url for service in services)
    return f"{where} serves version {one.version} with digest {one.digest[:12]}: {proved}."


def verify_gone(services, model, *, patience):
    """Return a sentence once no service serves the model; raises ServiceAway, NotServing."""
    for service in services:
        _reload(service, model)
        wait_for_digest(service, model, "", seconds=patience)
    return f"{', '.join(service.url for service in services)} serves no version of {model}, as before."


def _reload(service, model):
    """Ask for a reload; without an admin key, or while it is away, the service follows by itself. Returns a hint."""
    with suppress(ServiceAway):
        why = reload(service, model)
        return f"It was not told to look ({why})" if why else ""
    return ""
