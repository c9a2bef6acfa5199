"""Ask the registry: which versions are there, and who serves."""

import os
import shutil
from uuid import uuid4

from headgate.bundle import verify
from headgate.errors import StorageError, VersionNotFound
from headgate.registry import embedded
from headgate.registry.values import CHAMPION


def list_versions(workspace, model, *, half_made=False):
    """Return the versions of `model`, oldest first, each with its aliases.

    half_made : also those whose registering was cut off; they must never be used. Versions that others registered
        (without a bundle digest) are never returned.
    Raises RegistryError when the registry is away.
    """
    found = _all_versions(workspace, model)
    return tuple(version for version in found if version.complete or half_made and version.digest)


def list_names(workspace):
    """Return the names of the models in the registry, sorted."""
    path = embedded.database_file(workspace.tracking_uri)
    names = embedded.list_names(path) if path else None
    if names is None:
        from headgate.registry import mlflow_store
        names = mlflow_store.list_names(workspace)
    return names


def champion(workspace, model):
    """Return the RegisteredVersion that serves, or None."""
    return with_alias(workspace, model, CHAMPION)


def with_alias(workspace, model, alias):
    """Return the version that bears `alias`, or None."""
    return next((one for one in list_versions(workspace, model) if alias in one.aliases), None)


def find_version(workspace, model, version):
    """Return the version of that number or alias; raise VersionNotFound naming those there are."""
    found = list_versions(workspace, model)
    for one in found:
        if one.version == str(version) or str(version) in one.aliases:
            return one
    wanted = f"version {version}" if str(version).isdigit() else f"version with the alias {str(version)!r}"
    raise VersionNotFound(f"{model!r} has no {wanted}.",
                          limit=", ".join(" ".join((one.version, *one.aliases)) for one in found) or "no version yet",
                          remedy=f"See them: python -m headgate show {model}." if found else
                          f"Train one: python -m flows.train --model {model}.")


def find_digest(workspace, model, digest):
    """Return the newest version with that bundle digest, or None."""
    return next((one for one in reversed(list_versions(workspace, model)) if one.digest == digest), None)


def bundle_folder(workspace, version):
    """Return the folder of the version's bundle, downloaded to `home`/cache when it is elsewhere."""
    if version.bundle is not None:
        return version.bundle
    target = workspace.home / "cache" / version.digest
    if not target.is_dir():
        _download(workspace, version, target)
    return target


def _download(workspace, version, target):
    from headgate.registry import mlflow_store
    staging = workspace.staging / f"{version.model}-download-{uuid4().hex}"
    try:
        staging.mkdir(parents=True)
        fetched = mlflow_store.download_bundle(workspace, version, staging)
        verify(fetched, digest=version.digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.is_dir():
            os.replace(fetched, target)
    except OSError as error:
        raise StorageError(f"The bundle of {version.uri} cannot be stored in {target}: {error}.",
                           remedy="Free some disk space or set HEADGATE_HOME.") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _all_versions(workspace, model):
    path = embedded.database_file(workspace.tracking_uri)
    found = embedded.read_versions(path, model) if path else None
    if found is None:
        from headgate.registry import mlflow_store
        found = mlflow_store.read_versions(workspace, model)
    return found
