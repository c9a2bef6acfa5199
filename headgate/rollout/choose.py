"""Which version is meant, and whether it may be deployed."""

import re
from dataclasses import dataclass
from pathlib import Path

from headgate.bundle import read_gates, verify
from headgate.errors import VersionNotFound
from headgate.registry import read
from headgate.registry.values import CHALLENGER

DIGEST = re.compile("[0-9a-f]{6,64}")


@dataclass(frozen=True)
class Chosen:
    """A version that was asked for.

    folder : of its bundle, whose digest was verified. short : what its gates said that was no pass.
    """

    model: str
    version: str
    digest: str
    folder: str
    decision: str
    short: tuple = ()


def find(workspace, model, version):
    """Return the RegisteredVersion of that number, alias, or beginning of a bundle's digest.

    Without a challenger, `challenger` is the champion: there is nothing newer. Raises VersionNotFound.
    """
    found = read.list_versions(workspace, model)
    named = [one for one in found if str(version) == one.version or str(version) in one.aliases]
    if not named and DIGEST.fullmatch(str(version)):
        named = _by_digest(model, found, str(version))
    if not named and version == CHALLENGER:
        named = [one for one in (read.champion(workspace, model),) if one is not None]
    return named[0] if named else read.find_version(workspace, model, version)


def inspect(workspace, one):
    """Return the Chosen of a RegisteredVersion; raise BundleBroken when its files are not what was registered."""
    folder = read.bundle_folder(workspace, one)
    verify(folder, digest=one.digest)
    verdict = read_gates(folder)
    short = tuple(f"{gate['name']}: {gate.get('sentence') or gate['verdict']}" for gate in verdict.get("gates", ())
                  if gate["verdict"] != "pass")
    return Chosen(one.model, one.version, one.digest, str(Path(folder)), verdict.get("decision") or "", short)


def may_deploy(chosen, override):
    """Return (True, sentence), or (False, why not) for a version whose gates did not all pass."""
    if chosen.decision == "promote":
        return True, f"Version {chosen.version} of {chosen.model} passed every gate."
    seen = "; ".join(chosen.short) or "no gate ran"
    if override.strip():
        return True, f"Version {chosen.version} of {chosen.model} did not pass every gate ({seen}), and is deployed " \
                     f"all the same: {override.strip().rstrip('.')}."
    return False, f"Version {chosen.version} of {chosen.model} did not pass every gate ({seen}). To deploy it all " \
                  "the same, say why: --override REASON."


def _by_digest(model, found, start):
    named = [one for one in found if one.digest.startswith(start)]
    if len({one.digest for one in named}) > 1:
        raise VersionNotFound(f"The digest {start!r} is that of more than one version of {model!r}.",
                              value=", ".join(f"{one.version} ({one.digest[:16]})" for one in named),
                              remedy="Write more of it.")
    return named[-1:]
