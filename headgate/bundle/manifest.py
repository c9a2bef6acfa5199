"""Seal a bundle with a manifest of SHA-256 sums, and verify one."""

import hashlib
import json
import os
from pathlib import Path, PurePosixPath

from headgate.bundle.canonical import canonical_json
from headgate.errors import BundleBroken

MANIFEST = "manifest.json"
FORMAT = 1
REQUIRED = ("model.onnx", "spec.json", "lineage.json", "golden.json", "evaluation.json", "gates.json")


def seal(folder, model):
    """Write `folder`/manifest.json over every file in the folder; return the bundle's digest.

    The digest is the SHA-256 of the manifest's bytes. Raises BundleBroken when a required file is missing.
    """
    folder = Path(folder)
    found = _files(folder)
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        raise BundleBroken(f"{folder} cannot be sealed as a bundle: files are missing.", value=", ".join(missing),
                           limit="all of " + ", ".join(REQUIRED))
    sums = {name: file_sum(path) for name, path in found.items()}
    text = canonical_json({"format": FORMAT, "model": model, "files": sums}).encode()
    scratch = folder / (MANIFEST + ".new")
    scratch.write_bytes(text)
    os.replace(scratch, folder / MANIFEST)
    return hashlib.sha256(text).hexdigest()


def verify(folder, *, digest=None):
    """Check every file of the bundle in `folder` against its manifest; return the bundle's digest.

    digest : the digest it must have, or None.
    Raises BundleBroken naming the file, the sum expected and the sum found.
    """
    folder = Path(folder)
    manifest, text = read_manifest(folder)
    found = _files(folder)
    for name in sorted(manifest["files"]):
        _check_name(folder, name)
    _check_same_names(folder, set(manifest["files"]), set(found))
    for name, expected in sorted(manifest["files"].items()):
        seen = file_sum(found[name])
        if seen != expected:
            raise BundleBroken(f"{folder}: {name} was changed after the bundle was sealed.", value=f"sha256 {seen}",
                               limit=f"sha256 {expected}", remedy=_FRESH_COPY)
    seen = hashlib.sha256(text).hexdigest()
    if digest is not None and seen != digest:
        raise BundleBroken(f"{folder} is another bundle than the one asked for.", value=seen, limit=digest)
    return seen


def read_manifest(folder):
    """Return (manifest, its bytes) of the bundle in `folder`; raise BundleBroken when it is no manifest."""
    path = Path(folder) / MANIFEST
    if path.exists() and not path.is_file():        # a pipe would let the reader wait for ever
        raise BundleBroken(f"{path} is no plain file.", remedy=_FRESH_COPY)
    try:
        text = path.read_bytes()
        manifest = json.loads(text)
    except (FileNotFoundError, NotADirectoryError):
        raise BundleBroken(f"{folder} is no bundle: {path} does not exist.",
                           remedy="Write one: python -m headgate export NAME FOLDER.") from None
    except ValueError as error:
        raise BundleBroken(f"{path} is not JSON: {error}.", remedy=_FRESH_COPY) from None
    _check_shape(path, manifest)
    if canonical_json(manifest).encode() != text:
        raise BundleBroken(f"{path} was rewritten: its bytes are not the canonical form of its content.",
                           remedy=_FRESH_COPY)
    return manifest, text


def file_sum(path):
    """SHA-256 of a file, as hex."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


_FRESH_COPY = "Take a fresh copy of the bundle."


def _check_shape(path, manifest):
    wanted = {"format", "model", "files"}
    if not isinstance(manifest, dict) or set(manifest) != wanted or not isinstance(manifest["files"], dict):
        raise BundleBroken(f"{path} is no bundle manifest.", limit="an object with format, model and files")
    if manifest["format"] != FORMAT:
        raise BundleBroken(f"{path} has a format this Headgate does not know.", value=manifest["format"], limit=FORMAT,
                           remedy="Use the Headgate that wrote it, or a newer one.")
    if not isinstance(manifest["model"], str) or not manifest["model"]:
        raise BundleBroken(f"{path} names no model.", value=repr(manifest["model"]))
    missing = [name for name in REQUIRED if name not in manifest["files"]]
    if missing:
        raise BundleBroken(f"{path} does not list what every bundle has.", value="missing: " + ", ".join(missing))


def _check_name(folder, name):
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or str(path) != name:
        raise BundleBroken(f"{folder}: the manifest names a file outside of the bundle.", value=repr(name),
                           limit="a plain relative path with forward slashes", remedy="Do not use this bundle.")


def _check_same_names(folder, listed, found):
    for name in sorted(listed - found):
        raise BundleBroken(f"{folder}: {name} is in the manifest but not in the folder.", remedy=_FRESH_COPY)
    for name in sorted(found - listed):
        raise BundleBroken(f"{folder}: {name} is in the folder but not in the manifest.",
                           remedy="Remove it, or take a fresh copy of the bundle.")


def _files(folder):
    """Return relative POSIX name -> path of every file but the manifest; links are refused."""
    found = {}
    for path in sorted(Path(folder).rglob("*")):
        if path.is_symlink():
            raise BundleBroken(f"{folder}: {path.name} is a symbolic link.", limit="plain files")
        if not path.is_file() and not path.is_dir():
            raise BundleBroken(f"{folder}: {path.name} is neither a file nor a folder.", limit="plain files")
        if path.is_file() and path != Path(folder) / MANIFEST:
            found[path.relative_to(folder).as_posix()] = path
    return found
