"""Prove a version on staging: a server of one's own, or the team's, which is told to serve it."""

import time
from contextlib import suppress
from dataclasses import dataclass

from headgate.errors import NotServing, ServiceAway
from headgate.registry import aliases, read
from headgate.registry.values import STAGING
from headgate.rollout.own_server import own_server
from headgate.rollout.serving import reload, wait_for_digest
from headgate.rollout.smoke import Check, Wanted, run_smoke

SMOKE_SECONDS = 120.0
HOW = "Start one that follows the alias: python -m api --alias staging. See docs/deploying.md."


@dataclass(frozen=True)
class Staged:
    """ok : every check passed.  where : the service that was asked.  checks : of run_smoke, after "serves it"."""

    ok: bool
    where: str
    checks: tuple
    seconds: float

    @property
    def sentence(self):
        wrong = [f"{one.name}: {one.sentence}" for one in self.checks if not one.ok]
        if wrong:
            return f"Staging ({self.where}) failed {len(wrong)} of {len(self.checks)} checks. " + " ".join(wrong[:3])
        return f"Staging ({self.where}) passed all {len(self.checks)} checks."


def stage(workspace, chosen, service=None, *, patience, smoke_seconds=SMOKE_SECONDS):
    """Return the Staged of a Chosen: on `service`, or without one on a server of its own.

    patience : seconds that the server has to serve the version. Raises StorageError, RegistryError, Busy.
    """
    started = time.monotonic()
    wanted = Wanted.of(chosen.folder, chosen.model, chosen.digest)
    if service is None:
        with own_server(workspace, chosen) as own:
            where, checks = "a server of its own", _prove(own.service, wanted, patience, smoke_seconds, ended=own.check)
    else:
        where = service.url
        _tell(workspace, chosen, service)
        checks = _prove(service, wanted, patience, smoke_seconds, hint=HOW)
    return Staged(all(one.ok for one in checks), where, checks, time.monotonic() - started)


def _tell(workspace, chosen, service):
    """Let the alias `staging` point to the version, and the service look for it at once where it may be told to."""
    bearer = read.with_alias(workspace, chosen.model, STAGING)
    if bearer is None or bearer.version != chosen.version:
        aliases.move_aliases(workspace, chosen.model, {STAGING: chosen.version}, event="staged",
                             body={"staging": service.url})
    with suppress(ServiceAway):     # it may be starting; whether it comes is seen next
        reload(service, chosen.model)


def _prove(service, wanted, patience, smoke_seconds, *, ended=lambda: None, hint=""):
    try:
        wait_for_digest(service, wanted.model, wanted.digest, seconds=patience, ended=ended)
    except (ServiceAway, NotServing) as error:
        return (Check("serves it", False, f"{error} {hint}".strip()),)
    found = run_smoke(service, wanted, seconds=smoke_seconds)
    return (Check("serves it", True, f"serves digest {wanted.digest[:12]}"), *found)
