"""Resolve what is to be scored, with which version, and where the answers go; before anything heavy has started."""

from datetime import datetime, timezone
from pathlib import Path

from pydantic import ValidationError

from headgate.bundle import read_spec, verify
from headgate.data.places import expand, replacement
from headgate.errors import SpecError, StorageError
from headgate.registry import read
from headgate.scoring.values import Asked, Chosen
from headgate.spec.sources import SqlSource

ENDINGS = (".parquet", ".csv")


def choose(workspace, model, version):
    """Return the Chosen version of that number or alias, its bundle verified and on this host.

    Raises VersionNotFound, BundleBroken, RegistryError, StorageError.
    """
    found = read.find_version(workspace, model, version)
    folder = read.bundle_folder(workspace, found)
    verify(folder, digest=found.digest)
    return Chosen(model, found.version, found.digest, str(folder), found.aliases)


def ask(workspace, chosen, *, data=None, sql=None, database=None, output=None, max_bad_share=0.05, overwrite=False,
        here=None, now=None):
    """Return what is Asked.

    here : folder in which relative paths of a command start, the working directory by default. now : a datetime.
    Raises SpecError for what does not go together, SourceError for a file that is not there, StorageError for an
    output that is there already.
    """
    here = Path(here or Path.cwd())
    if not 0 <= max_bad_share <= 1:
        raise SpecError("--max-bad-share is no share.", value=max_bad_share, limit="from 0 to 1")
    if data is not None and (sql is not None or database is not None):
        raise SpecError("--data and --sql both name a table.", limit="one of them")
    if data is not None:
        replacement(data)
    sql, database, started_in = _query(workspace, chosen, sql, database, here)
    stamp = (now or datetime.now(timezone.utc)).strftime("%Y%m%dT%H%M%S%f")[:-3]
    name = f"{chosen.model}-{chosen.version}-{stamp}"
    output = here / (output or workspace.home / "predictions" / f"{name}.parquet")
    asked = Asked(workspace.root / "models" / chosen.model, started_in, output,
                  workspace.quarantine / chosen.model / f"predict-{name}.csv", data and str(data), sql, database,
                  max_bad_share, overwrite)
    if output.suffix.lower() not in ENDINGS:
        raise SpecError("--output has an ending that says no format.", value=output.name, limit=" or ".join(ENDINGS))
    refuse_existing(asked)
    return asked


def refuse_existing(asked):
    """Raise StorageError when there is something in the place of the output that may not be replaced."""
    if asked.output.is_dir() or asked.output.exists() and not asked.overwrite:
        raise StorageError(f"There is something at {asked.output} already.",
                           remedy="Name another --output" + ("." if asked.output.is_dir() else
                                                             ", or replace the file with --overwrite."))


def _query(workspace, chosen, sql, database, here):
    """Return (query, URL, folder of a relative SQLite path); the spec's own database where none is named."""
    if sql is None:
        if database is not None:
            raise SpecError("--database names no table.", remedy="Add --sql with one SELECT.")
        return None, None, here
    if database is None:
        source = read_spec(chosen.folder).data.source.sql
        if source is None:
            raise SpecError("--sql needs a database, and the model's own source is none.",
                            remedy="Add --database, such as postgresql+psycopg://user:${PASSWORD}@host/database.")
        database, here = source.url, workspace.root / "models" / chosen.model
    for option, text in (("--sql", sql), ("--database", database)):
        _check_variables(option, text)
    return sql, database, here


def _check_variables(option, text):
    try:
        SqlSource(url=text, query="")
    except ValidationError as error:
        raise SpecError(f"{option} cannot be used.",
                        value=error.errors()[0]["msg"].removeprefix("Value error, ")) from None
    expand(text)
