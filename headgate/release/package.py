"""A package: every bundle that is to serve, as one file with one SHA-256.

    SHA256SUMS
    bundles.tar.gz      package.json, and bundles/ as `python -m api --bundles` takes them

The same bundles give the same file, byte for byte.
"""

import gzip
import json
import re
import shutil
import tarfile
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from headgate.bundle import verify
from headgate.bundle.manifest import file_sum
from headgate.bundle.roles import CHAMPION, PREVIOUS, Place, Roles, read_roles
from headgate.errors import HeadgateError, PackageBroken, StorageError
from headgate.registry import read

FILE, SUMS, FACTS, BUNDLES = "bundles.tar.gz", "SHA256SUMS", "package.json", "bundles"
SUM = re.compile("[0-9a-f]{64}")
AGAIN = "Nothing of it was used. Let staging make a new one."


@dataclass(frozen=True)
class Released:
    """A version that a package releases. before : version of the champion it takes the place of, or ""."""

    model: str
    version: str
    digest: str
    before: str


@dataclass(frozen=True)
class Package:
    """bundles : folder with roles.json. sha256 : of the file. releases : Released each. serves : model -> digest."""

    bundles: Path
    sha256: str
    releases: tuple
    serves: dict


def write_package(workspace, chosen, folder):
    """Write the package in which each Chosen is the champion of its model, and others keep theirs; return it.

    Raises StorageError when the folder exists or cannot be written, BundleBroken.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True)
        shelf = folder / BUNDLES
        shelf.mkdir()
        releases = tuple(_released(workspace, one) for one in chosen)
        serves = _write_shelf(workspace, chosen, shelf)
        facts = {"releases": [asdict(one) for one in releases], "serves": serves}
        (folder / FACTS).write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        _pack(folder)
        sha256 = file_sum(folder / FILE)
        (folder / SUMS).write_text(f"{sha256}  {FILE}\n", encoding="utf-8")
    except FileExistsError:
        raise StorageError(f"{folder} exists already.", remedy="Name a folder that does not exist yet.") from None
    except OSError as error:
        raise StorageError(f"{folder} cannot be written: {error}.") from error
    return Package(shelf, sha256, releases, serves)


def open_package(folder, into, *, sha256=None):
    """Unpack the file of a package into the new folder `into`; return the Package, every digest verified.

    sha256 : of the file, as told by whoever proved it; None where nobody told it.
    Raises PackageBroken, BundleBroken, StorageError, and HeadgateError for a `sha256` that is none.
    """
    folder, into = Path(folder), Path(into)
    if sha256 is not None and not SUM.fullmatch(sha256):
        raise HeadgateError("What is to be the SHA-256 of the package is none.", value=repr(sha256)[:80],
                            limit="64 hexadecimal digits, in small letters",
                            remedy="Was it lost on its way here? Only without the option --sha256 is it not compared.")
    seen, noted = _sums(folder)
    for limit in (noted, noted if sha256 is None else sha256):
        if seen != limit:
            raise PackageBroken(f"{folder / FILE} is not the package that was proved.", value=f"sha256 {seen}",
                                limit=f"sha256 {limit}", remedy=AGAIN)
    try:
        into.mkdir(parents=True)
        with tarfile.open(folder / FILE) as archive:
            archive.extractall(into, filter="data")
        facts = json.loads((into / FACTS).read_text(encoding="utf-8"))
        releases, serves = tuple(Released(**one) for one in facts["releases"]), dict(facts["serves"])
    except FileExistsError:
        raise StorageError(f"{into} exists already.", remedy="Name a folder that does not exist yet.") from None
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError) as error:
        raise PackageBroken(f"{folder / FILE} cannot be used.", value=f"{type(error).__name__}: {error}",
                            remedy=AGAIN) from None
    _check(into / BUNDLES, releases, serves)
    return Package(into / BUNDLES, seen, releases, serves)


def _released(workspace, chosen):
    champion = read.champion(workspace, chosen.model)
    before = champion.version if champion and champion.digest != chosen.digest else ""
    return Released(chosen.model, chosen.version, chosen.digest, before)


def _write_shelf(workspace, chosen, shelf):
    """Copy every bundle that is to serve, with its previous one; write roles.json; return model -> digest."""
    roles, named = Roles(), {one.model: one for one in chosen}
    for model in sorted({*read.list_names(workspace), *named}):
        champion, taken = read.champion(workspace, model), named.get(model)
        first = (taken.version, taken.digest, Path(taken.folder)) if taken else _facts(workspace, champion)
        if first is None:
            continue
        places = {CHAMPION: _copy(shelf, model, *first)}
        if champion is not None and champion.digest != first[1]:
            places[PREVIOUS] = _copy(shelf, model, *_facts(workspace, champion))
        roles.models[model] = places
    (shelf / "roles.json").write_text(roles.model_dump_json(indent=2, exclude_none=True) + "\n", encoding="utf-8")
    return {model: places[CHAMPION].digest for model, places in roles.models.items()}


def _facts(workspace, version):
    return version and (version.version, version.digest, read.bundle_folder(workspace, version))


def _copy(shelf, model, version, digest, folder):
    name = f"{model}-{digest[:16]}"
    shutil.copytree(folder, shelf / name)
    verify(shelf / name, digest=digest)
    return Place(bundle=name, digest=digest, version=version)


def _pack(folder):
    """Write the archive with nothing in it that differs from one time to the next."""
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as raw:
        with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as stream, \
                tarfile.open(mode="w", fileobj=stream, format=tarfile.PAX_FORMAT) as archive:
            for path in sorted([folder / FACTS, *(folder / BUNDLES).rglob("*")]):
                archive.add(path, path.relative_to(folder).as_posix(), recursive=False, filter=_plain)
    Path(raw.name).chmod(0o644)
    Path(raw.name).rename(folder / FILE)


def _plain(member):
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.isdir() else 0o644
    return member


def _sums(folder):
    """Return (the file's SHA-256, what SHA256SUMS says it is)."""
    try:
        noted = (folder / SUMS).read_text(encoding="utf-8").split()
        return file_sum(folder / FILE), noted[0]
    except (OSError, UnicodeDecodeError, IndexError) as error:
        raise PackageBroken(f"{folder} is no package.", value=f"{type(error).__name__}: {error}",
                            limit=f"{FILE} and {SUMS}", remedy=AGAIN) from None


def _check(bundles, releases, serves):
    roles = read_roles(bundles)
    named = {model: places[CHAMPION] for model, places in roles.models.items() if CHAMPION in places}
    if {model: place.digest for model, place in named.items()} != serves or not releases \
            or any(serves.get(one.model) != one.digest for one in releases):
        raise PackageBroken("The package does not hold what it says that it releases.", remedy=AGAIN)
    for place in [place for places in roles.models.values() for place in places.values()]:
        folder = (bundles / place.bundle).resolve()
        if not folder.is_relative_to(bundles.resolve()):
            raise PackageBroken("The package names a bundle outside of it.", value=place.bundle[:80], remedy=AGAIN)
        verify(folder, digest=place.digest)
