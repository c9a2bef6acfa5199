"""Prove a package: on a service of its own that serves it, or on one that is to serve it already."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from headgate.bundle.roles import CHAMPION, read_roles
from headgate.errors import NotServing, ServiceAway
from headgate.rollout.ask import limits_of, rollout_of
from headgate.rollout.own_server import served_shelf
from headgate.rollout.production import count_champion
from headgate.rollout.serving import wait_for_digest
from headgate.rollout.smoke import Check, Wanted, run_smoke
from headgate.rollout.watch import Meter, watch

SMOKE_SECONDS, AWAY_SECONDS = 120.0, 30.0


@dataclass(frozen=True)
class Proved:
    """checks : model -> Checks, in order. watched : sentences of the watch."""

    ok: bool
    where: str
    checks: dict
    watched: tuple = ()

    @property
    def wrong(self):
        return [f"{model}, {one.name}: {one.sentence}" for model, found in self.checks.items() for one in found
                if not one.ok]

    @property
    def sentence(self):
        count = sum(map(len, self.checks.values()))
        if self.wrong:
            return f"{self.where} failed {len(self.wrong)} of {count} checks. " + " ".join(self.wrong[:3])
        return " ".join([f"{self.where} passed all {count} checks.", *self.watched])


def prove_package(workspace, package, services=(), *, patience, watch_seconds=0.0):
    """Return the Proved of a Package: golden rows and smoke tests of every model over HTTP.

    services : those that are to serve it, each with figures of its own; without any, one is started.
    patience : seconds they have to serve it. watch_seconds : how long their figures are watched afterwards.
    """
    if not services:
        with served_shelf(workspace, package.bundles, "package") as own:
            checks = _smoke(package, own.service, patience, ended=own.check)
        return Proved(all(one.ok for found in checks.values() for one in found), "a server of its own", checks)
    checks = {}
    for service in services:
        found = _smoke(package, service, patience)
        checks |= {f"{model} at {service.url}": one for model, one in found.items()}
    ok = all(one.ok for found in checks.values() for one in found)
    where, watched = ", ".join(one.url for one in services), {}
    if ok and watch_seconds:
        watched = _watch_all(workspace, package, services, watch_seconds)
        ok = all(one.ok for one in watched.values())
        checks |= {model: (Check("watch", False, found.sentence),) for model, found in watched.items() if not found.ok}
    return Proved(ok, where, checks, tuple(f"{model}: {one.sentence}" for model, one in watched.items()))


def _smoke(package, service, patience, *, ended=lambda: None):
    limit, found = time.monotonic() + patience, {}
    for model, folder in _folders(package).items():
        wanted = Wanted.of(folder, model, package.serves[model])
        try:
            wait_for_digest(service, model, wanted.digest, seconds=max(1.0, limit - time.monotonic()), ended=ended)
            found[model] = (Check("serves it", True, f"serves digest {wanted.digest[:12]}"),
                            *run_smoke(service, wanted, seconds=SMOKE_SECONDS))
        except (ServiceAway, NotServing) as error:
            found[model] = (Check("serves it", False, str(error)),)
    return found


class _Risen(Exception):
    """Something rose elsewhere in the package, which is taken back whole: nothing is left to be watched."""


def _watch_all(workspace, package, services, seconds):
    """Return model -> Watched of the releases, all watched at once; of those alone that came to their end."""
    risen = []

    def unmoved():
        if risen:
            raise _Risen

    def watch_one(released):
        try:
            found = _watch(workspace, package, released, services, seconds, unmoved)
        except _Risen:
            return None
        except Exception:
            risen.append(released.model)
            raise
        if not found.ok:
            risen.append(released.model)
        return found

    with ThreadPoolExecutor(max(1, len(package.releases))) as pool:
        try:
            found = [*zip(package.releases, pool.map(watch_one, package.releases))]
        finally:
            risen.append("")    # whoever presses Ctrl-C waits for none of them
    return {released.model: watched for released, watched in found if watched is not None}


def _watch(workspace, package, released, services, seconds, unmoved):
    meter = Meter(services, released.model, released.version, released.digest)
    rollout = rollout_of(workspace, released.model, _folders(package)[released.model])
    return watch(meter, count_champion(services, released.model, released.before), limits_of(rollout),
                 seconds=seconds, away_seconds=AWAY_SECONDS, unmoved=unmoved)


def _folders(package):
    roles = read_roles(package.bundles)
    return {model: package.bundles / roles.models[model][CHAMPION].bundle for model in package.serves}
