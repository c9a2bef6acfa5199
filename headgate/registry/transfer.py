"""Take a version out of a registry as a bundle, and bring one in."""

import os
import shutil
from pathlib import Path
from uuid import uuid4

from headgate.bundle import read_manifest, verify
from headgate.bundle.golden import check_golden
from headgate.bundle.read import read_spec_of, read_whole_part
from headgate.errors import BundleBroken, StorageError
from headgate.registry.read import bundle_folder, find_version


def export_bundle(workspace, model, version, destination):
    """Copy the bundle of `version` (number or alias) to the new folder `destination`; return the version.

    Raises StorageError when the folder exists and is not empty, or cannot be written; BundleBroken.
    """
    target = find_version(workspace, model, version)
    source, destination = bundle_folder(workspace, target), Path(destination)
    verify(source, digest=target.digest)
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise StorageError(f"{destination} exists already.", remedy="Name a folder that does not exist yet.")
    draft = destination.with_name(f"{destination.name}.{uuid4().hex}.partly")
    try:
        shutil.copytree(source, draft)
        if destination.exists():
            destination.rmdir()
        os.replace(draft, destination)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise StorageError(f"{destination} cannot be written: {error}.",
                           remedy="Free some disk space or name another folder.") from error
    verify(destination, digest=target.digest)
    return target


def import_bundle(workspace, folder, *, actor=None):
    """Verify a bundle, check its golden rows, and register it; return its RegisteredVersion.

    One with the same digest that is registered already is returned with `existed` set.
    Raises BundleBroken, RegistryError, StorageError.
    """
    from headgate.registry.register import register
    verify(folder)
    model, spec = read_manifest(folder)[0]["model"], read_spec_of(folder)
    if spec.name != model:
        raise BundleBroken(f"{folder}: the manifest and the spec name different models.", value=spec.name, limit=model)
    for part in ("lineage", "evaluation", "gates"):
        read_whole_part(folder, part)
    check_golden(folder)
    return register(workspace, folder, actor=actor, event="imported")
